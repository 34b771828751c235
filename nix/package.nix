# The program. `runTests` builds it with all tests that need only Rust, and takes longer.
{
  git,
  installShellFiles,
  lib,
  rustPlatform,
  stdenv,
  runTests ? false,
}:
let
  cargo = builtins.fromTOML (builtins.readFile ../Cargo.toml);
  manifest = cargo.package;
in
rustPlatform.buildRustPackage {
  pname = manifest.name;
  inherit (manifest) version;

  # What is read when it is built, so that a change elsewhere builds nothing. Without build.rs, which
  # links archives of the C library if it finds any: Nix names the libraries itself.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions (
      [
        ../Cargo.toml
        ../Cargo.lock
        ../crates
        ../docs/rules
        ../src
      ]
      ++ lib.optionals runTests [
        ../.github
        ../.pre-commit-hooks.yaml
        ../CHANGELOG.md
        ../CONTRIBUTING.md
        ../README.md
        ../action.yml
        ../benches
        ../ci
        ../docs
        ../fixtures
        ../fuzz/seeds
        ../tests
      ]
    );
  };
  cargoLock.lockFile = ../Cargo.lock;
  doCheck = runTests;
  nativeCheckInputs = [ git ];

  nativeBuildInputs = [ installShellFiles ];
  # The program itself writes them, so it has to run where it is built.
  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    for shell in bash fish zsh; do
      "$out/bin/flake-audit" completions "$shell" > "flake-audit.$shell"
    done
    installShellCompletion --cmd flake-audit \
      --bash flake-audit.bash --fish flake-audit.fish --zsh flake-audit.zsh
    "$out/bin/flake-audit" man --dir man1
    installManPage man1/*
  '';

  meta = {
    inherit (manifest) description;
    homepage = cargo.workspace.package.repository;
    license = [
      lib.licenses.mit
      lib.licenses.asl20
    ];
    mainProgram = "flake-audit";
  };
}
