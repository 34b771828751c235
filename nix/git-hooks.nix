# Hooks for git-hooks.nix: those of .pre-commit-hooks.yaml, with the program of a package.
{ package }:
let
  hook = settings: {
    enable = true;
    inherit package;
    files = ''(^|/)flake\.(lock|nix)$'';
    language = "system";
    require_serial = true;
  } // settings;
  run = "${package}/bin/flake-audit";
in
{
  flake-audit = hook {
    name = "flake-audit";
    description = "Find flake inputs that get a nixpkgs without your settings.";
    entry = "${run} check --skip-unlocked";
    args = [ "--quiet" ];
  };
  flake-audit-fix = hook {
    name = "flake-audit fix";
    description = "Repair flake.nix and flake.lock where flake-audit can.";
    entry = "${run} fix --skip-unlocked";
  };
}
