//! The lists of known flakes, looked up.

use super::super::{known_flakes, known_wrappers::KNOWN_WRAPPERS};
use super::*;

#[test]
fn consumers_are_known_by_repository_in_any_case() {
    let text = "
        root: home-manager, a, b, c
        a (Nix-Community/Home-Manager)
        b (acme/home-manager)
        c (hercules-ci/flake-parts)
    ";
    with(text, |analysis| {
        let taken = |key: &str| {
            known_flakes::known_flake(analysis.graph().lock(), node(analysis, key))
                .map(|known| known.taken)
        };
        assert_eq!(taken("a"), Some(TakenFor::Modules));
        assert_eq!(taken("c"), Some(TakenFor::Lib));
        // Neither the name of an input nor that of a repository is enough.
        assert_eq!((taken("b"), taken("home-manager")), (None, None));
    });
}

#[test]
fn a_known_wrapper_sets_what_it_set_then() {
    let known = KNOWN_WRAPPERS.iter().find(|known| known.owner == "numtide").unwrap();
    let config = |at| known.config(at).iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(config(Some(1_600_000_000)), ["allowUnfree"]);
    assert_eq!(config(Some(1_651_967_999)), ["allowUnfree"]);
    assert_eq!(config(Some(1_651_968_000)), ["allowUnfree", "cudaSupport"]);
    let newest = ["allowUnfree", "allowUnsupportedSystem", "cudaSupport"];
    assert_eq!(config(Some(1_673_654_400)), newest);
    assert_eq!(config(None), newest);
    for known in KNOWN_WRAPPERS {
        let since: Vec<_> = known.versions.iter().map(|version| version.since).collect();
        assert!(since.is_sorted_by(|a, b| a > b), "{}: newest first", known.name);
        assert_eq!(since.last(), Some(&0), "{}: something holds for every day", known.name);
        assert!(known.seen.starts_with("2026-"), "{} has no date", known.name);
    }
}

#[test]
fn what_is_known_of_a_wrapper_beats_its_name() {
    // By its name alone, it would only permit.
    let text =
        "root: x, nixpkgs-unfree\nx (numtide/nixpkgs-unfree): nixpkgs\nnixpkgs-unfree: nixpkgs";
    with(text, |analysis| {
        let told: Vec<_> = analysis
            .wrappers()
            .map(|(_, w)| (key(analysis, w.node), w.effect, w.evidence.kind, w.config.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                ("nixpkgs-unfree", Effect::PermissionsOnly, EvidenceKind::Name, false),
                ("x", Effect::Build, EvidenceKind::KnownWrapper, true),
            ]
        );
    });
    declared(text, &["x"], &[], |analysis| {
        let (_, x) = analysis.wrappers().next().unwrap();
        assert_eq!((x.effect, x.evidence.kind), (Effect::Build, EvidenceKind::ConfigFile));
        assert!(x.evidence.detail.contains("flake-audit.toml"));
    });
}
