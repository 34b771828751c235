# A host: what its modules say that it is made of, by the packages that they say.
{
  modules,
  specialArgs ? { },
  system ? null,
  pkgs ? null,
}:
let
  lib = import ./lib.nix;
  inherit (lib) mkOption types;
  list = mkOption {
    type = types.listOf types.package;
    default = [ ];
  };
  set = mkOption {
    type = types.attrs;
    default = { };
  };
  text = mkOption {
    type = types.str;
    default = "";
  };
  base =
    { config, options, ... }:
    let
      inherit (config._module.args) pkgs;
    in
    {
      options = {
        nixpkgs = {
          config = set;
          overlays = mkOption {
            type = types.listOf types.raw;
            default = [ ];
          };
          pkgs = mkOption { default = null; };
          hostPlatform = mkOption { default = "x86_64-linux"; };
        };
        networking.hostName = text;
        system.stateVersion = text;
        system.build = set;
        environment.systemPackages = list;
        environment.etc = set;
        users.users = set;
        hardware.graphics.enable = lib.mkEnableOption "graphics";
        services.ollama = {
          enable = lib.mkEnableOption "ollama";
          package = lib.mkPackageOption pkgs "ollama" { };
        };
        services.xserver.videoDrivers = list;
        systemd.services = set;
      };
      config = {
        environment.systemPackages = lib.optional config.services.ollama.enable config.services.ollama.package;
        system.build.toplevel = pkgs.host {
          name = config.networking.hostName;
          holds = [
            config.environment.systemPackages
            config.environment.etc
            config.systemd.services
            (lib.mapAttrsToList (_: user: user.packages or [ ]) config.users.users)
          ];
        };
        _module.args.pkgs =
          if config.nixpkgs.pkgs != null then
            config.nixpkgs.pkgs.appendOverlays config.nixpkgs.overlays
          else
            import ./. {
              system = config.nixpkgs.hostPlatform;
              inherit (config.nixpkgs) config overlays;
            };
      };
    };
  evaluated = lib.evalModules {
    modules = [ base ] ++ lib.optional (pkgs != null) { nixpkgs.pkgs = lib.mkDefault pkgs; } ++ modules;
    inherit specialArgs;
  };
in
evaluated // { inherit (evaluated.config._module.args) pkgs; }
