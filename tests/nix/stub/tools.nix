# What builds flake-audit, and its check. The program is not built but copied: one that is there.
{
  lib,
  system,
  all,
}:
let
  # As much of an environment as nixpkgs' has.
  build =
    name: attributes: script:
    derivation (
      attributes
      // {
        inherit name system;
        builder = "/bin/sh";
        PATH = "/usr/bin:/bin";
        args = [
          "-e"
          "-c"
          "for input in $nativeBuildInputs; do PATH=$input/bin:$PATH; done\n${script}"
        ];
      }
    );
  tool = name: build name { } "mkdir $out";
in
{
  runCommand = build;

  callPackage =
    file: given:
    let
      function = import file;
      make =
        given:
        function (builtins.intersectAttrs (builtins.functionArgs function) all // { inherit lib; } // given)
        // {
          override = more: make (given // more);
        };
    in
    make given;

  rustPlatform.buildRustPackage =
    {
      pname,
      version,
      src,
      cargoLock,
      doCheck,
      nativeCheckInputs,
      meta,
    }:
    let
      lock = builtins.fromTOML (builtins.readFile cargoLock.lockFile);
      # As nixpkgs fetches them: from the registry, by the checksum.
      crates = builtins.filter (crate: crate ? source) lock.package;
      fetched =
        crate:
        assert builtins.match "registry[+].*" crate.source != null;
        "${crate.name}-${crate.version} ${crate.checksum}";
    in
    build "${pname}-${version}" {
      inherit src doCheck;
      checkInputs = if doCheck then nativeCheckInputs else [ ];
      lockFile = cargoLock.lockFile;
      crates = map fetched crates;
    } "mkdir -p $out/bin; cp /program/flake-audit $out/bin"
    // {
      inherit meta;
    };

  clippy = tool "clippy";
  git = tool "git";
  graphviz = tool "graphviz";
  pre-commit = tool "pre-commit";
  rustfmt = tool "rustfmt";
}
