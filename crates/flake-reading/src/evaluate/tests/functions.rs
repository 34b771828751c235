//! Frameworks that are functions: of systems, hosts or cells.

use super::*;

#[test]
fn settings_in_arguments() {
    for (repository, call) in [
        (
            "snowfallorg/lib",
            "inputs.loader.mkFlake { inherit inputs; src = ./.;
            channels-config.cudaSupport = true;
            outputs-builder = channels: { packages.a = channels.nixpkgs.hello; }; }",
        ),
        (
            "snowfallorg/lib",
            "(inputs.loader.mkLib { inherit inputs; src = ./.; }).mkFlake {
            channels-config.cudaSupport = true;
            outputs-builder = channels: { packages.a = channels.nixpkgs.hello; }; }",
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
            "nix-community/flakelight",
            "inputs.loader ./. ({ lib, ... }: {
            nixpkgs.config = { cudaSupport = true; }; packages = { a = pkgs: pkgs.hello; }; })",
        ),
    ] {
        let name = if repository.starts_with("snow") { "snowfall" } else { "loader" };
        let call = call.replace("inputs.loader", &format!("inputs.{name}"));
        let read =
            read_outputs(&format!("nixpkgs {name}={repository}"), &format!("inputs: {call}"));
        let told = read.told();
        let [one] = told.as_slice() else { panic!("{repository}: {told:?}") };
        let (path, rest) = one.split_once(": ").unwrap();
        assert!(path.starts_with("packages.") && path.ends_with(".a"), "{repository}: {one}");
        assert_eq!(rest, "<nixpkgs[cudaSupport]:hello", "{repository}");
    }
}

#[test]
fn cells() {
    let read = read_files(
        "nixpkgs std=divnix/std dep",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.std.growOn { inherit inputs; cellsFrom = ./cells;
                   nixpkgsConfig.cudaSupport = true; } {
                     devShells = inputs.std.harvest inputs.self [ \"a\" \"shells\" ]; }; }",
            ),
            (
                "cells/a/shells.nix",
                "{ inputs, cell }: { b = inputs.nixpkgs.mkShell {
                   packages = [ inputs.nixpkgs.c cell.packages.d inputs.dep.packages.e ]; }; }",
            ),
            ("cells/a/packages/default.nix", "{ inputs, cell }: { d = inputs.nixpkgs.f; }"),
        ],
    );
    let shell = "nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.e \
                 0<nixpkgs[cudaSupport]:c 0<nixpkgs[cudaSupport]:f";
    assert_eq!(
        read.told(),
        [
            format!("devShells.x86_64-linux.b: {shell}"),
            "x86_64-linux.a.packages.d: <nixpkgs[cudaSupport]:f".into(),
            format!("x86_64-linux.a.shells.b: {shell}"),
        ]
    );
}

#[test]
fn flake_utils() {
    for call in [
        "flake-utils.lib.eachDefaultSystem (system: let pkgs = import nixpkgs { inherit system;
            config.cudaSupport = true; }; in { packages.a = pkgs.b; })",
        "flake-utils.lib.eachSystem [ \"x86_64-linux\" ] (system: let pkgs = import nixpkgs {
            inherit system; config.cudaSupport = true; }; in { packages.a = pkgs.b; })",
        "flake-utils.lib.eachSystem flake-utils.lib.allSystems (system: let pkgs = import nixpkgs {
            inherit system; config.cudaSupport = true; }; in { packages = { a = pkgs.b; }; })",
        "with flake-utils.lib; eachSystem (with system; [ x86_64-linux ]) (system: let
            pkgs = import nixpkgs { inherit system; config.cudaSupport = true; };
            in rec { packages.a = pkgs.b; })",
        "{ } // flake-utils.lib.eachDefaultSystem (system: { packages.a = (import nixpkgs {
            inherit system; config.cudaSupport = true; }).b; })",
        "flake-utils.lib.simpleFlake { inherit self nixpkgs; name = \"x\";
            config.cudaSupport = true; overlay = f: p: { x.a = p.b; }; }",
        "{ packages = nixpkgs.lib.genAttrs nixpkgs.lib.systems.flakeExposed (system: {
            a = (import nixpkgs { inherit system; config.cudaSupport = true; }).b; }); }",
        "{ packages = nixpkgs.lib.genAttrs (import inputs.systems) (system: {
            a = (import nixpkgs { inherit system; config.cudaSupport = true; }).b; }); }",
    ] {
        let read = read_outputs(
            "nixpkgs flake-utils=numtide/flake-utils systems=nix-systems/default",
            &format!("{{ self, nixpkgs, flake-utils, ... }}@inputs: {call}"),
        );
        let told = read.told();
        // The one for Linux, if there is one.
        let one = told.last().cloned().unwrap_or_default();
        assert!(one.starts_with("packages.") && one.contains(".a: "), "{call}: {told:?}");
        assert!(one.ends_with("<nixpkgs[cudaSupport]:b"), "{call}: {told:?}");
    }
}

#[test]
fn flake_utils_plus() {
    let read = read_outputs(
        "nixpkgs nixpkgs-unstable fup=gytis-ivaskevicius/flake-utils-plus",
        "{ self, fup, ... }@inputs: fup.lib.mkFlake { inherit self inputs;
           channels.nixpkgs.config.cudaSupport = true;
           channels.unstable = { input = inputs.nixpkgs-unstable; };
           hostDefaults.modules = [ ({ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }) ];
           hosts.x.modules = [ { } ];
           hosts.y = { channelName = \"unstable\"; modules = [ ]; }; }",
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.x: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
            "nixosConfigurations.y: nixpkgs-unstable 0<nixpkgs-unstable:a",
        ]
    );
}

#[test]
fn colmena() {
    for (hive, told) in [
        (
            "colmena = HIVE;",
            [
                "colmena.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:p",
                "colmena.b: nixpkgs 0<nixpkgs:p",
            ],
        ),
        (
            "colmenaHive = colmena.lib.makeHive HIVE;",
            [
                "colmenaHive.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:p",
                "colmenaHive.b: nixpkgs 0<nixpkgs:p",
            ],
        ),
    ] {
        let hive = hive.replace(
            "HIVE",
            "{ meta = { nixpkgs = import nixpkgs { system = \"x86_64-linux\"; };
                 specialArgs = { inherit inputs; }; };
               defaults = { pkgs, ... }: { environment.systemPackages = [ pkgs.p ]; };
               a = { name, nodes, ... }: { nixpkgs.config.cudaSupport = true;
                 deployment.targetHost = name; };
               b = { ... }: { }; }",
        );
        let read = read_outputs(
            "nixpkgs colmena=zhaofengli/colmena",
            &format!("{{ nixpkgs, colmena, ... }}@inputs: {{ {hive} }}"),
        );
        assert_eq!(read.told(), told);
    }
}

/// The arguments of one node precede those of all, and the name that colmena gives each.
#[test]
fn nodes_of_colmena_have_their_own_arguments() {
    let read = read_outputs(
        "nixpkgs dep",
        "{ nixpkgs, dep, ... }: { colmena = {
           meta = { nixpkgs = import nixpkgs { system = \"x86_64-linux\"; };
             specialArgs = { inherit dep; gpu = false; };
             nodeSpecialArgs.b.gpu = true; nodeSpecialArgs.c.name = \"b\"; };
           defaults = { lib, gpu, name, dep, ... }: { nixpkgs.config.cudaSupport = gpu;
             environment.systemPackages = lib.optional (name == \"b\") dep.packages.x86_64-linux.a; };
           a = { }; b = { }; c = { }; }; }",
    );
    assert_eq!(
        read.told(),
        [
            "colmena.a: nixpkgs",
            "colmena.b: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.a",
            "colmena.c: nixpkgs 0<dep.packages.x86_64-linux.a",
        ]
    );
}
