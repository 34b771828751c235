//! Which inputs are slots, which of them primary, and which disabled.

use super::*;

fn slot(analysis: &Analysis<'_, '_, '_>, name: &str) -> &'static str {
    match analysis.slot(input(analysis, name)) {
        Slot::No => "no",
        Slot::Raw { primary: true } => "raw",
        Slot::Raw { primary: false } => "raw secondary",
        Slot::Configured { primary: true } => "configured",
        Slot::Configured { primary: false } => "configured secondary",
    }
}

#[test]
fn the_one_called_nixpkgs_is_primary_and_without_it_all_are() {
    let text = "
        root: nixpkgs, nixpkgs-gpu, a, b, c
        nixpkgs-gpu: nixpkgs=/nixpkgs
        a: nixpkgs=/nixpkgs, nixpkgs-stable=nixpkgs_2
        b: pkgs=/nixpkgs, stable=nixpkgs_3
        c: nixpkgs=/nixpkgs-gpu, other=/nixpkgs-gpu
    ";
    with(text, |analysis| {
        for (name, expected) in [
            ("a.nixpkgs", "raw"),
            ("a.nixpkgs-stable", "raw secondary"),
            ("b.pkgs", "raw"),
            ("b.stable", "raw"),
            ("c.nixpkgs", "configured"),
            ("c.other", "configured secondary"),
            // The root and a wrapper are no consumers.
            ("root.nixpkgs", "no"),
            ("root.nixpkgs-gpu", "no"),
            ("nixpkgs-gpu.nixpkgs", "no"),
            ("root.a", "no"),
        ] {
            assert_eq!(slot(analysis, name), expected, "{name}");
            let is_primary = !expected.ends_with("secondary") && expected != "no";
            assert_eq!(analysis.slot(input(analysis, name)).is_primary(), is_primary, "{name}");
        }
    });
    // If the input called `nixpkgs` is disabled, the other is primary.
    with("root: nixpkgs, a\na: nixpkgs=/, other=/nixpkgs", |analysis| {
        assert_eq!(slot(analysis, "a.other"), "raw");
    });
}

#[test]
fn lib_slots_and_disabled_ones_are_none() {
    let text = "
        root: nixpkgs, a, blank
        blank (divnix/blank)
        a: nixpkgs-lib=/nixpkgs, lib=/nixpkgs, nixlib=/nixpkgs, off=/, self=/a, null=/blank, b
        b: up=/a, top=/a/b, other=/nixpkgs
        left: nixpkgs=/nixpkgs
    ";
    with(text, |analysis| {
        for name in ["a.nixpkgs-lib", "a.lib", "a.nixlib", "a.off", "a.self", "b.up"] {
            assert_eq!(slot(analysis, name), "no", "{name}");
        }
        assert_eq!(slot(analysis, "b.other"), "raw");
        // An unreachable input is no slot.
        assert_eq!(slot(analysis, "left.nixpkgs"), "no");
        for (name, expected) in [
            ("a.off", true),
            ("a.self", true),
            ("a.null", true),
            ("b.up", true),
            ("b.top", true),
            ("a.lib", false),
            ("a.b", false),
            ("root.a", false),
            ("b.other", false),
        ] {
            assert_eq!(analysis.is_disabled(input(analysis, name)), expected, "{name}");
        }
    });
}

#[test]
fn what_leads_back_to_an_ancestor_is_disabled_only_by_follows() {
    // A helper of the wrapper that follows the wrapper is disabled.
    let text = "root: own\nown: nixpkgs, helper\nhelper: nixpkgs=/own";
    declared(text, &["own"], &[], |analysis| {
        assert_eq!(slot(analysis, "helper.nixpkgs"), "no");
        assert!(analysis.is_disabled(input(analysis, "helper.nixpkgs")));
    });
    // Loops of direct inputs are not follows.
    with("root: a\na: b\nb: up=a", |analysis| {
        assert!(!analysis.is_disabled(input(analysis, "b.up")))
    });
}

#[test]
fn a_flakes_own_nixpkgs() {
    let own = |text: &str, key: &str| {
        with(text, |analysis| {
            analysis.own_nixpkgs(node(analysis, key)).map(|own| path(analysis, own))
        })
    };
    // By name, wherever it ends; else the only plain one.
    assert_eq!(own("root: nixpkgs=dep, other=nixpkgs", "root").as_deref(), Some("nixpkgs"));
    assert_eq!(own("root: stable=nixpkgs, dep", "root").as_deref(), Some("stable"));
    assert_eq!(own("root: stable=nixpkgs, unstable=nixpkgs_2", "root"), None);
    assert_eq!(own("root: dep", "root"), None);
    assert_eq!(own("root: lib=nixpkgs", "root"), None);
    let wrapped = "root: nixpkgs-gpu, pkgs=nixpkgs\nnixpkgs-gpu: nixpkgs=/pkgs";
    assert_eq!(own(wrapped, "root").as_deref(), Some("pkgs"), "a wrapper is no plain one");
}
