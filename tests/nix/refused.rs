//! The output of `flake-audit verify` if Nix gives no answer.

use std::fs;

use crate::program;
use crate::textbook::{FOLLOWS_PLAIN, world};
use crate::world::Verified;

/// Checks that no instance gives a derivation, for this reason.
fn fails(verified: &Verified, reason: &str) {
    assert_eq!((verified.count().as_str(), verified.code), ("no derivation", 2), "{verified:?}");
    let told = format!("  not evaluated: {reason}\n");
    assert_eq!(verified.stdout.matches(&told).count(), 2, "{reason}: {verified:?}");
}

#[test]
fn an_instance_that_fails_is_told_with_the_reason() {
    for nix in &program::all() {
        let world = world(nix, "root", FOLLOWS_PLAIN);
        let of = |attribute: &str| world.verify("root", &["--attr", attribute]);
        fails(&of("python3Packages.jax"), "attribute 'jax' missing");
        fails(&of("noDerivation"), "its `drvPath` is not that of a derivation");
        // The message of `throw` is only text.
        fails(&of("hostile"), "\\u202etwo");
        // If only some are known, the output does not say that there is one.
        let unfree = of("cudatoolkit");
        let reason =
            "not evaluated: Package 'cudatoolkit' has an unfree license, refusing to evaluate.";
        assert!(unfree.stdout.contains(reason), "{unfree:?}");
        assert_eq!((unfree.count().as_str(), unfree.code), ("1 derivation", 2));
        let system = world.verify("root", &["--system", "riscv64-linux"]);
        fails(&system, "attribute 'riscv64-linux' missing");
    }
}

#[test]
fn nothing_is_built() {
    for nix in &program::all() {
        let verified = world(nix, "root", FOLLOWS_PLAIN).verify("root", &["--attr", "imported"]);
        assert_eq!(
            (verified.count().as_str(), verified.code),
            ("no derivation", 2),
            "{verified:?}"
        );
        let reason = "because the option 'allow-import-from-derivation' is disabled\n";
        assert_eq!(verified.stdout.matches(reason).count(), 2, "{verified:?}");
    }
}

#[test]
fn a_lock_that_nix_would_not_use_is_an_error() {
    for nix in &program::all() {
        let world = world(nix, "root", FOLLOWS_PLAIN);
        let text = fs::read_to_string(world.at("root/flake.nix")).unwrap();
        let changed = text.replace(
            "dep.inputs.nixpkgs.follows = \"nixpkgs\"",
            "dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\"",
        );
        world.write("root/flake.nix", &changed);
        let verified = world.verify("root", &[]);
        assert_eq!((verified.code, verified.stdout.as_str()), (2, ""), "{verified:?}");
        assert!(verified.stderr.contains("run `nix flake lock`"), "{verified:?}");

        world.write("root/flake.nix", "{ outputs = \"\u{1b}[31m\"; }\n");
        let verified = world.verify("root", &[]);
        assert_eq!((verified.code, verified.stdout.as_str()), (2, ""), "{verified:?}");
        let lines: Vec<_> = verified.stderr.lines().collect();
        assert!(lines[0].contains("Nix refuses this flake.nix"), "{verified:?}");
        assert!(lines[1].starts_with("error: nix flake metadata: "), "{verified:?}");
        assert!(!verified.stderr.contains('\u{1b}'), "{verified:?}");
        assert_eq!(lines.len(), 2, "{verified:?}");
    }
}
