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

/// As a module of flake-parts: shells of several modules, with the packages of their system, are
/// `devShells`.
#[test]
fn shells_of_flake_parts() {
    let flake = |imports: &str| {
        format!(
            "inputs@{{ flake-parts, ... }}: flake-parts.lib.mkFlake {{ inherit inputs; }} {{
               imports = [ {imports} {{ perSystem = {{ pkgs, ... }}: {{
                 devenv.shells.default = {{ packages = [ pkgs.b ]; }};
                 devenv.modules = [ ({{ pkgs, ... }}: {{ packages = [ pkgs.c ]; }}) ]; }}; }} ];
               systems = [ \"x86_64-linux\" ];
               perSystem = {{ inputs', system, ... }}: {{
                 _module.args.pkgs = import inputs.nixpkgs {{ inherit system; config.cudaSupport = true; }};
                 devenv.shells.default = {{ config, pkgs, name, ... }}: {{
                   packages = [ pkgs.a inputs'.dep.packages.${{name}} ]; }}; }}; }}"
        )
    };
    for module in ["inputs.devenv.flakeModule", "inputs.devenv.flakeModules.default"] {
        hold(&[(
            "nixpkgs dep devenv=cachix/devenv flake-parts=hercules-ci/flake-parts",
            &flake(module),
            &["devShells.x86_64-linux.default: nixpkgs[cudaSupport] \
               0<dep.packages.x86_64-linux.default 0<nixpkgs[cudaSupport]:a \
               0<nixpkgs[cudaSupport]:b 0<nixpkgs[cudaSupport]:c"],
        )]);
    }
}
