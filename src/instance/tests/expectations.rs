//! Where a wrapper is expected, and what shows that it is meant for dependencies.

use super::*;

/// Each wrapper that a flake holds, with what shows that it is meant for its dependencies.
fn held(analysis: &Analysis<'_, '_, '_>, flake: &str) -> Vec<(String, Option<Firmness>)> {
    let flake = node(analysis, flake);
    let of_flake = analysis.expectations().iter().find(|expectation| expectation.flake == flake);
    let held = of_flake.into_iter().flat_map(|expectation| &expectation.held);
    held.map(|held| (path(analysis, held.input), held.firm)).collect()
}

fn firm(text: &str, configured: &[&str]) -> Option<Firmness> {
    declared(text, configured, &[], |analysis| held(analysis, "root")[0].1)
}

#[test]
fn what_shows_that_a_wrapper_is_meant() {
    // Nothing shows it: permissions only, on a nixpkgs of its own, and nobody follows it.
    let aside =
        "root: nixpkgs, nixpkgs-unfree, a\nnixpkgs-unfree: nixpkgs=nixpkgs_2\na: nixpkgs=/nixpkgs";
    assert_eq!(firm(aside, &[]), None);
    assert_eq!(firm(aside, &["nixpkgs-unfree"]), Some(Firmness::Declared));
    let gpu = aside.replace("nixpkgs-unfree", "nixpkgs-gpu");
    assert_eq!(firm(&gpu, &[]), Some(Firmness::BuildSettings));
    let on_own = aside.replace("nixpkgs=nixpkgs_2", "nixpkgs=/nixpkgs");
    assert_eq!(firm(&on_own, &[]), Some(Firmness::BuiltOnOwnNixpkgs));
    let followed = aside.replace("a: nixpkgs=/nixpkgs", "a: nixpkgs=/nixpkgs-unfree");
    assert_eq!(firm(&followed, &[]), Some(Firmness::Followed));
    let is_own = "root: nixpkgs=nixpkgs-unfree, a\nnixpkgs-unfree: nixpkgs\na: nixpkgs=/nixpkgs";
    assert_eq!(firm(is_own, &[]), Some(Firmness::OwnNixpkgs));
    // Both this wrapper and the root have no nixpkgs, which does not count as the same one.
    let nowhere = "root: nixpkgs-unfree, a\nnixpkgs-unfree: nixpkgs=/nixpkgs-unfree\na";
    assert_eq!(firm(nowhere, &[]), None);
}

#[test]
fn followers_count_below_the_flake_that_holds_it() {
    // `a` holds one, and `a/b` follows it. The root's `c` and `zz` follow the one that `z` holds.
    let text = "
        root: a, c, z, zz
        a: nixpkgs=nixpkgs_2, nixpkgs-unfree, b
        nixpkgs-unfree: nixpkgs
        b: nixpkgs=/a/nixpkgs-unfree
        c: nixpkgs=/z/nixpkgs-unfree
        zz: nixpkgs=/z/nixpkgs-unfree
        z: nixpkgs=nixpkgs_3, nixpkgs-unfree=nixpkgs-unfree_2
        nixpkgs-unfree_2: nixpkgs=nixpkgs_4
    ";
    with(text, |analysis| {
        let of =
            |flake| held(analysis, flake).into_iter().map(|(_, firm)| firm).collect::<Vec<_>>();
        assert_eq!(of("a"), [Some(Firmness::Followed)]);
        assert_eq!(of("z"), [None], "who follows it stands elsewhere");
        assert_eq!(of("root"), []);
        // A flake expects its own nixpkgs of everything below.
        assert_eq!(of("c"), [Some(Firmness::OwnNixpkgs)]);
    });
}

#[test]
fn a_wrapper_is_held_once_and_declared_ones_come_first() {
    let text = "
        root: aaa=/nixpkgs-gpu, nixpkgs, nixpkgs-gpu, nixpkgs-unfree
        nixpkgs-gpu: nixpkgs=/nixpkgs
        nixpkgs-unfree: nixpkgs=/nixpkgs
    ";
    with(text, |analysis| {
        let names: Vec<_> = held(analysis, "root").into_iter().map(|(name, _)| name).collect();
        // The name is that of the input that owns it, not of the first one.
        assert_eq!(names, ["nixpkgs-gpu", "nixpkgs-unfree"]);
    });
    declared(text, &["nixpkgs-unfree"], &[], |analysis| {
        let names: Vec<_> = held(analysis, "root").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["nixpkgs-unfree", "nixpkgs-gpu"]);
    });
    // A wrapper expects nothing of its base.
    let nested = "root: nixpkgs-gpu\nnixpkgs-gpu: nixpkgs=nixpkgs-unfree\nnixpkgs-unfree: nixpkgs";
    declared(nested, &["nixpkgs-gpu"], &[], |analysis| {
        assert_eq!(analysis.wrappers().len(), 2);
        assert_eq!(held(analysis, "nixpkgs-gpu"), []);
    });
}
