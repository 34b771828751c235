//! Unconfigured slots, grouped by the input whose override cures them.

use super::*;

/// Each cause in a line: its kind, slot, what it affects, and what to override.
fn causes(analysis: &Analysis<'_, '_, '_>) -> Vec<String> {
    let told = |cause: &Cause| {
        let kind = match cause.kind {
            CauseKind::Primary => "primary",
            CauseKind::ThroughWrapper => "through",
            CauseKind::Secondary => "secondary",
        };
        let mut line = format!("{kind} {}", path(analysis, cause.slot));
        if !cause.affects.is_empty() {
            line += &format!(" affects {}", paths(analysis, &cause.affects).join(" "));
        }
        if cause.overrides != [cause.slot] {
            line += &format!(" by {}", paths(analysis, &cause.overrides).join(" "));
        }
        if !cause.target.unique {
            line += ", to be chosen";
        }
        match cause.light {
            None => {}
            Some(Light::HeldByDependency) => line += ", held by a dependency",
            Some(Light::PermissionsOnly) => line += ", permissions",
            Some(Light::Use(_)) => line += ", by use",
        }
        line += &cause.pin.map_or(String::new(), |pin| format!(", pins {}", path(analysis, pin)));
        let passing = cause.passing;
        line + &passing.map_or(String::new(), |by| format!(", passed by {}", path(analysis, by)))
    };
    analysis.causes().iter().map(told).collect()
}

const ROOT: &str = "root: nixpkgs, nixpkgs-gpu, a, b\nnixpkgs-gpu: nixpkgs=/nixpkgs\n";

/// The causes below a root with `nixpkgs`, a wrapper on it, and dependencies `a` and `b`.
fn below(text: &str) -> Vec<String> {
    with(&format!("{ROOT}{text}"), causes)
}

#[test]
fn the_last_slot_before_the_roots_own_input_is_the_cause() {
    assert_eq!(below("a: nixpkgs=/nixpkgs"), ["primary a/nixpkgs"]);
    assert_eq!(below("a: nixpkgs=nixpkgs_2"), ["primary a/nixpkgs"]);
    assert_eq!(
        below("a: nixpkgs=/nixpkgs, c\nc: nixpkgs=/a/nixpkgs, d\nd: nixpkgs=/a/c/nixpkgs"),
        ["primary a/nixpkgs affects a/c/nixpkgs a/c/d/nixpkgs"]
    );
    assert_eq!(
        below("a: nixpkgs=nixpkgs_2, c\nc: nixpkgs=nixpkgs_3\nb: nixpkgs=/a/c/nixpkgs"),
        ["primary a/nixpkgs", "primary a/c/nixpkgs affects b/nixpkgs"]
    );
    // What follows the wrapper is cured with it, and the root's own input is no slot.
    assert!(below("a: nixpkgs=/nixpkgs-gpu, c\nc: nixpkgs=/a/nixpkgs").is_empty());
}

#[test]
fn what_leads_through_the_wrapper_was_meant() {
    assert_eq!(below("a: nixpkgs=/nixpkgs-gpu/nixpkgs"), ["through a/nixpkgs"]);
    let both = "a: nixpkgs=/nixpkgs-gpu/nixpkgs\nb: nixpkgs=/nixpkgs";
    assert_eq!(below(both), ["through a/nixpkgs", "primary b/nixpkgs"]);
}

#[test]
fn secondary_slots_are_told_apart() {
    let text = "a: nixpkgs=/nixpkgs-gpu, stable=nixpkgs_2";
    assert_eq!(below(text), ["secondary a/stable"]);
    // If a primary slot passes through a secondary one, the primary slot is overridden, and is the
    // cause.
    let through = "a: nixpkgs=/nixpkgs-gpu, stable=nixpkgs_2\nb: nixpkgs=/a/stable";
    assert_eq!(below(through), ["primary b/nixpkgs"]);
}

#[test]
fn who_holds_a_configured_one_has_chosen() {
    // Its plain primary slot pins the version, as the root's does; what is below it is judged.
    let text = "a: nixpkgs=/nixpkgs, gpu=/nixpkgs-gpu, c\nc: nixpkgs=/nixpkgs";
    assert_eq!(below(text), ["primary a/c/nixpkgs"]);
}

#[test]
fn a_wrappers_own_subtree_is_not_judged() {
    let text = "
        root: nixpkgs, own, a
        own: nixpkgs=/nixpkgs, helper
        helper: nixpkgs=/nixpkgs
        a: nixpkgs=/own/helper/nixpkgs
    ";
    declared(text, &["own"], &[], |analysis| assert_eq!(causes(analysis), ["through a/nixpkgs"]));
}

#[test]
fn a_wrapper_of_a_dependency_is_expected_below_it_and_lightly() {
    let text = "
        root: nixpkgs, a, b
        a: nixpkgs=/nixpkgs, nixpkgs-gpu, c
        nixpkgs-gpu: nixpkgs=/a/nixpkgs
        c: nixpkgs=/a/nixpkgs
        b: nixpkgs=/nixpkgs
    ";
    with(text, |analysis| {
        assert_eq!(causes(analysis), ["primary a/c/nixpkgs, held by a dependency"]);
        let cause = &analysis.causes()[0];
        let flake = analysis.expectation(cause.expectation).flake;
        assert_eq!(key(analysis, flake), "a");
    });
    // The root's own inputs pin the version there too, though it holds no wrapper.
    let pinned = "
        root: nixpkgs=/a/c/nixpkgs, a
        a: nixpkgs-gpu, c, d
        nixpkgs-gpu: nixpkgs=nixpkgs_2
        c: nixpkgs
        d: nixpkgs=/nixpkgs
    ";
    with(pinned, |analysis| {
        let expected = [
            "primary a/c/nixpkgs, held by a dependency, pins nixpkgs",
            "primary a/d/nixpkgs, held by a dependency",
        ];
        assert_eq!(causes(analysis), expected);
    });
    // What cures one flake's wrapper does not cure another's.
    let two = "
        root: a, b
        a: nixpkgs-gpu, c
        nixpkgs-gpu: nixpkgs=nixpkgs_2
        c: nixpkgs
        b: nixpkgs-cuda, d
        nixpkgs-cuda: nixpkgs=nixpkgs_3
        d: nixpkgs=/a/c/nixpkgs
    ";
    with(two, |analysis| {
        let light = ", held by a dependency";
        let expected =
            [format!("primary a/c/nixpkgs{light}"), format!("primary b/d/nixpkgs{light}")];
        assert_eq!(causes(analysis), expected);
    });
    // A wrapper of the root is what is expected all the way down.
    let both = "
        root: nixpkgs, nixpkgs-cuda, a
        nixpkgs-cuda: nixpkgs=/nixpkgs
        a: nixpkgs=/nixpkgs, nixpkgs-gpu, c
        nixpkgs-gpu: nixpkgs=/a/nixpkgs
        c: nixpkgs=/nixpkgs
    ";
    with(both, |analysis| {
        assert_eq!(causes(analysis), ["primary a/c/nixpkgs"]);
        assert_eq!(of_wrapper(analysis, analysis.causes()[0].target.wrapper), "nixpkgs-cuda");
    });
}

#[test]
fn what_would_weaken_a_finding_does() {
    let unfree = format!("{ROOT}a: nixpkgs=/nixpkgs").replace("nixpkgs-gpu", "nixpkgs-unfree");
    assert_eq!(with(&unfree, causes), ["primary a/nixpkgs, permissions"]);
    // If it is open which wrapper will be followed, all of them must be permissions only.
    let two = |other: &str| {
        format!(
            "root: nixpkgs, nixpkgs-unfree, {other}, a\nnixpkgs-unfree: nixpkgs=/nixpkgs\n\
             {other}: nixpkgs=/nixpkgs\na: nixpkgs=/nixpkgs"
        )
    };
    let permit = with(&two("nixpkgs-insecure"), causes);
    assert_eq!(permit, ["primary a/nixpkgs, to be chosen, permissions"]);
    assert_eq!(with(&two("nixpkgs-gpu"), causes), ["primary a/nixpkgs, to be chosen"]);
    // A flake that is known for its modules; and what is below one.
    let known = "a (nix-community/home-manager): nixpkgs=/nixpkgs, c\nc: nixpkgs=nixpkgs_2";
    assert_eq!(below(known), ["primary a/nixpkgs, by use", "primary a/c/nixpkgs, by use"]);
    // One slot that is not weak makes the finding firm.
    let both = "a (nix-community/home-manager): nixpkgs=/nixpkgs\nb: nixpkgs=/a/nixpkgs";
    assert_eq!(below(both), ["primary a/nixpkgs affects b/nixpkgs"]);
}

#[test]
fn what_others_rest_on_says_so() {
    // The root's own nixpkgs comes from a dependency: overriding that moves the pin.
    let pin = "
        root: nixpkgs=/a/nixpkgs, nixpkgs-gpu, a
        nixpkgs-gpu: nixpkgs=/nixpkgs
        a: nixpkgs
    ";
    with(pin, |analysis| assert_eq!(causes(analysis), ["primary a/nixpkgs, pins nixpkgs"]));
    // What follows the root's own input is cured by itself, and nothing moves.
    let beside = pin.replace("gpu, a\n", "gpu, a, b\n") + "b: nixpkgs=/nixpkgs";
    with(&beside, |analysis| {
        assert_eq!(causes(analysis), ["primary a/nixpkgs, pins nixpkgs", "primary b/nixpkgs"]);
    });
    // The base of a wrapper, to which no input of the root leads.
    let base = "
        root: nixpkgs, nixpkgs-gpu, a
        nixpkgs-gpu: nixpkgs=/a/nixpkgs
        a: nixpkgs=nixpkgs_2
    ";
    with(base, |analysis| {
        assert_eq!(causes(analysis), ["primary a/nixpkgs, pins nixpkgs-gpu/nixpkgs"]);
    });
    // A path leads to something behind the slot, which the wrapper may not have.
    let passed = "
        root: nixpkgs, nixpkgs-gpu, a, b
        nixpkgs-gpu: nixpkgs=/nixpkgs
        a: nixpkgs=nixpkgs_2
        nixpkgs_2: src
        b: src=/a/nixpkgs/src
    ";
    with(passed, |analysis| assert_eq!(causes(analysis), ["primary a/nixpkgs, passed by b/src"]));
    // What follows the slot itself is cured with it and does not block the fix.
    let followed = "a: nixpkgs=nixpkgs_2\nb: nixpkgs=/a/nixpkgs";
    assert_eq!(below(followed), ["primary a/nixpkgs affects b/nixpkgs"]);
}

#[test]
fn the_target_is_the_users_else_the_only_one_that_fits() {
    let text = "
        root: nixpkgs, other=nixpkgs_2, nixpkgs-cuda, nixpkgs-rocm, a, b, c
        nixpkgs-cuda: nixpkgs=/nixpkgs
        nixpkgs-rocm: nixpkgs=/other
        a: nixpkgs=/nixpkgs
        b: nixpkgs=/other
        c: nixpkgs=nixpkgs_3
    ";
    let targets = |analysis: &Analysis<'_, '_, '_>| -> Vec<String> {
        let told = |cause: &Cause| {
            let (wrapper, unique) = (cause.target.wrapper, cause.target.unique);
            format!("{}{}", of_wrapper(analysis, wrapper), if unique { "" } else { "?" })
        };
        analysis.causes().iter().map(told).collect()
    };
    with(text, |analysis| {
        assert_eq!(targets(analysis), ["nixpkgs-cuda", "nixpkgs-rocm", "nixpkgs-cuda?"]);
    });
    declared(text, &["nixpkgs-rocm"], &[], |analysis| {
        assert_eq!(targets(analysis), ["nixpkgs-rocm", "nixpkgs-rocm", "nixpkgs-rocm"]);
    });
    // If nothing decides, the wrapper that most slots follow is suggested.
    let same = text.replace("nixpkgs-rocm: nixpkgs=/other", "nixpkgs-rocm: nixpkgs=/nixpkgs");
    with(&same, |analysis| {
        assert_eq!(targets(analysis), ["nixpkgs-cuda?", "nixpkgs-cuda?", "nixpkgs-cuda?"]);
    });
    let liked = same.replace("b: nixpkgs=/other", "b: nixpkgs=/nixpkgs-rocm");
    with(&liked, |analysis| assert_eq!(targets(analysis), ["nixpkgs-rocm?", "nixpkgs-rocm?"]));
}

#[test]
fn slots_that_would_be_judged_are_counted_without_a_wrapper() {
    let text = "
        root: nixpkgs, a
        a: nixpkgs=/nixpkgs, stable=nixpkgs_2, lib=/nixpkgs, c
        c: nixpkgs=/a/nixpkgs
    ";
    with(text, |analysis| {
        assert_eq!(analysis.causes().len(), 0);
        let raw = analysis.raw_slots_below_root();
        assert_eq!(paths(analysis, &raw), ["a/nixpkgs", "a/stable", "a/c/nixpkgs"]);
    });
    // Inputs of a wrapper are not counted.
    let aside = "
        root: nixpkgs, nixpkgs-unfree, a
        nixpkgs-unfree: nixpkgs=nixpkgs_2, flake-utils
        flake-utils (numtide/flake-utils): nixpkgs=nixpkgs_3
        a: nixpkgs=/nixpkgs
    ";
    with(aside, |analysis| {
        assert_eq!((analysis.wrappers().len(), analysis.causes().len()), (1, 0));
        assert_eq!(paths(analysis, &analysis.raw_slots_below_root()), ["a/nixpkgs"]);
    });
}

#[test]
fn causes_are_found_by_what_they_explain() {
    let text =
        "a: nixpkgs=/nixpkgs, c\nc: nixpkgs=/a/nixpkgs\nb: nixpkgs=/nixpkgs-gpu, s=nixpkgs_2";
    let through = "d: nixpkgs=/b/s";
    let root = ROOT.replace("a, b", "a, b, d");
    with(&format!("{root}{text}\n{through}"), |analysis| {
        let explained = Explained::new(analysis);
        let cause = |name: &str| {
            let (cause, cures) = explained.cause(analysis, input(analysis, name))?;
            Some((path(analysis, cause.slot), cures))
        };
        assert_eq!(cause("a.nixpkgs"), Some(("a/nixpkgs".into(), true)));
        assert_eq!(cause("c.nixpkgs"), Some(("a/nixpkgs".into(), false)));
        // The secondary slot on the way is not overridden.
        assert_eq!(cause("b.s"), Some(("d/nixpkgs".into(), false)));
        assert_eq!(cause("d.nixpkgs"), Some(("d/nixpkgs".into(), true)));
        assert_eq!(cause("b.nixpkgs"), None);
        assert_eq!(cause("root.nixpkgs"), None);
    });
}
