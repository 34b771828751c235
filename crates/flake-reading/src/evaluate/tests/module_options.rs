//! Options under other names, declared in several files, and with types that make something of values.

use super::*;

/// A host whose modules are these, with a package of a dependency if `my.gpu` is set.
fn host(modules: &str) -> Vec<String> {
    let flake = format!(
        "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
           {modules}
           ({{ lib, config, ... }}: {{
             options.my.gpu = lib.mkOption {{ default = false; }};
             config.environment.systemPackages =
               lib.optional config.my.gpu dep.packages.x86_64-linux.a; }}) ]; }}; }}"
    );
    read_outputs("nixpkgs dep", &flake).told()
}

const TAKEN: [&str; 1] = ["nixosConfigurations.a: nixpkgs 0<dep.packages.x86_64-linux.a"];
const NOT_TAKEN: [&str; 1] = ["nixosConfigurations.a: nixpkgs"];

/// What is set under another name of an option is set there, and the option under its other name has
/// what is set.
#[test]
fn renamed_options() {
    for modules in [
        "({ lib, ... }: { imports = [ (lib.mkRenamedOptionModule [ \"old\" ] [ \"my\" \"gpu\" ]) ]; }) { old = true; }",
        "({ lib, ... }: { imports = [ (lib.mkAliasOptionModule [ \"old\" \"gpu\" ] [ \"my\" \"gpu\" ]) ]; }) { old.gpu = true; }",
        "({ lib, ... }: { imports = [ (lib.mkAliasOptionModule [ \"old\" ] [ \"my\" ]) ]; }) { old.gpu = true; }",
        "({ lib, ... }: { imports = [ (lib.mkRenamedOptionModuleWith { sinceRelease = 2605; from = [ \"old\" ]; to = [ \"my\" \"gpu\" ]; }) ]; }) { old = true; }",
        "({ lib, ... }: { imports = [ (lib.mkChangedOptionModule [ \"old\" ] [ \"my\" \"gpu\" ] (config: config.old == \"cuda\")) ]; }) { old = \"cuda\"; }",
        "({ lib, ... }: { imports = [ (lib.mkRenamedOptionModule [ \"a\" ] [ \"b\" ]) (lib.mkRenamedOptionModule [ \"b\" ] [ \"my\" \"gpu\" ]) ]; }) { a = true; }",
        "({ lib, config, ... }: { imports = [ (lib.mkAliasOptionModule [ \"old\" ] [ \"x\" ]) ]; my.gpu = config.old; }) { x = true; }",
    ] {
        assert_eq!(host(modules), TAKEN, "{modules}");
    }
    let changed = "({ lib, ... }: { imports = [ (lib.mkChangedOptionModule [ \"old\" ] [ \"my\" \"gpu\" ] (config: config.old == \"cuda\")) ]; }) { old = \"rocm\"; }";
    assert_eq!(host(changed), NOT_TAKEN);
    // Names of each other, which Nix refuses, end.
    let circle = "({ lib, ... }: { imports = [ (lib.mkAliasOptionModule [ \"my\" \"gpu\" ] [ \"b\" ]) (lib.mkAliasOptionModule [ \"b\" ] [ \"my\" \"gpu\" ]) ]; })";
    assert_eq!(host(circle), ["nixosConfigurations.a: nixpkgs 0<dep.packages.x86_64-linux.a?"]);
}

/// Definitions of one option as those of another one.
#[test]
fn definitions_of_another_option() {
    for (value, expected) in [
        ("lib.mkAliasDefinitions options.my.card", TAKEN),
        ("lib.mkAliasDefinitions options.my.none", NOT_TAKEN),
        ("lib.mkAliasIfDef options.my.card true", TAKEN),
        ("lib.mkAliasIfDef options.my.none true", NOT_TAKEN),
        ("lib.mkAliasAndWrapDefinitions (x: !x) options.my.off", TAKEN),
    ] {
        let modules = format!(
            "({{ lib, options, ... }}: {{ options.my.card = lib.mkOption {{ }}; options.my.none = lib.mkOption {{ }};
               options.my.off = lib.mkOption {{ }};
               config.my.card = true; config.my.off = false; config.my.gpu = {value}; }})"
        );
        assert_eq!(host(&modules), expected, "{value}");
    }
}

/// `coercedTo` makes a value of another one.
#[test]
fn values_of_other_types() {
    for (value, expected) in [("true", TAKEN), ("{ cuda = true; }", TAKEN), ("false", NOT_TAKEN)] {
        let modules = format!(
            "({{ lib, config, ... }}: {{ options.my.card = lib.mkOption {{ default = {{ }};
               type = lib.types.coercedTo lib.types.bool (on: {{ cuda = on; }}) (lib.types.submodule {{
                 options.cuda = lib.mkOption {{ default = false; }}; }}); }};
               config.my.gpu = config.my.card.cuda; config.my.card = {value}; }})"
        );
        assert_eq!(host(&modules), expected, "{value}");
    }
}

/// An option that two files declare has the submodules of both, in either order.
#[test]
fn options_that_are_declared_twice() {
    let kinds = "{ lib, ... }: { options.hosts = lib.mkOption { default = { }; type = lib.types.attrsOf (
                   lib.types.submodule { options.kind = lib.mkOption { default = \"x\"; }; }); }; }";
    let modules = "({ lib, ... }: { options.hosts = lib.mkOption { type = lib.types.attrsOf (
                     lib.types.submodule { options.gpu = lib.mkOption { default = true; }; }); }; })";
    let uses = "({ config, ... }: { hosts.desk = { }; my.gpu = config.hosts.desk.gpu && config.hosts.desk.kind == \"x\"; })";
    for modules in [format!("({kinds}) {modules} {uses}"), format!("{modules} ({kinds}) {uses}")] {
        assert_eq!(host(&modules), TAKEN, "{modules}");
    }
}

/// All definitions of an option of modules count, and those that its type always has.
#[test]
fn options_of_modules() {
    for kind in [
        "lib.types.deferredModule",
        "lib.types.deferredModuleWith { staticModules = [ { my.gpu = true; } ]; }",
    ] {
        let flake = format!(
            "inputs@{{ nixpkgs, dep, ... }}: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
               systems = [ ]; imports = [
                 ({{ lib, config, ... }}: {{ options.hosts = lib.mkOption {{ type = lib.types.lazyAttrsOf ({kind}); }};
                    config.flake.nixosConfigurations = lib.mapAttrs (name: module:
                      nixpkgs.lib.nixosSystem {{ modules = [ module ({{ lib, config, ... }}: {{
                        options.my.gpu = lib.mkOption {{ default = false; }};
                        config.environment.systemPackages =
                          lib.optional config.my.gpu dep.packages.x86_64-linux.a; }}) ]; }}) config.hosts; }})
                 {{ hosts.desk = {{ nixpkgs.config.cudaSupport = true; }}; }}
                 {{ hosts.desk = {{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.b ]; }}; }} ]; }}"
        );
        let taken = if kind.contains("With") { " 0<dep.packages.x86_64-linux.a" } else { "" };
        let told = format!(
            "nixosConfigurations.desk: nixpkgs[cudaSupport]{taken} 0<nixpkgs[cudaSupport]:b"
        );
        hold(&[("nixpkgs dep flake-parts=hercules-ci/flake-parts", &flake, &[&told])]);
    }
}

/// Modules are told the kind of their system.
#[test]
fn modules_know_their_class() {
    let modules = "({ lib, _class, ... }: { my.gpu = _class == \"nixos\"; })";
    assert_eq!(host(modules), TAKEN);
    let modules =
        "({ lib, _class, ... }: if _class == \"homeManager\" then { my.gpu = true; } else { })";
    assert_eq!(host(modules), NOT_TAKEN);
}

/// A home that gets the arguments of its host is none.
#[test]
fn homes_have_a_class_of_their_own() {
    hold(&[(
        "nixpkgs dep home-manager=nix-community/home-manager",
        "inputs@{ nixpkgs, dep, home-manager, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem {
           specialArgs = { inherit dep; }; modules = [ home-manager.nixosModules.home-manager
             ({ config, ... }: { home-manager.extraSpecialArgs = config._module.specialArgs;
                home-manager.useGlobalPkgs = true;
                home-manager.users.me = { lib, dep, _class, ... }: { home.packages =
                  lib.optional (_class == \"homeManager\") dep.packages.x86_64-linux.a
                  ++ lib.optional (_class == \"nixos\") dep.packages.x86_64-linux.b; }; }) ]; }; }",
        &["nixosConfigurations.a: nixpkgs 0<dep.packages.x86_64-linux.a"],
    )]);
}
