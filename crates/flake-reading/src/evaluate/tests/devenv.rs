//! devenv: shells made of modules; its source is usually not on disk.

use super::*;

const INPUTS: &str = "nixpkgs devenv=cachix/devenv flake-parts=hercules-ci/flake-parts";

#[test]
fn shells_are_built_with_the_packages_that_they_are_given() {
    for modules in [
        "{ pkgs, ... }: { packages = [ pkgs.a ]; }",
        "{ pkgs, inputs, ... }: { scripts.x.exec = \"${pkgs.a}/bin/a\"; }",
        "{ nixpkgs, pkgs, ... }: { services.x.package = pkgs.a; }",
    ] {
        hold(&[(
            INPUTS,
            &format!(
                "inputs@{{ nixpkgs, devenv, ... }}: {{ devShells.x.default = devenv.lib.mkShell {{
                   inherit inputs; pkgs = import nixpkgs {{ config.cudaSupport = true; }};
                   modules = [ ({modules}) ]; }}; }}"
            ),
            &["devShells.x.default: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a"],
        )]);
    }
}
