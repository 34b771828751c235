//! flake-parts' partitions: two locks that are one flake.

use super::*;
use crate::instance::{Mismatch, Seen};

/// A flake with a partition, and the flake in `dev` that is there for its inputs.
struct Partitioned {
    outer: Flake,
    dev: Flake,
}

impl Partitioned {
    /// `per_system` is what the partition sets for each system, `options` more of the flake's own.
    fn new(per_system: &str, options: &str) -> Self {
        let mut outer = Flake::new(&format!(
            "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
               systems = [ \"x86_64-linux\" ];
               imports = [ inputs.flake-parts.flakeModules.partitions ];
               partitionedAttrs.devShells = \"dev\";
               partitions.dev.extraInputsFlake = ./dev;
               partitions.dev.module = {{ inputs, ... }}: {{ perSystem = {{ pkgs, system, ... }}: {{
                 {per_system} }}; }};
               {options} }}"
        ));
        outer.github("root", "flake-parts", "hercules-ci/flake-parts");
        let mut dev = Flake::new("_: { }");
        dev.github("root", "solver", "acme/solver");
        dev.follows("solver", "nixpkgs", &["nixpkgs"]);
        Self { outer, dev }
    }

    /// Calls the functions with the analyses of the flake and of the one in `dev`.
    fn read<T>(&self, then: impl Fn(&Analysis<'_, '_, '_>) -> T) -> [T; 2] {
        self.outer.write("flake.lock", &self.outer.lock());
        self.outer.write("dev/flake.nix", "{ outputs = _: { }; }");
        self.outer.write("dev/flake.lock", &self.dev.lock());
        [self.outer.read(&then), self.dev.read_in(&self.outer.path().join("dev"), &then)]
    }

    /// What mismatches, in both locks: names of packages, or of the inputs that were not read.
    fn mismatches(&self) -> [Vec<String>; 2] {
        self.read(|analysis| {
            let name = |of: &Mismatch| match &of.seen {
                Seen::Package(name, _) => name.clone(),
                Seen::Opaque(_, input, _) => analysis.graph().lock().input(*input).name.to_owned(),
            };
            let all = analysis.verdicts().into_iter().flat_map(|of| of.mismatches.iter());
            all.map(|(_, of)| name(of)).collect()
        })
    }
}

/// Inputs of the other lock are judged where they are locked, with what takes them in.
#[test]
fn inputs_of_partitions_are_judged_in_their_own_lock() {
    let cuda =
        "_module.args.pkgs = import inputs.nixpkgs { inherit system; config.cudaSupport = true; };";
    let shell = |packages: &str| {
        format!("devShells.default = pkgs.mkShell {{ packages = [ {packages} ]; }};")
    };
    let solver = "inputs.solver.packages.${system}.default";
    let plain = "inputs.nixpkgs.legacyPackages.${system}.ollama";
    for (per_system, expected) in [
        (format!("{cuda} {}", shell(solver)), &["solver"][..]),
        (format!("{cuda} {}", shell(&format!("{solver} {plain}"))), &["solver", "ollama"]),
        (format!("{cuda} {}", shell("pkgs.hello")), &[]),
        (shell(solver), &[]),
        (format!("{cuda} {} packages.other = {solver};", shell("pkgs.hello")), &[]),
    ] {
        let flake = Partitioned::new(&per_system, "");
        assert_eq!(flake.mismatches(), [Vec::new(), expected.to_vec()], "{per_system}");
    }
}

/// What a flake itself takes is not a matter of the other lock, nor is what a partition takes of the
/// flake's own inputs.
#[test]
fn the_flake_itself_is_judged_in_its_own_lock() {
    let own = "perSystem = { system, ... }: { packages.default =
        (import inputs.nixpkgs { inherit system; config.cudaSupport = true; }).mkShell {
          packages = [ inputs.tool.packages.${system}.default ]; }; };";
    let mut flake = Partitioned::new("devShells.default = pkgs.hello;", own);
    flake.outer.github("root", "tool", "acme/tool");
    flake.outer.follows("tool", "nixpkgs", &["nixpkgs"]);
    assert_eq!(flake.mismatches(), [vec!["tool".to_owned()], Vec::new()]);

    let shell = "devShells.default = (import inputs.nixpkgs {
        inherit system; config.cudaSupport = true; }).mkShell {
          packages = [ inputs.tool.packages.${system}.default ]; };";
    let mut flake = Partitioned::new(shell, "");
    flake.outer.github("root", "tool", "acme/tool");
    flake.outer.follows("tool", "nixpkgs", &["nixpkgs"]);
    assert_eq!(flake.mismatches(), [vec!["tool".to_owned()], Vec::new()]);
}

/// A partition has the packages of its own nixpkgs, and its place is named as the user would.
#[test]
fn partitions_have_their_own_nixpkgs() {
    let flake =
        Partitioned::new("devShells.default = pkgs.mkShell { packages = [ pkgs.ollama ]; };", "");
    let [outer, dev] = flake.read(|analysis| {
        let reading = analysis.sources().outputs().expect("outputs");
        let made = reading.outputs.iter().flat_map(|output| &output.builders);
        let based = made.filter_map(|of| analysis.base_of(reading.instance(of.instance)?));
        let file = reading.files.iter().find(|file| file.text.contains("mkShell")).unwrap();
        let shown = analysis.sources().root().unwrap().shown("dev/", &file.path);
        (based.count(), reading.outputs.len(), shown)
    });
    assert_eq!(outer, (0, 1, "dev/flake.nix".to_owned()));
    assert_eq!(dev, (1, 1, "flake.nix".to_owned()));
}

/// Without the other lock, or if it is broken, its inputs are unknown.
#[test]
fn a_lock_that_cannot_be_read_is_unknown() {
    let shell = "devShells.default = pkgs.mkShell { packages = [ inputs.solver.packages.x.y ]; };";
    let flake = Partitioned::new(shell, "");
    flake.read(|_| ());
    for text in ["{", "null", ""] {
        flake.outer.write("dev/flake.lock", text);
        flake.outer.read(|analysis| {
            let reading = analysis.sources().outputs().expect("outputs");
            assert_eq!(reading.other_locks.len(), 1);
        });
    }
    flake.outer.write("flake.lock", "{");
    let folder = flake.outer.path().join("dev");
    flake.dev.read_in(&folder, |analysis| assert!(analysis.sources().outputs().is_none()));
}
