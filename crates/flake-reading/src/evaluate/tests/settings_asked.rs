//! Settings that code reads from its packages: `config.cudaSupport`.

use super::*;

/// A package whose own code reads a setting is changed by that setting.
#[test]
fn packages_that_read_a_gpu_setting() {
    let is_changed = |package: &str, call: &str| {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {{
               devShells.x86_64-linux.a = pkgs.mkShell {{ packages = [ ({call}) ]; }}; }}; }}"
        );
        let told = read_files("nixpkgs", &[("flake.nix", &flake), ("p.nix", package)]).told();
        told.iter().any(|line| line.contains("<nixpkgs:tool!"))
    };
    let plain = "pkgs.callPackage ./p.nix { }";
    let by_default = "{ stdenv, config, cudaSupport ? config.cudaSupport or false }:
        stdenv.mkDerivation { pname = \"tool\"; }";
    assert!(is_changed(by_default, plain));
    for switched in [
        "pkgs.callPackage ./p.nix { cudaSupport = true; }",
        "(pkgs.callPackage ./p.nix { }).override { cudaSupport = false; }",
    ] {
        assert!(!is_changed(by_default, switched), "{switched}");
    }
    for read in [
        "{ stdenv, pkgs }: stdenv.mkDerivation { name = \"tool\"; a = pkgs.config.cudaSupport; }",
        "{ stdenv, config }: let inherit (config) rocmSupport; in
           stdenv.mkDerivation { name = \"tool\"; }",
    ] {
        assert!(is_changed(read, plain), "{read}");
    }
    for call in [
        "pkgs.stdenv.mkDerivation { pname = \"tool\"; a = pkgs.config.cudaSupport or false; }",
        "pkgs.python3Packages.buildPythonPackage rec { pname = \"tool\";
           inherit (pkgs.config) cudaSupport; }",
    ] {
        assert!(is_changed("{ }: { }", call), "{call}");
    }
    for call in [
        "pkgs.stdenv.mkDerivation { pname = \"tool\"; a = pkgs.config.allowUnfree; }",
        "pkgs.mkShell { name = \"tool\"; a = pkgs.config.cudaSupport; }",
        "let a = pkgs.config.cudaSupport; in pkgs.hello",
    ] {
        assert!(!is_changed("{ }: { }", call), "{call}");
    }
    for other in [
        "{ stdenv, config }: stdenv.mkDerivation { name = \"tool\"; a = config.allowUnfree; }",
        "{ stdenv }: let config = { cudaSupport = true; }; in
           stdenv.mkDerivation { name = \"tool\"; a = config.cudaSupport; }",
    ] {
        assert!(!is_changed(other, plain), "{other}");
    }
}

/// The value for code that reads a setting of its packages, and what that switches off.
#[test]
fn settings_that_are_asked_for() {
    let taken = |config: &str, asked: &str| {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: let
                 pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config = {config}; }};
               in {{ devShells.x86_64-linux.a = pkgs.mkShell {{ packages = {asked}; }}; }}; }}"
        );
        let package = "{ lib, config, cudaSupport ? config.cudaSupport or false, cudaPackages }:
            lib.optional cudaSupport cudaPackages.cudatoolkit";
        let told = read_files("nixpkgs", &[("flake.nix", &flake), ("p.nix", package)]).told();
        let told = told.into_iter().find(|line| line.contains("devShells")).unwrap();
        match (told.contains("cudatoolkit%?"), told.contains("cudatoolkit%")) {
            (true, _) => "perhaps",
            (_, true) => "yes",
            _ => "no",
        }
    };
    for asked in [
        "pkgs.callPackage ./p.nix { }",
        "pkgs.python3.pkgs.callPackage ./p.nix { }",
        "pkgs.lib.optional pkgs.config.cudaSupport pkgs.cudaPackages.cudatoolkit",
        "pkgs.callPackage ({ lib, pkgs }: lib.optional (pkgs.config.cudaSupport or false)
           pkgs.cudaPackages.cudatoolkit) { }",
        "let again = import nixpkgs { inherit (pkgs) system config; }; in
           again.callPackage ./p.nix { }",
        "let again = import nixpkgs { config = pkgs.config // { allowUnfree = true; }; }; in
           again.callPackage ./p.nix { }",
    ] {
        assert_eq!(taken("{ }", asked), "no", "{asked}");
        assert_eq!(taken("{ cudaSupport = true; }", asked), "yes", "{asked}");
        assert_eq!(
            taken("{ cudaSupport = builtins.currentTime > 1; }", asked),
            "perhaps",
            "{asked}"
        );
        assert_eq!(taken("(import ./missing.nix)", asked), "perhaps", "{asked}");
    }
    for (switched, told) in [("true", "yes"), ("false", "no"), ("builtins.x", "perhaps")] {
        let call = format!("pkgs.callPackage ./p.nix {{ cudaSupport = {switched}; }}");
        assert_eq!(taken("{ }", &call), told, "{call}");
    }
    let without =
        "let again = import nixpkgs { config = pkgs.config // { cudaSupport = false; }; }; in
        again.callPackage ./p.nix { }";
    assert_eq!(taken("{ cudaSupport = true; }", without), "no");
    let other = "pkgs.lib.optional pkgs.config.allowUnfree pkgs.cudaPackages.cudatoolkit";
    assert_eq!(taken("{ }", other), "perhaps");
}
