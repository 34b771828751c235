//! Flakes that load folders.

use super::*;

#[test]
fn blueprint() {
    let read = read_files(
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
            ("nix/devshell.nix", "{ pkgs, ... }: pkgs.mkShell { packages = [ pkgs.b ]; }"),
            ("nix/hosts/h/configuration.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            (
                "nix/hosts/plain/configuration.nix",
                "{ flake, inputs, ... }: { imports = [
               inputs.self.nixosModules.b ]; }",
            ),
            (
                "nix/modules/nixos/b.nix",
                "{ pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }",
            ),
            ("nix/scripts/dead.nix", "{ }"),
        ],
    );
    let told = read.told();
    for one in [
        "devShells.x86_64-linux.default: nixpkgs[allowUnfree] 0<nixpkgs[allowUnfree]:b",
        "packages.x86_64-linux.a: nixpkgs[allowUnfree] 0<dep.packages.*.y",
    ] {
        assert!(told.contains(&one.to_owned()), "{one}: {told:#?}");
    }
    assert!(!read.live().contains(&"nix/scripts/dead.nix"));
}

/// Hosts without settings in the argument.
#[test]
fn hosts_of_blueprint() {
    let read = read_files(
        "nixpkgs blueprint=numtide/blueprint",
        &[
            ("flake.nix", "{ outputs = inputs: inputs.blueprint { inherit inputs; }; }"),
            ("hosts/h/configuration.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            (
                "hosts/plain/configuration.nix",
                "{ flake, inputs, ... }: { imports = [ inputs.self.nixosModules.b ]; }",
            ),
            ("modules/nixos/b.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }"),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.h: nixpkgs[cudaSupport]",
            "nixosConfigurations.plain: nixpkgs 0<nixpkgs:b"
        ]
    );
}

#[test]
fn import_tree() {
    for call in [
        "(inputs.import-tree ./modules)",
        "{ imports = [ (inputs.import-tree ./modules) ]; }",
        "(inputs.import-tree [ ./modules ])",
        "((inputs.import-tree.filter (_: true)) ./modules)",
        "{ imports = (inputs.import-tree.withLib inputs.nixpkgs.lib).leafs ./modules; }",
        "{ imports = (inputs.import-tree.withLib inputs.nixpkgs.lib).pipeTo (files: files) ./modules; }",
        "((inputs.import-tree.addPath ./modules))",
        "((inputs.import-tree.addPath ./modules).result)",
        "{ imports = (inputs.import-tree.addPath ./modules).files; }",
        "(inputs.import-tree (inputs.import-tree.addPath ./modules))",
        "(inputs.import-tree.filter (inputs.nixpkgs.lib.hasPrefix \"/deep\") ./modules)",
        "(inputs.import-tree.filterNot (inputs.nixpkgs.lib.hasInfix \"other\") ./modules)",
        "(inputs.import-tree.match \".*/deep/[a-z]+\\.nix\" ./modules)",
        "((inputs.import-tree.matchNot \".*/other/.*\").filter (_: true) ./modules)",
        "(inputs.import-tree.initFilter (inputs.nixpkgs.lib.hasSuffix \"/a.nix\") ./modules)",
        "((inputs.import-tree.addAPI { mine = self: self.addPath ./modules; }).mine)",
        "((inputs.import-tree.addAPI { mine = self: path: self path; }).mine ./modules)",
        "(inputs.import-tree.map (path: import path) ./modules)",
        "(inputs.import-tree [ ./modules/deep/a.nix ./modules/none ./modules/_b.nix ])",
    ] {
        let flake = format!(
            "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {call}; }}"
        );
        let read = read_files(
            "nixpkgs import-tree=vic/import-tree flake-parts=hercules-ci/flake-parts",
            &[
                ("flake.nix", flake.as_str()),
                (
                    "modules/deep/a.nix",
                    "{ inputs, ... }: { systems = [ \"x86_64-linux\" ];
                    perSystem = { system, ... }: {
                    packages.a = (import inputs.nixpkgs { config.cudaSupport = true; }).x; }; }",
                ),
                ("modules/_b.nix", "{ }"),
            ],
        );
        assert_eq!(read.told(), ["packages.x86_64-linux.a: <nixpkgs[cudaSupport]:x"], "{call}");
        assert_eq!(read.live(), ["flake.nix", "modules/deep/a.nix"], "{call}");
    }
}

#[test]
fn import_tree_as_a_module_of_a_host() {
    let read = read_files(
        "nixpkgs import-tree=vic/import-tree",
        &[
            (
                "flake.nix",
                "{ outputs = { nixpkgs, import-tree, ... }: { nixosConfigurations.a =
                   nixpkgs.lib.nixosSystem { modules = [ (import-tree ./modules) ]; }; }; }",
            ),
            ("modules/deep/a.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ("modules/_off/a.nix", "{ nixpkgs.config.rocmSupport = true; }"),
        ],
    );
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs[cudaSupport]"]);
}

#[test]
fn snowfall() {
    let read = read_files(
        "nixpkgs snowfall-lib=snowfallorg/lib dep",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.;
                   systems.modules.nixos = [ { environment.systemPackages =
                     [ inputs.dep.packages.x86_64-linux.t ]; } ]; }; }",
            ),
            (
                "systems/x86_64-linux/desk/default.nix",
                "{ lib, ... }: { my.gpu.enable = true; }",
            ),
            ("systems/x86_64-linux/lap/default.nix", "{ }"),
            (
                "modules/nixos/gpu/default.nix",
                "{ lib, config, ... }: { options.my.gpu.enable = lib.mkEnableOption \"gpu\";
                   config = lib.mkIf config.my.gpu.enable { nixpkgs.config.cudaSupport = true; }; }",
            ),
            ("packages/tool/default.nix", "{ lib, stdenv, hello }: stdenv.mkDerivation { a = hello; }"),
            ("shells/default/default.nix", "{ mkShell, git }: mkShell { packages = [ git ]; }"),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "devShells.x86_64-linux.default: nixpkgs 0<nixpkgs:git",
            "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.t",
            "nixosConfigurations.lap: nixpkgs 0<dep.packages.x86_64-linux.t",
            "packages.x86_64-linux.tool: nixpkgs 0<nixpkgs:hello",
        ]
    );
}

#[test]
fn nixos_unified() {
    const WIRED: &str = "{ inputs, ... }: { imports = [
        inputs.nixos-unified.flakeModules.default inputs.nixos-unified.flakeModules.autoWire ]; }";
    let by_hand =
        "{ inputs, self, ... }: { imports = [ inputs.nixos-unified.flakeModules.default ];
        flake.nixosModules.gpu = ../nixos/gpu.nix;
        flake.nixosConfigurations.desk = self.nixos-unified.lib.mkLinuxSystem
          { home-manager = true; } ../../configurations/nixos/desk; }";
    let parts = "inputs.flake-parts.lib.mkFlake { inherit inputs; } ./modules/flake/top.nix";
    let own = "inputs.nixos-unified.lib.mkFlake { inherit inputs; root = ./.; }";
    for (call, module) in [(own, WIRED), (parts, WIRED), (parts, by_hand)] {
        let read = read_files(
            "nixpkgs flake-parts=hercules-ci/flake-parts nixos-unified=srid/nixos-unified
             home-manager=nix-community/home-manager",
            &[
                ("flake.nix", &format!("{{ outputs = inputs: {call}; }}")),
                ("modules/flake/top.nix", module),
                (
                    "configurations/nixos/desk/default.nix",
                    "{ flake, pkgs, ... }: let inherit (flake) inputs; in {
                       imports = [ flake.inputs.self.nixosModules.gpu ];
                       environment.systemPackages = [ pkgs.a ];
                       home-manager.users.me = { flake, pkgs, ... }: { home.packages = [ pkgs.b ]; }; }",
                ),
                ("modules/nixos/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ],
        );
        assert_eq!(
            read.told(),
            ["nixosConfigurations.desk: nixpkgs[cudaSupport] \
              0<nixpkgs[cudaSupport]:a 0<nixpkgs[cudaSupport]:b"],
            "{call} {module}"
        );
    }
}

/// ez-configs: hosts and homes from folders, by an option of flake-parts. A fork that is not on disk
/// is known by the name that it keeps.
#[test]
fn ez_configs() {
    assert_ez_configs("ehllie/ez-configs");
    assert_ez_configs("acme/ez-configs");
}

fn assert_ez_configs(repository: &str) {
    let inputs = format!(
        "nixpkgs dep flake-parts=hercules-ci/flake-parts ez-configs={repository}
         home-manager=nix-community/home-manager"
    );
    let options = "ezConfigs = { root = ./nix; globalArgs = { inherit inputs; };
        nixos = { configurationsDirectory = ./nix/configs;
          hosts.desk.userHomeModules = [ \"me\" ]; }; };";
    let flake = format!(
        "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
             systems = [ \"x86_64-linux\" ]; imports = [ inputs.ez-configs.flakeModule ];
             {options} }}; }}"
    );
    let read = read_files(
        &inputs,
        &[
            ("flake.nix", &flake),
            (
                "nix/nixos-modules/default.nix",
                "{ lib, config, ... }: { options.my.gpu = lib.mkEnableOption \"gpu\";
                   config = lib.mkIf config.my.gpu { nixpkgs.config.cudaSupport = true; }; }",
            ),
            (
                "nix/nixos-modules/other.nix",
                "{ pkgs, ... }: { environment.systemPackages = [ pkgs.no ]; }",
            ),
            (
                "nix/configs/desk/default.nix",
                "{ inputs, ... }: { my.gpu = true;
                   environment.systemPackages = [ inputs.dep.packages.x.tool ]; }",
            ),
            (
                "nix/configs/server.nix",
                "{ ezModules, pkgs, ... }: { imports = [ ezModules.other ]; }",
            ),
            (
                "nix/home-configurations/me.nix",
                "{ pkgs, ... }: { home.packages = [ pkgs.hello ]; }",
            ),
        ],
    );
    let told = [
        "homeConfigurations.me@desk: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:hello",
        "homeConfigurations.me@server: nixpkgs 0<nixpkgs:hello",
        "nixosConfigurations.desk: nixpkgs[cudaSupport] nixpkgs 0<dep.packages.x.tool 1<nixpkgs:hello",
        "nixosConfigurations.server: nixpkgs 0<nixpkgs:no",
    ];
    assert_eq!(read.told(), told, "{repository}");
}

/// The hosts of a dependency that loads folders use that dependency's inputs.
#[test]
fn hosts_of_a_dependency_that_loads_folders() {
    let dep = "{ outputs = inputs: inputs.blueprint { inherit inputs; }; }";
    let root = "{ outputs = { dep, ... }: { packages.x.y =
        dep.nixosConfigurations.a.config.system.build.toplevel; }; }";
    let read = read_world(&[
        flake("root", "dep", &[("flake.nix", root)]),
        flake(
            "dep",
            "nixpkgs inner blueprint=numtide/blueprint",
            &[
                ("flake.nix", dep),
                (
                    "hosts/a/configuration.nix",
                    "{ inner, ... }: { environment.systemPackages = [ inner.packages.x.tool ]; }",
                ),
            ],
        ),
    ]);
    assert_eq!(read.told(), ["packages.x.y: dep/nixpkgs 0<dep/inner.packages.x.tool"]);
}

/// A library loads a folder of modules once, however many hosts import the result.
#[test]
fn folders_that_every_host_loads() {
    let steps = |hosts: usize| {
        let hosts: String = (0..hosts)
            .map(|at| {
                format!(
                    "nixosConfigurations.host{at} = nixpkgs.lib.nixosSystem {{
                       modules = [ dep.nixosModules.default ]; }};"
                )
            })
            .collect();
        let root = format!("{{ outputs = {{ nixpkgs, dep, ... }}: {{ {hosts} }}; }}");
        let dep = "{ outputs = { nixpkgs, ... }: { nixosModules.default = { lib, ... }: {
            imports = import ./load.nix { inherit lib; } \"nixos\"; }; }; }";
        let load = "{ lib }: platform: builtins.concatLists (lib.mapAttrsToList (name: kind:
            lib.optional (lib.hasSuffix \"-${platform}.nix\" name) (./modules + \"/${name}\"))
            (builtins.readDir ./modules))";
        let module = |at: usize| (format!("modules/{at}-nixos.nix"), "{ }");
        let other = |at: usize| (format!("modules/{at}-darwin.nix"), "{ }");
        let modules: Vec<_> = (0..3).map(module).chain((0..300).map(other)).collect();
        let mut files = vec![("flake.nix", dep), ("load.nix", load)];
        files.extend(modules.iter().map(|(name, text)| (name.as_str(), *text)));
        let read = read_world(&[
            flake("root", "nixpkgs dep", &[("flake.nix", &root)]),
            flake("dep", "nixpkgs", &files),
        ]);
        read.reading.steps
    };
    let (one, many) = (steps(1), steps(20));
    assert!(many < 4 * one, "{one} for one host, {many} for 20");
}

/// File sets are lists of files.
#[test]
fn sets_of_files() {
    for modules in [
        "fs.toList (fs.fileFilter (file: file.hasExt \"nix\" && file.name != \"no.nix\") ./m)",
        "fs.toList (fs.difference ./m (fs.unions [ ./m/no.nix (fs.maybeMissing ./m/none.nix) ]))",
        "fs.toList (fs.union ./m/a.nix (fs.intersection ./m ./m/sub))",
        "with fs; toList (unions [ ./m/a.nix ./m/sub ])",
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: let fs = nixpkgs.lib.fileset; in {{
               nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = {modules}; }}; }}; }}"
        );
        let module = |name: &str| {
            format!("{{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.{name} ]; }}")
        };
        let read = read_files(
            "nixpkgs",
            &[
                ("flake.nix", &flake),
                ("m/a.nix", &module("a")),
                ("m/no.nix", &module("no")),
                ("m/sub/default.nix", &module("b")),
            ],
        );
        let told = ["nixosConfigurations.a: nixpkgs 0<nixpkgs:a 0<nixpkgs:b"];
        assert_eq!(read.told(), told, "{modules}");
    }
}

/// import-tree without its flake: its file is the function.
#[test]
fn a_loader_that_is_imported() {
    for import in ["inputs.import-tree", "(import inputs.import-tree)"] {
        let flake = format!(
            "{{ outputs = inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{
               modules = [ ({import} ./modules) ]; }}; }}; }}"
        );
        let read = read_files(
            "nixpkgs import-tree=vic/import-tree",
            &[
                ("flake.nix", &flake),
                ("modules/a.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }"),
            ],
        );
        assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs 0<nixpkgs:a"], "{import}");
    }
}

/// Names of files that frameworks do not load.
#[test]
fn files_that_are_not_loaded() {
    const SHELL: &str = "{ pkgs, ... }: pkgs.mkShell { packages = [ pkgs.a ]; }";
    let snowfall =
        "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.; }; }";
    let haumea =
        "{ outputs = { nixpkgs, haumea, ... }: { devShells.x86_64-linux = haumea.lib.load {
        src = ./shells; inputs.pkgs = nixpkgs.legacyPackages.x86_64-linux; }; }; }";
    let std = "{ outputs = { std, ... }@inputs: std.growOn { inherit inputs; cellsFrom = ./cells;
        cellBlocks = [ (std.blockTypes.devshells \"shells\" { ci.build = true; }) ]; }
        { devShells = std.harvest inputs.self [ \"app\" \"shells\" ]; }; }";
    const CELL: &str =
        "{ inputs, cell }: { a = inputs.nixpkgs.mkShell { packages = [ inputs.nixpkgs.a ]; }; }";
    for (inputs, flake, files, told) in [
        (
            "nixpkgs snowfall-lib=snowfallorg/lib",
            snowfall,
            [("shells/b.nix", SHELL), ("shells/deep/c/default.nix", SHELL)],
            ["devShells.x86_64-linux.c: nixpkgs 0<nixpkgs:a"].as_slice(),
        ),
        (
            "nixpkgs haumea=nix-community/haumea",
            haumea,
            [
                ("shells/_b.nix", SHELL),
                ("shells/c.nix", "{ pkgs, ... }: pkgs.mkShell { packages = [ pkgs.a ]; }"),
            ],
            ["devShells.x86_64-linux.c: nixpkgs 0<nixpkgs:a"].as_slice(),
        ),
        (
            "nixpkgs std=divnix/std",
            std,
            [("cells/app/shells.nix", CELL), ("cells/app/others.nix", CELL)],
            &[
                "devShells.x86_64-linux.a: nixpkgs 0<nixpkgs:a",
                "x86_64-linux.app.shells.a: nixpkgs 0<nixpkgs:a",
            ],
        ),
    ] {
        let [one, other] = files;
        let read = read_files(inputs, &[("flake.nix", flake), one, other]);
        assert_eq!(read.told(), told, "{flake}");
    }
}
