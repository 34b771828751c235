use std::path::Path;

use super::facts::{CodeFacts, MadeBy, SettingState};
use super::*;
use crate::source::{Tree, TreePath};
use crate::text::LineIndex;

/// What is found in a flake of these files. `inputs` are names; those that begin with `nixpkgs` are
/// one, and `name=owner/repo` gives the repository.
struct Read {
    facts: CodeFacts,
    inputs: Vec<InputInfo>,
}

fn read(inputs: &str, files: &[(&str, &str)]) -> Read {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let inputs = inputs.split_whitespace().map(|input| {
        let (name, repository) = input.split_once('=').unwrap_or((input, ""));
        InputInfo {
            name: name.to_owned(),
            is_nixpkgs: name.starts_with("nixpkgs"),
            repository: repository.to_owned(),
        }
    });
    let inputs: Vec<_> = inputs.collect();
    let facts = on_a_stack(folder.path(), &inputs);
    Read { facts, inputs }
}

fn on_a_stack(folder: &Path, inputs: &[InputInfo]) -> CodeFacts {
    let run = || {
        let tree = Tree::open_flake(folder).unwrap();
        let files = Files::new(tree, TreePath::root());
        evaluate(&files, inputs, Wanted::Everything).unwrap()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.unwrap().join().unwrap()
    })
}

/// A flake of one file, whose outputs are this.
fn outputs(inputs: &str, text: &str) -> Read {
    read(inputs, &[("flake.nix", &format!("{{ outputs = {text}; }}"))])
}

impl Read {
    /// `file:line key=state base`, with `!` where it is not the flake's own.
    fn settings(&self) -> Vec<String> {
        let mut all = Vec::new();
        for made in &self.facts.instances {
            for setting in &made.settings {
                let file = &self.facts.files[setting.place.file as usize];
                let line = LineIndex::new(&file.text).position(setting.place.span.start).line;
                let base = made.base.map_or("-", |at| self.inputs[at as usize].name.as_str());
                let state = match setting.state {
                    SettingState::On => "on",
                    SettingState::Off => "off",
                    SettingState::Conditional => "if",
                    SettingState::Unreadable => "?",
                };
                let own = if made.own { "" } else { " !" };
                all.push(format!("{}:{line} {}={state} {base}{own}", file.path, setting.key));
            }
        }
        all.sort();
        all.dedup();
        all
    }

    /// Settings without their places.
    fn keys(&self) -> Vec<String> {
        let short = |setting: &String| setting.split_once(' ').unwrap().1.to_owned();
        let mut keys: Vec<_> = self.settings().iter().map(short).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    fn taken(&self) -> Vec<String> {
        let all = self.facts.taken.keys();
        let name = |at: u32| self.inputs[at as usize].name.as_str();
        all.map(|(input, taken)| format!("{} {}", name(*input), taken.as_str())).collect()
    }

    fn uses(&self) -> Vec<String> {
        let all = self.facts.uses.keys();
        let name = |at: u32| self.inputs[at as usize].name.as_str();
        all.map(|(input, used)| format!("{} {}", name(*input), used.as_str())).collect()
    }

    fn live(&self) -> Vec<&str> {
        let mut live: Vec<_> = self.facts.files.iter().map(|file| file.path.as_str()).collect();
        live.sort_unstable();
        live
    }
}

mod configuration {
    use super::*;

    #[test]
    fn import_with_a_setting() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }:
             let pkgs = import nixpkgs { system = \"x\"; config.cudaSupport = true; };
             in { packages.x.default = pkgs.python3Packages.torch; }",
        );
        assert_eq!(read.settings(), ["flake.nix:2 cudaSupport=on nixpkgs"]);
        assert_eq!(read.taken(), ["nixpkgs packages"]);
        assert_eq!(read.uses(), ["nixpkgs import"]);
        assert_eq!(read.facts.built[0].name, "python3Packages.torch");
    }

    #[test]
    fn shapes_of_config() {
        for (config, keys) in [
            (
                "{ allowUnfree = true; cudaSupport = false; }",
                vec!["allowUnfree=on", "cudaSupport=off"],
            ),
            ("{ } // (if x then { cudaSupport = true; } else { })", vec!["cudaSupport=if"]),
            ("lib.optionalAttrs x { cudaSupport = true; }", vec!["cudaSupport=if"]),
            ("{ pkgs }: { cudaSupport = true; }", vec!["cudaSupport=on"]),
            ("lib.mkForce { cudaSupport = true; }", vec!["cudaSupport=on"]),
            (
                "lib.mkMerge [ { cudaSupport = true; } (lib.mkIf x { allowUnfree = true; }) ]",
                vec!["allowUnfree=if", "cudaSupport=on"],
            ),
            (
                "{ cudaSupport = lib.mkDefault true; cudaCapabilities = [ ]; }",
                vec!["cudaCapabilities=off", "cudaSupport=on"],
            ),
            ("{ enableCuda = true; }", vec!["enableCuda=on"]),
            ("builtins.fromJSON x", vec!["?=?"]),
        ] {
            let read = outputs(
                "nixpkgs",
                &format!(
                    "{{ nixpkgs, ... }}: let lib = nixpkgs.lib; x = builtins.currentSystem == 1;
                     in {{ packages.a.b = (import nixpkgs {{ config = {config}; }}).hello; }}"
                ),
            );
            let keys: Vec<_> = keys.iter().map(|key| format!("{key} nixpkgs")).collect();
            assert_eq!(read.keys(), keys, "{config}");
        }
    }

    #[test]
    fn an_override_of_one_package_is_none() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.a.b =
               nixpkgs.legacyPackages.a.ffmpeg.override { cudaSupport = true; }; }",
        );
        assert!(read.settings().is_empty());
        assert_eq!(read.uses(), ["nixpkgs legacyPackages"]);
    }

    #[test]
    fn nixpkgs_config_as_an_output_has_no_effect() {
        let read = outputs("nixpkgs", "{ ... }: { nixpkgs.config.cudaSupport = true; }");
        assert!(read.settings().is_empty());
    }

    #[test]
    fn two_imports_side_by_side() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: let
               pkgs = import nixpkgs { config.cudaSupport = true; };
               pkgs-rocm = import nixpkgs { config.rocmSupport = true; };
             in { packages.a = { inherit (pkgs) x; inherit (pkgs-rocm) y; }; }",
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs", "rocmSupport=on nixpkgs"]);
    }

    #[test]
    fn a_variant_is_a_setting() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.a.b = nixpkgs.legacyPackages.a.pkgsCuda.ollama; }",
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
        assert_eq!(read.facts.built[0].name, "ollama");
    }

    #[test]
    fn nixos_far_from_the_flake() {
        let read = read(
            "nixpkgs",
            &[
                ("flake.nix", "{ outputs = inputs: import ./outputs inputs; }"),
                (
                    "outputs/default.nix",
                    "{ nixpkgs, ... }@inputs: { nixosConfigurations =
                    nixpkgs.lib.mapAttrs (name: _: import ./host.nix { inherit inputs name; })
                    (builtins.readDir ../hosts); }",
                ),
                (
                    "outputs/host.nix",
                    "{ inputs, name }: inputs.nixpkgs.lib.nixosSystem {
                    modules = [ ../hosts/${name} ]; }",
                ),
                ("hosts/a/default.nix", "{ imports = [ ../../gpu.nix ]; }"),
                ("gpu.nix", "{ lib, ... }: {\n  nixpkgs.config.cudaSupport = lib.mkForce true;\n}"),
                ("dead.nix", "{ nixpkgs.config.allowUnfree = true; }"),
                ("other/flake.nix", "{ outputs = _: import ../dead.nix; }"),
            ],
        );
        assert_eq!(read.settings(), ["gpu.nix:2 cudaSupport=on nixpkgs"]);
        assert!(!read.live().contains(&"dead.nix"));
    }

    #[test]
    fn hosts_by_functions() {
        for hosts in [
            "builtins.listToAttrs (map (name: { inherit name; value = host name; }) [ \"a\" ])",
            "nixpkgs.lib.genAttrs [ \"a\" ] host",
            "builtins.mapAttrs (n: _: host n) { a = 1; }",
            "nixpkgs.lib.mapAttrs' (n: _: nixpkgs.lib.nameValuePair n (host n)) { a = 1; }",
            "builtins.foldl' (all: n: all // { ${n} = host n; }) { } [ \"a\" \"b\" ]",
        ] {
            let read = outputs(
                "nixpkgs",
                &format!(
                    "{{ self, nixpkgs }}@inputs: with inputs; let
                       host = name: nixpkgs.lib.nixosSystem {{
                         modules = [ {{ nixpkgs.config.cudaSupport = true; }} ]; }};
                     in {{ nixosConfigurations = {hosts}; }}"
                ),
            );
            assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"], "{hosts}");
        }
    }

    #[test]
    fn an_option_decides() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               ({ config, lib, ... }: {
                 options.gpu = lib.mkEnableOption \"gpu\";
                 config.nixpkgs.config = { cudaSupport = config.gpu; allowUnfree = true; };
               })
               ({ config, lib, ... }: lib.mkIf config.gpu { nixpkgs.config.rocmSupport = true; })
             ]; }; }",
        );
        let expected =
            ["allowUnfree=on nixpkgs", "cudaSupport=if nixpkgs", "rocmSupport=if nixpkgs"];
        assert_eq!(read.keys(), expected);
    }

    #[test]
    fn packages_of_a_nixos_that_are_given() {
        let read = outputs(
            "nixpkgs microvm",
            "{ nixpkgs, microvm, ... }: let
               pkgs = import nixpkgs { config.cudaSupport = true; };
             in { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               microvm.nixosModules.host
               { microvm.vms.b.pkgs = pkgs; }
             ]; }; }",
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
        assert_eq!(read.taken(), ["nixpkgs packages", "nixpkgs lib", "microvm modules"]);
    }

    #[test]
    fn containers_have_their_own() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               { containers.b.config = { ... }: { nixpkgs.config.allowUnfree = true; }; } ]; }; }",
        );
        assert_eq!(read.keys(), ["allowUnfree=on nixpkgs"]);
    }

    #[test]
    fn what_is_only_exported_is_not_the_flakes_own() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: {
               nixosModules.gpu = { nixpkgs.config.cudaSupport = true; };
               lib.make = system: import nixpkgs { inherit system; config.allowUnfree = true; };
             }",
        );
        assert_eq!(read.keys(), ["allowUnfree=on nixpkgs !", "cudaSupport=on - !"]);
    }

    #[test]
    fn home_manager_alone() {
        let read = outputs(
            "nixpkgs home-manager=nix-community/home-manager",
            "{ nixpkgs, home-manager, ... }: {
               homeConfigurations.me = home-manager.lib.homeManagerConfiguration {
                 pkgs = nixpkgs.legacyPackages.x;
                 modules = [ { nixpkgs.config.allowUnfree = true; } ];
               }; }",
        );
        assert_eq!(read.keys(), ["allowUnfree=on nixpkgs"]);
        assert_eq!(read.facts.instances.last().unwrap().made_by, MadeBy::HomeManager);
    }

    #[test]
    fn users_of_a_host_by_its_name() {
        let host = |name: &str| {
            format!(
                "{name} = nixpkgs.lib.nixosSystem {{ modules =
                   [ ./user.nix {{ networking.hostName = \"{name}\"; }} ]; }};"
            )
        };
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations = {{ {} {} }}; }}; }}",
            host("a"),
            host("b")
        );
        let read = read(
            "nixpkgs",
            &[
                ("flake.nix", &flake),
                (
                    "user.nix",
                    "{ config, ... }: {
                   home-manager.users.me = import ./users/${config.networking.hostName}.nix; }",
                ),
                ("users/a.nix", "{ }"),
                ("users/b.nix", "{ }"),
                ("users/dead.nix", "{ }"),
            ],
        );
        assert_eq!(read.live(), ["flake.nix", "user.nix", "users/a.nix", "users/b.nix"]);
    }
}

mod flake_parts {
    use super::*;

    const PARTS: &str = "nixpkgs flake-parts=hercules-ci/flake-parts dep";

    fn parts(modules: &str) -> Read {
        outputs(
            PARTS,
            &format!(
                "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
                   systems = [ \"x86_64-linux\" ]; imports = [ {modules} ]; }}"
            ),
        )
    }

    #[test]
    fn packages_are_an_argument() {
        let read = parts(
            "({ inputs, ... }: { perSystem = { pkgs, system, ... }: {
               _module.args.pkgs = import inputs.nixpkgs { inherit system; config.cudaSupport = true; };
               packages.a = pkgs.python3Packages.torch; }; })",
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
        assert_eq!(read.facts.built.len(), 1);
    }

    #[test]
    fn options_of_the_flake_carry_settings() {
        let read = parts(
            "({ lib, config, inputs, ... }: {
               options.my.config = lib.mkOption { default = { }; };
               options.my.input = lib.mkOption { default = inputs.nixpkgs; };
               config.perSystem = { system, ... }: { _module.args.pkgs =
                 import config.my.input { inherit system; config = config.my.config; }; };
             })
             { my.config = { allowUnfree = true; }; }
             { perSystem = { pkgs, ... }: { packages.a = pkgs.hello; }; }",
        );
        assert_eq!(read.keys(), ["allowUnfree=on nixpkgs"]);
    }

    #[test]
    fn submodules_make_hosts() {
        let read = parts(
            "({ lib, config, inputs, ... }: {
               options.hosts = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule
                 ({ config, ... }: {
                   options.modules = lib.mkOption { default = [ ]; };
                   options.system = lib.mkOption { };
                   config.system = inputs.nixpkgs.lib.nixosSystem { inherit (config) modules; };
                 })); };
               config.flake.nixosConfigurations = lib.mapAttrs (_: host: host.system) config.hosts;
             })
             ({ inputs, ... }: { hosts.a.modules = [
               inputs.dep.nixosModules.x { nixpkgs.config.cudaSupport = true; } ]; })",
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
        assert!(read.taken().contains(&"dep modules".to_owned()));
    }

    #[test]
    fn modules_by_the_names_of_outputs() {
        let read = parts(
            "{ flake.modules.nixos.gpu = { nixpkgs.config.cudaSupport = true; }; }
             ({ config, inputs, ... }: { flake.nixosConfigurations.a =
                 inputs.nixpkgs.lib.nixosSystem { modules = [ config.flake.modules.nixos.gpu ]; }; })
             ({ inputs, withSystem, ... }: { flake.x = withSystem \"x86_64-linux\"
                 ({ inputs', ... }: inputs'.dep.packages.y); })",
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
        assert!(read.taken().contains(&"dep packages".to_owned()));
    }

    #[test]
    fn the_flake_as_a_module() {
        let read = parts(
            "{ flake = { config, lib, ... }: { lib.make = name: { modules ? [ ] }: 1;
                 packages.x.y = config.z; }; }
             ({ inputs, ... }: { flake.z = inputs.dep.packages.x.y; })",
        );
        assert_eq!(read.taken(), ["flake-parts lib", "dep packages"].map(str::to_owned));
    }
}

mod loaders {
    use super::*;

    #[test]
    fn blueprint() {
        let read = read(
            "nixpkgs blueprint=numtide/blueprint dep",
            &[
                (
                    "flake.nix",
                    "{ outputs = inputs: inputs.blueprint {
                    inherit inputs; prefix = \"nix\"; nixpkgs.config.allowUnfree = true; }; }",
                ),
                (
                    "nix/packages/a/default.nix",
                    "{ pkgs, inputs, perSystem, ... }:
                    pkgs.callPackage ./package.nix { x = perSystem.dep.y; }",
                ),
                ("nix/packages/a/package.nix", "{ stdenv, x }: stdenv.mkDerivation { inherit x; }"),
                ("nix/hosts/h/configuration.nix", "{ nixpkgs.config.cudaSupport = true; }"),
                ("nix/scripts/dead.nix", "{ }"),
            ],
        );
        assert!(read.settings().contains(&"flake.nix:2 allowUnfree=on nixpkgs".to_owned()));
        assert!(read.keys().contains(&"cudaSupport=on nixpkgs".to_owned()));
        assert!(read.taken().contains(&"dep packages".to_owned()), "{:?}", read.taken());
        assert!(!read.live().contains(&"nix/scripts/dead.nix"));
    }

    #[test]
    fn settings_in_arguments() {
        for (repository, call) in [
            (
                "snowfallorg/lib",
                "inputs.loader.mkFlake { inherit inputs; src = ./.;
                channels-config.cudaSupport = true; }",
            ),
            (
                "gytis-ivaskevicius/flake-utils-plus",
                "inputs.loader.lib.mkFlake {
                inherit inputs; channelsConfig.cudaSupport = true;
                outputsBuilder = channels: { packages.a = channels.nixpkgs.hello; }; }",
            ),
            (
                "nix-community/flakelight",
                "inputs.loader ./. {
                nixpkgs.config.cudaSupport = true; packages.a = { hello }: hello; }",
            ),
            (
                "divnix/std",
                "inputs.loader.growOn { cellsFrom = ./cells;
                nixpkgsConfig.cudaSupport = true; }",
            ),
        ] {
            let name = if repository.starts_with("snow") { "snowfall" } else { "loader" };
            let call = call.replace("inputs.loader", &format!("inputs.{name}"));
            let read = outputs(&format!("nixpkgs {name}={repository}"), &format!("inputs: {call}"));
            assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"], "{repository}");
        }
    }

    #[test]
    fn folders() {
        let read = read(
            "nixpkgs import-tree=vic/import-tree flake-parts=hercules-ci/flake-parts",
            &[
                (
                    "flake.nix",
                    "{ outputs = inputs: inputs.flake-parts.lib.mkFlake
                    { inherit inputs; } (inputs.import-tree ./modules); }",
                ),
                (
                    "modules/deep/a.nix",
                    "{ inputs, ... }: { perSystem = { system, ... }: {
                    packages.a = (import inputs.nixpkgs { config.cudaSupport = true; }).x; }; }",
                ),
                ("modules/_b.nix", "{ }"),
            ],
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
        assert_eq!(read.live(), ["flake.nix", "modules/deep/a.nix"]);
    }
}

mod takings {
    use super::*;

    #[test]
    fn kinds() {
        for (expr, kind) in [
            ("dep.packages.x.y", "packages"),
            ("dep.inputs.inner.packages.x.y", "packages"),
            ("dep.devShells.x.y", "shells"),
            ("dep.checks.x.y", "checks"),
            ("dep.overlays.default", "overlays"),
            ("dep.lib.f 1", "lib"),
            ("\"${dep}/x\"", "source"),
            ("dep + \"/x\"", "source"),
            ("dep.rev", "source"),
        ] {
            let read = outputs("dep", &format!("{{ dep, ... }}: {{ packages.x.y = {expr}; }}"));
            assert_eq!(read.taken(), [format!("dep {kind}")], "{expr}");
        }
    }

    #[test]
    fn modules_of_nixpkgs_by_path_are_no_source() {
        let read = outputs(
            "nixpkgs",
            "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               ({ modulesPath, ... }: { imports = [ (modulesPath + \"/profiles/x.nix\")
                 \"${modulesPath}/y.nix\" ]; }) ]; }; }",
        );
        assert_eq!(read.taken(), ["nixpkgs lib"]);
        assert_eq!(read.uses(), ["nixpkgs lib"]);
    }

    #[test]
    fn all_inputs_under_one_name() {
        let read = outputs(
            "nixpkgs a b",
            "{ nixpkgs, ... }@inputs: let
               overlay = final: _: { inputs = builtins.mapAttrs
                 (_: flake: (flake.packages or { }).${final.system} or { }) inputs; };
               pkgs = import nixpkgs { overlays = [ overlay ]; };
             in { packages.x.y = pkgs.inputs.a.tool; }",
        );
        assert_eq!(read.taken(), ["nixpkgs packages", "a packages"]);
    }

    #[test]
    fn handing_inputs_on_is_no_taking() {
        let read = outputs(
            "nixpkgs dep",
            "inputs: { nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
               specialArgs = { inherit inputs; }; modules = [ ({ inputs, ... }: { }) ]; }; }",
        );
        assert_eq!(read.taken(), ["nixpkgs lib"]);
    }

    #[test]
    fn what_certainly_fails_is_dead() {
        let read = outputs(
            "a b",
            "{ a, b, ... }: { packages.x = builtins.listToAttrs (map (name: { inherit name;
               value = if name == \"one\" then a.packages.x.y else b.packages.x.y; })
               (builtins.filter (name: name != \"two\") [ \"one\" \"two\" ])); }",
        );
        assert_eq!(read.taken(), ["a packages"]);
    }
}

/// Code that would not end, or not soon: it ends here, in so many steps.
mod hostile {
    use super::*;

    fn ends(text: &str, most: u64) {
        let steps = outputs("nixpkgs", text).facts.steps;
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
        ends(
            "_: let f = x: { a = f [ x ]; b = f { inherit x; }; }; in { packages = f 1; }",
            200_000,
        );
        ends(
            "_: let f = n: if n == 0 then 1 else f (n - 1) + f (n - 2); in { packages = f 9; }",
            5_000,
        );
        ends("_: let s = builtins.mapAttrs (_: v: s // v) s; in { packages = s; }", 500);
        ends("_: let s = { a = builtins.mapAttrs (_: v: s) s; }; in { packages = s; }", 1_000);
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
            ("{ }", "e", 5_000),
            ("\"a\"", "t", 10_000),
            ("[ 1 ]", "c", 1_500_100),
        ] {
            ends(&doubled(start, step), most);
        }
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
        let files: Vec<_> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let read = read("nixpkgs", &files);
        assert_eq!(read.facts.files.len(), 1_001);
        assert!(read.facts.steps < 30_000, "{}", read.facts.steps);
    }

    #[test]
    fn files_that_are_one_function_after_the_other() {
        let mut files: Vec<(String, String)> = (0..1_000)
            .map(|at| (format!("f{at}.nix"), format!("import ./f{}.nix", (at + 1) % 1_000)))
            .collect();
        files
            .push(("flake.nix".into(), "{ outputs = _: { packages = import ./f0.nix; }; }".into()));
        let files: Vec<_> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let read = read("", &files);
        assert!(read.facts.steps < 30_000, "{}", read.facts.steps);
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
}
