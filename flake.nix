{
  description = "Finds flake inputs that get a nixpkgs without your settings";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      each = outputs: lib.genAttrs systems (system: outputs nixpkgs.legacyPackages.${system});
      build = pkgs: pkgs.callPackage ./nix/package.nix { };
    in
    {
      packages = each (pkgs: rec {
        flake-audit = build pkgs;
        default = flake-audit;
      });

      apps = each (pkgs: rec {
        flake-audit = {
          type = "app";
          program = "${build pkgs}/bin/flake-audit";
        };
        default = flake-audit;
      });

      overlays.default = final: _prev: { flake-audit = build final; };

      # What CONTRIBUTING.md's commands need.
      devShells = each (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ (build pkgs) ];
          packages = [
            pkgs.clippy
            pkgs.git
            pkgs.graphviz
            pkgs.pre-commit
            pkgs.rustfmt
          ];
        };
      });

      checks = each (pkgs: {
        package = build pkgs;
        tests = (build pkgs).override { runTests = true; };
      });

      # For other flakes: docs/nix.md.
      lib = {
        # The audit as a check: { pkgs, src, inputs ? { }, args ? [ ], package ? … }.
        check = { pkgs, ... }@arguments: import ./nix/check.nix ({ package = build pkgs; } // arguments);
        # Hooks for git-hooks.nix: { pkgs, package ? … }.
        gitHooks =
          {
            pkgs,
            package ? build pkgs,
          }:
          import ./nix/git-hooks.nix { inherit package; };
      };
    };
}
