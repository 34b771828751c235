# The audit as a check of a flake: a derivation that can be built if nothing is found at deny level.
#
# `src` is the flake, `args` what stands behind `flake-audit check`. Only what a derivation names can
# be seen while it is built: with the flake's `inputs`, their sources are read, and those of their
# inputs; all of them are fetched for that.
{
  pkgs,
  package,
  src,
  inputs ? { },
  args ? [ ],
}:
let
  each =
    inputs:
    map (input: {
      # Two inputs that are one source are looked at once. So are inputs that contain themselves.
      key = builtins.unsafeDiscardStringContext input.outPath;
      source = input.outPath;
      inputs = input.inputs or { };
    }) (builtins.attrValues (removeAttrs inputs [ "self" ]));
  all = builtins.genericClosure {
    startSet = each inputs;
    operator = input: each input.inputs;
  };
in
pkgs.runCommand "flake-audit-check"
  {
    inherit src;
    nativeBuildInputs = [ package ];
    sources = map (input: input.source) all;
  }
  ''
    cd "$src"
    flake-audit check ${pkgs.lib.escapeShellArgs args}
    touch "$out"
  ''
