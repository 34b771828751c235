{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.dep.url = "path:./dep";
  outputs = { self, nixpkgs, dep }@inputs: {
    nixosConfigurations = builtins.mapAttrs (name: modules: nixpkgs.lib.nixosSystem {
      specialArgs = { inherit inputs name; };
      modules = modules ++ [ dep.nixosModules.default { nixpkgs.config.rocmSupport = true; } ./other.nix ];
    }) { one = [ ({ pkgs, lib, config, ... }: { environment.systemPackages = lib.mkIf config.a.b [ pkgs.hello ]; }) ]; two = [ ]; };
  };
}
