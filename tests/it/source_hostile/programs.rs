//! Programs that run forever in Nix, or nearly, and that grow.

use super::*;

/// Repeats a pattern: each line uses the one before as `AT`, and defines the next as `TO`.
fn grown(times: usize, first: &str, next: &str) -> String {
    let bindings: String = (0..times)
        .map(|at| {
            let next = next.replace("AT", &format!("a{at}")).replace("TO", &(at + 1).to_string());
            format!("a{} = {next}; ", at + 1)
        })
        .collect();
    format!("let f = x: y: {{ inherit x y; }}; a0 = {first}; {bindings}in a{times}")
}

/// A program ends: as what the root imports, as what a dependency does, and as all that they do.
fn assert_ends(name: &str, text: &str) {
    let flake = FlakeFolder::new();
    flake.file("other.nix", text).dep_file("other.nix", text);
    let told = flake.audit(name);
    assert_holds(name, &told, ROOT_FINDING);
    // If it was too much, that is reported once.
    assert_eq!(told.warnings.len(), usize::from(told.cut_short), "{name}: {told:#?}");
    let flake = FlakeFolder::new();
    let outputs = format!("{{ outputs = i: ({text}\n) i; }}");
    flake.file("flake.nix", &outputs).dep_file("flake.nix", &outputs);
    flake.audit(name);
}

/// Programs that run forever in Nix, or nearly.
#[test]
fn programs_without_end() {
    let chain: String = (0..5_000).map(|at| format!("a{at} = a{}; ", at + 1)).collect();
    let overlay = "(final: prev: { a = prev.a // final.a; b = final.c; c = final.b; }) ";
    let wide: String =
        (0..3_000).map(|at| format!("p{at} = final.p{}; ", (at + 1) % 3_000)).collect();
    for (name, text) in [
        ("itself", "let a = a; in a"),
        ("two", "let a = b; b = a; in a"),
        ("functions", "let f = x: g x; g = x: f x; in f"),
        ("growing functions", "let f = x: g { inherit x; }; g = x: f [ x ]; in f 1"),
        ("omega", "(x: x x) (x: x x)"),
        ("growing omega", "(x: [ (x x) (x x) ]) (x: [ (x x) (x x) ])"),
        (
            "Y",
            "let y = f: (x: f (x x)) (x: f (x x)); in y (self: n: { a = self (n + 1); b = self n; })",
        ),
        ("fix", "i: i.nixpkgs.lib.fix (self: { a = self; b = self // { c = self.b; }; })"),
        ("rec", "rec { a = { inherit a b; }; b = { inherit a b; }; c = a // b // c; }"),
        ("with", "let s = { inherit s; t = with s; t; }; in with s; with t; t"),
        ("mapAttrs", "let s = builtins.mapAttrs (n: v: s) s; in s"),
        (
            "mapAttrs of all",
            "i: let m = i.nixpkgs.lib.mapAttrs; s = m (n: v: m (m: w: s) s) ({ a = 1; b = 2; } // s); in s",
        ),
        (
            "genList",
            "i: builtins.genList (x: builtins.genList (y: i.nixpkgs.legacyPackages.x) 1000000000) 1000000000",
        ),
        (
            "foldl",
            "i: i.nixpkgs.lib.foldl' (a: b: a // b // { x = a; }) { } (i.nixpkgs.lib.range 1 1000000)",
        ),
        (
            "genericClosure",
            "builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: [ { key = x.key + 1; } ]; }",
        ),
        (
            "an overlay of itself",
            "i: let p = import i.nixpkgs { overlays = [ (f: q: p) (f: q: p.extend (g: h: p)) ]; config = p.config; }; in p",
        ),
        (
            "instances of instances",
            "i: let f = n: p: import p.path { config.cudaSupport = true; overlays = [ (x: y: f [ n ] x) ]; }; in f 1 i.nixpkgs.legacyPackages.x",
        ),
        (
            "modules of themselves",
            "i: let m = { imports = [ m (a: m) { imports = [ m ]; } ]; nixpkgs.config = m; }; in i.nixpkgs.lib.nixosSystem { modules = [ m ]; specialArgs = { inherit m i; }; }",
        ),
        (
            "modules of modules",
            "i: let m = n: { imports = [ (m [ n ]) (m { a = n; }) ]; }; in i.nixpkgs.lib.nixosSystem { modules = [ (m 1) ]; }",
        ),
        ("arguments", "{ a ? b, b ? a, c ? { inherit a b c; }, ... }@d: d // c // { x = d; }"),
        (
            "the flake itself",
            "i: i.self // { a = i.self.packages.x86_64-linux.other; b = i.self.outputs.inputs.self.inputs; }",
        ),
        (
            "the inputs",
            "i: builtins.mapAttrs (n: v: v.inputs // v.outputs // i) (i // i.self.inputs)",
        ),
        ("calls", &grown(60, "1", "f AT AT")),
        ("sets", &grown(60, "{ }", "{ x = AT; y = AT; }")),
        ("updates", &grown(2_000, "{ }", "AT // { xTO = AT; }")),
        ("functions of functions", &("(".to_owned() + &"f: x: f (f x)) (".repeat(30) + "x: x)")),
        ("choices", &grown(200, "x: x", "x: if f.c then AT [ x ] else AT { y = x; }")),
        ("mapped lists", &grown(60, "[ 1 ]", "builtins.concatMap (x: [ x x ]) AT")),
        ("a chain of names", &format!("let {chain} a5000 = 1; in a0")),
        ("a chain of functions", &grown(5_000, "x: x", "x: AT (x + 1)")),
        ("a chain of updates", &format!("let a = {{ }}; in {}a", "a // ".repeat(480))),
        ("overlays", &format!("i: import i.nixpkgs {{ overlays = [ {} ]; }}", overlay.repeat(500))),
        (
            "an overlay of many",
            &format!("i: import i.nixpkgs {{ overlays = [ (final: prev: {{ {wide} }}) ]; }}"),
        ),
        (
            "many instances",
            &format!(
                "i: map (n: import i.nixpkgs {{ config.cudaSupport = true; overlays = [ (f: p: n) ]; }}) [ {} ]",
                "1 ".repeat(20_000)
            ),
        ),
    ] {
        assert_ends(name, text);
    }
}

/// Data that doubles in size at every step: memory is bounded like steps.
#[test]
fn programs_that_grow() {
    for (name, text) in [
        ("lists", grown(60, "[ 1 ]", "AT ++ AT")),
        ("texts", grown(60, "\"abc\"", "\"${AT}${AT}\"")),
        ("lists of lists", grown(60, "[ 1 ]", "builtins.concatLists [ AT AT ]")),
        ("flat lists", format!("i: {}", grown(60, "[ 1 ]", "i.nixpkgs.lib.flatten [ AT [ AT ] ]"))),
        ("lists of both branches", grown(60, "[ 1 ]", "if f.c then AT ++ [ AT ] else AT ++ AT")),
        (
            "folded lists",
            format!("i: i.nixpkgs.lib.foldl' (a: b: a ++ a) [ 1 ] [ {} ]", "1 ".repeat(64)),
        ),
        (
            "names",
            format!(
                "i: {}",
                grown(
                    60,
                    "{ x = 1; }",
                    "i.nixpkgs.lib.mapAttrs' (n: v: { name = \"${n}${n}\"; value = AT; }) AT"
                )
            ),
        ),
        (
            "merged sets",
            format!(
                "i: {}",
                grown(
                    500,
                    "{ x = { }; }",
                    "i.nixpkgs.lib.recursiveUpdate AT { x.yTO = AT; z = AT; }"
                )
            ),
        ),
    ] {
        assert_ends(name, &text);
    }
}
