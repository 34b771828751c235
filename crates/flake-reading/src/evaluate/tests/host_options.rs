//! Options of hosts: what they are set to, and what they are if nobody sets them.

use super::*;

/// A set of submodules has a priority, and so has each of them.
#[test]
fn elements_that_are_forced() {
    for (forced, set, takes) in [
        ("users.users = lib.mkForce { };", "users.users.a.packages", false),
        ("users.users.a = lib.mkForce { };", "users.users.a.packages", false),
        ("users.users.b = lib.mkForce { };", "users.users.a.packages", true),
        ("systemd.services.x = lib.mkForce { };", "systemd.services.x.path", false),
        ("environment.etc = lib.mkForce { };", "environment.etc.x.source", false),
        // They are options below these, and not elements.
        ("environment = lib.mkForce { };", "environment.systemPackages", true),
    ] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: let lib = nixpkgs.lib; in {{
               nixosConfigurations.h = lib.nixosSystem {{ modules = [ {{ {forced} }}
                 {{ {set} = [ nixpkgs-old.legacyPackages.x.tool ]; }} ]; }}; }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told();
        assert_eq!(told.iter().any(|told| told.contains(":tool")), takes, "{forced}: {told:?}");
    }
}

/// An option's default may be a whole set of packages.
#[test]
fn packages_of_a_set_that_is_a_default() {
    for set in ["import nixpkgs-old { }", "nixpkgs-old.legacyPackages.x86_64-linux"] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: {{ nixosConfigurations.h = nixpkgs.lib.nixosSystem {{
               modules = [
                 {{ nixpkgs.config.cudaSupport = true; }}
                 ({{ lib, ... }}: {{ options.my.old = lib.mkOption {{ default = {set}; }}; }})
                 ({{ config, ... }}: {{ environment.systemPackages = [ config.my.old.ollama ]; }}) ]; }}; }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told();
        let told = told.join(" ");
        assert!(told.contains("<nixpkgs-old:ollama!"), "{set}: {told}");
    }
}

/// `with` of options: those that nobody sets have their defaults.
#[test]
fn options_by_with() {
    for (of, taken) in [
        ("with config.my.p; lib.subtractLists without all", " 0<nixpkgs-old:a 0<nixpkgs-old:b"),
        (
            "with config.my; with p; lib.subtractLists without all",
            " 0<nixpkgs-old:a 0<nixpkgs-old:b",
        ),
        ("with old; with config.my.p; [ c ]", " 0<nixpkgs-old:c"),
        ("with old; with config.my.p; [ c ] ++ without", " 0<nixpkgs-old:c"),
    ] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: let lib = nixpkgs.lib;
               old = nixpkgs-old.legacyPackages.x; list = lib.mkOption {{ default = [ ]; }};
             in {{ nixosConfigurations.h = lib.nixosSystem {{ modules = [
               {{ options.my.p = {{ without = list; all = list; }}; }}
               {{ my.p.all = [ old.a old.b ]; }}
               ({{ config, ... }}: {{ environment.systemPackages = {of}; }}) ]; }}; }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told().join(" ");
        // What is set at an option is taken perhaps, whoever reads it.
        let certain: Vec<&str> = told.split(' ').filter(|word| !word.ends_with('?')).collect();
        assert_eq!(certain.join(" "), format!("nixosConfigurations.h: nixpkgs{taken}"), "{of}");
    }
}

/// Images, scripts and tests of a host are not in it, and are built only by who names them.
#[test]
fn what_is_built_beside_a_host() {
    for (set, taken, outputs) in [
        ("system.build.image = old.tool;", false, ""),
        ("system.build = { scripts.a = old.tool; };", false, ""),
        ("system = { build.image = old.tool; };", false, ""),
        ("system.build = old.made old.tool // { image = old.tool; };", false, ""),
        ("system.build.toplevel = lib.mkForce old.tool;", true, ""),
        ("system.extraDependencies = [ old.tool ];", true, ""),
        ("system = { activationScripts.a = \"${old.tool}/bin/a\"; };", true, ""),
        (
            "system.build.image = old.tool;",
            true,
            "packages.x.image = self.nixosConfigurations.h.config.system.build.image;",
        ),
    ] {
        let flake = format!(
            "{{ self, nixpkgs, nixpkgs-old, ... }}: let lib = nixpkgs.lib;
               old = nixpkgs-old.legacyPackages.x;
             in {{ nixosConfigurations.h = lib.nixosSystem {{ modules = [ {{ {set} }} ]; }};
               {outputs} }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told();
        assert_eq!(told.iter().any(|told| told.contains(":tool")), taken, "{set}: {told:?}");
    }
}

/// Functions that leave something out, at any depth, and an attempt that fails.
#[test]
fn what_is_left_out_is_not_taken() {
    for (module, taken) in [
        ("lib.filterAttrsRecursive (n: v: n != \"systemPackages\") set", false),
        ("lib.filterAttrsRecursive (n: v: n != \"environment\") set", false),
        ("lib.filterAttrsRecursive (n: v: n != \"other\") set", true),
        ("lib.filterAttrs (n: v: n != \"systemPackages\") set", true),
        ("lib.optionalAttrs (builtins.tryEval (throw \"x\")).success set", false),
        ("lib.optionalAttrs (builtins.tryEval set).success set", true),
        ("(builtins.tryEval set).value", true),
    ] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: let lib = nixpkgs.lib;
               set = {{ environment.systemPackages = [ nixpkgs-old.legacyPackages.x.tool ]; }};
             in {{ nixosConfigurations.h = lib.nixosSystem {{ modules = [ ({module}) ]; }}; }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told();
        let found = told.iter().any(|told| told.contains(" 0<nixpkgs-old:tool"));
        assert_eq!(found, taken, "{module}: {told:?}");
    }
}

/// Modules ask which options there are, and which are set.
#[test]
fn modules_ask_for_options() {
    for (condition, is_on) in [
        ("options ? my.gpu", Some(true)),
        ("options.my ? other", Some(false)),
        ("options.my.gpu.isDefined", Some(true)),
        ("options.my.none.isDefined", Some(false)),
        ("options.my.gpu.value", Some(true)),
        ("options ? other", Some(false)),
        ("config ? other", Some(false)),
        ("config ? my", Some(true)),
        ("options ? home-manager", None),
        ("options.services ? other", None),
        ("options.services.other.isDefined", None),
        ("builtins.hasAttr \"gpu\" options.my", Some(true)),
    ] {
        let read = read_files(
            "nixpkgs dep",
            &[
                (
                    "flake.nix",
                    "{ outputs = { nixpkgs, ... }@inputs: { nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
                         specialArgs = { inherit inputs; }; modules = [ ./options.nix ./asks.nix ]; }; }; }",
                ),
                (
                    "options.nix",
                    "{ lib, ... }: { options.my.gpu = lib.mkOption { };
                         options.my.none = lib.mkOption { };
                         options.services.mine = lib.mkOption { default = 1; }; config.my.gpu = true; }",
                ),
                (
                    "asks.nix",
                    &format!(
                        "{{ lib, config, options, inputs, ... }}: {{ environment.systemPackages = lib.optional
                             ({condition}) inputs.dep.packages.x86_64-linux.a; }}"
                    ),
                ),
            ],
        );
        let told = read.told();
        let taken = match is_on {
            Some(false) => "nixosConfigurations.desk: nixpkgs",
            Some(true) => "nixosConfigurations.desk: nixpkgs 0<dep.packages.x86_64-linux.a",
            None => "nixosConfigurations.desk: nixpkgs 0<dep.packages.x86_64-linux.a?",
        };
        assert_eq!(told, [taken], "{condition}");
    }
}
