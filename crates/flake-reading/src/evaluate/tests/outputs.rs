//! What outputs take in, one by one.

use super::*;

#[test]
fn a_package_that_is_picked_has_no_builder() {
    let read = read_outputs(
        "nixpkgs",
        "{ nixpkgs, ... }:
         let pkgs = import nixpkgs { system = \"x\"; config.cudaSupport = true; };
         in { packages.x.default = pkgs.python3Packages.torch; }",
    );
    assert_eq!(read.told(), ["packages.x.default: <nixpkgs[cudaSupport]:python3Packages.torch!"]);
    assert_eq!(read.lines(), ["flake.nix:2 cudaSupport"]);
}

#[test]
fn hosts_are_apart() {
    let read = read_files(
        "nixpkgs dep",
        &[
            (
                "flake.nix",
                "{ outputs = { nixpkgs, dep, ... }: let h = gui: nixpkgs.lib.nixosSystem {
                   specialArgs = { inherit gui dep; }; modules = [ ./m.nix ]; };
                 in { nixosConfigurations = { a = h false; b = h true; }; }; }",
            ),
            (
                "m.nix",
                "{ lib, gui, dep, pkgs, ... }: lib.optionalAttrs gui {
                   nixpkgs.config.cudaSupport = true;
                   environment.systemPackages = [ dep.packages.x86_64-linux.default pkgs.hello ]; }",
            ),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.a: nixpkgs",
            "nixosConfigurations.b: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.default \
             0<nixpkgs[cudaSupport]:hello"
        ]
    );
}

#[test]
fn what_is_taken_of_a_dependency_is_what_counts() {
    let dep = "{ outputs = { self, nixpkgs }: { packages.x86_64-linux =
        let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
          tool = pkgs.hello;
          trainer = pkgs.python3.withPackages (ps: [ ps.torch ]); }; }; }";
    for (package, takes) in
        [("tool", "0<dep/nixpkgs:hello"), ("trainer", "0<dep/nixpkgs:python3.torch!")]
    {
        let root = format!(
            "{{ outputs = {{ nixpkgs, dep, ... }}: {{
               nixosConfigurations.desk = nixpkgs.lib.nixosSystem {{ modules = [ {{
                 nixpkgs.config.cudaSupport = true;
                 environment.systemPackages = [ dep.packages.x86_64-linux.{package} ]; }} ]; }}; }}; }}"
        );
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        let told = format!("nixosConfigurations.desk: nixpkgs[cudaSupport] {takes}");
        assert_eq!(read.told(), [told]);
    }
}

/// Values beside sets count too.
#[test]
fn outputs_beside_others() {
    hold(&[
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: { packages.x = dep.packages.x // {
               own = nixpkgs.legacyPackages.x.hello; }; }",
            &["packages.x: <dep.packages.x", "packages.x.own: <nixpkgs:hello"],
        ),
        (
            "nixpkgs my dep",
            "{ nixpkgs, my, dep, ... }: my.lib.outputs { tool = dep.packages.x.tool; } // {
               packages.x.own = nixpkgs.legacyPackages.x.hello; }",
            &[": <dep.packages.x.tool -- a function of `my`", "packages.x.own: <nixpkgs:hello"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages = builtins.mapAttrs (_: pkgs: { a = pkgs.a; })
               nixpkgs.legacyPackages // { x.b = nixpkgs.legacyPackages.x.b; }; }",
            &["packages: <nixpkgs:a", "packages.x.b: <nixpkgs:b"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { legacyPackages.x = nixpkgs.legacyPackages.x // { b =
               nixpkgs.legacyPackages.x.b; }; }",
            &["legacyPackages.x.b: <nixpkgs:b"],
        ),
    ]);
}

/// If everything is too expensive, hosts are read first: there may be hundreds of tools beside
/// them.
#[test]
fn hosts_have_their_share_beside_tools() {
    let root = "{ outputs = { nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x;
          names = builtins.genList (n: toString n) 400;
          # Each takes as many steps as there are names in all of its arguments.
          long = n: builtins.foldl' (all: m: all ++ builtins.map (x: \"${x}${m}${n}\") names) [ ] names;
        in {
          apps.x = builtins.listToAttrs (builtins.map (n: { name = \"a${n}\"; value = { type = \"app\";
            program = pkgs.writeShellScript n (toString (long n)); }; }) names);
          nixosConfigurations.z = nixpkgs.lib.nixosSystem { modules = [ ({ pkgs, ... }: {
            environment.systemPackages = [ pkgs.ollama ]; }) ]; }; }; }";
    let read = read_files("nixpkgs", &[("flake.nix", root)]);
    let told = read.told();
    let host = told.iter().find(|line| line.starts_with("nixosConfigurations.z"));
    assert_eq!(host.map(String::as_str), Some("nixosConfigurations.z: nixpkgs 0<nixpkgs:ollama!"));
    assert!(told.iter().any(|line| line.contains("too much")), "all was read");
}

#[test]
fn names_of_outputs_are_known_where_all_of_them_are() {
    for (outputs, known) in [
        ("{ nixpkgs, dep, ... }: { lib = 1; }", true),
        ("{ nixpkgs, dep, ... }: { lib = 1; } // { overlays = { }; }", true),
        ("{ nixpkgs, dep, ... }: { lib = 1; } // dep.lib.each (system: { packages = 1; })", false),
        ("{ nixpkgs, dep, ... }: dep.lib.each (system: { packages = 1; }) // { lib = 1; }", false),
        ("{ nixpkgs, dep, ... }: dep.lib.each (system: { packages = 1; })", false),
    ] {
        assert_eq!(read_outputs("nixpkgs dep", outputs).reading.exports.known, known, "{outputs}");
    }
}

/// What the modules of a flake itself take is seen, however dear those of its dependencies are, and in
/// whatever order they are listed.
#[test]
fn what_a_flake_takes_itself_is_seen_before_the_rest() {
    const HOSTS: usize = 100;
    let dear = "{ outputs = { nixpkgs, ... }: { nixosModules.default = { pkgs, ... }:
        let f = x: { a = f [ x ]; b = f { inherit x; }; c = f (y: x); d = pkgs.t; };
        in { environment.etc = f 1; }; }; }";
    let names: String = (0..HOSTS).map(|at| format!("\"h{at}\" ")).collect();
    let own = "({ pkgs, ... }: { environment.systemPackages = [ pkgs.own ]; })";
    for modules in
        [format!("dep.nixosModules.default {own}"), format!("{own} dep.nixosModules.default")]
    {
        let root = format!(
            "{{ outputs = {{ nixpkgs, dep, ... }}: {{ nixosConfigurations = nixpkgs.lib.genAttrs
               [ {names} ] (name: nixpkgs.lib.nixosSystem {{ modules = [ {modules} ]; }}); }}; }}"
        );
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dear)]),
        ]);
        let seen = read.told().iter().filter(|line| line.contains("0<nixpkgs:own")).count();
        assert_eq!((seen, read.reading.too_much.len()), (HOSTS, 1), "{modules}");
    }
}

/// A package of a dependency that is too expensive, to evaluate or in what it is made of, takes nothing
/// from what is beside it in a list, and is itself taken unread.
#[test]
fn an_expensive_package_leaves_the_rest_of_its_list() {
    let names: String = (0..900).map(|at| format!("\"n{at}\" ")).collect();
    let large: String = (0..9_000).map(|at| format!("m{at} = 1; ")).collect();
    let evaluated = format!(
        "builtins.foldl' (all: name: all // {{ ${{name}} = name; }})
           {{ dear = nixpkgs.legacyPackages.x.mkDerivation {{ }}; {large} }} [ {names} ]"
    );
    let made_of = format!(
        "let all = [ {names} ]; in {{ dear = nixpkgs.legacyPackages.x.mkDerivation {{
           env = map (a: map (b: {{ inherit a b; }}) all) all; }}; }}"
    );
    // A package that is not known to be one.
    let joined = format!(
        "let all = [ {names} ]; in {{ dear = (if builtins.currentTime == 1 then {{ }} else
           nixpkgs.legacyPackages.x.hello) // {{ env = map (a: map (b: {{ inherit a b; }}) all) all; }};
         }}"
    );
    for (packages, is_known) in [(evaluated, true), (made_of, true), (joined, false)] {
        let dep = format!("{{ outputs = {{ nixpkgs, ... }}: {{ packages.x = {packages}; }}; }}");
        for list in [
            "[ dep.packages.x.dear pkgs.own ]",
            "[ pkgs.own dep.packages.x.dear ]",
            "lib.mkMerge [ [ pkgs.own ] [ dep.packages.x.dear ] ]",
        ] {
            let root = format!(
                "{{ outputs = {{ nixpkgs, dep, ... }}: {{ nixosConfigurations.h =
                   nixpkgs.lib.nixosSystem {{ modules = [ ({{ lib, pkgs, ... }}: {{
                     environment.systemPackages = {list}; }}) ]; }}; }}; }}"
            );
            let read = read_world(&[
                flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
                flake("dep", "nixpkgs", &[("flake.nix", &dep)]),
            ]);
            let all = read.told().join("\n");
            assert!(all.contains("0<nixpkgs:own"), "{list}: {all}");
            assert!(!is_known || all.contains("<dep.packages.x"), "{list}: {all}");
            assert!(all.contains("too much"), "{all}");
        }
    }
}

/// A variant of a host is examined after the host, however expensive it is.
#[test]
fn a_specialisation_leaves_its_host() {
    let names: String = (0..900).map(|at| format!("\"n{at}\" ")).collect();
    let flake = format!(
        "{{ nixpkgs, ... }}: let all = [ {names} ]; in {{ nixosConfigurations.a =
           nixpkgs.lib.nixosSystem {{ modules = [
             ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.own ]; }})
             {{ specialisation.s.configuration.environment.etc =
                  map (a: map (b: {{ inherit a b; }}) all) all; }} ]; }}; }}"
    );
    let read = read_outputs("nixpkgs", &flake);
    let told = read.told().join("\n");
    assert!(told.contains("0<nixpkgs:own") && told.contains("too much"), "{told}");
}
