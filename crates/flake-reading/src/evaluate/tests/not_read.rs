//! What is passed to code that is not read, and what is not understood: it is searched, and named.

use super::*;

/// An unread function may make a host of a module under any name.
#[test]
fn modules_under_any_key() {
    let module = "{ imports = [ ./cfg ]; system.stateVersion = \"24.11\"; }";
    let set = "{ nixpkgs.config.cudaSupport = true;
        environment.systemPackages = [ inputs.dep.packages.x.tool ]; }";
    for given in [
        format!("config = {module};"),
        format!("whatever = {module};"),
        "config = { imports = [ ./cfg ]; }; options = { }; name = \"a\";".to_owned(),
        "config = ./cfg;".into(),
        format!("config = {set};"),
        format!("config = _: {set};"),
        format!("deep.er.config = {set};"),
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, my, dep, ... }}@inputs: {{
               nixosConfigurations.a = my.lib.mk {{ inherit inputs; hostname = \"a\"; {given} }}; }}; }}"
        );
        let cfg = format!("{{ inputs, ... }}: {set}");
        let read =
            read_files("nixpkgs my dep", &[("flake.nix", &flake), ("cfg/default.nix", &cfg)]);
        let told =
            "nixosConfigurations.a: -[cudaSupport] 0<dep.packages.x.tool -- a function of `my`";
        assert_eq!(read.told(), [told], "{given}");
    }
}

/// A package function around what is passed on gives no packages to modules.
#[test]
fn modules_that_are_handed_on_within_a_derivation() {
    let flake = "{ outputs = { nixpkgs, my, ... }:
        let pkgs = nixpkgs.legacyPackages.x86_64-linux;
          host = my.lib.mk { modules = [
            ({ pkgs, ... }: { nixpkgs.config.cudaSupport = true;
               environment.systemPackages = [ pkgs.ollama ]; }) ]; };
        in { checks.x86_64-linux.a = pkgs.runCommand \"a\" { } \"test -e ${host.config.toplevel}\"; }; }";
    let read = read_files("nixpkgs my", &[("flake.nix", flake)]);
    let told = read.told().join("\n");
    assert!(told.starts_with("checks.x86_64-linux.a: "), "{told}");
    assert!(!told.contains("nixpkgs:ollama"), "{told}");
}

/// Which of the modules in a folder belong to which host is not known.
#[test]
fn folders_that_are_handed_on_are_one_host() {
    let flake = "{ outputs = { nixpkgs, my, dep, ... }@inputs: {
        nixosConfigurations = my.lib.load { hosts = ./hosts; modules = ./modules; }; }; }";
    let read = read_files(
        "nixpkgs my dep",
        &[
            ("flake.nix", flake),
            (
                "hosts/a.nix",
                "{ inputs, ... }: { environment.systemPackages = [ inputs.dep.packages.x.a ]; }",
            ),
            (
                "hosts/b/default.nix",
                "{ pkgs, ... }: { environment.systemPackages = [ pkgs.ollama ]; }",
            ),
            ("modules/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ("modules/flake.nix", "{ outputs = _: { }; }"),
        ],
    );
    let told = "nixosConfigurations: -[cudaSupport?] 0<-[cudaSupport?]:ollama! \
                0<dep.packages.x.a? -- a function of `my`";
    let told = told.replace("ollama!", "ollama!?");
    assert_eq!(read.told(), [told]);
}

/// What nobody builds is no output, and what is passed to tools does not count again.
#[test]
fn names_that_nobody_builds() {
    let module = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }";
    let read = read_outputs(
        "nixpkgs flake-parts=hercules-ci/flake-parts my",
        &format!(
            "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ config, ... }}: {{
               imports = [ inputs.my.flakeModule ];
               systems = [ \"x86_64-linux\" ];
               touchup.filter = x: x;
               perSystem = {{ pkgs, ... }}: {{
                 imports = [ {{ make.a.packages = [ pkgs.a ]; }} {{ make.b.packages = [ pkgs.b ]; }} ];
                 pre-commit.settings.hooks.nixfmt.enable = true;
               }};
               flake = {{
                 systems = [ \"x86_64-linux\" ];
                 zones = {{ example.ttl = 60; }};
                 tool = inputs.my.lib.configure {{ nodes = inputs.self.nixosConfigurations; }};
                 mine = inputs.nixpkgs.lib.nixosSystem {{ modules = [ ({module}) ]; }};
                 nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [ ({module}) ]; }};
               }};
             }})"
        ),
    );
    let told = [
        "mine: nixpkgs 0<nixpkgs:hello",
        "nixosConfigurations.a: nixpkgs 0<nixpkgs:hello",
        "perSystem.make: nixpkgs 0<nixpkgs:a 0<nixpkgs:b",
    ];
    assert_eq!(read.told(), told);
}

/// An output that is not understood still counts.
#[test]
fn outputs_that_are_not_understood() {
    hold(&[
        (
            "nixpkgs",
            "_: { nixosConfigurations.a = import ./missing.nix; packages.x.b = import ./no.nix { }; }",
            &[
                "nixosConfigurations.a: -- an expression that is not understood, at flake.nix:1",
                "packages.x.b: -- a function that is not known: `import ./no.nix` at flake.nix:1",
            ],
        ),
        // What `throw`s on a system is no output for it.
        ("nixpkgs", "_: { packages.x.b = throw \"no\"; packages.y = null; }", &[]),
    ]);
}

/// Alternatives beyond those that are told apart are still searched, up to a limit: only what is beyond
/// that is not known.
#[test]
fn many_alternatives() {
    let module =
        |at: usize| format!("{{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.p{at} ]; }}");
    let mut files: Vec<(String, String)> =
        (0..20).map(|at| (format!("m/{at:02}.nix"), module(at))).collect();
    files.push(("m/99.nix".into(), "{ nixpkgs.config.cudaSupport = true; }".into()));
    let flake = "{ outputs = { nixpkgs, ... }: let
        inherit (nixpkgs) lib;
        read = builtins.fromJSON (builtins.readFile ./x.json);
        modules = builtins.listToAttrs (map (name: { name = read; value = ./m + \"/${name}\"; })
          (builtins.attrNames (builtins.readDir ./m)));
      in { nixosConfigurations.a = lib.nixosSystem { modules = lib.attrValues modules; };
           packages.x.y = builtins.getAttr read (builtins.mapAttrs (name: _:
             nixpkgs.legacyPackages.x.${name}) (builtins.readDir ./m)); }; }";
    files.push(("flake.nix".into(), flake.into()));
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let told = read_files("nixpkgs", &files).told();
    for at in 0..20 {
        assert!(told[0].contains(&format!("[cudaSupport?]:p{at}?")), "{told:?}");
        assert!(told[1].contains(&format!(":{at:02}.nix?")), "{told:?}");
    }
    assert!(!told.concat().contains("too many"), "{told:?}");
    for (count, are_more) in [(64, false), (65, true)] {
        let all: String = (0..count).map(|at| format!("p{at} ")).collect();
        let flake = format!(
            "{{ nixpkgs, ... }}: let read = builtins.readFile ./x.json; in {{
               packages.x.y = (builtins.mapAttrs (name: of: of)
                 {{ inherit (nixpkgs.legacyPackages.x) {all}; }}).${{read}}; }}"
        );
        let told = read_outputs("nixpkgs", &flake).told().concat();
        assert_eq!(told.contains(" -- too many possibilities to tell apart"), are_more, "{told}");
        assert_eq!(told.matches('?').count(), 64, "{told}");
    }
}

/// What is not understood in the code of a flake that is known to build with what it is given adds
/// nothing from elsewhere.
#[test]
fn code_of_known_flakes_is_not_reported() {
    let dep = "{ outputs = _: { nixosModules.a = { pkgs, lib, ... }: {
        environment.systemPackages = [ (import ./no.nix) (lib.no pkgs.b) ]; }; }; }";
    for (name, is_told) in [("dep", true), ("known-dep", false)] {
        let root = format!(
            "{{ outputs = {{ nixpkgs, {name}, ... }}: {{
               nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
                 modules = [ {name}.nixosModules.a ]; }}; }}; }}"
        );
        let told = read_world(&[
            flake("root", &format!("nixpkgs {name}"), &[("flake.nix", &root)]),
            flake(name, "", &[("flake.nix", dep)]),
        ]);
        let told = told.told().concat();
        assert_eq!(told.contains(" -- "), is_told, "{told}");
        assert!(told.contains("nixpkgs:b"), "{told}");
    }
}

/// Functions that options have, and that are no modules.
#[test]
fn functions_in_options_are_no_modules() {
    let flake = |value: &str| {
        format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
               modules = [ dep.nixosModules.a ({{ lib, pkgs, ... }}: {{ x.y = {value}; }}) ]; }}; }}"
        )
    };
    for (value, told) in [
        ("ps: with ps; [ b ]", "0<nixpkgs:python3Packages.b"),
        ("ps: [ ps.b ] ++ [ ps.c ]", "0<nixpkgs:python3Packages.b 0<nixpkgs:python3Packages.c"),
        ("id: toString (lib.mod id 10)", ""),
        ("old: { x = old.buildInputs; }", ""),
    ] {
        let read = read_outputs("nixpkgs dep", &flake(value));
        let all = read.told().concat();
        assert!(all.ends_with(&format!("{told} -- a module of `dep`")), "{value}: {all}");
    }
}

/// Names that are not known are none of another nixpkgs where everything around is of the same one.
#[test]
fn names_of_the_builders_own_packages() {
    let not = " -- a package whose name is not known";
    for (outer, told) in [("home-manager.useGlobalPkgs = true;", false), ("", true)] {
        let flake = format!(
            "{{ nixpkgs, home-manager, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
               modules = [ home-manager.nixosModules.home-manager {{ {outer}
                 home-manager.users.u = {{ pkgs, ... }}: {{
                   home.packages = [ pkgs.${{import ./no.nix}} ]; }}; }} ]; }}; }}"
        );
        let all = read_outputs("nixpkgs home-manager", &flake).told().concat();
        assert_eq!(all.ends_with(not), told, "{all}");
    }
}

/// Unknown code that gets a path of the whole source imports Nix files only.
#[test]
fn files_that_are_no_nix_code_are_not_imported() {
    let flake = "{ outputs = { nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem {
        modules = [ (./m + \"/${builtins.readFile ./x.json}\") ]; }; }; }";
    let files = [
        ("m/LICENSE", "No."),
        ("m/a.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }"),
        ("m/c/default.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.d ]; }"),
        ("flake.nix", flake),
    ];
    let told = read_files("nixpkgs", &files).told();
    assert!(told[0].contains("nixpkgs:b?") && told[0].contains("nixpkgs:d?"), "{told:?}");
    assert!(!told[0].contains("LICENSE") && !told[0].contains(" -- "), "{told:?}");
}

/// An attribute of unknown name is any of them.
#[test]
fn names_that_are_not_known() {
    hold(&[(
        "nixpkgs",
        "{ self, nixpkgs, ... }: { packages.x = {
           a = builtins.getAttr (builtins.readFile ./name) { a = nixpkgs.legacyPackages.x.a;
             b = nixpkgs.legacyPackages.x.b; };
           c = { c = nixpkgs.legacyPackages.x.c; }.${builtins.readFile ./name}; }; }",
        &["packages.x.a: <nixpkgs:a? <nixpkgs:b?", "packages.x.c: <nixpkgs:c"],
    )]);
}

/// A host is named by its own name if it sets one.
#[test]
fn hosts_by_their_own_names() {
    let host = |name: &str| {
        format!(
            "nixpkgs.lib.nixosSystem {{ modules = [ ({{ pkgs, ... }}: {{
               networking.hostName = \"{name}\"; environment.systemPackages = [ pkgs.{name} ]; }}) ]; }}"
        )
    };
    let read = read_outputs(
        "nixpkgs",
        &format!(
            "{{ self, nixpkgs, ... }}: {{ nixosConfigurations = {{ a = {}; b = {}; }};
               packages.x = nixpkgs.lib.genAttrs
                 (map (host: host.config.system.name) [ self.nixosConfigurations.a ])
                 (name: (builtins.getAttr name self.nixosConfigurations).config.system.build.toplevel); }}",
            host("a"),
            host("b")
        ),
    );
    assert_eq!(read.told()[2], "packages.x.a: nixpkgs 0<nixpkgs:a");
}

/// `inputs'` made by hand, from inputs whose code is not read.
#[test]
fn inputs_for_one_system_by_hand() {
    let per_system = "builtins.mapAttrs (_: input: builtins.mapAttrs
        (_: output: output.x86_64-linux or output) input) inputs";
    hold(&[
        (
            "nixpkgs dep",
            &format!(
                "{{ nixpkgs, ... }}@inputs: let inputs' = {per_system}; in {{
                   packages.x.a = inputs'.dep.packages.tool; }}"
            ),
            &["packages.x.a: <dep.packages.x86_64-linux.tool"],
        ),
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: let of = builtins.mapAttrs (_: p: p.override { a = 1; })
               dep.packages.x; in { packages.x.a = of.tool; }",
            &["packages.x.a: <dep.packages.x.tool"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages = builtins.mapAttrs (system: pkgs: { a = pkgs.hello; })
               nixpkgs.legacyPackages; }",
            &["packages: <nixpkgs:hello"],
        ),
    ]);
}

/// Outputs of a flake that were read and not understood are treated as if its code were not there.
#[test]
fn attributes_of_a_flake_that_are_not_understood() {
    let dep = "{ outputs = { nixpkgs, ... }: {
        packages.x = { t = import ./missing.nix; a = nixpkgs.legacyPackages.x.hello; };
        lib.f = import ./none.nix; }; }";
    for (taken, told) in [
        ("dep.packages.x.t", "packages.x.y: <dep.packages.x.t"),
        ("dep.packages.${builtins.currentSystem}.t", "packages.x.y: <dep.packages.x.t"),
        ("dep.packages.x.t or null", "packages.x.y: <dep.packages.x.t?"),
        ("dep.packages.x.a", "packages.x.y: <dep/nixpkgs:hello"),
        ("dep.packages.x.missing or nixpkgs.legacyPackages.x.b", "packages.x.y: <nixpkgs:b"),
        ("dep.lib.f 1", "packages.x.y: -- a function of `dep`"),
    ] {
        let root =
            format!("{{ outputs = {{ nixpkgs, dep, ... }}: {{ packages.x.y = {taken}; }}; }}");
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        assert_eq!(read.told(), [told], "{taken}");
    }
}

/// A missing file that nobody imports is not reported; other files are reported with their input.
#[test]
fn files_that_are_not_there() {
    let dep = "{ outputs = { nixpkgs, ... }: { nixosModules.x = { lib, ... }: { imports =
        lib.optional (builtins.pathExists ./sub/nixos.nix) ./sub/nixos.nix
        ++ builtins.filter builtins.pathExists [ ./sub/a.nix ./sub/none.nix ] ++ [ ./gone.nix ]; }; }; }";
    let root = "{ outputs = { nixpkgs, dep, ... }: { nixosConfigurations.a =
        nixpkgs.lib.nixosSystem { modules = [ dep.nixosModules.x ]; }; }; }";
    let read = read_world(&[
        flake("root", "nixpkgs dep", &[("flake.nix", root)]),
        flake("dep", "nixpkgs", &[("flake.nix", dep), ("sub/a.nix", "{ }")]),
    ]);
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs -- `dep:gone.nix`"]);
}

/// An unknown function is reported by name, with the place of the call.
#[test]
fn functions_are_named() {
    let flake = "{ outputs = { nixpkgs, ... }: let my = import ./missing.nix; in {
        packages.x.a = my.mk { a = nixpkgs.legacyPackages.x.a; };
        packages.x.b = (import ./missing.nix) nixpkgs.legacyPackages.x.b;
        packages.x.d = (throw \"no\") nixpkgs.legacyPackages.x.d;
        packages.x.c = builtins.genericClosure { startSet = [ nixpkgs.legacyPackages.x.c ]; };
      }; }";
    let told = [
        "packages.x.a: <nixpkgs:a -- a function that is not known: `my.mk` at flake.nix:2",
        "packages.x.b: <nixpkgs:b -- a function that is not known, at flake.nix:3",
        "packages.x.c: <nixpkgs:c",
    ];
    assert_eq!(read_files("nixpkgs", &[("flake.nix", flake)]).told(), told);
}

/// What unread code makes of a dependency's own nixpkgs is as unknown as if the dependency were not
/// read; what it makes of other things takes nothing from that nixpkgs.
#[test]
fn packages_of_dependencies_that_are_read_in_part() {
    const IN_PART: &str = "0<dep.packages.x.tool";
    for (made, in_part) in [
        ("other.lib.build { pkgs = nixpkgs.legacyPackages.x; }", true),
        ("other.lib.build { inherit inputs; }", true),
        ("(other.lib.with nixpkgs).build { src = ./.; }", true),
        ("other.lib.build nixpkgs.legacyPackages.x", true),
        ("(unknown nixpkgs.legacyPackages.x).build { }", true),
        ("other.lib.build { src = ./.; }", false),
        ("nixpkgs.legacyPackages.x.hello", false),
        // It is known to build with the packages that it is given.
        ("home-manager.lib.build { pkgs = nixpkgs.legacyPackages.x; }", false),
    ] {
        let root = "{ outputs = { nixpkgs, dep, ... }: { nixosConfigurations.a =
            nixpkgs.lib.nixosSystem { modules = [ { nixpkgs.config.cudaSupport = true;
              environment.systemPackages = [ dep.packages.x.tool ]; } ]; }; }; }";
        let dep = format!(
            "{{ outputs = {{ nixpkgs, other, home-manager, ... }}@inputs: let
               unknown = builtins.fromJSON \"x\";
             in {{ packages.x.tool = {made}; }}; }}"
        );
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", root)]),
            flake("dep", "nixpkgs other home-manager", &[("flake.nix", &dep)]),
            unread("other", "nixpkgs"),
        ]);
        let told = read.told().join("\n");
        assert_eq!(told.contains(IN_PART), in_part, "{made}: {told}");
    }
}

/// A module that is made this way is no package, wherever it is in its flake.
#[test]
fn modules_of_dependencies_that_are_read_in_part() {
    let root = "{ outputs = { nixpkgs, dep, ... }: { nixosConfigurations.a =
        nixpkgs.lib.nixosSystem { modules = [ dep.legacyPackages.x.modules.tool
          { nixpkgs.config.cudaSupport = true; nix.settings = dep.nixConfig; } ]; }; }; }";
    let dep = "{ outputs = { nixpkgs, other, ... }: {
        legacyPackages.x.modules = other.lib.build { pkgs = nixpkgs.legacyPackages.x; }; }; }";
    for source in
        [flake("dep", "nixpkgs other", &[("flake.nix", dep)]), unread("dep", "nixpkgs other")]
    {
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", root)]),
            source,
            unread("other", "nixpkgs"),
        ]);
        let told = read.told();
        assert!(told.iter().any(|line| line.contains("-- a module")), "{told:?}");
        assert!(!told.iter().any(|line| line.contains("0<dep")), "{told:?}");
    }
}

/// Unknown parts of a set that is mapped over or filtered are reported.
#[test]
fn parts_of_sets_that_are_not_known() {
    for set in [
        "known // unknown",
        "lib.mapAttrs (_: v: v) (known // unknown)",
        "builtins.mapAttrs (_: v: v) (unknown // known)",
        "lib.filterAttrs (_: lib.isDerivation) (known // unknown)",
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, dep, ... }}: let inherit (nixpkgs) lib;
                 known.one = nixpkgs.legacyPackages.x.mkShell {{ }};
                 unknown = dep.lib.make {{ }}; in {{ packages.x = {set}; }}; }}"
        );
        let told = read_files("nixpkgs dep", &[("flake.nix", &flake)]).told();
        assert!(told.iter().any(|line| line.contains("`dep`")), "{set}: {told:#?}");
        assert!(told.iter().any(|line| line.starts_with("packages.x.one: ")), "{set}: {told:#?}");
    }
}

/// A flake that only hands its inputs on, under any name, defines nothing for others.
#[test]
fn inputs_that_are_handed_on() {
    for (outputs, defines) in [
        ("{ lib.inputs = inputs; }", false),
        ("{ lib = { inherit (inputs) dep nixpkgs; }; }", false),
        ("{ inherit inputs; }", false),
        ("{ lib = { inherit inputs; x = 1; }; }", true),
        ("{ lib = { }; }", true),
        ("{ overlays.default = inputs.dep.overlays.default; }", true),
    ] {
        let flake = format!("inputs: {outputs}");
        let reading = read_outputs("nixpkgs dep", &flake).reading;
        assert_eq!(
            (reading.builds_nothing, reading.defines_for_others),
            (true, defines),
            "{outputs}"
        );
    }
}
