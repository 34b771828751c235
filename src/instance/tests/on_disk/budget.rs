//! One budget for all sources of a lock.

use super::*;

/// Code that lists a folder this many times.
fn listed(times: usize) -> String {
    dependency(&format!("[ {} ]", "(builtins.attrNames (builtins.readDir ./many))".repeat(times)))
}

/// A root that takes a package of each of `count` flakes, which are in folders with these names.
fn taking(count: usize, folder: impl Fn(usize) -> String) -> Flake {
    let takes: String =
        (0..count).map(|at| format!("packages.x.p{at} = inputs.d{at}.packages.x.a;\n")).collect();
    let mut flake = Flake::new(&format!(
        "{{ nixpkgs, ... }}@inputs: {{
           devShells.x.mine = (import nixpkgs {{ config.cudaSupport = true; }}).mkShell {{ }};
           {takes} }}"
    ));
    for at in 0..count {
        let name = format!("d{at}");
        flake.folder(&name, &format!("./{}", folder(at)));
        flake.follows(&name, "nixpkgs", &["nixpkgs"]);
    }
    flake
}

fn dependency(package: &str) -> String {
    format!("{{ outputs = {{ nixpkgs, ... }}: {{ packages.x.a = {package}; }}; }}")
}

/// Which of the flakes have a mismatch in their nixpkgs, and how many were cut short.
fn told(flake: &Flake, count: usize) -> (Vec<bool>, usize) {
    flake.read(|analysis| {
        let mismatches = analysis.verdicts().unwrap().mismatches.as_slice();
        let has = |at: usize| {
            let holder = node(analysis, &format!("d{at}"));
            let slot = analysis.graph().lock().input_named(holder, "nixpkgs").unwrap();
            mismatches.iter().any(|mismatch| mismatch.slot == Some(slot))
        };
        ((0..count).map(has).collect(), analysis.sources().cut_short.len())
    })
}

#[test]
fn many_flakes_with_the_same_code() {
    const MANY: usize = 200;
    for (package, is) in [("ollama", true), ("hello", false)] {
        let flake = taking(MANY, |_| "same".into());
        let package = format!("nixpkgs.legacyPackages.x.{package}");
        flake.write("same/flake.nix", &dependency(&package));
        assert_eq!(told(&flake, MANY), (vec![is; MANY], 0));
    }
}

#[test]
fn inputs_are_what_tells_flakes_with_the_same_code_apart() {
    let mut flake = taking(2, |_| "same".into());
    flake.write("same/flake.nix", &dependency("nixpkgs.legacyPackages.x.ollama"));
    // The second one's `nixpkgs` is an ordinary flake.
    flake.github("root", "plain", "acme/plain");
    flake.follows("d1", "nixpkgs", &["plain"]);
    assert_eq!(told(&flake, 2), (vec![true, false], 0));
}

/// An expensive flake leaves the others their share, and the result does not depend on the number
/// of threads.
#[test]
fn the_small_ones_are_read_beside_the_large_ones() {
    const MANY: usize = 30;
    let flake = taking(MANY, |at| format!("f{at}"));
    for at in 0..MANY {
        if at % 3 == 0 {
            let small = dependency("nixpkgs.legacyPackages.x.ollama");
            flake.write(&format!("f{at}/flake.nix"), &small);
            continue;
        }
        flake.write(&format!("f{at}/flake.nix"), &listed(4_000));
        for name in 0..200 {
            flake.write(&format!("f{at}/many/{name}"), "");
        }
    }
    let (has, cut_short) = told(&flake, MANY);
    assert!(has.iter().step_by(3).all(|has| *has), "{has:?}");
    assert!(cut_short > 0 && cut_short <= 20, "{cut_short}");
    for _ in 0..3 {
        assert_eq!(told(&flake, MANY), (has.clone(), cut_short));
    }
}

#[test]
fn a_listing_costs_each_time() {
    let told = |times: usize| {
        let flake = taking(1, |_| "f".into());
        flake.write("f/flake.nix", &listed(times));
        for at in 0..1_000 {
            flake.write(&format!("f/many/{at}"), "");
        }
        told(&flake, 1).1
    };
    assert_eq!(told(10), 0);
    assert_eq!(told(12_500), 1);
}
