//! What is not understood is reported wherever it is, and nothing is reported if all is understood.

use super::*;

const NOT: &str = "an expression that is not understood";

/// Outputs of a flake that were read and not understood are treated as if its code were not there,
/// whatever way they are taken.
#[test]
fn what_a_dependency_offers() {
    let dep = "{ outputs = { nixpkgs, ... }: {
        packages = {
          x = { t = import ./missing.nix; a = nixpkgs.legacyPackages.x.hello; };
          y = import ./missing.nix;
          z = { a = nixpkgs.legacyPackages.x.hello; } // import ./missing.nix;
        };
        nixosModules.m = { services.s = import ./missing.nix; };
        nixosModules.n = import ./missing.nix; }; }";
    for (taken, told) in [
        ("{ inherit (dep.packages.x) t; }", "packages.x.t: <dep.packages.x.t"),
        ("{ inherit (dep.packages.x) a; }", "packages.x.a: <dep/nixpkgs:hello"),
        ("{ b = (with dep.packages.x; [ t ]); }", "packages.x.b: <dep.packages.x.t"),
        ("{ b = (with dep.packages.x; [ a ]); }", "packages.x.b: <dep/nixpkgs:hello"),
        ("{ b = builtins.getAttr \"t\" dep.packages.x; }", "packages.x.b: <dep.packages.x.t"),
        (
            "{ b = builtins.attrValues dep.packages.x; }",
            "packages.x.b: <dep.packages.x.t <dep/nixpkgs:hello",
        ),
        ("{ b = (dep.packages.x // { c = 1; }).t; }", "packages.x.b: <dep.packages.x.t"),
        // The system is not known there, or not all of its packages are.
        ("{ b = let inherit (dep.packages) y; in y.t; }", "packages.x.b: <dep.packages.y.t"),
        ("{ b = let inherit (dep.packages) z; in z.q; }", "packages.x.b: <dep.packages.z.q"),
        ("{ b = let inherit (dep.packages) z; in z.a; }", "packages.x.b: <dep/nixpkgs:hello"),
        // Neither is the kind of output.
        ("{ b = dep.${builtins.readFile ./k}.x.t; }", "packages.x.b: <dep.packages.x.t?"),
        // Nobody gets an output that certainly does not exist.
        (
            "{ b = let inherit (dep) checks; in checks.x.t; c = dep.packages.x.a; }",
            "packages.x.c: <dep/nixpkgs:hello",
        ),
    ] {
        let root = format!("{{ outputs = {{ nixpkgs, dep, ... }}: {{ packages.x = {taken}; }}; }}");
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        assert_eq!(read.told(), [told], "{taken}");
    }
    // A module that was read is no package, whatever part of it is not understood.
    for (module, told) in [
        ("m", "nixosConfigurations.a: nixpkgs"),
        ("n", "nixosConfigurations.a: nixpkgs -- a module of `dep`"),
    ] {
        let root = format!(
            "{{ outputs = {{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a =
               nixpkgs.lib.nixosSystem {{ modules = [ dep.nixosModules.{module} ]; }}; }}; }}"
        );
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        assert_eq!(read.told(), [told], "{module}");
    }
}

/// An input of unknown name may be any of them.
#[test]
fn inputs_by_names_that_are_not_known() {
    let more = "too many possibilities to tell apart";
    hold(&[
        (
            "nixpkgs dep",
            "inputs: { packages.x.a = inputs.${builtins.readFile ./n}.packages.x.t; }",
            &[&format!("packages.x.a: <dep.packages.x.t? -- {more}")],
        ),
        (
            "nixpkgs dep",
            "inputs: { packages.x.a = (builtins.getAttr (import ./n.nix) inputs).legacyPackages.x.t; }",
            &[&format!("packages.x.a: <dep.legacyPackages.x.t? <nixpkgs:t? -- {more}")],
        ),
        (
            "nixpkgs dep",
            "inputs: let name = \"dep\"; in { packages.x.a = inputs.${name}.packages.x.t; }",
            &["packages.x.a: <dep.packages.x.t"],
        ),
    ]);
}

/// A function is called in every context, up to a limit that is reported.
#[test]
fn functions_that_are_called_often() {
    let shell = |count: usize| {
        format!(
            "{{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x; in {{ devShells.x.a =
               pkgs.mkShell {{ packages = builtins.genList (n: p: p.\"x${{toString n}}\") {count}; }}; }}"
        )
    };
    let few = read_outputs("nixpkgs", &shell(60));
    assert_eq!(few.reading.outputs[0].uses.len(), 60);
    assert_eq!(few.reading.outputs[0].not_read, [""; 0]);
    let many = read_outputs("nixpkgs", &shell(300));
    assert_eq!(many.reading.outputs[0].uses.len(), 200);
    let told = "a function that is called too often, at flake.nix:2";
    assert_eq!(many.reading.outputs[0].not_read, [told]);
}

/// For lists beyond the limit of mapping it is reported that they are.
#[test]
fn lists_that_are_too_long() {
    let shell = |count: usize| {
        format!(
            "{{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x; in {{ devShells.x.a =
               pkgs.mkShell {{ packages = map (n: pkgs.a) ([ {} ]); }}; }}",
            "1 ".repeat(count)
        )
    };
    let read = |count| read_outputs("nixpkgs", &shell(count)).reading.outputs.remove(0).not_read;
    assert_eq!(read(4_900), [""; 0]);
    assert_eq!(read(5_100), ["it is too much to be looked at whole"]);
}

/// An output of which nothing is understood still counts.
#[test]
fn whole_outputs() {
    let not = |path: &str| format!("{path}: -- {NOT}, at flake.nix:1");
    let a = "packages.x.a: <nixpkgs:a";
    hold(&[
        ("nixpkgs", "_: { packages = import ./missing.nix; }", &[&not("packages")]),
        ("nixpkgs", "_: { devShells.x = import ./missing.nix; }", &[&not("devShells.x")]),
        ("nixpkgs", "_: import ./missing.nix", &[&format!(": -- {NOT}")]),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.x = { a = nixpkgs.legacyPackages.x.a; } // import ./no.nix; }",
            &[a, &not("packages.x")],
        ),
        (
            "nixpkgs",
            "_: { packages.x.a = builtins.fromJSON (builtins.readFile ./missing.json); }",
            &[&not("packages.x.a")],
        ),
        (
            "nixpkgs",
            "_: { packages.x.a = import (fetchTarball \"https://example.org/x.tar.gz\") { }; }",
            &["packages.x.a: -- a function that is not known: `import` at flake.nix:1"],
        ),
        (
            "nixpkgs",
            "_: { packages.x.a = (builtins.getFlake \"github:a/b\").packages.x.a; }",
            &["packages.x.a: -- a function that is not known: `builtins.getFlake` at flake.nix:1"],
        ),
        // A fetched nixpkgs is a nixpkgs, and other fetched sources are reported as not read.
        (
            "nixpkgs",
            "_: { packages.x.a = (import (fetchTarball
                \"https://github.com/NixOS/nixpkgs/archive/1.tar.gz\") { }).hello; }",
            &["packages.x.a: <-:hello"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.x.a = nixpkgs.legacyPackages.x.stdenv.mkDerivation {
                src = fetchTarball \"https://example.org/x.tar.gz\"; }; }",
            &["packages.x.a: nixpkgs"],
        ),
        // Nobody builds what is defined for others, or may be anything.
        ("nixpkgs", "_: { lib = import ./missing.nix; whatever = import ./missing.nix; }", &[]),
    ]);
}

/// Modules that are not understood, and set values that are not.
#[test]
fn modules_that_are_not_understood() {
    let module = "nixosConfigurations.a: nixpkgs -- a module that is not known";
    let not = format!("nixosConfigurations.a: nixpkgs -- {NOT}");
    let at = format!("{not}, at flake.nix:2");
    let my = "a function that is not known: `my` at flake.nix:1";
    let host = |args: &str| {
        format!(
            "{{ nixpkgs, ... }}: let my = import ./missing.nix; in {{ nixosConfigurations.a =
               nixpkgs.lib.nixosSystem {args}; }}"
        )
    };
    for (args, told) in [
        ("(import ./no.nix)", module),
        ("{ modules = import ./no.nix; }", module),
        ("{ modules = [ (import ./no.nix) ]; }", module),
        ("{ modules = [ { } ] ++ import ./no.nix; }", module),
        ("{ modules = [ { config = import ./no.nix; } ]; }", module),
        ("{ modules = [ { environment = import ./no.nix; } ]; }", &at),
        ("{ modules = [ { environment.systemPackages = [ ] ++ import ./no.nix; } ]; }", &at),
        ("{ modules = [ { environment = { } // import ./no.nix; } ]; }", &at),
        ("{ modules = [ { containers = import ./no.nix; } ]; }", &not),
        ("{ modules = [ { specialisation = { } // import ./no.nix; } ]; }", &not),
        // The result of an unknown function is made of its arguments.
        (
            "{ modules = [ ({ pkgs, ... }: { config = my pkgs.a; }) ]; }",
            &format!(
                "nixosConfigurations.a: nixpkgs 0<nixpkgs:a -- a module that is not known: `my` \
                 at flake.nix:2, {my}"
            )
            .replace("nix:1", "nix:2"),
        ),
        (
            "{ modules = [ ({ lib, pkgs, ... }: { config = lib.mkMerge [ { } (my pkgs.a) ]; }) ]; }",
            &format!(
                "nixosConfigurations.a: nixpkgs 0<nixpkgs:a -- a module that is not known: `my` \
                 at flake.nix:2, {my}"
            )
            .replace("nix:1", "nix:2"),
        ),
        (
            "{ modules = [ ({ lib, pkgs, ... }: { options.my.o = lib.mkOption { };
               config.my = my pkgs.a; }) ]; }",
            &format!("nixosConfigurations.a: nixpkgs 0<nixpkgs:a -- {my}")
                .replace("nix:1", "nix:3"),
        ),
        // Conditions are not.
        (
            "{ modules = [ ({ config, lib, ... }: { environment.systemPackages =
               [ ] ++ config.my.packages; networking = { } // config.my.set; }) ]; }",
            "nixosConfigurations.a: nixpkgs",
        ),
    ] {
        assert_eq!(read_outputs("nixpkgs", &host(args)).told(), [told], "{args}");
    }
}

/// Homes of unknown users.
#[test]
fn homes_that_are_not_understood() {
    let told = "nixosConfigurations.a: nixpkgs nixpkgs -- a module that is not known";
    for (users, told) in [
        ("import ./no.nix", told),
        ("{ me = import ./no.nix; }", told),
        ("{ me = { }; }", "nixosConfigurations.a: nixpkgs nixpkgs"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules =
               [ {{ home-manager.users = {users}; }} ]; }}; }}"
        );
        assert_eq!(read_outputs("nixpkgs", &flake).told(), [told], "{users}");
    }
    let home = |args: &str| {
        format!(
            "{{ nixpkgs, home-manager, ... }}: {{ homeConfigurations.a =
               home-manager.lib.homeManagerConfiguration ({args}); }}"
        )
    };
    let inputs = "nixpkgs home-manager=nix-community/home-manager";
    for (args, told) in [
        ("import ./no.nix", "homeConfigurations.a: - -- a module that is not known"),
        (
            "{ pkgs = nixpkgs.legacyPackages.x; modules = import ./no.nix; }",
            "homeConfigurations.a: nixpkgs -- a module that is not known",
        ),
        ("{ pkgs = nixpkgs.legacyPackages.x; modules = [ ]; }", "homeConfigurations.a: nixpkgs"),
    ] {
        assert_eq!(read_outputs(inputs, &home(args)).told(), [told], "{args}");
    }
}

/// Modules of flake-parts that are not understood may make any output.
#[test]
fn modules_of_flake_parts_that_are_not_understood() {
    let inputs = "nixpkgs flake-parts=hercules-ci/flake-parts my";
    let made = "packages.x86_64-linux.a: <nixpkgs:a";
    for (module, told) in [
        ("imports = [ ./missing.nix ];", vec![made, ": -- `missing.nix`"]),
        ("imports = [ (import ./no.nix) ];", vec![made, ": -- a module that is not known"]),
        ("flake = import ./no.nix;", vec![made, ": -- an expression that is not understood"]),
        ("perSystem = import ./no.nix;", vec![made, ": -- a module that is not known"]),
        (
            "perSystem.devShells = import ./no.nix;",
            vec!["devShells.x86_64-linux: -- an expression that is not understood", made],
        ),
        // What a module of an input makes is covered by the options that are set for it.
        ("imports = [ inputs.my.flakeModule ];", vec![made]),
    ] {
        let flake = format!(
            "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{ imports = [ {{
               systems = [ \"x86_64-linux\" ];
               perSystem = {{ pkgs, ... }}: {{ packages.a = pkgs.a; }}; }} {{ {module} }} ]; }}"
        );
        assert_eq!(read_outputs(inputs, &flake).told(), told, "{module}");
    }
}

/// Functions of sets and lists keep what is not understood, and unknown names.
#[test]
fn functions_of_the_library() {
    let not = format!("packages.x.a: nixpkgs -- {NOT}, at flake.nix:2");
    let any = "packages.x.a: nixpkgs 0<nixpkgs:*?";
    for (paths, told) in [
        ("lib.attrVals [ (import ./no.nix) ] pkgs", any),
        ("lib.attrVals (import ./no.nix) pkgs", any),
        ("lib.getAttrs [ (import ./no.nix) ] pkgs", any),
        ("lib.attrVals [ \"a\" ] pkgs", "packages.x.a: nixpkgs 0<nixpkgs:a"),
        ("[ pkgs.${import ./no.nix} ]", "packages.x.a: nixpkgs 0<nixpkgs:*"),
        (
            "builtins.attrValues (builtins.intersectAttrs ({ b = 1; } // import ./no.nix) { inherit (pkgs) a b; })",
            "packages.x.a: nixpkgs 0<nixpkgs:a? 0<nixpkgs:b",
        ),
        (
            "builtins.attrValues (lib.setAttrByPath [ (import ./no.nix) ] pkgs.a)",
            "packages.x.a: nixpkgs 0<nixpkgs:a",
        ),
        ("builtins.foldl' (a: b: a ++ [ b ]) [ ] (import ./no.nix)", &not),
        ("lib.flatten [ [ (import ./no.nix) ] ]", &not),
        ("builtins.catAttrs \"a\" (import ./no.nix)", &not),
        ("lib.zipListsWith (a: b: a) (import ./no.nix) [ 1 ]", &not),
        ("builtins.attrValues (lib.groupBy (a: a.b) (import ./no.nix))", &not),
        ("lib.optionals false (import ./no.nix)", "packages.x.a: nixpkgs"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x; inherit (nixpkgs) lib; in {{
               packages.x.a = pkgs.buildEnv {{ paths = {paths}; }}; }}"
        );
        assert_eq!(read_outputs("nixpkgs", &flake).told(), [told], "{paths}");
    }
}

/// Data files of the flake itself are read.
#[test]
fn files_of_data() {
    let flake = "{ outputs = { nixpkgs, ... }: let
        pkgs = nixpkgs.legacyPackages.x;
        json = builtins.fromJSON (builtins.readFile ./d.json);
        toml = builtins.fromTOML (builtins.readFile ./d.toml);
      in {
        packages.x = builtins.mapAttrs
            (_: names: pkgs.buildEnv { paths = map (name: pkgs.${name}) names; }) json.envs // {
          t = pkgs.${toml.package.name};
          i = pkgs.${(nixpkgs.lib.importTOML ./d.toml).package.name};
          n = pkgs.${nixpkgs.lib.fileContents ./name};
          o = if json.on then pkgs.on else pkgs.off;
        };
        devShells.x.a = builtins.fromJSON (builtins.readFile ./broken.json);
        devShells.x.b = builtins.fromJSON (builtins.readFile ./deep.json);
        devShells.x.c = builtins.fromJSON (builtins.readFile ./large.json); }; }";
    let (deep, large) = ("[".repeat(100_000), format!("[{}1]", "1,".repeat(200_000)));
    let read = read_files(
        "nixpkgs",
        &[
            ("flake.nix", flake),
            ("d.json", r#"{ "envs": { "a": ["hello", "jq"], "b": [] }, "on": true }"#),
            ("d.toml", "[package]\nname = \"ripgrep\"\n"),
            ("name", "fd\n"),
            ("broken.json", "{"),
            ("deep.json", &deep),
            ("large.json", &large),
        ],
    );
    let not = |name: &str, line| format!("devShells.x.{name}: -- {NOT}, at flake.nix:{line}");
    let told = [
        &not("a", 13),
        &not("b", 14),
        &not("c", 15),
        "packages.x.a: nixpkgs 0<nixpkgs:hello 0<nixpkgs:jq",
        "packages.x.b: nixpkgs",
        "packages.x.i: <nixpkgs:ripgrep",
        "packages.x.n: <nixpkgs:fd",
        "packages.x.o: <nixpkgs:on",
        "packages.x.t: <nixpkgs:ripgrep",
    ];
    assert_eq!(read.told(), told);
}

/// Modules that an unknown function gets are evaluated with the packages that it gets.
#[test]
fn modules_beside_packages() {
    hold(&[
        (
            "nixpkgs my",
            "{ nixpkgs, my, ... }: { nixOnDroidConfigurations.a = my.lib.mk {
               pkgs = import nixpkgs { };
               modules = [ ({ pkgs, ... }: { environment.packages = [ pkgs.hello ]; }) ]; }; }",
            &["nixOnDroidConfigurations.a: nixpkgs 0<nixpkgs:hello -- a function of `my`"],
        ),
        // Without packages it is not known which they use.
        (
            "nixpkgs my",
            "{ nixpkgs, my, ... }: { nixOnDroidConfigurations.a = my.lib.mk {
               modules = [ ({ pkgs, ... }: { environment.packages = [ pkgs.hello ]; }) ]; }; }",
            &["nixOnDroidConfigurations.a: -- a function of `my`"],
        ),
    ]);
}

/// Paths after paths may have names in them, and functions of packages may be made of others.
#[test]
fn what_is_made_of_names() {
    let read = read_files(
        "nixpkgs dep",
        &[
            (
                "flake.nix",
                "{ outputs = { self, nixpkgs, dep, ... }: let
                     pkgs = import nixpkgs { config.cudaSupport = true; };
                     names = builtins.attrNames (builtins.readDir ./tools);
                   in { devShells.x.default = pkgs.mkShell { packages =
                     map (name: import (./tools + /${name}) dep) names ++ [
                       (import (self + /other/${\"b\"}.nix) dep)
                       (pkgs.python3.withPackages (pkgs.lib.attrVals [ \"c\" ])) ]; }; }; }",
            ),
            ("tools/a.nix", "dep: dep.packages.x86_64-linux.a"),
            ("other/b.nix", "dep: dep.packages.x86_64-linux.b"),
        ],
    );
    assert_eq!(
        read.told(),
        ["devShells.x.default: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.a \
          0<dep.packages.x86_64-linux.b 0<nixpkgs[cudaSupport]:python3.c"]
    );
}

/// A known flake's function that gets all inputs may give any of them.
#[test]
fn functions_that_get_all_inputs() {
    for text in [
        "inputs: inputs.known-tool { inherit inputs; }",
        "inputs: let patched = inputs.known-tool.lib.patch { inherit inputs; }; in {
           nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem { modules = [ {
             environment.systemPackages = [ patched.dep.packages.x86_64-linux.a ]; } ]; }; }",
    ] {
        let read = read_outputs("nixpkgs dep known-tool", text);
        assert!(format!("{:?}", read.reading).contains("a function of `known-tool`"), "{text}");
    }
}
