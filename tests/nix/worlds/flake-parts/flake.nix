{
  description = "As much of flake-parts as worlds need";
  inputs.nixpkgs-lib.url = "github:nix-community/nixpkgs.lib";
  outputs =
    { self, nixpkgs-lib }:
    {
      lib.mkFlake =
        { inputs }:
        {
          systems,
          perSystem,
          flake ? { },
        }:
        let
          kinds = [
            "packages"
            "devShells"
            "apps"
            "checks"
          ];
          # Of a flake, what it has for one system.
          of =
            system: flake:
            builtins.mapAttrs (_: value: value.${system} or { }) (
              builtins.intersectAttrs (builtins.listToAttrs (
                map (name: {
                  inherit name;
                  value = null;
                }) (kinds ++ [ "legacyPackages" ])
              )) flake
            );
          its = builtins.listToAttrs (
            map (system: {
              name = system;
              value = perSystem {
                inherit system;
                pkgs = inputs.nixpkgs.legacyPackages.${system};
                inputs' = builtins.mapAttrs (_: of system) inputs;
                self' = of system inputs.self;
              };
            }) systems
          );
        in
        builtins.listToAttrs (
          map (kind: {
            name = kind;
            value = builtins.mapAttrs (_: value: value.${kind} or { }) its;
          }) kinds
        )
        // flake;
    };
}
