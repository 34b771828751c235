# As in nixpkgs: settings in `config`, a set or a function; without any, those of the environment,
# which pure evaluation does not see.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
  ...
}:
let
  lib = import ./lib.nix;
  settings = {
    allowUnfree = builtins.getEnv "NIXPKGS_ALLOW_UNFREE" == "1";
    cudaSupport = builtins.getEnv "STUB_CUDA_SUPPORT" == "1";
    cudaCapabilities = [ ];
  }
  // (if builtins.isFunction config then config { } else config);
  # `torches` are the derivations of torch in all that a package is made of.
  mkPackage =
    {
      pname,
      deps ? [ ],
      settings ? null,
    }:
    let
      package = derivation {
        name = "${pname}-${lib.version}";
        inherit system deps;
        settings = builtins.toJSON settings;
        builder = "/bin/sh";
        args = [
          "-c"
          "echo $settings $deps > $out"
        ];
      };
      own = if pname == "torch" then [ package.drvPath ] else [ ];
    in
    package // { torches = lib.unique (own ++ builtins.concatMap (dep: dep.torches or [ ]) deps); };
  packages = {
    inherit lib mkPackage system;
    config = settings;
    cudatoolkit =
      if settings.allowUnfree then
        mkPackage { pname = "cudatoolkit"; }
      else
        throw "Package 'cudatoolkit' has an unfree license, refusing to evaluate.";
    python3Packages.torch = mkPackage {
      pname = "torch";
      deps = if settings.cudaSupport then [ packages.cudatoolkit ] else [ ];
      settings = {
        inherit (settings) cudaSupport cudaCapabilities;
      };
    };
    python3.withPackages =
      choose:
      mkPackage {
        pname = "python3-env";
        deps = choose packages.python3Packages;
      };
    mkShell =
      { packages, ... }:
      mkPackage {
        pname = "nix-shell";
        deps = packages;
      };
    # To evaluate it something has to be built first.
    imported = import (derivation {
      name = "built-first.nix";
      inherit system;
      builder = "/bin/sh";
      args = [
        "-c"
        "echo '{ drvPath = 1; }' > $out"
      ];
    });
    hostile = throw (builtins.fromJSON ''"one\nerror: \u202etwo"'');
    noDerivation.drvPath = "/etc/passwd";
  }
  // import ./tools.nix { inherit lib system all; };
  all = builtins.foldl' (all: overlay: all // overlay all all) packages overlays;
in
all
