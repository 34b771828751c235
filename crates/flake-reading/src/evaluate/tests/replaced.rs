//! Packages that replace those of nixpkgs, and what is built on them.

use super::*;

const WHEEL: &str = "buildPythonPackage { pname = \"torch\"; src = p.fetchurl { }; }";

/// What is picked from a Python with another torch, in each way to override it.
#[test]
fn what_is_picked_of_a_python_with_another_torch() {
    let with_override = "import nixpkgs { } // { python3 = (import nixpkgs { }).python3.override {
        packageOverrides = pf: p: { TORCH }; }; }";
    let with_extension = "import nixpkgs { overlays = [ (f: o: { pythonPackagesExtensions =
        o.pythonPackagesExtensions ++ [ (pf: p: { TORCH }) ]; }) ]; }";
    for (torch, picked, told) in [
        ("torch = p.WHEEL;", "ps.torch", ""),
        ("torch = p.WHEEL;", "ps.accelerate", ""),
        (
            "torch = p.WHEEL; mine = pf.buildPythonPackage { dependencies = [ pf.torch ]; };",
            "ps.mine",
            "",
        ),
        (
            "mine = pf.buildPythonPackage { dependencies = [ pf.accelerate ]; }; torch = p.WHEEL;",
            "ps.mine",
            "",
        ),
        // Whatever else depends on conditions.
        (
            "torch = p.WHEEL; } // nixpkgs.lib.optionalAttrs (p ? a) { a = p.a.override { }; }
             // nixpkgs.lib.optionalAttrs (p ? b) { b = p.b.override { };",
            "ps.accelerate",
            "",
        ),
        // The replacement was not picked, so it is no package of the environment.
        ("other = plain.hello;", "ps.numpy", " 0<nixpkgs:python3.numpy"),
        ("torch = p.WHEEL;", "ps.jax", " 0<nixpkgs:python3.jax!"),
        (
            "torch = p.torch.override { cudaSupport = true; };",
            "ps.vllm",
            " 0<nixpkgs:python3.torch+",
        ),
        ("torchvision = p.WHEEL;", "ps.torch", " 0<nixpkgs:python3.torch!"),
    ] {
        for pkgs in [with_override, with_extension] {
            let pkgs = pkgs.replace("TORCH", torch).replace("WHEEL", WHEEL);
            let flake = format!(
                "{{ nixpkgs, ... }}: let plain = nixpkgs.legacyPackages.x; in {{
                   packages.x.a = ({pkgs}).python3.withPackages (ps: [ {picked} ]); }}"
            );
            hold(&[("nixpkgs", &flake, &[&format!("packages.x.a: nixpkgs{told}")])]);
        }
    }
}

/// The set of an overridden interpreter, and an overridden set.
#[test]
fn sets_that_were_overridden() {
    for (picked, told) in [
        ("python.pkgs.torch", " nixpkgs"),
        ("python.pkgs.accelerate", " nixpkgs"),
        ("python.pkgs.numpy", " <nixpkgs:python3.pkgs.numpy"),
        ("python.pkgs.jax", " <nixpkgs:python3.pkgs.jax!"),
        (
            "python.pkgs.callPackage ({ torch, numpy, buildPythonPackage }: buildPythonPackage {
            dependencies = [ torch numpy ]; }) { }",
            " nixpkgs 0<nixpkgs:python3.pkgs.numpy",
        ),
        ("set.torch", " nixpkgs"),
        ("set.accelerate", " nixpkgs"),
        ("set.numpy", " <nixpkgs:python3Packages.numpy"),
        ("old.torch", " nixpkgs"),
        ("old.accelerate", " nixpkgs"),
    ] {
        let wheel = WHEEL;
        let flake = format!(
            "{{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x;
               python = pkgs.python3.override {{ self = python;
                 packageOverrides = pf: p: {{ torch = p.{wheel}; }}; }};
               set = pkgs.python3Packages.overrideScope (pf: p: {{ torch = p.{wheel}; }});
               old = pkgs.python3Packages.override {{ overrides = pf: p: {{ torch = p.{wheel}; }}; }};
             in {{ packages.x.a = {picked}; }}"
        );
        hold(&[("nixpkgs", &flake, &[&format!("packages.x.a:{told}")])]);
    }
}

/// Overlays that replace a package on which others are built.
#[test]
fn what_is_built_upon_a_package_that_an_overlay_replaced() {
    let flake = "{ nixpkgs, ... }: { packages.x.a = (import nixpkgs { overlays = [
        (f: o: { NAMES }) ]; }).PICKED; }";
    for (names, picked, told) in [
        ("opencv = o.opencv.override { enableCuda = false; };", "mlt", "nixpkgs 0<nixpkgs:opencv"),
        (
            "opencv = o.opencv.override { enableCuda = false; };",
            "kdePackages.kdenlive",
            "nixpkgs 0<nixpkgs:opencv",
        ),
        ("onnxruntime = o.stdenv.mkDerivation { };", "firefox", "nixpkgs"),
        (
            "inherit (nixpkgs.legacyPackages.x) firefox-unwrapped;",
            "firefox",
            "nixpkgs 0<nixpkgs:firefox-unwrapped!",
        ),
        ("onnxruntime = o.onnxruntime;", "firefox", "<nixpkgs:firefox!"),
        ("hello = o.stdenv.mkDerivation { };", "firefox", "<nixpkgs:firefox!"),
        (
            "python312 = o.python312.override { packageOverrides = pf: p: { torch = p.WHEEL; }; };",
            "python312Packages.torchvision",
            "nixpkgs",
        ),
    ] {
        let flake = flake.replace("NAMES", names).replace("PICKED", picked).replace("WHEEL", WHEEL);
        hold(&[("nixpkgs", &flake, &[&format!("packages.x.a: {told}")])]);
    }
}

/// `override` calls the function of `callPackage` again, with the packages that it gets.
#[test]
fn what_was_called_with_packages_is_called_again() {
    for (picked, told) in [
        ("made", "nixpkgs 0<nixpkgs:python3Packages.torch!"),
        (
            "made.override { python3Packages = gpu.python3Packages; }",
            "nixpkgs 0<nixpkgs[cudaSupport]:python3Packages.torch!",
        ),
        (
            "made.override (old: { inherit (gpu) python3Packages; })",
            "nixpkgs 0<nixpkgs[cudaSupport]:python3Packages.torch!",
        ),
        (
            "(made.override { hello = gpu.hello; }).override { inherit (gpu) python3Packages; }",
            "nixpkgs 0<nixpkgs[cudaSupport]:python3Packages.torch!",
        ),
        ("made.override { python3Packages = { torch = null; }; }", "nixpkgs"),
        ("made.overrideAttrs { patches = [ ]; }", "nixpkgs 0<nixpkgs:python3Packages.torch!"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let
               gpu = import nixpkgs {{ config.cudaSupport = true; }};
               made = nixpkgs.legacyPackages.x.callPackage
                 ({{ stdenv, python3Packages, hello ? null }}: stdenv.mkDerivation {{
                   buildInputs = [ python3Packages.torch ]; }}) {{ }};
             in {{ packages.x.a = {picked}; }}"
        );
        hold(&[("nixpkgs", &flake, &[&format!("packages.x.a: {told}")])]);
    }
}

/// A dependency's scope is one like any other, but for that of `pyproject.nix`, which stands for a
/// set of nixpkgs: what it resolves by versions is too expensive.
#[test]
fn scopes_of_dependencies() {
    let root = "{ outputs = { nixpkgs, dep, ... }: let
        pkgs = import nixpkgs { system = \"x\"; config.cudaSupport = true; };
        in { packages.x.y = pkgs.symlinkJoin { paths = [ dep.packages.x.a ]; }; }; }";
    let dep = "{ outputs = { nixpkgs, ... }: { packages.x.a = (nixpkgs.lib.makeScope
        nixpkgs.legacyPackages.x.newScope (self: { own = nixpkgs.legacyPackages.x.torch;
        a = self.callPackage ({ stdenv, own }: stdenv.mkDerivation { buildInputs = [ own ]; }) { };
        })).a; }; }";
    for (repository, is_seen) in [("o/dep", true), ("pyproject-nix/pyproject.nix", false)] {
        let read = read_world(&[
            flake("root", &format!("nixpkgs dep={repository}"), &[("flake.nix", root)]),
            flake("dep", "nixpkgs", &[("flake.nix", dep)]),
        ]);
        let told = read.told().join("\n");
        assert_eq!(told.contains("torch"), is_seen, "{repository}: {told}");
        assert_eq!(told.contains(":own"), !is_seen, "{repository}: {told}");
    }
}
