//! Functions of the library whose result is more than their arguments.

use super::*;

/// The settings of a host that has this module.
fn settings(module: &str) -> String {
    let flake = format!(
        "{{ nixpkgs, ... }}: let lib = nixpkgs.lib;
           of = cuda: {{ nixpkgs.config.cudaSupport = cuda; }};
         in {{ nixosConfigurations.a = lib.nixosSystem {{ modules = [ ({module}) ]; }}; }}"
    );
    let told = read_outputs("nixpkgs", &flake).told();
    let [one] = told.as_slice() else { panic!("{module}: {told:?}") };
    one.strip_prefix("nixosConfigurations.a: nixpkgs").unwrap_or(one).to_owned()
}

const ON: &str = "[cudaSupport]";

#[test]
fn arguments_that_are_overridden() {
    const BASE: &str = "lib.makeOverridable ({ gpu }: { module = of gpu; })";
    for (module, told) in [
        (format!("({BASE} {{ gpu = true; }}).module"), ON),
        (format!("({BASE} {{ gpu = false; }}).module"), ""),
        (format!("(({BASE} {{ gpu = false; }}).override {{ gpu = true; }}).module"), ON),
        (format!("(({BASE} {{ gpu = true; }}).override {{ gpu = false; }}).module"), ""),
        (format!("(({BASE} {{ gpu = false; }}).override (old: {{ gpu = !old.gpu; }})).module"), ON),
        (
            format!(
                "((({BASE} {{ gpu = true; }}).override {{ gpu = false; }}).override
                   {{ gpu = true; }}).module"
            ),
            ON,
        ),
    ] {
        assert_eq!(settings(&module), told, "{module}");
    }
}

/// What refers to the set gets the extended one.
#[test]
fn extensible_sets() {
    const BASE: &str = "lib.makeExtensible (self: { cuda = false; module = of self.cuda; })";
    for (module, told) in [
        (format!("({BASE}).module"), ""),
        (format!("(({BASE}).extend (final: prev: {{ cuda = true; }})).module"), ON),
        (format!("(({BASE}).extend (final: prev: {{ module = of (!prev.cuda); }})).module"), ON),
        (
            format!(
                "((({BASE}).extend (final: prev: {{ on = true; }})).extend
                   (final: prev: {{ cuda = final.on; }})).module"
            ),
            ON,
        ),
        (
            "((lib.makeExtensibleWithCustomName \"more\" (self: { cuda = false;
               module = of self.cuda; })).more (final: prev: { cuda = true; })).module"
                .into(),
            ON,
        ),
    ] {
        assert_eq!(settings(&module), told, "{module}");
    }
}

/// What extends a library may be given the result, before that is there.
#[test]
fn libraries_that_are_extended_by_functions_of_themselves() {
    for overlay in [
        "final: prev: import ./lib { lib = final; }",
        "final: prev: import ./lib { lib = prev; }",
        "final: _: let lib = final; in import ./lib { inherit lib; }",
        "final: prev: { mine = import ./lib { lib = final; }; inherit (final.mine) mk; }",
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: let lib = nixpkgs.lib.extend ({overlay}); in {{
               nixosConfigurations.a = lib.mk [ {{ nixpkgs.config.cudaSupport = true; }} ]; }}; }}"
        );
        let made = "{ lib }: { mk = modules: lib.nixosSystem { inherit modules; }; }";
        let read = read_files("nixpkgs", &[("flake.nix", &flake), ("lib/default.nix", made)]);
        assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs[cudaSupport]"], "{overlay}");
    }
}

#[test]
fn values_that_are_updated_by_their_paths() {
    const PATH: &str = "path = [ \"nixpkgs\" \"config\" \"cudaSupport\" ];";
    for (updates, set, told) in [
        (format!("[ {{ {PATH} update = _: true; }} ]"), "(of false)", ON),
        (format!("[ {{ {PATH} update = _: true; }} ]"), "{ }", ON),
        (format!("[ {{ {PATH} update = old: !old; }} ]"), "(of true)", ""),
        ("[ { path = [ \"nixpkgs\" ]; update = _: { }; } ]".into(), "(of true)", ""),
        ("[ ]".into(), "(of true)", ON),
    ] {
        let module = format!("lib.updateManyAttrsByPath {updates} {set}");
        assert_eq!(settings(&module), told, "{module}");
    }
}

#[test]
fn closures() {
    let closure = |start: &str, operator: &str| {
        format!(
            "{{ imports = map (x: x.module) (builtins.genericClosure {{
               startSet = [ {start} ]; operator = {operator}; }}); }}"
        )
    };
    const FIRST: &str = "{ key = \"a\"; module = { }; }";
    for (start, operator, told) in [
        ("{ key = \"a\"; module = of true; }", "x: [ ]", ON),
        (FIRST, "x: if x.key == \"a\" then [ { key = \"b\"; module = of true; } ] else [ ]", ON),
        // An element of a key that was found before is left out.
        (FIRST, "x: [ { key = \"a\"; module = of true; } ]", ""),
        ("{ key = 1; module = { }; }", "x: [ { key = 2; module = of true; } ]", ON),
    ] {
        let module = closure(start, operator);
        assert_eq!(settings(&module), told, "{module}");
    }
}
