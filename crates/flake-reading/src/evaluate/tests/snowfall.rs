//! snowfall-lib: hosts, homes, packages and a library from folders.

use super::*;

/// Hosts of snowfall add their own settings to those of the channel; they have homes and overlays.
/// Their packages are the channel's, whatever platform a host writes.
#[test]
fn snowfall_hosts() {
    let read = read_files(
        "nixpkgs dep snowfall-lib=snowfallorg/lib home-manager=nix-community/home-manager",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: let lib = inputs.snowfall-lib.mkLib {
                     inherit inputs; src = ./nix; snowfall.namespace = \"my\"; }; in lib.mkFlake {
                     channels-config = { allowUnfree = true; };
                     checks2.x86_64-linux.c = inputs.dep.packages.x86_64-linux.c; }; }",
            ),
            (
                "nix/systems/x86_64-linux/desk/default.nix",
                "{ pkgs, host, ... }: { my.gpu = true;
                   environment.systemPackages = [ pkgs.fresh ]; }",
            ),
            (
                "nix/modules/nixos/gpu/default.nix",
                "{ config, lib, namespace, ... }: { options.${namespace}.gpu = lib.mkOption { default = false; };
                   config = lib.mkIf config.${namespace}.gpu { nixpkgs.config.cudaSupport = true; }; }",
            ),
            (
                "nix/systems/x86_64-linux/note/default.nix",
                "{ lib, ... }: { nixpkgs.hostPlatform = lib.mkOverride 1
                   { system = \"x86_64-linux\"; gcc.arch = \"znver4\"; }; }",
            ),
            (
                "nix/homes/x86_64-linux/me@desk/default.nix",
                "{ pkgs, ... }: { home.packages = [ pkgs.a ]; }",
            ),
            (
                "nix/overlays/fresh/default.nix",
                "{ channels, inputs, ... }: final: prev: {
                   fresh = inputs.dep.packages.${prev.system}.fresh; }",
            ),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "checks2.x86_64-linux.c: <dep.packages.x86_64-linux.c",
            "homeConfigurations.me@desk: nixpkgs[allowUnfree] 0<nixpkgs[allowUnfree]:a",
            "nixosConfigurations.desk: nixpkgs[allowUnfree cudaSupport] 0<dep.packages.x86_64-linux.fresh \
             0<nixpkgs[allowUnfree cudaSupport]:a",
            "nixosConfigurations.note: nixpkgs[allowUnfree]",
        ]
    );
}

/// What the argument says of one user is that user's, alone and in a host.
#[test]
fn homes_of_snowfall_have_their_own_arguments() {
    let home = "{ lib, tools, dep, ... }: {
      home.packages = lib.optional tools dep.packages.x86_64-linux.a; }";
    let read = read_files(
        "nixpkgs dep snowfall-lib=snowfallorg/lib home-manager=nix-community/home-manager",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.;
                   homes.users.\"me@desk\".specialArgs = { tools = true; inherit (inputs) dep; };
                   homes.users.\"you@desk\" = { specialArgs = { tools = false; inherit (inputs) dep; };
                     modules = [ ({ pkgs, ... }: { home.packages = [ pkgs.b ]; }) ]; }; }; }",
            ),
            ("systems/x86_64-linux/desk/default.nix", "{ }"),
            ("homes/x86_64-linux/me@desk/default.nix", home),
            ("homes/x86_64-linux/you@desk/default.nix", home),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "homeConfigurations.me@desk: nixpkgs 0<dep.packages.x86_64-linux.a",
            "homeConfigurations.you@desk: nixpkgs 0<nixpkgs:b",
            "nixosConfigurations.desk: nixpkgs 0<dep.packages.x86_64-linux.a 0<nixpkgs:b",
        ]
    );
}

/// Files of snowfall get the flake's own library, by the name of its namespace; its functions see
/// each other.
#[test]
fn the_library_of_snowfall() {
    let inputs = "nixpkgs snowfall-lib=snowfallorg/lib home-manager=nix-community/home-manager";
    for (value, on) in [("true", true), ("false", false)] {
        let read = read_files(
            inputs,
            &[
                (
                    "flake.nix",
                    "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.;
                         snowfall.namespace = \"my\"; }; }",
                ),
                (
                    "lib/module/default.nix",
                    "{ lib, namespace, ... }: rec { mkOpt = default: lib.mkOption { inherit default; };
                       mkOn = default: mkOpt (lib.${namespace}.same default); }",
                ),
                ("lib/default.nix", "{ inputs, lib, ... }: { same = x: x; }"),
                (
                    "modules/nixos/gpu/default.nix",
                    &format!(
                        "{{ config, lib, ... }}: {{ options.gpu = lib.my.mkOn {value};
                           config.nixpkgs.config.cudaSupport = config.gpu; }}"
                    ),
                ),
                (
                    "systems/x86_64-linux/desk/default.nix",
                    "{ lib, pkgs, ... }: { environment.systemPackages = [ (lib.my.same pkgs.a) ]; }",
                ),
                (
                    "homes/x86_64-linux/me@note/default.nix",
                    "{ lib, pkgs, ... }: { home.packages = [ (lib.my.same pkgs.b) ]; }",
                ),
                ("packages/tool/default.nix", "{ lib, stdenv, c }: stdenv.mkDerivation {
                    buildInputs = [ (lib.my.same c) ]; }"),
            ],
        );
        let host = if on { "nixpkgs[cudaSupport]" } else { "nixpkgs" };
        assert_eq!(
            read.told(),
            [
                "homeConfigurations.me@note: nixpkgs 0<nixpkgs:b".to_owned(),
                format!("nixosConfigurations.desk: {host} 0<{host}:a"),
                "packages.x86_64-linux.tool: nixpkgs 0<nixpkgs:c".to_owned(),
            ]
        );
    }
}

/// The flake's own packages are in those of its hosts, under the name of its namespace.
#[test]
fn packages_of_snowfall_are_in_those_of_hosts() {
    let read = read_files(
        "nixpkgs dep snowfall-lib=snowfallorg/lib",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.;
                   snowfall.namespace = \"my\"; channels-config.cudaSupport = true; }; }",
            ),
            (
                "packages/tool/default.nix",
                "{ inputs, stdenv, namespace, pkgs, system, ... }: stdenv.mkDerivation { buildInputs = [
                   inputs.dep.packages.${system}.a pkgs.${namespace}.other ]; }",
            ),
            ("packages/other/default.nix", "{ mkShell, b }: mkShell { packages = [ b ]; }"),
            (
                "systems/x86_64-linux/desk/default.nix",
                "{ pkgs, namespace, ... }: { environment.systemPackages = [ pkgs.${namespace}.tool ]; }",
            ),
        ],
    );
    assert_eq!(
        read.told().first().map(String::as_str),
        Some(
            "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.a \
             0<nixpkgs[cudaSupport]:b"
        )
    );
}

/// The library has functions for files, and the libraries of inputs by their names.
#[test]
fn files_by_the_library_of_snowfall() {
    let read = read_files(
        "nixpkgs dep snowfall-lib=snowfallorg/lib flake-utils=numtide/flake-utils",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.; }; }",
            ),
            (
                "systems/x86_64-linux/desk/default.nix",
                "{ lib, ... }: { imports = lib.snowfall.fs.get-non-default-nix-files ./. ++ [
                   (lib.snowfall.fs.get-file \"other/gpu.nix\") ]; }",
            ),
            (
                "systems/x86_64-linux/desk/tools.nix",
                "{ lib, inputs, ... }: { environment.systemPackages = [
                   inputs.dep.packages.${lib.flake-utils.system.x86_64-linux}.a ]; }",
            ),
            ("systems/x86_64-linux/desk/below/no.nix", "{ nixpkgs.config.rocmSupport = true; }"),
            ("other/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
        ],
    );
    assert_eq!(
        read.told(),
        ["nixosConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.a"]
    );
}
