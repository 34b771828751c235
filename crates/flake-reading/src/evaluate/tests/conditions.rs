//! A value that may be one of two things is never taken for one of them.

use std::rc::Rc;

use super::super::value::{Value, Why};
use super::*;

/// What is not read is not null, if it is a package.
#[test]
fn packages_that_are_not_null() {
    for (condition, told) in [
        ("dep.packages.x.a != null", " 0<dep.packages.x.a"),
        ("dep.packages.x.a == null", ""),
        // What is said of a package may be.
        ("dep.packages.x.a.b != null", " 0<dep.packages.x.a?"),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: let pkgs = nixpkgs.legacyPackages.x; in {{
               packages.x.a = pkgs.mkShell {{ packages = nixpkgs.lib.optional ({condition})
                 dep.packages.x.a; }}; }}"
        );
        hold(&[("nixpkgs dep", &flake, &[&format!("packages.x.a: nixpkgs{told}")])]);
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(_) => "number".into(),
        Value::Text(text) => format!("{text:?}"),
        Value::Unknown(Why::Condition) => "condition".into(),
        Value::Unknown(_) => "unknown".into(),
        Value::Conditional(inner) => format!("if ({})", text(inner)),
        Value::Either(all) => {
            let all: Vec<_> = all.iter().map(text).collect();
            all.join(" or ")
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn one_of_two_is_certain_only_where_both_are_the_same() {
    let some = || Value::Text("a".into());
    let number = || Value::Number(None);
    for (a, b, is) in [
        (Value::Bool(true), Value::Bool(true), "true"),
        (Value::Bool(false), Value::Bool(false), "false"),
        (Value::Bool(true), Value::Bool(false), "condition"),
        (Value::Null, some(), "if (\"a\")"),
        (Value::Null, Value::Bool(true), "if (true)"),
        (Value::Null, number(), "if (number)"),
        (Value::outside(), some(), "if (\"a\")"),
        (Value::condition(), Value::Bool(true), "if (true)"),
        (some(), number(), "if (\"a\") or if (number)"),
        (Value::Conditional(Rc::new(some())), Value::Null, "if (\"a\")"),
    ] {
        let there = text(&Value::one_of(a.clone(), b.clone()));
        let back = text(&Value::one_of(b, a));
        let turned = match is.split_once(" or ") {
            Some((a, b)) => format!("{b} or {a}"),
            None => is.to_owned(),
        };
        assert_eq!((there.as_str(), back), (is, turned));
    }
}

/// In `config`, and as the value of a setting.
#[test]
fn a_setting_on_a_condition_is_conditional() {
    for (config, is) in [
        ("if x then null else { cudaSupport = true; }", "cudaSupport=if"),
        ("if x then { cudaSupport = true; } else null", "cudaSupport=if"),
        ("if x then x else { cudaSupport = true; }", "cudaSupport=if"),
        ("if x then { cudaSupport = true; } else { }", "cudaSupport=if"),
        ("if true then { cudaSupport = true; } else null", "cudaSupport=on"),
        ("{ cudaSupport = if x then null else true; }", "cudaSupport=if"),
        ("{ cudaSupport = if x then true else null; }", "cudaSupport=if"),
        ("{ cudaSupport = if x then false else true; }", "cudaSupport=if"),
        ("{ cudaSupport = if x then true else x; }", "cudaSupport=if"),
        ("{ cudaSupport = if x then true else true; }", "cudaSupport=on"),
        ("{ cudaSupport = if x then null else false; }", "cudaSupport=off"),
        ("{ cudaCapabilities = if x then null else [ \"8.9\" ]; }", "cudaCapabilities=if"),
        ("{ cudaCapabilities = if x then [ ] else [ \"8.9\" ]; }", "cudaCapabilities=if"),
        ("{ cudaCapabilities = (if x then [ ] else [ \"8.9\" ]) ++ [ ]; }", "cudaCapabilities=if"),
        (
            "{ cudaCapabilities = [ \"8.9\" ] ++ (if x then [ ] else [ \"9\" ]); }",
            "cudaCapabilities=on",
        ),
        ("{ cudaSupport = (if x then [ 1 ] else [ 1 2 ]) == [ 1 2 ]; }", "cudaSupport=if"),
        (
            "{ cudaSupport = true; } // (if x then { cudaSupport = false; } else { })",
            "cudaSupport=if",
        ),
        (
            "{ cudaSupport = true; } // (if x then { } else { cudaSupport = null; }) // (if x then
             { cudaSupport = true; } else { })",
            "cudaSupport=if",
        ),
        ("{ cudaCapabilities = if x then [ ] else null; }", "cudaCapabilities=off"),
        (
            "builtins.removeAttrs { cudaSupport = true; } (builtins.filter (_: x) [ \"cudaSupport\" ])",
            "cudaSupport=if",
        ),
        ("{ cudaSupport = x && false; }", "cudaSupport=off"),
        ("{ cudaSupport = x || true; }", "cudaSupport=on"),
        ("{ cudaSupport = ! false; }", "cudaSupport=on"),
        ("{ cudaSupport = 1 == 2; }", "cudaSupport=off"),
        ("{ cudaSupport = \"a\" == \"a\"; }", "cudaSupport=on"),
        ("{ cudaSupport = builtins.elem \"a\" [ \"a\" \"b\" ]; }", "cudaSupport=on"),
        (
            "{ cudaSupport = builtins.elem \"a\" (if x then [ \"a\" ] else [ \"b\" ]); }",
            "cudaSupport=if",
        ),
        ("{ cudaSupport = builtins.elem \"a\" (if x then [ \"a\" ] else [ ]); }", "cudaSupport=if"),
        (
            "{ cudaSupport = builtins.elem \"a\" (if x then [ \"a\" ] else [ \"b\" \"a\" ]); }",
            "cudaSupport=on",
        ),
        (
            "{ cudaSupport = builtins.elem \"a\" (if x then [ \"b\" ] else [ \"c\" \"d\" ]); }",
            "cudaSupport=off",
        ),
        (
            "{ cudaSupport = builtins.elem \"a\" (builtins.filter (_: x) [ \"a\" ]); }",
            "cudaSupport=if",
        ),
        (
            "{ cudaSupport = builtins.elem \"a\" (builtins.filter (_: x) [ \"b\" ]); }",
            "cudaSupport=off",
        ),
        ("{ cudaSupport = { a = true; }.a or false; }", "cudaSupport=on"),
        ("{ cudaSupport = { }.a or false; }", "cudaSupport=off"),
        ("{ cudaSupport = { a = 1; } ? b; }", "cudaSupport=off"),
        ("{ cudaSupport = builtins.hasAttr \"a\" { a = 1; }; }", "cudaSupport=on"),
        ("{ cudaSupport = assert x; true; }", "cudaSupport=on"),
        ("{ cudaSupport = builtins.seq x true; }", "cudaSupport=on"),
        ("{ cudaSupport = builtins.getEnv \"GPU\" == \"1\"; }", "cudaSupport=if"),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: let x = builtins.currentSystem == 1;
                 in {{ packages.a.b = (import nixpkgs {{ config = {config}; }}).hello; }}"
            ),
        );
        assert_eq!(read.keys(), [is], "{config}");
    }
}

#[test]
fn overlays_are_counted_only_where_they_can_be_read() {
    for (args, is) in [
        ("{ }", Some(0)),
        ("{ overlays = [ ]; }", Some(0)),
        ("{ overlays = [ a a ]; }", Some(2)),
        ("{ overlays = [ a ] ++ [ a ]; }", Some(2)),
        ("{ overlays = [ a ] ++ x; }", None),
        ("{ overlays = x; }", None),
        ("{ overlays = builtins.fromJSON x; }", None),
        ("{ overlays = if x then [ ] else [ a ]; }", None),
        ("{ overlays = builtins.attrValues x; }", None),
        ("x", None),
        ("(x // { config = { }; })", None),
    ] {
        let read = read_outputs(
            "nixpkgs other",
            &format!(
                "{{ nixpkgs, other, ... }}: let x = other.lib.x; a = f: p: {{ }};
                 in {{ packages.a.b = (import nixpkgs {args}).hello; }}"
            ),
        );
        let made = read.reading.instances.iter().filter(|made| made.made_by == MadeBy::Import);
        assert_eq!(made.map(|made| made.overlays).collect::<Vec<_>>(), [is], "{args}");
    }
}

/// A package, a builder, a module under a condition: each is conditional.
#[test]
fn what_is_taken_on_a_condition_is_told_so() {
    hold(&[
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let p = nixpkgs.legacyPackages.x; c = builtins.currentSystem == 1;
               in { packages.x.a = p.mkShell { packages = [ p.a ] ++ p.lib.optional c p.b
                 ++ p.lib.optionals (1 == 2) [ p.c ] ++ (if c then [ p.d ] else [ ]); }; }",
            &["packages.x.a: nixpkgs 0<nixpkgs:a 0<nixpkgs:b? 0<nixpkgs:d?"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let p = nixpkgs.legacyPackages.x; c = builtins.currentSystem == 1;
               q = import nixpkgs { config.cudaSupport = true; };
               in { packages.x.a = if c then p.a else q.b; }",
            &["packages.x.a: <nixpkgs:a? <nixpkgs[cudaSupport]:b?"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let p = nixpkgs.legacyPackages.x; c = builtins.currentSystem == 1;
               in { packages.x = { a = p.a; } // p.lib.optionalAttrs c { b = p.b; }; }",
            &["packages.x.a: <nixpkgs:a", "packages.x.b: <nixpkgs:b?"],
        ),
    ]);
}

/// A version that selects one of many files: the others are not read.
#[test]
fn a_text_is_held_against_a_pattern() {
    let code = |version: &str| {
        format!(
            "{{ nixpkgs, ... }}: let p = nixpkgs.legacyPackages.x; v = {version};
               m = builtins.match \"([0-9]+)\\\\.[0-9]+(\\\\.[0-9]+)?\" v;
             in {{ packages.x.a = if m == null then p.none else if m == [ \"1\" null ] then p.two
               else p.${{builtins.elemAt m 1}}; }}"
        )
    };
    for (version, told) in [
        ("\"1.90\"", "packages.x.a: <nixpkgs:two"),
        ("\"1.90.2\"", "packages.x.a: <nixpkgs:.2"),
        ("\"beta\"", "packages.x.a: <nixpkgs:none"),
    ] {
        hold(&[("nixpkgs", &code(version), &[told])]);
    }
}

/// A filter that is not understood may remove everything.
#[test]
fn what_a_test_lets_through_may_be_nothing() {
    let made =
        "outputs = { nixpkgs, ... }: let lib = nixpkgs.lib; test = _: builtins.currentTime > 1;
           pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
           devShells.x86_64-linux.a = pkgs.mkShell { packages = lib.optional";
    for (condition, is_sure) in [
        ("(lib.filter test [ 1 2 ] != [ ])", false),
        ("(lib.filterAttrs (_: test) { a = 1; } != { })", false),
        ("(lib.attrNames (lib.filterAttrs (_: test) { a = 1; }) != [ ])", false),
        ("(lib.length (lib.filter test [ 1 2 ]) > 0)", false),
        ("(map test (lib.filter test [ 1 2 ]) != [ ])", false),
        ("(lib.filterAttrs (n: _: n == \"a\") { a = 1; b = 2; } != { })", true),
        ("(lib.filter (n: n == 1) [ 1 2 ] != [ ])", true),
    ] {
        let flake = format!("{{ {made} {condition} pkgs.opencv; }}; }}; }}");
        let told = read_files("nixpkgs", &[("flake.nix", &flake)]).told();
        let is_conditional = told.iter().any(|line| line.contains("opencv!?"));
        assert!(told.iter().any(|line| line.contains("opencv")), "{condition}: {told:?}");
        assert_eq!(is_conditional, !is_sure, "{condition}: {told:?}");
    }
}

/// A condition on an option that nothing sets goes by its default, and by what is in it.
#[test]
fn conditions_on_the_default_of_an_option() {
    for (options, condition, told) in [
        ("x = lib.mkOption { default = { gpu = true; }; };", "config.x.gpu", "[cudaSupport]"),
        ("x = lib.mkOption { default = { gpu = false; }; };", "config.x.gpu", ""),
        ("x = lib.mkOption { default = { a.gpu = true; }; };", "config.x.a.gpu", "[cudaSupport]"),
        ("my.x = lib.mkOption { default = { }; };", "config.my.x.gpu or false", ""),
        (
            "my.x = lib.mkOption { default = { gpu = true; }; };",
            "config.my.x ? gpu",
            "[cudaSupport]",
        ),
        ("my.x = lib.mkOption { default = { }; };", "config.my.x ? gpu", ""),
        (
            "x = lib.mkOption { type = lib.types.submodule { options.gpu = lib.mkOption { }; };
               default = { gpu = true; }; };",
            "config.x.gpu",
            "[cudaSupport]",
        ),
        (
            "x.gpu = lib.mkEnableOption \"it\" // { default = true; };",
            "config.x.gpu",
            "[cudaSupport]",
        ),
        ("x.gpu = lib.mkEnableOption \"it\" // { default = false; };", "config.x.gpu", ""),
        (
            "x = lib.mkOption { type = lib.types.nullOr (lib.types.submodule { }); default = null; };",
            "config.x != null",
            "",
        ),
        // What is set is not merged with the default.
        ("y = lib.mkOption { default = { gpu = true; }; };", "config.y.gpu or false", ""),
        ("y = lib.mkOption { default = { }; };", "config.y.other == 1", "[cudaSupport]"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, ... }}: {{ options = {{ {options} }}; }})
               {{ config.y.other = 1; }}
               ({{ config, lib, ... }}: {{ nixpkgs.config = lib.mkIf ({condition}) {{
                 cudaSupport = true; }}; }}) ]; }}; }}"
        );
        hold(&[("nixpkgs", &flake, &[&format!("nixosConfigurations.a: nixpkgs{told}")])]);
    }
}

/// A module that is not read is no text, so that no other is chosen by it; and the drivers for which
/// NixOS is made, unless a module that is not read may say so.
#[test]
fn conditions_on_what_is_not_read_and_on_drivers() {
    let drivers = "config.services.xserver.videoDrivers";
    for (modules, told) in [
        (
            "(map (m: if builtins.isString m then named.${m} else m)
               [ \"base\" dep.nixosModules.default ])",
            " -- a module of `dep`",
        ),
        (&*format!("[ ({{ config, ... }}: set (builtins.elem \"nvidia\" {drivers})) ]"), ""),
        (
            &*format!(
                "[ ({{ config, ... }}: set (builtins.elem \"nvidia\" {drivers}))
                   {{ services.xserver.videoDrivers = [ \"nvidia\" ]; }} ]"
            ),
            "[cudaSupport]",
        ),
        (
            &*format!(
                "[ ({{ config, ... }}: set (builtins.elem \"nvidia\" {drivers}))
                   dep.nixosModules.default ]"
            ),
            "[cudaSupport?] -- a module of `dep`",
        ),
        ("[ ({ config, ... }: set config.hardware.nvidia.enabled) ]", ""),
        (
            "[ ({ config, ... }: set config.hardware.nvidia.enabled)
               { services.xserver.videoDrivers = [ \"nvidia\" ]; } ]",
            "[cudaSupport]",
        ),
        (
            "[ ({ config, ... }: set config.hardware.nvidia.enabled)
               ({ lib, ... }: { services.xserver.videoDrivers =
                 lib.mkIf (builtins.currentTime == 1) [ \"nvidia\" ]; }) ]",
            "[cudaSupport?]",
        ),
        ("[ (set (builtins.isString dep.packages.x.a.version)) ]", "[cudaSupport?]"),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: let named = {{ base = {{ }}; gpu = set true; }};
               set = on: {{ nixpkgs.config.cudaSupport = on; }};
             in {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = {modules}; }}; }}"
        );
        hold(&[("nixpkgs dep", &flake, &[&format!("nixosConfigurations.a: nixpkgs{told}")])]);
    }
}

/// A set of options, and a submodule, is not null; one that may be null is what is set, or its
/// default.
#[test]
fn options_that_are_sets_and_null() {
    let sub = "lib.types.submodule { options.a = lib.mkOption { default = 1; }; }";
    for (option, set, is_null) in [
        ("my.a = lib.mkOption { default = 1; };", "", Some(false)),
        ("my = lib.mkOption { type = SUB; default = { }; };", "", Some(false)),
        ("my = lib.mkOption { type = SUB; };", "my.a = 2;", Some(false)),
        ("my = lib.mkOption { type = lib.types.nullOr (SUB); default = null; };", "", Some(true)),
        (
            "my = lib.mkOption { type = lib.types.nullOr (SUB); default = null; };",
            "my = { };",
            Some(false),
        ),
        (
            "my = lib.mkOption { type = lib.types.nullOr (SUB); default = { }; };",
            "my = null;",
            Some(true),
        ),
        (
            "my = lib.mkOption { type = lib.types.nullOr (SUB); default = null; };",
            "my = lib.mkIf (builtins.currentTime == 1) { };",
            None,
        ),
    ] {
        let option = option.replace("SUB", sub);
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, ... }}: {{ options = {{ {option} }}; config = {{ {set} }}; }})
               ({{ config, lib, pkgs, ... }}: {{ environment.systemPackages =
                 if config.my == null then [ pkgs.none ] else [ pkgs.some ]; }}) ]; }}; }}"
        );
        let told = match is_null {
            Some(true) => " 0<nixpkgs:none",
            Some(false) => " 0<nixpkgs:some",
            None => " 0<nixpkgs:none? 0<nixpkgs:some?",
        };
        let told = format!("nixosConfigurations.a: nixpkgs{told}");
        hold(&[("nixpkgs", &flake, &[&told])]);
    }
}

/// What is made of items that are there on a condition depends on it, too.
#[test]
fn what_is_made_of_chosen_items_is_conditional() {
    let (chosen, p) = ("(builtins.filter (n: x) [ \"a\" ])", "pkgs");
    for list in [
        format!("map (n: {p}.${{n}}) {chosen}"),
        format!("map (_: {p}.a) {chosen}"),
        format!("lib.concatMap (_: [ {p}.a ]) {chosen}"),
        format!("lib.attrVals {chosen} {p}"),
        format!("map (n: lib.getAttr n {p}) {chosen}"),
        format!("lib.flatten (map (n: [ {p}.${{n}} ]) {chosen})"),
        format!("builtins.foldl' (a: n: a ++ [ {p}.${{n}} ]) [ ] {chosen}"),
        format!("(lib.partition (n: x) [ {p}.a ]).right"),
        format!("builtins.attrValues (lib.genAttrs {chosen} (n: {p}.${{n}}))"),
        format!("builtins.filter (n: x) [ {p}.a ]"),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: let x = builtins.getEnv \"X\" == \"1\"; inherit (nixpkgs) lib;
                   pkgs = import nixpkgs {{ system = \"x86_64-linux\"; }};
                 in {{ devShells.x86_64-linux.s = pkgs.mkShell {{ packages = {list}; }}; }}"
            ),
        );
        assert_eq!(read.told(), ["devShells.x86_64-linux.s: nixpkgs 0<nixpkgs:a?"], "{list}");
    }
}

/// Platforms of a package set are one, unless it builds for another one.
#[test]
fn platforms_are_compared() {
    for (cross, taken) in [("", true), ("crossSystem = \"aarch64-linux\";", false)] {
        let read = read_outputs(
            "nixpkgs dep",
            &format!(
                "{{ nixpkgs, dep, ... }}: let pkgs = import nixpkgs {{ system = \"x86_64-linux\"; {cross} }}; in {{
                   devShells.x.default = pkgs.mkShell {{ packages = pkgs.lib.optional
                     (pkgs.stdenv.buildPlatform == pkgs.stdenv.hostPlatform) dep.packages.x86_64-linux.a; }}; }}"
            ),
        );
        let told = read.told().join("\n");
        assert_eq!(told.ends_with("dep.packages.x86_64-linux.a"), taken, "{told}");
        assert_eq!(told.ends_with("dep.packages.x86_64-linux.a?"), !taken, "{told}");
    }
}
