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

/// What a set could be made of again is not taken by it.
#[test]
fn what_is_not_made_again_is_not_taken() {
    for made in [
        "lib.makeOverridable ({ tool }: { a = pkgs.a; }) { tool = other.torch; }",
        "lib.makeOverridable ({ tool ? other.torch, is ? false }: { a = if is then tool else pkgs.a; }) { }",
        "lib.makeExtensible (self: { a = pkgs.a; })",
    ] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: let lib = nixpkgs.lib;
               pkgs = nixpkgs.legacyPackages.x; other = nixpkgs-old.legacyPackages.x;
             in {{ packages.x.all = pkgs.mkShell {{ tools = {made}; }}; }}"
        );
        hold(&[("nixpkgs nixpkgs-old", &flake, &["packages.x.all: nixpkgs 0<nixpkgs:a"])]);
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

/// The order of a list, and what is twice in it, where the test can be decided.
#[test]
fn lists_in_order() {
    const VARIANTS: &str = "[ { on = false; at = 1; } { on = true; at = 2; } ]";
    for (cuda, told) in [
        ("builtins.head (builtins.sort builtins.lessThan [ \"b\" \"a\" ]) == \"a\"", ON),
        ("lib.last (builtins.sort builtins.lessThan [ \"b\" \"a\" ]) == \"a\"", ""),
        ("(builtins.head (lib.sort (a: b: a.at > b.at) VARIANTS)).on", ON),
        ("(builtins.head (lib.sort (a: b: a.at < b.at) VARIANTS)).on", ""),
        ("(builtins.head (lib.sortOn (a: 0 - a.at) VARIANTS)).on", ON),
        ("lib.naturalSort [ \"v12\" \"v9\" ] == [ \"v9\" \"v12\" ]", ON),
        ("lib.length (lib.unique [ \"a\" \"b\" \"a\" ]) == 2", ON),
        ("lib.unique [ 1 2 1 ] == [ 1 2 ]", ON),
        ("\"a\" < \"b\" && \"B\" < \"a\" && !(\"b\" <= \"a\")", ON),
        ("lib.sublist 1 2 [ 1 2 3 4 ] == [ 2 3 ]", ON),
        ("lib.takeEnd 1 [ 1 2 ] == [ 2 ] && lib.dropEnd 1 [ 1 2 ] == [ 1 ]", ON),
        ("lib.take 9 [ 1 2 ] == lib.drop 0 [ 1 2 ]", ON),
        ("lib.remove 1 [ 1 2 1 ] == [ 2 ]", ON),
        (
            "lib.subtractLists [ 1 ] [ 1 2 ] == [ 2 ] && lib.intersectLists [ 1 ] [ 1 2 ] == [ 1 ]",
            ON,
        ),
        ("lib.replicate 2 1 == [ 1 1 ]", ON),
        // A test that gives no order ends, too.
        ("lib.length (builtins.sort (a: b: true) [ 1 2 3 ]) == 3", ON),
    ] {
        let cuda = cuda.replace("VARIANTS", VARIANTS);
        assert_eq!(settings(&format!("of ({cuda})")), told, "{cuda}");
    }
    let unknown = "lib.length (lib.unique [ (if builtins.currentTime == 1 then 1 else 2) 1 ]) == 2";
    assert_eq!(settings(&format!("of ({unknown})")), "[cudaSupport?]");
    // It is one of two.
    let unknown =
        "builtins.head (lib.unique [ 1 (if builtins.currentTime == 1 then 1 else 2) ]) == 1";
    assert_eq!(settings(&format!("of ({unknown})")), ON);
    // What is sorted by something unknown may begin with anything.
    for (first, told) in [
        ("lib.sort (a: b: a == builtins.currentTime) [ 1 2 ]", "[cudaSupport?]"),
        ("lib.sort (a: b: a == builtins.currentTime) [ 1 ]", ON),
        ("lib.remove builtins.currentTime [ 2 1 ]", "[cudaSupport?]"),
        ("[ 1 ] ++ lib.optional (builtins.currentTime == 1) 2", ON),
        ("lib.optional (builtins.currentTime == 1) 2 ++ [ 1 ]", "[cudaSupport?]"),
        ("lib.filter (a: a == 1 || a == builtins.currentTime) [ 1 2 ]", ON),
        ("if builtins.currentTime == 1 then [ 1 2 ] else [ 2 1 ]", "[cudaSupport?]"),
    ] {
        let cuda = format!("builtins.head ({first}) == 1");
        assert_eq!(settings(&format!("of ({cuda})")), told, "{cuda}");
    }
}

#[test]
fn numbers() {
    for (cuda, told) in [
        ("lib.toInt \"12\" == 12 && lib.toInt \"-3\" < 0", ON),
        ("lib.toInt \"012\" == 12", "[cudaSupport?]"),
        ("lib.toIntBase10 \"012\" == 12", ON),
        ("lib.mod 7 2 == 1 && builtins.div 7 2 == 3", ON),
        ("lib.mod 7 0 == 1", "[cudaSupport?]"),
        ("builtins.bitAnd 6 3 == 2 && builtins.bitOr 4 1 == 5 && builtins.bitXor 3 1 == 2", ON),
        ("lib.max 1 2 == 2 && builtins.mul 2 3 == 6 && builtins.sub 2 3 < 0", ON),
        ("lib.count (x: x > 1) [ 1 2 3 ] == 2", ON),
        ("lib.count (x: x == builtins.currentTime) [ 1 2 3 ] == 2", "[cudaSupport?]"),
        ("builtins.length [ 1 2 ] == 2 && builtins.stringLength \"ab\" == 2", ON),
        ("lib.compare 1 2 == -1", ON),
    ] {
        assert_eq!(settings(&format!("of ({cuda})")), told, "{cuda}");
    }
}

#[test]
fn texts_made_of_others() {
    for (cuda, told) in [
        ("lib.boolToString true == \"true\" && lib.boolToYesNo false == \"no\"", ON),
        ("lib.trim \" a b\n\" == \"a b\"", ON),
        ("builtins.head (lib.stringToCharacters \"abc\") == \"a\"", ON),
        ("lib.length (lib.stringToCharacters \"\") == 0", ON),
        ("lib.replaceString \"-\" \"_\" \"x86-64\" == \"x86_64\"", ON),
        ("lib.join \"-\" [ \"a\" \"b\" ] == \"a-b\"", ON),
        ("lib.concatLines [ \"a\" \"b\" ] == \"a\\nb\\n\"", ON),
        ("toString null == \"\" && toString false == \"\" && toString true == \"1\"", ON),
        ("builtins.unsafeDiscardStringContext \"a\" == \"a\"", ON),
        ("lib.mapNullable (x: x + 1) null == null && lib.mapNullable (x: x + 1) 1 == 2", ON),
        ("{ a = 1; b = [ 2 ]; } == { b = [ 2 ]; a = 1; } && { a = 1; } != { a = 2; }", ON),
        ("{ a = 1; } == { b = 1; }", ""),
        ("{ a = builtins.currentTime; } == { a = 1; }", "[cudaSupport?]"),
    ] {
        assert_eq!(settings(&format!("of ({cuda})")), told, "{cuda}");
    }
}

#[test]
fn texts_that_are_joined() {
    for (cuda, told) in [
        ("lib.concatStrings [ \"a\" \"b\" ] == \"ab\"", ON),
        ("lib.concatStringsSep \"-\" [ \"a\" \"b\" ] == \"a-b\"", ON),
        ("lib.concatMapStrings (x: x + \"1\") [ \"a\" \"b\" ] == \"a1b1\"", ON),
        ("lib.concatMapStringsSep \".\" (x: x + \"1\") [ \"a\" \"b\" ] == \"a1.b1\"", ON),
        (
            "lib.concatStrings (lib.optional (builtins.currentTime == 1) \"a\") == \"a\"",
            "[cudaSupport?]",
        ),
    ] {
        assert_eq!(settings(&format!("of ({cuda})")), told, "{cuda}");
    }
    // Of some megabytes nothing is made.
    let long = "lib.stringLength (lib.concatStringsSep \"\" (builtins.genList
        (_: lib.concatStrings (builtins.genList (_: \"0123456789\") 5000)) 5000)) == 1";
    assert_eq!(settings(&format!("of ({long})")), "[cudaSupport?]");
}

#[test]
fn versions() {
    for (cuda, told) in [
        ("lib.versionAtLeast \"12.10\" \"12.8\"", ON),
        ("lib.versionOlder \"12.10\" \"12.8\"", ""),
        ("builtins.compareVersions \"2.3pre1\" \"2.3\" == -1", ON),
        ("lib.versions.major \"12.8.1\" == \"12\"", ON),
        ("lib.versions.majorMinor \"12.8.1\" == \"12.8\"", ON),
        ("lib.versions.pad 3 \"12.8-x\" == \"12.8.0-x\"", ON),
        ("lib.concatStrings (lib.splitVersion \"12.8\") == \"128\"", ON),
    ] {
        assert_eq!(settings(&format!("of ({cuda})")), told, "{cuda}");
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

/// Packages in lists: which of them are the same.
#[test]
fn packages_that_are_removed() {
    for (packages, told) in [
        ("lib.remove pkgs.a [ pkgs.a pkgs.b ]", "0<nixpkgs:b"),
        ("lib.subtractLists [ mine ] [ mine pkgs.b ]", "0<nixpkgs:b"),
        ("lib.subtractLists [ other.c ] [ pkgs.b ]", "0<nixpkgs:b"),
        ("lib.subtractLists [ other.b ] [ pkgs.b ]", "0<nixpkgs:b?"),
        ("lib.intersectLists [ pkgs.b ] [ mine pkgs.b ]", "0<nixpkgs:b"),
        ("lib.remove (pkgs.callPackage ./x { }) [ pkgs.b ]", "0<nixpkgs:b"),
        ("lib.takeEnd 1 [ pkgs.a pkgs.b ]", "0<nixpkgs:b"),
        ("lib.overrideExisting { b = pkgs.a; } { a = pkgs.a; b = pkgs.b; }", "0<nixpkgs:b"),
        ("lib.findFirst (p: lib.getName p == \"b\") null [ pkgs.b ]", "0<nixpkgs:b?"),
        ("lib.findFirst (p: true) null [ pkgs.b pkgs.a ]", "0<nixpkgs:b"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let lib = nixpkgs.lib; pkgs = nixpkgs.legacyPackages.x; other = import nixpkgs {{ config.a = 1; }};
               mine = pkgs.python3.withPackages (ps: [ ps.torch ]);
             in {{ packages.x.all = pkgs.mkShell {{ tools = {packages}; }}; }}"
        );
        let told = format!("packages.x.all: nixpkgs {told}");
        hold(&[("nixpkgs", &flake, &[told.as_str()])]);
    }
}

/// Texts keep the packages that they are made of, but for those that are told to forget them.
#[test]
fn packages_in_texts() {
    for (text, told) in [
        ("lib.escapeXML \"${pkgs.a}\"", " 0<nixpkgs:a"),
        ("lib.trim \"${pkgs.a}\"", " 0<nixpkgs:a"),
        ("builtins.substring 0 9 \"${pkgs.a}\"", " 0<nixpkgs:a"),
        ("lib.makeSearchPathOutput \"lib\" \"lib\" [ pkgs.a ]", " 0<nixpkgs:a"),
        ("lib.makeIncludePath [ pkgs.a ]", " 0<nixpkgs:a"),
        ("builtins.unsafeDiscardStringContext \"${pkgs.a}\"", ""),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let lib = nixpkgs.lib; pkgs = nixpkgs.legacyPackages.x;
             in {{ packages.x.all = pkgs.mkShell {{ text = {text}; }}; }}"
        );
        let told = format!("packages.x.all: nixpkgs{told}");
        hold(&[("nixpkgs", &flake, &[told.as_str()])]);
    }
}
