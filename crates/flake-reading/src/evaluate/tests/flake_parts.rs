//! Flakes that are modules of flake-parts.

use super::*;

const PARTS: &str = "nixpkgs flake-parts=hercules-ci/flake-parts dep";

fn parts(modules: &str) -> Read {
    read_outputs(
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
    let told = "packages.x86_64-linux.a: <nixpkgs[cudaSupport]:python3Packages.torch!";
    assert_eq!(read.told(), [told]);
}

/// The strongest definition of an argument counts, wherever it stands.
#[test]
fn packages_that_several_modules_set() {
    const CUDA: &str = "import inputs.nixpkgs { inherit system; config.cudaSupport = true; }";
    const PLAIN: &str = "import inputs.nixpkgs { inherit system; }";
    for (first, second, cuda) in [
        (format!("lib.mkForce ({PLAIN})"), CUDA.to_owned(), false),
        (PLAIN.to_owned(), format!("lib.mkDefault ({CUDA})"), false),
        (format!("lib.mkForce ({CUDA})"), PLAIN.to_owned(), true),
        (CUDA.to_owned(), format!("lib.mkDefault ({PLAIN})"), true),
        (format!("lib.mkMerge [ (lib.mkForce ({CUDA})) ]"), PLAIN.to_owned(), true),
    ] {
        let module = |pkgs: &str| {
            format!(
                "({{ inputs, lib, ... }}: {{ perSystem = {{ system, ... }}: {{
                   _module.args.pkgs = {pkgs}; }}; }})"
            )
        };
        let read = parts(&format!(
            "{} {} {{ perSystem = {{ pkgs, ... }}: {{ packages.a = pkgs.mkShell {{ }}; }}; }}",
            module(&first),
            module(&second)
        ));
        let of = if cuda { "nixpkgs[cudaSupport]" } else { "nixpkgs" };
        assert_eq!(read.told(), [format!("packages.x86_64-linux.a: {of}")], "{first} {second}");
    }
}

/// Those of a module that is disabled are none.
#[test]
fn packages_that_a_disabled_module_sets() {
    for (disabled, cuda) in [("[ ./cuda.nix ]", false), ("[ ]", true)] {
        let flake = format!(
            "{{ outputs = inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [
               ./cuda.nix {{ disabledModules = {disabled}; }} {{ _module.args.old = null; }}
               ({{ old, lib, ... }}: {{ nixpkgs.config.cudaSupport = old != null; }}) ]; }}; }}; }}"
        );
        let cuda_nix = "{ lib, ... }: { _module.args.old = lib.mkForce 1; }";
        let read = read_files("nixpkgs", &[("flake.nix", &flake), ("cuda.nix", cuda_nix)]);
        let of = if cuda { "nixpkgs[cudaSupport]" } else { "nixpkgs" };
        assert_eq!(read.told(), [format!("nixosConfigurations.a: {of}")], "{disabled}");
    }
}

/// Options of modules that are not read.
#[test]
fn options_that_are_off() {
    for (shell, takes) in [
        ("{ languages.x = { enable = false; package = inputs'.dep.packages.b; }; }", false),
        ("{ languages.x = { enable = true; package = inputs'.dep.packages.b; }; }", true),
        (
            "{ languages.x = { enable = lib.mkForce false; package = inputs'.dep.packages.b; }; }",
            false,
        ),
        ("{ languages.x = { enable = b.c; package = inputs'.dep.packages.b; }; }", true),
    ] {
        let read = parts(&format!(
            "({{ inputs, lib, ... }}: {{ perSystem = {{ inputs', b, ... }}: {{ shells.a = {shell}; }}; }})"
        ));
        assert_eq!(read.told().iter().any(|told| told.contains("dep.packages")), takes, "{shell}");
    }
}

/// Modules of each system that come with a declaration of `perSystem`.
#[test]
fn modules_by_the_type_of_per_system() {
    const SETS: &str =
        "({ inputs', system, lib, ... }: { options.my.cuda = lib.mkEnableOption \"it\";
        config._module.args.pkgs = import inputs.nixpkgs { inherit system;
          config.cudaSupport = true; }; })";
    for options in [
        "options.perSystem = flake-parts-lib.mkPerSystemOption SETS;",
        "options.perSystem = inputs.flake-parts.lib.mkPerSystemOption SETS;",
        "options = { perSystem = with flake-parts-lib; mkPerSystemOption SETS; };",
        "options.perSystem = lib.mkOption { type = flake-parts-lib.mkPerSystemType SETS; };",
    ] {
        let options = options.replace("SETS", SETS);
        let read = parts(&format!(
            "({{ inputs, lib, flake-parts-lib, ... }}: {{ {options} }})
             {{ perSystem = {{ pkgs, inputs', ... }}: {{ devShells.a = pkgs.mkShell {{
                  packages = [ inputs'.dep.packages.b ]; }}; }}; }}"
        ));
        let told = "devShells.x86_64-linux.a: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.b";
        assert_eq!(read.told(), [told], "{options}");
    }
}

/// Options of `perSystem` that a module makes outputs.
#[test]
fn options_that_are_transposed() {
    for pkgs in ["inputs.self.pkgsCuda.x86_64-linux", "self.pkgsCuda.x86_64-linux"] {
        let read = parts(&format!(
            "({{ lib, flake-parts-lib, ... }}: {{ imports = [
               (flake-parts-lib.mkTransposedPerSystemModule {{ name = \"pkgsCuda\";
                 option = lib.mkOption {{ }}; file = ./flake.nix; }}) ]; }})
             ({{ inputs, self, ... }}: {{ perSystem = {{ system, ... }}: {{
                 pkgsCuda = import inputs.nixpkgs {{ inherit system; config.cudaSupport = true; }}; }};
               flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [
                 {{ nixpkgs.pkgs = {pkgs}; environment.systemPackages = [
                   inputs.dep.packages.x.a ]; }} ]; }}; }})"
        ));
        let told = "nixosConfigurations.a: nixpkgs[cudaSupport] 0<dep.packages.x.a";
        assert_eq!(read.told(), [told], "{pkgs}");
    }
}

#[test]
fn arguments_of_a_system_by_get_system() {
    for pkgs in [
        "(getSystem \"x86_64-linux\").allModuleArgs.pkgs",
        "(getSystem \"x86_64-linux\")._module.args.pkgs",
        "(withSystem \"x86_64-linux\" ({ pkgs, ... }: pkgs))",
    ] {
        let read = parts(&format!(
            "({{ inputs, getSystem, withSystem, ... }}: {{
               perSystem = {{ system, ... }}: {{ _module.args.pkgs = import inputs.nixpkgs {{
                 inherit system; config.cudaSupport = true; }}; }};
               flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ pkgs = {pkgs};
                 modules = [ ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.b ]; }}) ]; }};
               }})"
        ));
        let told = "nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:b";
        assert_eq!(read.told(), [told], "{pkgs}");
    }
}

/// Everything that `perSystem` may have.
#[test]
fn things_of_each_system() {
    for (module, told) in [
        (
            "{ perSystem = { pkgs, ... }: { devShells.default = pkgs.mkShell { packages = [ pkgs.a ]; }; }; }",
            "devShells.x86_64-linux.default: nixpkgs 0<nixpkgs:a",
        ),
        (
            "{ perSystem = { pkgs, self', ... }: { apps.default = { type = \"app\";
                 program = \"${pkgs.a}/bin/a\"; }; }; }",
            "apps.x86_64-linux.default: <nixpkgs:a",
        ),
        (
            "{ perSystem = { inputs', ... }: { packages.a = inputs'.dep.packages.b; }; }",
            "packages.x86_64-linux.a: <dep.packages.x86_64-linux.b",
        ),
        (
            "({ inputs, ... }: { perSystem = { system, ... }: {
                 packages.a = inputs.dep.packages.${system}.b; }; })",
            "packages.x86_64-linux.a: <dep.packages.x86_64-linux.b",
        ),
        (
            "({ inputs, ... }: { perSystem = { inputs', ... }: {
                 packages.a = inputs'.nixpkgs.legacyPackages.b; }; })",
            "packages.x86_64-linux.a: <nixpkgs:b",
        ),
        (
            "({ inputs, lib, ... }: { perSystem = { system, pkgs, lib, ... }: lib.mkIf true {
                 packages.a = pkgs.callPackage ({ stdenv, b }: stdenv.mkDerivation {
                   buildInputs = [ b ]; }) { }; }; })",
            "packages.x86_64-linux.a: nixpkgs 0<nixpkgs:b",
        ),
        (
            "({ inputs, withSystem, ... }: { flake.packages.x86_64-linux.a =
                 withSystem \"x86_64-linux\" ({ pkgs, ... }: pkgs.b); })",
            "packages.x86_64-linux.a: <nixpkgs:b",
        ),
        (
            "({ inputs, ... }: { flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
                 modules = [ { nixpkgs.config.cudaSupport = true; } ]; }; })",
            "nixosConfigurations.a: nixpkgs[cudaSupport]",
        ),
        (
            "({ self, inputs, ... }: { flake.nixosModules.a.nixpkgs.config.cudaSupport = true;
                 flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
                   modules = [ self.nixosModules.a ]; }; })",
            "nixosConfigurations.a: nixpkgs[cudaSupport]",
        ),
        (
            "({ self, withSystem, inputs, ... }: { flake.nixosConfigurations.a =
                 withSystem \"x86_64-linux\" ({ system, pkgs, ... }: inputs.nixpkgs.lib.nixosSystem {
                   inherit pkgs; modules = [ ]; });
                 perSystem = { system, ... }: { _module.args.pkgs = import inputs.nixpkgs {
                   inherit system; config.cudaSupport = true; }; }; })",
            "nixosConfigurations.a: nixpkgs[cudaSupport]",
        ),
        (
            "({ inputs, config, ... }: { perSystem = { self', pkgs, ... }: {
                 checks.a = self'.packages.c.overrideAttrs { };
                 packages.c = pkgs.b; }; })",
            "checks.x86_64-linux.a: <nixpkgs:b",
        ),
    ] {
        let read = parts(module);
        assert_eq!(read.told().first().map(String::as_str), Some(told), "{module}");
    }
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
    assert_eq!(read.told(), ["packages.x86_64-linux.a: <nixpkgs[allowUnfree]:hello"]);
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
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs[cudaSupport] -- a module of `dep`"]);
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
    assert_eq!(
        read.told(),
        ["nixosConfigurations.a: nixpkgs[cudaSupport]", "x: <dep.packages.x86_64-linux.y"]
    );
}

#[test]
fn outputs_that_are_merged() {
    let read = parts(
        "({ self, lib, inputs, ... }: { flake.nixosModules = lib.mkMerge [
             { gpu = { nixpkgs.config.cudaSupport = true; }; }
             (lib.mkIf true { other = { imports = [ inputs.dep.nixosModules.x ]; }; }) ];
           flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
             modules = [ self.nixosModules.gpu self.nixosModules.other ]; }; })",
    );
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs[cudaSupport] -- a module of `dep`"]);
}

#[test]
fn the_flake_as_a_module() {
    let read = parts(
        "{ flake = { config, lib, ... }: { lib.make = name: { modules ? [ ] }: 1;
             packages.x.y = config.z; }; }
         ({ inputs, ... }: { flake.z = inputs.dep.packages.x.y; })",
    );
    assert_eq!(read.told(), ["packages.x.y: <dep.packages.x.y", "z: <dep.packages.x.y"]);
}

/// Values of options of an unknown framework may be hosts.
#[test]
fn options_of_modules_that_are_not_read() {
    let read = parts(
        "inputs.dep.flakeModules.default
         { easyHosts.hosts.a = { modules = [ { nixpkgs.config.cudaSupport = true; } ]; }; }",
    );
    let told = read.told();
    assert!(told.iter().any(|one| one.contains("easyHosts")), "{told:?}");
}

/// Of options for each system those of one are examined: on Macs no GPU setting changes anything.
#[test]
fn options_of_modules_that_are_not_read_on_linux() {
    for systems in [
        "\"x86_64-linux\" \"aarch64-darwin\"",
        "\"aarch64-darwin\" \"x86_64-linux\"",
        "\"x86_64-darwin\" \"aarch64-darwin\" \"x86_64-linux\" \"aarch64-linux\"",
    ] {
        let read = read_outputs(
            PARTS,
            &format!(
                "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
                   systems = [ {systems} ]; imports = [ inputs.dep.flakeModules.default ];
                   perSystem = {{ inputs', ... }}: {{ dep.image.x = inputs'.dep.packages.y; }}; }}"
            ),
        );
        assert_eq!(
            read.told(),
            ["perSystem.dep: nixpkgs 0<dep.packages.x86_64-linux.y"],
            "{systems}"
        );
    }
}

/// Packages in a folder that a module which is not read makes outputs of.
#[test]
fn folders_of_packages_for_modules_that_are_not_read() {
    let flake = "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
          systems = [ \"x86_64-linux\" ];
          imports = [ inputs.dep.flakeModule ];
          perSystem = { system, ... }: {
            _module.args.pkgs = import inputs.nixpkgs {
              inherit system; config.cudaSupport = true;
              overlays = [ (final: prev: { dep = inputs.dep.packages.${system}.default; }) ];
            };
            pkgsDirectory = ./pkgs;
          };
        }; }";
    let package = "{ stdenv, dep }: stdenv.mkDerivation { buildInputs = [ dep ]; }";
    let files = [("flake.nix", flake), ("pkgs/a/package.nix", package)];
    let told = read_files(PARTS, &files).told();
    let taken = "nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.default";
    assert_eq!(told, [format!("perSystem.pkgsDirectory: {taken}")]);
}

/// Outputs of partitions are outputs of the flake; the inputs of a partition's own flake are in
/// another lock, and reported as not known.
#[test]
fn partitions() {
    for (extra, module) in [
        ("extraInputsFlake = ./dev;", ""),
        ("extraInputsFlake = ./dev;", "nixpkgs"),
        ("extraInputs = { inherit (inputs) nixpkgs; solver = inputs.dep; };", "known"),
    ] {
        let flake = format!(
            "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
               systems = [ \"x86_64-linux\" ];
               imports = [ inputs.flake-parts.flakeModules.partitions ];
               flake.lib.gpu = {{ nixpkgs.config.cudaSupport = true; }};
               flake.nixosConfigurations.gone = 1;
               partitionedAttrs.nixosConfigurations = \"dev\";
               partitions.unused.module = {{ flake.packages.x86_64-linux.a = inputs.dep.packages.x.y; }};
               partitions.dev = {{ {extra} module = ./dev/module.nix; }}; }}; }}"
        );
        let host = "{ inputs, self, lib, ... }: { flake.nixosConfigurations = lib.genAttrs [ \"desk\" ]
            (name: inputs.nixpkgs.lib.nixosSystem { specialArgs = { inherit inputs; }; modules = [
              self.lib.gpu ({ inputs, ... }: { environment.systemPackages = [
                inputs.dep.packages.x86_64-linux.b inputs.solver.packages.x86_64-linux.c ]; }) ]; }); }";
        let own = match module {
            "nixpkgs" => "nixpkgs.url = \"\";",
            _ => "",
        };
        let read = read_files(
            PARTS,
            &[
                ("flake.nix", flake.as_str()),
                ("dev/flake.nix", &format!("{{ inputs = {{ solver.url = \"\"; {own} }}; }}")),
                ("dev/module.nix", host),
            ],
        );
        let told = read.told();
        let [one] = told.as_slice() else { panic!("{told:#?}") };
        let base = if module == "nixpkgs" { "-" } else { "nixpkgs" };
        let start =
            format!("nixosConfigurations.desk: {base}[cudaSupport] 0<dep.packages.x86_64-linux.b");
        assert!(one.starts_with(&start), "{module}: {one}");
        match module {
            "known" => assert!(one.ends_with("0<dep.packages.x86_64-linux.c"), "{one}"),
            _ => assert!(one.contains(" -- "), "{one}"),
        }
    }
}

/// If hosts are examined while the outputs are being made, they still get the modules that they
/// name of the flake itself.
#[test]
fn hosts_that_are_asked_for_early() {
    for packages in [
        "lib.mapAttrs (name: host: host.config.system.build.toplevel) config.flake.nixosConfigurations",
        "lib.filterAttrs (name: host: host ? config.gpu && host.config.gpu) config.flake.nixosConfigurations",
    ] {
        let read = read_outputs(
            PARTS,
            &format!(
                "inputs@{{ self, ... }}: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }}
                 ({{ config, lib, ... }}: {{
                   systems = [ \"x86_64-linux\" ];
                   flake.nixosModules.gpu = {{ nixpkgs.config.cudaSupport = true; }};
                   flake.nixosConfigurations.desk = inputs.nixpkgs.lib.nixosSystem {{
                     modules = [ self.nixosModules.gpu ]; }};
                   perSystem = {{ ... }}: {{ packages = {packages}; }}; }})"
            ),
        );
        let told = read.told();
        assert!(
            told.contains(&"nixosConfigurations.desk: nixpkgs[cudaSupport]".to_owned()),
            "{told:#?}"
        );
    }
}

/// A module of hosts that several modules of flake-parts define, in whatever form, where hosts are made
/// of all of them.
#[test]
fn modules_that_are_defined_in_several_files() {
    let gpu = "flake.modules.nixos.a = { pkgs, ... }: { nixpkgs.config.cudaSupport = true; };";
    for other in [
        "{ config, ... }: { networking.hostName = \"a\"; }",
        "{ networking.hostName = \"a\"; }",
        "lib.mkMerge [ { networking.hostName = \"a\"; } ]",
    ] {
        let flake = format!(
            "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{ systems = [ ]; imports = [
               (top@{{ lib, ... }}: {{ flake.nixosConfigurations = lib.mapAttrs (name: module:
                 inputs.nixpkgs.lib.nixosSystem {{ modules = [ module ]; }})
                 top.config.flake.modules.nixos; }})
               {{ {gpu} }}
               ({{ lib, ... }}: {{ flake.modules.nixos.a = {other}; }}) ]; }}"
        );
        let inputs = "nixpkgs flake-parts=hercules-ci/flake-parts";
        hold(&[(inputs, &flake, &["nixosConfigurations.a: nixpkgs[cudaSupport]"])]);
    }
}

/// `final` has the packages and what `overlayAttrs` adds (flake-parts `extras/easyOverlay.nix`).
#[test]
fn packages_of_an_easy_overlay() {
    let flake = "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
        systems = [ \"x86_64-linux\" ];
        imports = [ inputs.flake-parts.flakeModules.easyOverlay ];
        perSystem = { final, system, ... }: {
          _module.args.pkgs = import inputs.nixpkgs { inherit system; config.cudaSupport = true; };
          overlayAttrs.tool = inputs.nixpkgs-old.legacyPackages.${system}.ollama;
          devShells.default = final.mkShell { packages = [ final.tool final.btop ]; }; }; }; }";
    let read = read_files(
        "nixpkgs nixpkgs-old flake-parts=hercules-ci/flake-parts",
        &[("flake.nix", flake)],
    );
    let told = read.told().join("\n");
    assert!(told.contains("nixpkgs[cudaSupport]"), "{told}");
    assert!(told.contains("0<nixpkgs-old:ollama!"), "{told}");
}

/// `config.flake.packages` has what `perSystem` makes, so has `config.packages` of `flake`, and an
/// option that the flake transposes itself.
#[test]
fn packages_by_the_config_of_the_flake() {
    for (flake, name) in [
        ("flake.nixosConfigurations.a = host config.flake.packages.x86_64-linux.x;", "packages"),
        (
            "flake = { config, ... }: { nixosConfigurations.a = host config.packages.x86_64-linux.x; };",
            "packages",
        ),
        (
            "flake = { config, ... }: { nixosConfigurations.a = host config.mine.x86_64-linux.x; };
          imports = [ ({ lib, flake-parts-lib, ... }: flake-parts-lib.mkTransposedPerSystemModule {
            name = \"mine\"; option = lib.mkOption { }; }) ];",
            "mine",
        ),
    ] {
        let text = format!(
            "inputs@{{ nixpkgs, dep, ... }}: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ config, ... }}:
               let host = package: nixpkgs.lib.nixosSystem {{ modules = [ {{
                 environment.systemPackages = [ package ]; }} ]; }}; in {{
               systems = [ \"x86_64-linux\" ]; perSystem.{name}.x = dep.packages.x86_64-linux.a; {flake} }})"
        );
        let told = read_outputs("nixpkgs dep flake-parts=hercules-ci/flake-parts", &text).told();
        let host = "nixosConfigurations.a: nixpkgs 0<dep.packages.x86_64-linux.a".to_owned();
        assert!(told.contains(&host), "{text}\n{told:?}");
    }
}

/// The packages of `perSystem` by the module of NixOS, as flake-parts' manual shows it; `withSystem`
/// with any function.
#[test]
fn packages_by_options_of_nixos() {
    for function in ["({ pkgs, ... }: pkgs)", "(nixpkgs.lib.getAttr \"pkgs\")"] {
        let text = format!(
            "inputs@{{ nixpkgs, dep, ... }}: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ withSystem, ... }}: {{
               systems = [ \"x86_64-linux\" ];
               perSystem = {{ pkgs, system, ... }}: {{
                 imports = [ \"${{nixpkgs}}/nixos/modules/misc/nixpkgs.nix\" ];
                 nixpkgs = {{ hostPlatform = system; config.cudaSupport = true; }};
                 devShells.default = pkgs.mkShell {{ packages = [ pkgs.a ]; }}; }};
               flake.nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ {{
                 nixpkgs.pkgs = withSystem \"x86_64-linux\" {function};
                 environment.systemPackages = [ dep.packages.x86_64-linux.a ]; }} ]; }}; }})"
        );
        hold(&[(
            "nixpkgs dep flake-parts=hercules-ci/flake-parts",
            &text,
            &[
                "devShells.x86_64-linux.default: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
                "nixosConfigurations.a: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.a",
            ],
        )]);
    }
}
