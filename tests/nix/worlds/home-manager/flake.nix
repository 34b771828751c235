{
  description = "As much of home-manager as worlds need";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      base = {
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
          nixpkgs.config = lib.mkOption {
            type = lib.types.attrs;
            default = { };
          };
        };
      };
      generation =
        pkgs: config:
        pkgs.home {
          holds = [
            config.home.packages
            config.home.file
          ];
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
              base
              { _module.args.pkgs = pkgs; }
            ]
            ++ modules;
            specialArgs = extraSpecialArgs;
          };
        in
        evaluated
        // {
          inherit pkgs;
          activationPackage = generation pkgs evaluated.config;
        };

      nixosModules.home-manager =
        {
          config,
          lib,
          pkgs,
          ...
        }:
        let
          # Without the host's packages a home has its own, of the same nixpkgs.
          home =
            module:
            let
              own = import pkgs.path {
                inherit (pkgs) system;
                config = evaluated.config.nixpkgs.config;
              };
              its = if config.home-manager.useGlobalPkgs then pkgs else own;
              evaluated = lib.evalModules {
                modules = [
                  base
                  { _module.args.pkgs = its; }
                  module
                ];
                specialArgs = config.home-manager.extraSpecialArgs;
              };
            in
            generation its evaluated.config;
        in
        {
          options.home-manager = {
            useGlobalPkgs = lib.mkEnableOption "the host's packages";
            useUserPackages = lib.mkEnableOption "the user's profile";
            extraSpecialArgs = lib.mkOption {
              type = lib.types.lazyAttrsOf lib.types.raw;
              default = { };
            };
            users = lib.mkOption {
              type = lib.types.lazyAttrsOf lib.types.raw;
              default = { };
            };
          };
          config.environment.etc.homes = lib.mapAttrs (_: home) config.home-manager.users;
        };
    };
}
