{
  description = "As much of home-manager as worlds need";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      options = {
        options = {
          home.packages = lib.mkOption {
            type = lib.types.listOf lib.types.package;
            default = [ ];
          };
          home.username = lib.mkOption { default = "me"; };
          home.homeDirectory = lib.mkOption { default = "/home/me"; };
          home.stateVersion = lib.mkOption { default = "24.11"; };
          home.file = lib.mkOption {
            type = lib.types.attrs;
            default = { };
          };
        };
      };
    in
    {
      lib.homeManagerConfiguration =
        {
          pkgs,
          modules,
          extraSpecialArgs ? { },
        }:
        let
          evaluated = lib.evalModules {
            modules = [
              options
              { _module.args.pkgs = pkgs; }
            ]
            ++ modules;
            specialArgs = extraSpecialArgs;
          };
          inherit (evaluated) config;
        in
        evaluated
        // {
          inherit pkgs;
          activationPackage = pkgs.home {
            holds = [
              config.home.packages
              config.home.file
            ];
          };
        };
    };
}
