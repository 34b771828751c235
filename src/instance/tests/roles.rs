//! Roles of nodes, and what wrappers are built on.

use super::*;

fn role(analysis: &Analysis<'_, '_, '_>, key: &str) -> &'static str {
    match analysis.role(node(analysis, key)) {
        Role::Root => "root",
        Role::Nixpkgs => "nixpkgs",
        Role::NixpkgsLib => "lib",
        Role::Configured(_) => "configured",
        Role::Null => "null",
        Role::Flake => "flake",
        Role::Source => "source",
    }
}

#[test]
fn roles_are_told_by_source() {
    let text = "
        root: nixpkgs=liar, a, b, c, d, e
        a (NixOS/nixpkgs): nixpkgs_2
        b! (acme/data)
        c (nix-community/nixpkgs.lib)
        d (divnix/blank)
        e (NixOS/nixpkgs)
        nixpkgs_2 (acme/dep)
    ";
    with(text, |analysis| {
        for (key, expected) in [
            ("root", "root"),
            ("a", "nixpkgs"),
            ("b", "source"),
            ("c", "lib"),
            ("d", "null"),
            ("e", "nixpkgs"),
            ("nixpkgs_2", "flake"),
            ("liar", "flake"),
        ] {
            assert_eq!(role(analysis, key), expected, "{key}");
        }
    });
    // nixpkgs with `flake = false` is nixpkgs, too: people import it.
    with("root: src\nsrc! (NixOS/nixpkgs)", |analysis| {
        assert_eq!(role(analysis, "src"), "nixpkgs")
    });
}

#[test]
fn what_the_user_declares_counts() {
    let text = "root: corp, own, nixpkgs\nown: nixpkgs=/corp";
    declared(text, &["own"], &["corp"], |analysis| {
        assert_eq!(role(analysis, "corp"), "nixpkgs");
        assert_eq!(role(analysis, "own"), "configured");
        let (_, own) = analysis.wrappers().next().unwrap();
        assert_eq!(own.base, Some(node(analysis, "corp")));
        assert_eq!(own.evidence.kind, EvidenceKind::ConfigFile);
    });
    with(text, |analysis| {
        assert_eq!((role(analysis, "corp"), analysis.wrappers().len()), ("flake", 0))
    });
    // The root itself is neither, whatever is declared; and a declaration given twice counts once.
    declared(text, &["root", "own", "own"], &["root"], |analysis| {
        assert_eq!(role(analysis, "root"), "root");
        assert_eq!(analysis.wrappers().len(), 1);
    });
}

#[test]
fn names_count_only_with_the_shape() {
    for (text, expected) in [
        ("root: nixpkgs-gpu\nnixpkgs-gpu: nixpkgs", "configured"),
        ("root: nixpkgs-gpu\nnixpkgs-gpu: nixpkgs, flake-utils, systems", "flake"),
        // The root names it otherwise, but its repository shows it.
        (
            "root: nixpkgs-gpu\nnixpkgs-gpu: nixpkgs, flake-utils\nflake-utils (numtide/flake-utils)",
            "configured",
        ),
        ("root: x=nixpkgs-gpu\nnixpkgs-gpu: nixpkgs", "configured"),
        // With two nixpkgs, or none, its base would be unknown.
        ("root: nixpkgs-gpu\nnixpkgs-gpu: nixpkgs, other=nixpkgs_2", "flake"),
        ("root: nixpkgs-gpu\nnixpkgs-gpu: dep", "flake"),
        ("root: nixpkgs-gpu\nnixpkgs-gpu: nixpkgs-lib=nixpkgs", "flake"),
        ("root: nixpkgs-fmt\nnixpkgs-fmt: nixpkgs", "flake"),
        ("root: gpu\ngpu: nixpkgs", "flake"),
        ("root: nixpkgs-gpu\nnixpkgs-gpu!: nixpkgs", "source"),
    ] {
        let (_, line) = text.split_once('\n').unwrap();
        let wrapper = line.split([':', '!']).next().unwrap();
        with(text, |analysis| assert_eq!(role(analysis, wrapper), expected, "{text}"));
    }
}

#[test]
fn a_wrapper_of_a_wrapper_has_the_inner_ones_base() {
    let text = "
        root: nixpkgs-gpu, nixpkgs-unfree
        nixpkgs-gpu: nixpkgs=/nixpkgs-unfree
        nixpkgs-unfree: nixpkgs
    ";
    declared(text, &["nixpkgs-gpu"], &[], |analysis| {
        let bases: Vec<_> = analysis
            .wrappers()
            .map(|(_, wrapper)| {
                (key(analysis, wrapper.node), wrapper.base.map(|n| key(analysis, n)))
            })
            .collect();
        let expected = [("nixpkgs-gpu", Some("nixpkgs")), ("nixpkgs-unfree", Some("nixpkgs"))];
        assert_eq!(bases, expected);
        let inputs: Vec<_> = analysis.wrappers().filter_map(|(_, w)| w.base_input).collect();
        assert_eq!(paths(analysis, &inputs), ["nixpkgs-gpu/nixpkgs", "nixpkgs-unfree/nixpkgs"]);
    });
    // Wrappers that are built on each other have no base.
    let circle = "
        root: a-pkgs, b-pkgs
        a-pkgs: nixpkgs=/b-pkgs
        b-pkgs: nixpkgs=/a-pkgs
    ";
    declared(circle, &["a-pkgs", "b-pkgs"], &[], |analysis| {
        assert!(analysis.wrappers().all(|(_, wrapper)| wrapper.base.is_none()));
    });
    // If it has several, the one called `nixpkgs` is its base.
    let two = "root: own\nown: aaa=nixpkgs_2, nixpkgs";
    declared(two, &["own"], &[], |analysis| {
        let (_, own) = analysis.wrappers().next().unwrap();
        assert_eq!(own.base, Some(node(analysis, "nixpkgs")));
    });
}
