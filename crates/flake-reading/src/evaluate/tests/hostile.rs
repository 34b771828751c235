//! Code that would never end, or take too long: it ends after a number of steps.

use super::*;

fn ends(text: &str, most: u64) {
    let steps = read_outputs("nixpkgs", text).reading.steps;
    assert!(steps <= most, "{steps} steps: {}", text.get(..60).unwrap_or(text));
}

#[test]
fn what_refers_to_itself() {
    ends("_: let x = x; in { packages = x; }", 100);
    ends("_: let x = y; y = x; in { packages = x // y; }", 100);
    ends("_: let x = { a = x; }; in { packages = x; lib = x.a.a.a; }", 200);
    ends("_: rec { packages = packages // { a = packages; }; }", 100);
    ends("{ self, ... }: self // { packages = self.packages; }", 100);
    ends("_: (f: f f) (f: f f)", 100);
    ends("_: { packages = (f: (x: f (x x)) (x: f (x x))) (self: n: [ (self n) ]) 1; }", 5_000);
    ends("_: let f = x: f [ x ]; in { packages = f 1; }", 5_000);
    ends("_: let f = x: { a = f [ x ]; b = f { inherit x; }; }; in { packages = f 1; }", 200_000);
    ends(
        "_: let f = n: if n == 0 then 1 else f (n - 1) + f (n - 2); in { packages = f 9; }",
        5_000,
    );
    ends("_: let s = builtins.mapAttrs (_: v: s // v) s; in { packages = s; }", 500);
    ends("_: let s = { a = builtins.mapAttrs (_: v: s) s; }; in { packages = s; }", 1_000);
    // Options of options.
    for option in ["lib.mkOption o", "lib.mkOption { default = o; }", "lib.mkOption (o // { })"] {
        let text = format!(
            "{{ nixpkgs, ... }}: let lib = nixpkgs.lib; o = {option}; p = o // {{ a = o // o; }};
             in {{ packages.x.a = p; nixosConfigurations.a = lib.nixosSystem {{ modules = [
               {{ options.x = p; nixpkgs.config = {{ cudaSupport = o; rocmSupport = p; }}; }}
               ({{ config, ... }}: {{ nixpkgs.config.doCheckByDefault = config.x;
                 services.y.enable = config.x.default; }}) ]; }}; }}"
        );
        ends(&text, 5_000);
    }
}

#[test]
fn what_doubles() {
    let doubled = |start: &str, step: &str| {
        let steps: Vec<_> = (1..60).map(|at| format!("x{at} = {step} x{};", at - 1)).collect();
        format!(
            "_: let d = x: [ x x ]; c = x: x ++ x; e = x: if y then x else x // {{ a = x; }};
            t = x: \"${{x}}${{x}}\"; u = x: x // {{ b = x; }}; x0 = {start}; {}
            in {{ packages = x59; }}",
            steps.concat()
        )
    };
    for (start, step, most) in [
        ("1", "d", 1_000),
        ("{ }", "u", 5_000),
        ("{ }", "e", 10_000),
        ("\"a\"", "t", 10_000),
        ("[ 1 ]", "c", 1_500_100),
    ] {
        ends(&doubled(start, step), most);
    }
}

/// A loop that drops what is not certainly a derivation, as in flakes that sort their packages.
#[test]
fn what_is_joined_in_a_loop() {
    let packages: Vec<_> =
        (0..60).map(|at| format!("p{at} = pkgs.callPackage ./p.nix {{ }};")).collect();
    let text = format!(
        "{{ nixpkgs, ... }}:
         let
           pkgs = import nixpkgs {{ system = \"x86_64-linux\"; }};
           isPackage = p: p ? type && p.type == \"derivation\";
           flat = all:
             let step = done: name: let it = all.${{name}}; in done // (
               if it.recurseForDerivations or false then flat it
               else if isPackage it then {{ ${{name}} = it; }} else {{ }});
             in builtins.foldl' step {{ }} (builtins.attrNames all);
         in {{ packages.x86_64-linux = flat {{ {} }}; }}",
        packages.concat()
    );
    ends(&text, 100_000);
}

#[test]
fn what_is_long_or_deep() {
    ends(&format!("_: {{ packages = map (x: x) [ {} ]; }}", "1 ".repeat(100_000)), 400_000);
    ends(&format!("_: {{ packages = \"{}\"; }}", "a".repeat(1_000_000)), 100);
    let deep = format!("_: {{ packages = {} 1; }}", "with x; ".repeat(300));
    ends(&deep, 2_000);
    let deep = format!("_: {{ packages = {}1{}; }}", "(x: ".repeat(200), ")".repeat(200));
    ends(&deep, 2_000);
    let lets: Vec<_> = (1..3_000).map(|at| format!("x{at} = x{} // {{ }};", at - 1)).collect();
    ends(&format!("_: let x0 = {{ }}; {} in {{ packages = x2999; }}", lets.concat()), 20_000);
}

/// Chains that nest to the limit: `STACK` has to be enough for them.
#[test]
fn what_nests_as_deep_as_it_may() {
    let mut lazy = Vec::new();
    for link in [
        "(AT.a // { b = 1; })",
        "\"${AT.a}/x\"",
        "builtins.mapAttrs (_: v: v) AT.a",
        "map (x: x) (AT.a ++ [ ])",
        "builtins.foldl' (a: b: a // b) { } [ AT.a ]",
        "(({ a, ... }: a // { }) AT)",
        "nixpkgs.lib.recursiveUpdate { } AT.a",
        "nixpkgs.legacyPackages.x.callPackage ({ y }: y) { y = AT.a; }",
        "if AT.a == 1 then AT.a else { }",
    ] {
        let chain = (1..2_500).map(|at| {
            let link = link.replace("AT", &format!("x{}", at - 1));
            format!("x{at} = {{ a = {link}; }};")
        });
        let chain: String = chain.collect();
        let text = format!(
            "{{ nixpkgs, ... }}: let x0 = {{ a = {{ }}; }}; {chain} in {{ packages = x2499.a; }}"
        );
        let read = read_outputs("nixpkgs", &text);
        lazy.extend((!read.reading.cut_short).then_some(link));
    }
    assert!(lazy.is_empty(), "these do not nest: {lazy:?}");
    let module = |at: usize| {
        format!(
            "({{ nixpkgs.config = {{ }}; imports = [ ]; o{at} = 1; x = nixpkgs.lib.nixosSystem {{ modules = [ m{} ]; }}; }})",
            at - 1
        )
    };
    let chain: String = (1..1_000).map(|at| format!("m{at} = {};", module(at))).collect();
    let text = format!(
        "{{ nixpkgs, ... }}: let m0 = {{ }}; {chain} in {{ nixosConfigurations.a =
        nixpkgs.lib.nixosSystem {{ modules = [ m999 ]; }}; }}"
    );
    read_outputs("nixpkgs", &text);
}

#[test]
fn files_that_import_each_other() {
    let mut files: Vec<(String, String)> = (0..1_000)
        .map(|at| {
            let next = (at + 1) % 1_000;
            (
                format!("f{at}.nix"),
                format!("{{ imports = [ ./f{next}.nix ]; x = import ./f{next}.nix; }}"),
            )
        })
        .collect();
    let flake = "{ outputs = { nixpkgs, ... }: { packages = import ./f0.nix;
        nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ./f0.nix ]; }; }; }";
    files.push(("flake.nix".into(), flake.into()));
    files.push(("y.nix".into(), "import ./y.nix".into()));
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let read = read_files("nixpkgs", &files);
    assert_eq!(read.reading.files.len(), 1_001);
    assert!(read.reading.steps < 30_000, "{}", read.reading.steps);
}

#[test]
fn files_that_are_one_function_after_the_other() {
    let mut files: Vec<(String, String)> = (0..1_000)
        .map(|at| (format!("f{at}.nix"), format!("import ./f{}.nix", (at + 1) % 1_000)))
        .collect();
    files.push(("flake.nix".into(), "{ outputs = _: { packages = import ./f0.nix; }; }".into()));
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let read = read_files("", &files);
    assert!(read.reading.steps < 30_000, "{}", read.reading.steps);
}

#[test]
fn options_that_are_each_other() {
    let module = "({ config, lib, ... }: { a = config.b; b = config.a; c = config.c // { };
        d.e = config.d; nixpkgs.config = config.a; f = config.f.f; })";
    ends(
        &format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
        modules = [ {module} ]; }}; }}"
        ),
        2_000,
    );
}

#[test]
fn modules_that_are_updated_and_not_read() {
    for module in [
        "inputs.dep.nixosModules.a // inputs.dep.nixosModules.b",
        "(x: x) // (x: x)",
        "_: inputs.dep.nixosModules.a // (_: { })",
        "{ imports = [ (inputs.dep.nixosModules.a // inputs.dep.nixosModules.b) ]; }",
    ] {
        let host = "inputs.nixpkgs.lib.nixosSystem";
        ends(
            &format!(
                "inputs: {{ nixosConfigurations.a = {host} {{ modules = [ ({module}) ]; }}; }}"
            ),
            2_000,
        );
    }
}

#[test]
fn modules_in_lists_of_lists_by_more_ways_than_can_be_counted() {
    let lists: Vec<_> =
        (1..40).map(|at| format!("l{at} = [ l{before} l{before} ];", before = at - 1)).collect();
    ends(
        &format!(
            "{{ nixpkgs, ... }}: let l0 = {{ x = 1; }}; {} in {{
             nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ l39 ]; }}; }}",
            lists.concat()
        ),
        2_000,
    );
}

/// As settings of programs are written: everything in a set, and everything in that.
const RENDERER: &str = r#"
    render = indent: value: let type = builtins.typeOf value; in
      if builtins.isAttrs value then
        if value ? inline then "{ ${lines "" value}; }"
        else "{\n${lines "${indent}  " value}\n${indent}}"
      else if builtins.isList value then toString (map (render indent) value)
      else if type == "string" then "\"${value}\"" else toString value;
    lines = indent: set: builtins.concatStringsSep "\n"
      (lib.mapAttrsToList (name: value: "${indent}${name} ${render indent value}") set);"#;

#[test]
fn packages_whose_parts_are_written_as_text() {
    let packages = "nixpkgs.legacyPackages.x86_64-linux";
    ends(
        &format!(
            "{{ nixpkgs, ... }}: let inherit (nixpkgs) lib; {RENDERER} in {{
             packages.x86_64-linux.a = {packages}.writeText \"a\"
               (render \"\" {{ a = {packages}.hello; b.c = {packages}.cowsay; }}); }}"
        ),
        10_000,
    );
}

#[test]
fn what_is_not_known_is_not_written_as_text_for_ever() {
    let packages = "nixpkgs.legacyPackages.x86_64-linux";
    for unknown in ["builtins.fromJSON (foo { })", "foo", "{ a = foo; b = foo.c; }"] {
        ends(
            &format!(
                "{{ nixpkgs, foo, ... }}: let inherit (nixpkgs) lib; {RENDERER} in {{
                 packages.x86_64-linux.a = {packages}.writeText \"a\"
                   (render \"\" ({unknown})); }}"
            ),
            2_000,
        );
    }
}

#[test]
fn lists_that_grow_on_conditions() {
    let items: String = (0..60).map(|at| format!("foo.a{at} ")).collect();
    ends(
        &format!(
            "{{ nixpkgs, foo, ... }}: {{ packages.x86_64-linux.a =
             nixpkgs.legacyPackages.x86_64-linux.mkShell {{ packages = builtins.foldl'
               (all: one: if builtins.elem one all then all else all ++ [ one ])
               [ ] [ {items} ]; }}; }}"
        ),
        5_000,
    );
}
