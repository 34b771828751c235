//! Flakes that load folders, and take settings as arguments.

use super::*;

#[test]
fn blueprint() {
    let read = read(
        "nixpkgs blueprint=numtide/blueprint dep",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.blueprint {
                inherit inputs; prefix = \"nix\"; nixpkgs.config.allowUnfree = true; }; }",
            ),
            (
                "nix/packages/a/default.nix",
                "{ pkgs, inputs, perSystem, ... }:
                pkgs.callPackage ./package.nix { x = perSystem.dep.y; }",
            ),
            ("nix/packages/a/package.nix", "{ stdenv, x }: stdenv.mkDerivation { inherit x; }"),
            ("nix/hosts/h/configuration.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ("nix/scripts/dead.nix", "{ }"),
        ],
    );
    assert!(read.settings().contains(&"flake.nix:2 allowUnfree=on nixpkgs".to_owned()));
    assert!(read.keys().contains(&"cudaSupport=on nixpkgs".to_owned()));
    assert!(read.taken().contains(&"dep packages".to_owned()), "{:?}", read.taken());
    assert!(!read.live().contains(&"nix/scripts/dead.nix"));
}

#[test]
fn settings_in_arguments() {
    for (repository, call) in [
        (
            "snowfallorg/lib",
            "inputs.loader.mkFlake { inherit inputs; src = ./.;
            channels-config.cudaSupport = true; }",
        ),
        (
            "gytis-ivaskevicius/flake-utils-plus",
            "inputs.loader.lib.mkFlake {
            inherit inputs; channelsConfig.cudaSupport = true;
            outputsBuilder = channels: { packages.a = channels.nixpkgs.hello; }; }",
        ),
        (
            "nix-community/flakelight",
            "inputs.loader ./. {
            nixpkgs.config.cudaSupport = true; packages.a = { hello }: hello; }",
        ),
        (
            "divnix/std",
            "inputs.loader.growOn { cellsFrom = ./cells;
            nixpkgsConfig.cudaSupport = true; }",
        ),
    ] {
        let name = if repository.starts_with("snow") { "snowfall" } else { "loader" };
        let call = call.replace("inputs.loader", &format!("inputs.{name}"));
        let read = outputs(&format!("nixpkgs {name}={repository}"), &format!("inputs: {call}"));
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"], "{repository}");
    }
}

#[test]
fn folders() {
    let read = read(
        "nixpkgs import-tree=vic/import-tree flake-parts=hercules-ci/flake-parts",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.flake-parts.lib.mkFlake
                { inherit inputs; } (inputs.import-tree ./modules); }",
            ),
            (
                "modules/deep/a.nix",
                "{ inputs, ... }: { perSystem = { system, ... }: {
                packages.a = (import inputs.nixpkgs { config.cudaSupport = true; }).x; }; }",
            ),
            ("modules/_b.nix", "{ }"),
        ],
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
    assert_eq!(read.live(), ["flake.nix", "modules/deep/a.nix"]);
}
