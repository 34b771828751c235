//! Configurations of many hosts, modules and options: what one of them costs takes nothing from
//! another.

use super::*;

/// Many hosts call the same functions of the flake, through others: that is no recursion.
#[test]
fn what_many_hosts_call_is_no_recursion() {
    const HOSTS: usize = 24;
    let names: String = (0..HOSTS).map(|at| format!("\"h{at:02}\" ")).collect();
    let through: String = (1..16).map(|at| format!("f{at} = x: f{} x; ", at - 1)).collect();
    let users: String = (0..250).map(|at| format!("\"u{at}\" ")).collect();
    let flake = format!(
        "{{ nixpkgs, ... }}: let f0 = x: {{ packages = [ x ]; }}; {through} in {{
           nixosConfigurations = nixpkgs.lib.genAttrs [ {names} ] (host: nixpkgs.lib.nixosSystem {{
             modules = [ ({{ pkgs, lib, ... }}: {{
               users.users = lib.genAttrs [ {users} ] (user: f15 pkgs.\"${{user}}-${{host}}\"); }}) ];
           }}); }}"
    );
    let read = read_outputs("nixpkgs", &flake);
    let told = read.told();
    assert_eq!(told.len(), HOSTS);
    for line in told {
        assert_eq!(
            (line.matches("<nixpkgs:u").count(), line.contains("unread")),
            (250, false),
            "{line}"
        );
    }
}

/// A function that calls itself without end is known to do so in all outputs.
#[test]
fn a_recursion_without_end_is_found_once() {
    let outputs: String = (0..40).map(|at| format!("p{at} = f {at}; ")).collect();
    let flake = format!(
        "_: let f = x: {{ a = f [ x ]; b = f {{ inherit x; }}; }}; in {{ packages.x = {{ {outputs} }}; }}"
    );
    let steps = read_outputs("nixpkgs", &flake).reading.steps;
    assert!(steps < 1_000_000, "{steps} steps");
}

/// An option that modules declare, and read, is examined after what takes packages: it may be as
/// large as it likes.
#[test]
fn what_takes_packages_comes_before_options_of_modules() {
    let names: String = (0..900).map(|at| format!("\"n{at}\" ")).collect();
    for order in [["data", "packages"], ["packages", "data"]] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let
               all = [ {names} ];
               data = {{ theme.colors = map (a: map (b: {{ inherit a b; }}) all) all; }};
               packages = {{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.own ]; }};
               declared = {{ lib, ... }}: {{ options.theme.colors = lib.mkOption {{ }}; }};
             in {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
               modules = [ declared {} ]; }}; }}",
            order.join(" ")
        );
        let told = read_outputs("nixpkgs", &flake).told().join("\n");
        assert!(told.contains("0<nixpkgs:own") && told.contains("too much"), "{told}");
    }
}

/// What a dependency's package is made of may take many steps at once: another one is examined all
/// the same.
#[test]
fn an_expensive_part_of_a_package_leaves_the_others() {
    let names: String = (0..900).map(|at| format!("\"n{at}\" ")).collect();
    let large: String = (0..9_000).map(|at| format!("m{at} = 1; ")).collect();
    let dear = format!(
        "{{ outputs = {{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x; in {{
           packages.x.dear = pkgs.mkDerivation {{ buildInputs = [ pkgs.hello ] ++ builtins.attrNames
             (builtins.foldl' (all: name: all // {{ ${{name}} = name; }}) {{ {large} }} [ {names} ]); }};
           packages.x.small = pkgs.mkDerivation {{ buildInputs = [ pkgs.ollama ]; }}; }}; }}"
    );
    for list in
        ["dep.packages.x.dear dep.packages.x.small", "dep.packages.x.small dep.packages.x.dear"]
    {
        let root = format!(
            "{{ outputs = {{ nixpkgs, dep, ... }}: {{ nixosConfigurations.h = nixpkgs.lib.nixosSystem
               {{ modules = [ {{ environment.systemPackages = [ {list} ]; }} ]; }}; }}; }}"
        );
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", &dear)]),
        ]);
        let told = read.told().join("\n");
        assert!(told.contains("ollama") && told.contains("too much"), "{list}: {told}");
    }
}

/// Options are found in many modules, by whatever names these write.
#[test]
fn options_in_many_modules() {
    let declared: String = (0..30)
        .map(|at| format!("{{ lib, ... }}: {{ options.my.m{at}.on = lib.mkOption {{ default = false; }}; }})\n("))
        .collect();
    for (sets, is_on) in [
        ("{ my.m7.on = true; }", true),
        ("{ my.m7 = { on = true; }; }", true),
        ("{ my = let on = true; in { m7 = { inherit on; }; }; }", true),
        ("{ my = rec { m6.on = m7.on; m7.on = true; }; }", true),
        ("{ lib, ... }: { my = lib.mkIf true { m7.on = true; }; }", true),
        ("{ lib, ... }: { my.m7 = lib.mkMerge [ { on = true; } ]; }", true),
        ("{ my.${\"m7\"}.on = true; }", true),
        ("{ my = { m7 = { }; } // { m7.on = true; }; }", true),
        ("{ my = with { on = true; }; { m7 = { inherit on; }; }; }", true),
        ("{ my.m8.on = true; }", false),
        ("{ my.m7 = { }; }", false),
    ] {
        let others: String =
            (0..30).filter(|at| *at != 7).map(|at| format!("{{ my.m{at}.on = true; }} ")).collect();
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({declared}{{ }}) {others} ({sets}) ({{ config, pkgs, lib, ... }}: {{
                 environment.systemPackages = lib.optional config.my.m7.on pkgs.seen; }}) ]; }}; }}"
        );
        let told = read_outputs("nixpkgs", &flake).told().join("\n");
        assert_eq!(told.contains("0<nixpkgs:seen"), is_on, "{sets}: {told}");
        assert!(!told.contains('?'), "{sets}: {told}");
    }
}

/// Texts may be more work than there is a budget for: what is taken beside them is seen, and the small
/// flake that it comes from is looked into.
#[test]
fn expensive_texts_leave_the_packages_beside_them() {
    for set in [
        "environment.etc = lib.genAttrs names (name: { text = long name; });",
        "systemd.services = lib.genAttrs names (name: { script = long name; });",
        "environment.variables = lib.genAttrs names long;",
    ] {
        let root = format!(
            "{{ outputs = {{ nixpkgs, dep, ... }}: {{ nixosConfigurations.h = nixpkgs.lib.nixosSystem
               {{ modules = [ ({{ lib, ... }}: let
                   names = map (at: \"n${{toString at}}\") (lib.range 1 2000);
                   long = name: lib.concatMapStrings (at: \"${{name}}${{toString at}}\") (lib.range 1 4000);
                 in {{ {set} environment.systemPackages = [ dep.packages.x.small ]; }}) ]; }}; }}; }}"
        );
        let dep = "{ outputs = { nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x; in {
            packages.x.small = pkgs.mkDerivation { buildInputs = [ pkgs.ollama ]; }; }; }";
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        let told = read.told().join("\n");
        assert!(told.contains("ollama") && told.contains("too much"), "{set}: {told}");
    }
}
