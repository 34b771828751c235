//! Packages that are made again with other arguments or attributes, and what is taken of them.

use super::*;

/// The packages that a shell takes in.
fn taken(package: &str) -> Vec<String> {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, ... }}: let
           plain = nixpkgs.legacyPackages.x86_64-linux;
           pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config.cudaSupport = true; }};
           lib = nixpkgs.lib; tool = plain.tool; other = plain.other;
         in {{ devShells.x86_64-linux.a = pkgs.mkShell {{ packages = [ {package} ]; }}; }}; }}"
    );
    let files = [
        ("flake.nix", flake.as_str()),
        (
            "p.nix",
            "{ stdenv, lib, tool, other, on ? false, kind ? \"cpu\", more ? [ ], of ? null, python3 ? null }:
             stdenv.mkDerivation { buildInputs = lib.optional on tool ++ lib.optional (kind == \"cuda\") tool
               ++ more ++ lib.optional (of != null) other ++ lib.optional (python3 == null) other; }",
        ),
    ];
    let told = read_files("nixpkgs", &files).told();
    let [one] = told.as_slice() else { panic!("{package}: {told:?}") };
    let told = one.strip_prefix("devShells.x86_64-linux.a: ").unwrap_or(one);
    let taken = told.split(' ').filter_map(|word| Some(word.split_once(':')?.1.to_owned()));
    let mut taken: Vec<_> = taken.collect();
    taken.sort();
    taken
}

fn hold(cases: &[(&str, &[&str])]) {
    let mut wrong = String::new();
    for (package, expected) in cases {
        let found = taken(package);
        if found != *expected {
            wrong += &format!("{package}\n    {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

const TOOL: &str = "tool";
const OTHER: &str = "other";

#[test]
fn attributes_that_are_replaced() {
    let made = "plain.stdenv.mkDerivation { buildInputs = [ tool ]; }";
    let shell = "pkgs.mkShell { packages = [ tool ]; buildInputs = [ tool ]; }";
    let python =
        "plain.python3Packages.buildPythonPackage { dependencies = [ tool ]; doCheck = true;
        nativeCheckInputs = [ other ]; }";
    let cases: Vec<(String, &[&str])> = vec![
        (
            "((pkgs.mkShell { buildInputs = [ tool ]; }).overrideAttrs (old: {
               nativeBuildInputs = old.nativeBuildInputs ++ [ other ]; }))"
                .into(),
            &[OTHER, TOOL],
        ),
        (format!("(({made}).overrideAttrs (old: {{ buildInputs = [ other ]; }}))"), &[OTHER]),
        (format!("(({made}).overrideAttrs {{ buildInputs = [ other ]; }})"), &[OTHER]),
        (format!("(({made}).overrideAttrs (final: prev: {{ buildInputs = [ ]; }}))"), &[]),
        (
            format!(
                "(({made}).overrideAttrs (old: {{ buildInputs = old.buildInputs ++ [ other ]; }}))"
            ),
            &[OTHER, TOOL],
        ),
        (format!("(({shell}).overrideAttrs (old: {{ buildInputs = [ ]; }}))"), &[TOOL]),
        (
            format!(
                "(({shell}).overrideAttrs (old: {{ buildInputs = [ ];
                   nativeBuildInputs = lib.remove tool old.nativeBuildInputs; }}))"
            ),
            &[],
        ),
        (
            format!(
                "(({python}).overridePythonAttrs (old: {{ dependencies = [ ]; doCheck = false; }}))"
            ),
            &[],
        ),
        (format!("(({python}).overrideAttrs (old: {{ propagatedBuildInputs = [ ]; }}))"), &[OTHER]),
    ];
    hold(&cases.iter().map(|(package, told)| (package.as_str(), *told)).collect::<Vec<_>>());
}

#[test]
fn arguments_that_are_replaced() {
    const BASE: &str = "(lib.makeOverridable ({ it, more ? false }: plain.stdenv.mkDerivation {
        buildInputs = [ it ]; }) { it = tool; })";
    hold(&[
        (BASE, &[TOOL]),
        (&format!("({BASE}.override {{ it = other; }})"), &[OTHER]),
        (&format!("({BASE}.override (old: {{ it = other; }}))"), &[OTHER]),
        (&format!("({BASE}.override {{ more = true; }})"), &[TOOL]),
    ]);
}

/// A literal is no package: nixpkgs has none of that name. Of null it is not known.
#[test]
fn flags_have_their_defaults() {
    hold(&[
        ("(plain.callPackage ./p.nix { })", &["other?"]),
        ("(plain.callPackage ./p.nix { of = null; })", &[]),
        ("(plain.callPackage ./p.nix { of = null; on = true; })", &[TOOL]),
        ("(plain.callPackage ./p.nix { of = null; kind = \"cuda\"; })", &[TOOL]),
        ("(plain.callPackage ./p.nix { of = null; more = [ tool ]; })", &[TOOL]),
        ("(plain.callPackage ./p.nix { of = 1; })", &[OTHER]),
        // nixpkgs surely has it.
        ("(plain.callPackage ./p.nix { of = null; python3 = null; })", &[OTHER]),
    ]);
}

#[test]
fn inputs_from_what_is_no_environment() {
    for (from, told) in [
        ("plain.stdenv.mkDerivation { buildInputs = [ tool ]; OTHER = other; }", [TOOL].as_slice()),
        ("plain.mkShell { packages = [ tool ]; shellHook = \"${other}/bin/x\"; }", &[OTHER, TOOL]),
        ("plain.symlinkJoin { name = \"a\"; paths = [ tool ]; }", &[]),
        ("plain.buildEnv { name = \"a\"; paths = [ tool ]; }", &[]),
        ("plain.writeShellApplication { name = \"a\"; runtimeInputs = [ tool ]; }", &[]),
        ("plain.python3.withPackages (ps: [ ps.numpy ])", &[]),
        ("plain.callPackage ./p.nix { of = null; on = true; }", &[TOOL]),
    ] {
        let shell = format!("(pkgs.mkShell {{ inputsFrom = [ ({from}) ]; }})");
        assert_eq!(taken(&shell), told, "{from}");
    }
}
