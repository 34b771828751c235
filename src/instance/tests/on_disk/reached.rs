//! Through which slots something is taken of flakes that are not on disk.

use super::*;

/// Which slots, of a flake and of one below it, the root takes something through when it takes
/// this; and how many of them are mismatches in its shell.
fn reached(repository: &str, taken: &str) -> (Vec<&'static str>, usize) {
    let mut flake = Flake::new(&format!(
        "{{ nixpkgs, dep, ... }}: {{
           packages.x.mine = (import nixpkgs {{ config.cudaSupport = true; }}).mkShell {{
             packages = [ dep.{taken} ]; }}; }}"
    ));
    flake.github("root", "dep", repository);
    flake.github("dep", "sub", "acme/sub");
    flake.follows("dep", "nixpkgs", &["nixpkgs"]);
    flake.follows("sub", "nixpkgs", &["nixpkgs"]);
    flake.read(|analysis| {
        let verdicts = analysis.verdicts().unwrap();
        let slots = ["dep", "sub"].into_iter().filter(|key| {
            let slot = analysis.graph().lock().input_named(node(analysis, key), "nixpkgs").unwrap();
            verdicts.reached.contains(&slot)
        });
        (slots.collect(), verdicts.mismatches.len())
    })
}

#[test]
fn what_is_built_reaches_and_what_builds_with_what_it_is_given_does_not() {
    for (repository, taken, slots, mismatches) in [
        // Beside inline settings, only its primary slot counts.
        ("acme/dep", "packages.x.default", vec!["dep", "sub"], 1),
        ("acme/dep", "devShells.x.default", vec!["dep", "sub"], 1),
        ("acme/dep", "overlays.default", vec![], 0),
        ("acme/dep", "nixosModules.default", vec![], 0),
        ("acme/dep", "lib.x", vec![], 0),
        ("acme/dep", "templates.x", vec![], 0),
        // The table of known flakes wins over what is taken.
        ("nix-community/disko", "packages.x.default", vec![], 0),
        ("numtide/treefmt-nix", "lib.x", vec![], 0),
    ] {
        assert_eq!(reached(repository, taken), (slots, mismatches), "{repository} {taken}");
    }
}

/// What the table knows of a flake holds wherever it is fetched from: its overlay need not be read.
#[test]
fn a_known_flake_on_another_host_need_not_be_read() {
    for (url, unread) in
        [("https://codeberg.org/LGFae/awww", 0), ("https://codeberg.org/LGFae/another", 1)]
    {
        let mut flake = Flake::new(
            "{ nixpkgs, it, ... }: { packages.x.a = (import nixpkgs {
                 overlays = [ it.overlays.default ]; }).mkShell { }; }",
        );
        let reference = json!({ "type": "git", "url": url });
        flake.node(
            "root",
            "it",
            json!({ "locked": reference, "original": reference, "inputs": {} }),
        );
        let not_read = flake.read(|analysis| {
            let outputs = &analysis.sources().outputs().unwrap().outputs;
            outputs.iter().map(|output| output.not_read.len()).sum::<usize>()
        });
        assert_eq!(not_read, unread, "{url}");
    }
}
