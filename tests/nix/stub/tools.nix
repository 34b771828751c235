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
  # What the hook of `installShellFiles` brings.
  shellFiles = ''
    installManPage() { mkdir -p $out/share/man/man1; cp "$@" $out/share/man/man1; }
    installShellCompletion() { mkdir -p $out/share/completions; cp "$4" "$6" "$8" $out/share/completions; }
  '';
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
      nativeBuildInputs,
      postInstall,
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
      inherit src doCheck nativeBuildInputs;
      checkInputs = if doCheck then nativeCheckInputs else [ ];
      lockFile = cargoLock.lockFile;
      crates = map fetched crates;
    } "mkdir -p $out/bin; cp /program/flake-audit $out/bin; cd $TMPDIR; ${shellFiles}\n${postInstall}"
    // {
      inherit meta;
    };

  clippy = tool "clippy";
  git = tool "git";
  installShellFiles = tool "installShellFiles";
  stdenv.buildPlatform.canExecute = platform: platform == system;
  stdenv.hostPlatform = system;
  graphviz = tool "graphviz";
  pre-commit = tool "pre-commit";
  rustfmt = tool "rustfmt";
}
