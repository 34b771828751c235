//! What is taken from inputs that are not read.

use super::*;
use crate::gpu_packages::Gpu;

#[test]
fn kinds() {
    for (expr, kind) in [
        ("dep.packages.x.y", "packages"),
        ("dep.devShells.x.y", "shells"),
        ("dep.checks.x.y", "checks"),
        ("dep.apps.x.y", "apps"),
        ("dep.defaultPackage.x", "packages"),
        ("dep.hydraJobs.x.y", "checks"),
        ("dep.overlays.default", "overlays"),
        ("dep.lib.f 1", "lib"),
        ("\"${dep}/x\"", "source"),
        ("dep + \"/x\"", "source"),
    ] {
        let read = read_outputs("dep", &format!("{{ dep, ... }}: {{ packages.x.y = {expr}; }}"));
        assert_eq!(read.taken(), [format!("dep {kind}")], "{expr}");
    }
}

#[test]
fn modules_of_nixpkgs_by_path_are_no_source() {
    let read = read_outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
           ({ modulesPath, ... }: { imports = [ (modulesPath + \"/profiles/x.nix\")
             \"${modulesPath}/y.nix\" ]; }) ]; }; }",
    );
    assert_eq!(read.taken(), ["nixpkgs lib"]);
    assert_eq!(read.uses(), ["nixpkgs lib"]);
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs"]);
}

#[test]
fn all_inputs_under_one_name() {
    let read = read_outputs(
        "nixpkgs a b",
        "{ nixpkgs, ... }@inputs: let
           overlay = final: _: { inputs = builtins.mapAttrs
             (_: flake: (flake.packages or { }).${final.system} or { }) inputs; };
           pkgs = import nixpkgs { system = \"x\"; overlays = [ overlay ]; };
         in { packages.x.y = pkgs.inputs.a.tool; }",
    );
    assert_eq!(read.told(), ["packages.x.y: <a.packages.x.tool"]);
    assert!(!read.taken().contains(&"b packages".to_owned()), "{:?}", read.taken());
}

#[test]
fn handing_inputs_on_is_no_taking() {
    let read = read_outputs(
        "nixpkgs dep",
        "inputs: { nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
           specialArgs = { inherit inputs; }; modules = [ ({ inputs, ... }: { }) ]; }; }",
    );
    assert_eq!(read.taken(), ["nixpkgs lib"]);
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs"]);
}

#[test]
fn what_certainly_fails_is_dead() {
    let read = read_outputs(
        "a b",
        "{ a, b, ... }: { packages.x = builtins.listToAttrs (map (name: { inherit name;
           value = if name == \"one\" then a.packages.x.y else b.packages.x.y; })
           (builtins.filter (name: name != \"two\") [ \"one\" \"two\" ])); }",
    );
    assert_eq!(read.taken(), ["a packages"]);
    assert_eq!(read.told(), ["packages.x.one: <a.packages.x.y"]);
}

/// By the builder that takes it in, in any way.
#[test]
fn what_is_taken_of_an_input_in_a_host() {
    for module in [
        "{ pkgs, ... }: { environment.systemPackages = [ dep.packages.x.tool ]; }",
        "{ pkgs, ... }: { environment.systemPackages = [ dep.packages.${\"x\"}.tool ]; }",
        "{ pkgs, ... }: { environment.systemPackages = with dep.packages.x; [ tool ]; }",
        "{ pkgs, ... }: { environment.systemPackages = builtins.attrValues {
            inherit (dep.packages.x) tool; }; }",
        "{ pkgs, ... }: { systemd.services.a.serviceConfig.ExecStart =
            \"${dep.packages.x.tool}/bin/tool --more\"; }",
        "{ pkgs, lib, ... }: { systemd.services.a.script = lib.getExe dep.packages.x.tool; }",
        "{ pkgs, ... }: { nixpkgs.overlays = [ (f: p: { inherit (dep.packages.x) tool; }) ];
            environment.systemPackages = [ pkgs.tool ]; }",
        "{ pkgs, ... }: { nixpkgs.overlays = [ (f: p: { mine = { tool = dep.packages.x.tool; }; }) ];
            environment.systemPackages = [ pkgs.mine.tool ]; }",
        "{ pkgs, ... }: { environment.systemPackages = [ (dep.packages.x.tool.override { a = 1; }) ]; }",
        "{ pkgs, ... }: { environment.systemPackages = [
            (dep.packages.x.tool.overrideAttrs (old: { a = 1; })) ]; }",
        "{ my, ... }: { environment.systemPackages = [ my.tool ]; }",
        "{ lib, ... }: { options.x = lib.mkOption { default = dep.packages.x.tool; }; }",
    ] {
        let read = read_outputs(
            "nixpkgs dep",
            &format!(
                "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
                   specialArgs = {{ my = dep.packages.x; }};
                   modules = [ ({module}) ]; }}; }}"
            ),
        );
        let told = read.told();
        let one = told.first().map_or("", String::as_str);
        if module.contains("options.x") {
            assert_eq!(one, "nixosConfigurations.a: nixpkgs", "{module}");
            continue;
        }
        assert_eq!(one, "nixosConfigurations.a: nixpkgs 0<dep.packages.x.tool", "{module}");
    }
}

/// Every flake has these, so that nothing is asked of what a nixpkgs exports. Its source is, since
/// sets in the place of a nixpkgs may lack it.
#[test]
fn inputs_and_source_of_a_flake_are_no_output() {
    let read = read_outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { packages.x.a = nixpkgs.legacyPackages.x.mkShell {
           a = toString (builtins.attrNames nixpkgs.inputs); b = nixpkgs.sourceInfo.lastModified;
           c = nixpkgs.rev; d = \"${nixpkgs.outPath}/x\"; }; }",
    );
    let used = read.reading.flakes[&FlakeId::ROOT].outputs_used.keys();
    let used: Vec<&str> = used.map(|(_, name)| name.as_str()).collect();
    assert_eq!(used, ["legacyPackages", "outPath"]);
}

/// An input of an input is taken through it.
#[test]
fn inputs_of_inputs() {
    let root = "{ outputs = { dep, ... }: { packages.x.y = dep.inputs.inner.packages.x.y; }; }";
    let read = read_world(&[flake("root", "dep", &[("flake.nix", root)]), unread("dep", "inner")]);
    assert_eq!(read.told(), ["packages.x.y: <dep/inner.packages.x.y"]);
}

/// Also if it is read, and exports nothing that has the name.
#[test]
fn inputs_of_inputs_that_are_read() {
    let dep = "{ outputs = { self, nixpkgs }: { packages.x.y = 1; }; }";
    for nixpkgs in [
        "dep.inputs.nixpkgs.legacyPackages.x",
        "(import dep.inputs.nixpkgs { })",
        "(import \"${dep.inputs.nixpkgs}\" { })",
        "(let inputs = dep.inputs // { self = dep; }; in import inputs.nixpkgs { })",
        "(if dep ? inputs then import dep.inputs.nixpkgs { } else null)",
    ] {
        let root =
            format!("{{ outputs = {{ dep, ... }}: {{ packages.x.y = {nixpkgs}.hello; }}; }}");
        let read = read_world(&[
            flake("root", "dep", &[("flake.nix", root.as_str())]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        assert_eq!(read.told(), ["packages.x.y: <dep/nixpkgs:hello"], "{nixpkgs}");
    }
}

/// Modules, overlays and functions that are not read build with the packages that they are given.
#[test]
fn what_is_not_read_makes_an_output_read_in_part() {
    hold(&[
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem {
               modules = [ dep.nixosModules.x ]; }; }",
            &["nixosConfigurations.a: nixpkgs -- a module of `dep`"],
        ),
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: { packages.x.a = (import nixpkgs {
               overlays = [ dep.overlays.default ]; }).hello; }",
            &["packages.x.a: <nixpkgs:hello -- an overlay of `dep`"],
        ),
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: { packages.x.a = dep.lib.make {
               pkgs = import nixpkgs { config.cudaSupport = true; }; }; }",
            &["packages.x.a: nixpkgs[cudaSupport] -- a function of `dep`"],
        ),
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: { packages.x.a = dep.lib.make {
               inner = nixpkgs.legacyPackages.x.hello; }; }",
            &["packages.x.a: <nixpkgs:hello -- a function of `dep`"],
        ),
    ]);
}

/// `packages = dep.packages`, and similar.
#[test]
fn outputs_that_are_a_dependencys() {
    hold(&[
        ("dep", "{ dep, ... }: { packages = dep.packages; }", &["packages: <dep.packages"]),
        ("dep", "{ dep, ... }: { inherit (dep) packages; }", &["packages: <dep.packages"]),
        (
            "dep",
            "{ dep, ... }: { packages.x86_64-linux = dep.packages.x86_64-linux; }",
            &["packages.x86_64-linux: <dep.packages.x86_64-linux"],
        ),
        ("dep", "{ dep, ... }: dep", &[]),
        ("dep", "inputs: inputs", &[]),
        ("dep", "{ dep, ... }: { formatter = dep.formatter; }", &[]),
    ]);
}

/// What a flake that was read does not have, for one of the systems, is not taken from it.
#[test]
fn what_is_not_there_for_a_system() {
    let root = "{ outputs = { nixpkgs, dep, ... }: { devShells = nixpkgs.lib.genAttrs
        [ \"x86_64-linux\" \"aarch64-linux\" ] (system: { s = nixpkgs.legacyPackages.${system}.mkShell {
          packages = [ dep.packages.${system}.x ]; }; }); }; }";
    let hands_on = "{ outputs = { nixpkgs, inner, ... }: { packages = nixpkgs.lib.genAttrs
        [ \"x86_64-linux\" \"aarch64-linux\" ] (system: { x = inner.packages.${system}.x; }); }; }";
    let inner = "{ outputs = { nixpkgs, ... }: { packages.x86_64-linux.x =
        nixpkgs.legacyPackages.x86_64-linux.a; }; }";
    let told = read_world(&[
        flake("root", "nixpkgs dep", &[("flake.nix", root)]),
        flake("dep", "nixpkgs inner", &[("flake.nix", hands_on)]),
        flake("inner", "nixpkgs", &[("flake.nix", inner)]),
    ])
    .told();
    let with = "devShells.x86_64-linux.s: nixpkgs 0<inner/nixpkgs:a";
    assert_eq!(told, ["devShells.aarch64-linux.s: nixpkgs", with]);
}

/// What a well-known framework itself builds is read as in any other flake.
#[test]
fn packages_of_a_framework() {
    let root = "{ outputs = { nixpkgs, home-manager, ... }: { nixosConfigurations.a =
        nixpkgs.lib.nixosSystem { modules = [ { environment.systemPackages = [
          home-manager.packages.x.default ]; } ]; }; }; }";
    let theirs = "{ outputs = { nixpkgs, ... }: { packages = nixpkgs.lib.genAttrs [ \"x\" ] (s:
        { default = nixpkgs.legacyPackages.${s}.callPackage ./hm { }; }); }; }";
    let package = "{ runCommand, jq }: runCommand \"home-manager\" { inherit jq; } \"\"";
    let read = read_world(&[
        flake("root", "nixpkgs home-manager=nix-community/home-manager", &[("flake.nix", root)]),
        flake("home-manager", "nixpkgs", &[("flake.nix", theirs), ("hm/default.nix", package)]),
    ]);
    assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs 0<home-manager/nixpkgs:jq"]);
}

/// A toolkit that is an argument of one package is for that package, not for the others.
#[test]
fn a_toolkit_for_one_package() {
    let shell = |packages: &str| {
        format!(
            "{{ nixpkgs, ... }}: let pkgs = import nixpkgs {{ overlays = [ (f: p: {{
               studio = p.studio.overrideAttrs (old: {{
                 buildInputs = [ f.cudaPackages.cuda_cudart ]; }}); }}) ]; }}; in {{
               packages.x.a = pkgs.mkShell {{ packages = [ {packages} ]; }}; }}"
        )
    };
    for (packages, told) in [
        (
            "pkgs.studio pkgs.blender",
            " 0<nixpkgs:blender! 0<nixpkgs:cudaPackages.cuda_cudart 0<nixpkgs:studio",
        ),
        ("pkgs.cudatoolkit pkgs.blender", " 0<nixpkgs:blender! 0<nixpkgs:cudatoolkit%"),
    ] {
        hold(&[("nixpkgs", &shell(packages), &[&format!("packages.x.a: nixpkgs{told}")])]);
    }
}

/// What is said of a package that is not read takes nothing more than the package.
#[test]
fn what_is_said_of_a_package_that_is_not_read() {
    for (text, told) in [
        ("${it}", " 0<dep.packages.x.y"),
        ("${it.name} ${it.meta.mainProgram}", ""),
        ("${it} ${it.pname}", " 0<dep.packages.x.y"),
        ("${it.passthru.z}", " 0<dep.packages.x.y.passthru.z"),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ packages.x.a = let it = dep.packages.x.y; in
               nixpkgs.legacyPackages.x.writeText \"a\" \"{text}\"; }}"
        );
        hold(&[("nixpkgs dep", &flake, &[&format!("packages.x.a: nixpkgs{told}")])]);
    }
}

/// A package that is overridden where it is taken, and sets beside a package, are told apart from the
/// package as it is.
#[test]
fn packages_with_other_arguments() {
    let flake =
        "{ nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x; in { packages.x.a = pkgs.mkShell {
        packages = [ pkgs.llama-cpp (pkgs.blender.override { enableVulkan = true; })
          (pkgs.hello.override { x = 1; }) (pkgs.whisper-cpp.override { vulkanSupport = false; })
          (pkgs.opencv4.override { enableCuda = false; })
          (pkgs.onnxruntime.override { rocmSupport = false; cudaSupport = false; }) ]; }; }";
    let reading = read_outputs("nixpkgs", flake).reading;
    let uses: Vec<_> = reading.outputs[0]
        .uses
        .iter()
        .map(|taking| match &taking.what {
            What::Package { name, kind, .. } => (name.as_str(), *kind, taking.is_override),
            What::Opaque { .. } => panic!("{taking:?}"),
        })
        .collect();
    let changed = PackageKind::Changed(Gpu::Both);
    assert_eq!(
        uses,
        [
            ("llama-cpp", changed, false),
            ("blender", PackageKind::Switched(Gpu::Both), true),
            ("hello", PackageKind::Plain, true),
            ("whisper-cpp", changed, true),
            ("opencv4", PackageKind::Plain, true),
            ("onnxruntime", PackageKind::Plain, true),
        ]
    );
}

/// What is beside a package in `passthru` is not built with it, and is no output.
#[test]
fn what_is_passed_through() {
    let set = "{ tools = pkgs.mkShell { packages = [ pkgs.torch ]; }; }";
    for package in [
        format!("pkgs.mkDerivation {{ passthru = {set}; buildInputs = [ pkgs.b ]; }}"),
        format!("pkgs.mkDerivation {{ buildInputs = [ pkgs.b ]; }} // {{ passthru = {set}; }}"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x; in {{ packages.x.a = {package}; }}"
        );
        hold(&[("nixpkgs", &flake, &["packages.x.a: nixpkgs 0<nixpkgs:b"])]);
    }
}
