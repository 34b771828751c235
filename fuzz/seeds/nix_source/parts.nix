{
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } ({ withSystem, self, ... }: {
    imports = [ ./other.nix inputs.dep.flakeModule or { } ];
    systems = [ "x86_64-linux" ];
    perSystem = { pkgs, system, self', inputs', ... }: {
      _module.args.pkgs = import inputs.nixpkgs { inherit system; config.allowUnfree = true; };
      packages.default = pkgs.hello;
      devShells.default = pkgs.mkShell { inputsFrom = [ self'.packages.default inputs'.dep.packages.default ]; };
    };
    flake.overlays.default = final: prev: withSystem prev.stdenv.hostPlatform.system ({ config, ... }: { mine = config.packages.default; });
  });
}
