//! What packages, shells and overlays take in.

use super::*;

/// The packages of a flake, with `pkgs` for a nixpkgs with CUDA and `plain` for one without.
fn package(expr: &str) -> Read {
    read_files(
        "nixpkgs dep",
        &[
            (
                "flake.nix",
                &format!(
                    "{{ outputs = {{ self, nixpkgs, dep, ... }}@inputs: let
                       plain = nixpkgs.legacyPackages.x86_64-linux;
                       pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config.cudaSupport = true; }};
                       lib = pkgs.lib;
                     in {{ packages.x86_64-linux.it = {expr}; }}; }}"
                ),
            ),
            ("p.nix", "{ stdenv, tool, flag ? false }: stdenv.mkDerivation { buildInputs = [ tool ]; }"),
            ("python.nix", "{ buildPythonPackage, torch, numpy }: buildPythonPackage {
                propagatedBuildInputs = [ torch numpy ]; }"),
            ("shell.nix", "{ pkgs ? import <nixpkgs> { } }: pkgs.mkShell { packages = [ pkgs.tool ]; }"),
            ("whole.nix", "pkgs: pkgs.mkShell { packages = [ pkgs.tool ]; }"),
        ],
    )
}

#[test]
fn what_is_made() {
    const TOOL: &str = "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:tool";
    const TORCH: &str = "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:python3.torch!";
    let mut wrong = String::new();
    for (expr, told) in [
        ("pkgs.mkShell { packages = [ pkgs.tool ]; }", TOOL),
        ("pkgs.mkShell { buildInputs = with pkgs; [ tool ]; }", TOOL),
        ("pkgs.mkShell { inputsFrom = [ (pkgs.mkShell { packages = [ pkgs.tool ]; }) ]; }", TOOL),
        // What a package is made of is taken, and not the package.
        (
            "pkgs.mkShell { packages = [ pkgs.tool ];
               inputsFrom = with pkgs; [ ollama (hello.override { }) ]; }",
            TOOL,
        ),
        ("pkgs.mkShell { shellHook = \"${pkgs.tool}/bin/x\"; }", TOOL),
        ("pkgs.mkShell { LD_LIBRARY_PATH = lib.makeLibraryPath [ pkgs.tool ]; }", TOOL),
        (
            "pkgs.mkShell.override { stdenv = pkgs.clangStdenv; } { packages = [ pkgs.tool ]; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:clangStdenv 0<nixpkgs[cudaSupport]:tool",
        ),
        ("(pkgs.mkShell.override { }) { packages = [ pkgs.tool ]; }", TOOL),
        ("pkgs.mkShellNoCC { packages = [ pkgs.tool ]; }", TOOL),
        ("pkgs.stdenv.mkDerivation { buildInputs = [ pkgs.tool ]; }", TOOL),
        ("pkgs.stdenv.mkDerivation (final: { buildInputs = [ pkgs.tool ]; })", TOOL),
        ("pkgs.stdenv.mkDerivation rec { a = [ pkgs.tool ]; buildInputs = a; }", TOOL),
        ("pkgs.rustPlatform.buildRustPackage { buildInputs = [ pkgs.tool ]; }", TOOL),
        // What something is checked with is taken if it is checked.
        ("pkgs.stdenv.mkDerivation { nativeCheckInputs = [ pkgs.tool ]; }", "nixpkgs[cudaSupport]"),
        ("pkgs.stdenv.mkDerivation { doCheck = true; checkInputs = [ pkgs.tool ]; }", TOOL),
        (
            "pkgs.stdenv.mkDerivation { doCheck = true; installCheckInputs = [ pkgs.tool ]; }",
            "nixpkgs[cudaSupport]",
        ),
        (
            "pkgs.stdenv.mkDerivation (final: { doCheck = false; checkInputs = [ pkgs.tool ]; })",
            "nixpkgs[cudaSupport]",
        ),
        ("pkgs.rustPlatform.buildRustPackage { nativeCheckInputs = [ pkgs.tool ]; }", TOOL),
        (
            "pkgs.rustPlatform.buildRustPackage { doCheck = false; checkInputs = [ pkgs.tool ]; }",
            "nixpkgs[cudaSupport]",
        ),
        (
            "pkgs.python3Packages.buildPythonPackage { dependencies = [ ];
               optional-dependencies.x = [ pkgs.tool ]; }",
            "nixpkgs[cudaSupport]",
        ),
        ("pkgs.symlinkJoin { name = \"x\"; paths = [ pkgs.tool ]; }", TOOL),
        ("pkgs.buildEnv { name = \"x\"; paths = [ pkgs.tool ]; }", TOOL),
        ("pkgs.buildFHSEnv { targetPkgs = pkgs: [ pkgs.tool ]; }", TOOL),
        ("(pkgs.buildFHSUserEnv { targetPkgs = p: with p; [ tool ]; }).env", TOOL),
        ("pkgs.writeShellScriptBin \"x\" \"exec ${pkgs.tool}/bin/tool\"", TOOL),
        ("pkgs.writeShellScriptBin \"x\" ''exec ${lib.getExe pkgs.tool}''", TOOL),
        ("pkgs.writeShellApplication { runtimeInputs = [ pkgs.tool ]; }", TOOL),
        ("pkgs.runCommand \"x\" { nativeBuildInputs = [ pkgs.tool ]; } \"\"", TOOL),
        ("pkgs.dockerTools.buildLayeredImage { contents = [ pkgs.tool ]; }", TOOL),
        ("pkgs.callPackage ./p.nix { }", TOOL),
        ("pkgs.callPackage (import ./p.nix) { }", TOOL),
        ("pkgs.callPackage ./p.nix { flag = true; }", TOOL),
        ("pkgs.callPackage ./p.nix { tool = plain.tool; }", "nixpkgs[cudaSupport] 0<nixpkgs:tool"),
        ("pkgs.callPackage ({ mkShell, tool }: mkShell { packages = [ tool ]; }) { }", TOOL),
        ("(lib.callPackageWith pkgs) ./p.nix { }", TOOL),
        ("lib.callPackageWith (pkgs // { }) ./p.nix { }", TOOL),
        ("import ./shell.nix { inherit pkgs; }", TOOL),
        ("import ./whole.nix pkgs", TOOL),
        ("(import ./shell.nix { inherit pkgs; }).overrideAttrs (old: { })", TOOL),
        ("(pkgs.callPackage ./p.nix { }).overrideAttrs (old: { a = [ pkgs.tool ]; })", TOOL),
        ("lib.makeOverridable (a: pkgs.mkShell { packages = [ pkgs.tool ]; }) { }", TOOL),
        ("pkgs.python3.withPackages (ps: [ ps.torch ])", TORCH),
        ("pkgs.python3.withPackages (ps: with ps; [ torch ])", TORCH),
        ("pkgs.python3.withPackages (ps: builtins.attrValues { inherit (ps) torch; })", TORCH),
        (
            "pkgs.python3.buildEnv.override { extraLibs = [ pkgs.python3.pkgs.torch ]; }",
            "<nixpkgs[cudaSupport]:python3.buildEnv <nixpkgs[cudaSupport]:python3.pkgs.torch!",
        ),
        ("pkgs.mkShell { packages = [ (pkgs.python3.withPackages (ps: [ ps.torch ])) ]; }", TORCH),
        (
            "pkgs.mkShell { packages = [ (plain.python3.withPackages (ps: [ ps.torch ])) ]; }",
            "nixpkgs[cudaSupport] nixpkgs 1<nixpkgs:python3.torch!",
        ),
        (
            "pkgs.python3Packages.callPackage ./python.nix { }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:python3Packages.numpy \
             0<nixpkgs[cudaSupport]:python3Packages.torch!",
        ),
        (
            "pkgs.python3Packages.buildPythonApplication { dependencies = with pkgs.python3Packages; [ torch ]; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:python3Packages.torch!",
        ),
        (
            "let python = pkgs.python3.override { packageOverrides = f: p: { mine = p.torch; }; };
            in python.withPackages (ps: [ ps.mine ])",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:python3.torch!",
        ),
        (
            "let python = pkgs.python3.override { packageOverrides = f: p: { torch = p.torch-bin; }; };
            in python.withPackages (ps: [ ps.torch ps.numpy ])",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:python3.numpy \
             0<nixpkgs[cudaSupport]:python3.torch-bin",
        ),
        ("pkgs.tool", "<nixpkgs[cudaSupport]:tool"),
        ("pkgs.tool.override { }", "<nixpkgs[cudaSupport]:tool"),
        ("pkgs.tool.overrideAttrs (old: { patches = [ ]; })", "<nixpkgs[cudaSupport]:tool"),
        ("(pkgs.tool.override { x = plain.y; })", "<nixpkgs:y <nixpkgs[cudaSupport]:tool"),
        ("plain.ollama.override { cudaSupport = true; }", "<nixpkgs:ollama+"),
        ("plain.ollama.override { acceleration = \"cuda\"; }", "<nixpkgs:ollama+"),
        ("plain.ollama.override { acceleration = false; }", "<nixpkgs:ollama"),
        ("plain.opencv.override { enableCuda = false; }", "<nixpkgs:opencv"),
        ("plain.magma.override { rocmSupport = false; }", "<nixpkgs:magma!"),
        ("plain.ollama.override (old: { cudaSupport = true; })", "<nixpkgs:ollama+"),
        (
            "plain.ollama.overrideAttrs (old: { buildInputs = [ ]
                ++ (with plain.cudaPackages; [ libcublas ]); })",
            "<nixpkgs:cudaPackages.libcublas <nixpkgs:ollama+",
        ),
        (
            "plain.ollama.overrideAttrs { buildInputs = [ plain.tool ]; }",
            "<nixpkgs:ollama! <nixpkgs:tool",
        ),
        (
            "plain.python3Packages.torch.override { cudaSupport = true; }",
            "<nixpkgs:python3Packages.torch+",
        ),
        ("plain.python3Packages.torchWithCuda", "<nixpkgs:python3Packages.torchWithCuda"),
        ("plain.ollama-cuda", "<nixpkgs:ollama-cuda"),
        (
            "pkgs.mkShell { packages = [ pkgs.cudaPackages.cudatoolkit pkgs.cudatoolkit ]; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:cudaPackages.cudatoolkit% \
             0<nixpkgs[cudaSupport]:cudatoolkit%",
        ),
        (
            "pkgs.mkShell { packages = [ dep.packages.x86_64-linux.t ]; }",
            "nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.t",
        ),
        (
            "pkgs.mkShell { packages = [ (dep.packages.x86_64-linux.t.override { inherit (pkgs) tool; }) ]; }",
            "nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.t 0<nixpkgs[cudaSupport]:tool",
        ),
        (
            "pkgs.mkShell { packages = [ (pkgs.callPackage \"${dep}/package.nix\" { }) ]; }",
            "nixpkgs[cudaSupport] -- a file of `dep`",
        ),
        ("self.packages.x86_64-linux.it2 or pkgs.tool", "<nixpkgs[cudaSupport]:tool"),
        (
            "builtins.derivation { name = \"x\"; builder = \"${pkgs.tool}/bin/x\"; }",
            "<nixpkgs[cudaSupport]:tool",
        ),
        // Links under names of their own: nothing is built together.
        ("pkgs.linkFarm \"x\" { a = pkgs.tool; }", "<nixpkgs[cudaSupport]:tool"),
        ("pkgs.linkFarm \"x\" [ { name = \"a\"; path = pkgs.tool; } ]", "<nixpkgs[cudaSupport]:tool"),
        ("pkgs.symlinkJoin { name = \"x\"; paths = [ pkgs.tool ]; }", TOOL),
        ("pkgs.haskellPackages.callCabal2nix \"x\" ./. { }", "nixpkgs[cudaSupport]"),
        ("pkgs.haskellPackages.developPackage { root = ./.; }", "nixpkgs[cudaSupport]"),
        (
            "(pkgs.lib.makeScope pkgs.newScope (self: { a = self.callPackage ./p.nix { }; })).a",
            TOOL,
        ),
        // Arguments are taken from the scope first, also where another one makes packages.
        (
            "(lib.makeScope pkgs.newScope (self: { tool = plain.tool; a = self.callPackage ./p.nix
            { }; })).a",
            "nixpkgs[cudaSupport] 0<nixpkgs:tool",
        ),
        (
            "(lib.makeScope plain.newScope (self: { inherit (pkgs) tool; a = self.callPackage
            ./p.nix { }; })).a",
            "nixpkgs 0<nixpkgs[cudaSupport]:tool",
        ),
        (
            "(lib.makeScope plain.newScope (self: { inherit (pkgs) stdenv; a = self.callPackage
            ({ stdenv, tool }: stdenv.mkDerivation { buildInputs = [ tool ]; }) { }; })).a",
            "nixpkgs[cudaSupport] 0<nixpkgs:tool",
        ),
        (
            "((lib.makeScope pkgs.newScope (self: { tool = self.third; a = self.callPackage ./p.nix
            { }; })).overrideScope (final: prev: { third = prev.b; b = plain.other; }
            // { third = plain.other; })).a",
            "nixpkgs[cudaSupport] 0<nixpkgs:other",
        ),
        (
            "(lib.makeScope pkgs.newScope (self: { b = plain.other; a = self.newScope { tool =
            self.b; } ./p.nix { }; })).a",
            "nixpkgs[cudaSupport] 0<nixpkgs:other",
        ),
        (
            "(lib.makeScope pkgs.newScope (self: { tool = plain.tool; inner = lib.makeScope
            self.newScope (inner: { a = inner.callPackage ./p.nix { }; }); })).inner.a",
            "nixpkgs[cudaSupport] 0<nixpkgs:tool",
        ),
        (
            "(pkgs.makeScopeWithSplicing' { otherSplices = pkgs.generateSplicesForMkScope \"x\";
            f = self: { tool = plain.tool; a = self.callPackage ./p.nix { }; }; }).a",
            "nixpkgs[cudaSupport] 0<nixpkgs:tool",
        ),
        ("pkgs.newScope { unused = pkgs.other; } ./p.nix { }", TOOL),
        (
            "pkgs.newScope { tool = pkgs.other; } ./p.nix { }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:other",
        ),
        (
            "(let all = pkgs // { tool = pkgs.other; unused = pkgs.third;
                callPackage = pkgs.newScope all; }; in all.callPackage ./p.nix { })",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:other",
        ),
        (
            "(pkgs.extend (f: p: { tool = p.other; })).mkShell { packages = [ (pkgs.extend (f: p:
            { tool = p.other; })).tool ]; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:other",
        ),
        (
            "lib.recurseIntoAttrs { a = pkgs.tool; }",
            "packages.x86_64-linux.it.a: <nixpkgs[cudaSupport]:tool",
        ),
        ("pkgs.nixosTest { nodes.a = { }; testScript = \"\"; }", "nixpkgs[cudaSupport]"),
        (
            "pkgs.testers.runNixOSTest { nodes.a = { environment.systemPackages = [ pkgs.tool ]; }; }",
            TOOL,
        ),
    ] {
        let read = package(expr).told();
        let read: Vec<_> = read
            .iter()
            .map(|one| one.strip_prefix("packages.x86_64-linux.it: ").unwrap_or(one))
            .collect();
        if read != [told] {
            write!(wrong, "\n{expr}\n  is  {}\n  not {told}\n", read.join("\n      ")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Names that overlays add stand for what they are made of.
#[test]
fn what_overlays_add() {
    hold(&[
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: {
               overlays.default = final: prev: { mine = final.callPackage ({ stdenv, a }:
                 stdenv.mkDerivation { buildInputs = [ a ]; }) { }; };
               packages.x.mine = (import nixpkgs { config.cudaSupport = true;
                 overlays = [ self.overlays.default ]; }).mine; }",
            &["packages.x.mine: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a"],
        ),
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: {
               overlays.default = final: prev: { mine = prev.a; };
               nixosConfigurations.h = nixpkgs.lib.nixosSystem { modules = [
                 ({ pkgs, ... }: { nixpkgs.overlays = [ self.overlays.default ];
                   environment.systemPackages = [ pkgs.mine ]; }) ]; }; }",
            &["nixosConfigurations.h: nixpkgs 0<nixpkgs:a"],
        ),
        // Only defined for others.
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: { overlays.default = final: prev: { mine = prev.a; };
               nixosModules.m = { pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; };
               lib.f = import nixpkgs { config.cudaSupport = true; };
               templates.t.path = ./.; }",
            &[],
        ),
        // An overlay that passes a name on, and one on top of another.
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.x.a = (import nixpkgs { overlays = [
                 (f: p: { b = p.c; }) (f: p: { a = p.b; }) ]; }).a; }",
            &["packages.x.a: <nixpkgs:c"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.x.a = (import nixpkgs { overlays = [
                 (f: p: { ollama = p.ollama.override { acceleration = \"cuda\"; }; }) ]; }).ollama; }",
            &["packages.x.a: <nixpkgs:ollama+"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.x.a = (import nixpkgs { overlays = [
                 (f: p: { python3 = p.python3.override { packageOverrides = pf: pp: {
                   torch = pp.torch-bin; }; }; }) ]; }).python3.withPackages (ps: [ ps.numpy ]); }",
            &["packages.x.a: nixpkgs 0<nixpkgs:python3.numpy"],
        ),
    ]);
}

/// Overlays on all sets of Python's packages.
#[test]
fn what_overlays_add_to_python() {
    let flake = "{ nixpkgs, ... }: { packages.x.a = let pkgs = import nixpkgs { overlays = [
        (f: p: { pythonPackagesExtensions = p.pythonPackagesExtensions ++ [
          (pf: pp: { NAMES }) ]; }) ]; }; in PICKED; }";
    for (names, picked, told) in [
        (
            "torch = pp.torch-bin;",
            "pkgs.python3.withPackages (ps: [ ps.torch ps.numpy ])",
            "packages.x.a: nixpkgs 0<nixpkgs:python3.numpy 0<nixpkgs:python3.torch-bin",
        ),
        (
            "torch = pp.torch-bin;",
            "pkgs.python3Packages.torch",
            "packages.x.a: <nixpkgs:python3Packages.torch-bin",
        ),
        (
            "torch = pp.torch-bin;",
            "pkgs.python311.pkgs.torch",
            "packages.x.a: <nixpkgs:python311.pkgs.torch-bin",
        ),
        // An overlay that looks at the set before it returns its additions.
        (
            "${if pp.torch.x then \"torch\" else \"torch\"} = pp.torch-bin;",
            "pkgs.python3Packages.numpy",
            "packages.x.a: <nixpkgs:python3Packages.numpy",
        ),
        // Additions made of themselves.
        (
            "torch = pp.torch.override { cudaSupport = true; };",
            "pkgs.python3Packages.torch",
            "packages.x.a: <nixpkgs:python3Packages.torch+",
        ),
        (
            "other = pp.torch-bin;",
            "pkgs.python3Packages.torch",
            "packages.x.a: <nixpkgs:python3Packages.torch!",
        ),
    ] {
        let flake = flake.replace("NAMES", names).replace("PICKED", picked);
        hold(&[("nixpkgs", &flake, &[told])]);
    }
}

/// Outputs that use others: `self.packages`, apps, checks.
#[test]
fn outputs_by_other_outputs() {
    hold(&[
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
               packages.x86_64-linux.a = pkgs.mkShell { packages = [ pkgs.t ]; };
               packages.x86_64-linux.default = self.packages.x86_64-linux.a;
               apps.x86_64-linux.a = { type = \"app\";
                 program = \"${self.packages.x86_64-linux.a}/bin/a\"; };
               apps.x86_64-linux.b = { type = \"app\";
                 program = toString (pkgs.writeShellScript \"b\" ''${pkgs.t}/bin/t''); };
               checks.x86_64-linux = self.packages.x86_64-linux;
               hydraJobs = { inherit (self) packages; };
               devShells.x86_64-linux.default = pkgs.mkShell {
                 inputsFrom = builtins.attrValues self.packages.x86_64-linux; };
               formatter.x86_64-linux = pkgs.nixfmt; }",
            &[
                "apps.x86_64-linux.a: nixpkgs 0<nixpkgs:t",
                "apps.x86_64-linux.b: nixpkgs 0<nixpkgs:t",
                "checks.x86_64-linux.a: nixpkgs 0<nixpkgs:t",
                "checks.x86_64-linux.default: nixpkgs 0<nixpkgs:t",
                "devShells.x86_64-linux.default: nixpkgs 0<nixpkgs:t",
                "hydraJobs.packages.x86_64-linux.a: nixpkgs 0<nixpkgs:t",
                "hydraJobs.packages.x86_64-linux.default: nixpkgs 0<nixpkgs:t",
                "packages.x86_64-linux.a: nixpkgs 0<nixpkgs:t",
                "packages.x86_64-linux.default: nixpkgs 0<nixpkgs:t",
            ],
        ),
        // A whole set is nobody's output; what is written into it is one.
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: { legacyPackages.x = nixpkgs.legacyPackages.x;
               legacyPackages.y = import nixpkgs { config.cudaSupport = true; }; }",
            &[],
        ),
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x; in {
               legacyPackages.x = pkgs // { mine = pkgs.mkShell { packages = [ pkgs.t ]; }; }; }",
            &["legacyPackages.x.mine: nixpkgs 0<nixpkgs:t"],
        ),
        // From before `packages.S` existed.
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
               defaultPackage.x86_64-linux = pkgs.t; devShell.x86_64-linux = pkgs.mkShell { };
               defaultApp.x86_64-linux = { type = \"app\"; program = \"${pkgs.t}/bin/t\"; }; }",
            &[
                "defaultApp.x86_64-linux: <nixpkgs:t",
                "defaultPackage.x86_64-linux: <nixpkgs:t",
                "devShell.x86_64-linux: nixpkgs",
            ],
        ),
        // Systems that differ in something.
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: { packages = nixpkgs.lib.genAttrs [ \"x86_64-linux\"
               \"aarch64-linux\" \"aarch64-darwin\" ] (system: let pkgs = import nixpkgs {
                 inherit system; config.cudaSupport = pkgs.lib.hasSuffix \"linux\" system; }; in {
               a = pkgs.t; b = pkgs.mkShell { packages = [ pkgs.b ]
                 ++ pkgs.lib.optional pkgs.stdenv.isDarwin pkgs.c; }; }); }",
            &[
                "packages.aarch64-darwin.a: <nixpkgs@mac:t",
                "packages.aarch64-darwin.b: nixpkgs@mac 0<nixpkgs@mac:b 0<nixpkgs@mac:c",
                "packages.x86_64-linux.a: <nixpkgs[cudaSupport]:t",
                "packages.x86_64-linux.b: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:b",
            ],
        ),
    ]);
}

/// Attributes beside a derivation are not built with it.
#[test]
fn beside_a_derivation() {
    hold(&[(
        "nixpkgs",
        "{ nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
           packages.x86_64-linux.p = pkgs.stdenv.mkDerivation { pname = \"p\"; buildInputs = [ pkgs.b ];
             passthru.tests.gpu = pkgs.ollama; meta.example = pkgs.torch; }; }",
        &["packages.x86_64-linux.p: nixpkgs 0<nixpkgs:b"],
    )]);
}

/// A package set is merged with other names, and is asked whether it is something else.
#[test]
fn package_sets_as_sets() {
    for made in [
        "(lib.recursiveUpdate { x = import nixpkgs-old { }; } { x.identifier = \"x\"; }).x",
        "(let of = c: if builtins.typeOf c == \"set\" && c ? outPath then of (import c) else c;
          in of (import nixpkgs-old { }))",
        "(import nixpkgs-old { } // { identifier = \"x\"; })",
    ] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: let lib = nixpkgs.lib; in {{
               devShells.x.default = {made}.mkShell {{ }}; }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told();
        assert_eq!(told, ["devShells.x.default: nixpkgs-old"], "{made}");
    }
}
