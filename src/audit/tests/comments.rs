//! Findings accepted by comments in flake.nix.

use super::*;

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nixpkgs-gpu.url = "github:acme/nixpkgs-gpu"; # WRAPPER
  inputs.nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";
  inputs.dep.url = "github:acme/dep"; # DEP
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs"; # SLOT
  outputs = { self, nixpkgs, nixpkgs-gpu, dep }: {
    devShells.x86_64-linux.default = nixpkgs-gpu.legacyPackages.x86_64-linux.mkShell {
      packages = [ dep.packages.x86_64-linux.default ];
    };
  };
}
"#;

/// Reasons of exempted findings, and warnings about comments, with a comment at one of the places.
fn with_comment(place: &str, comment: &str, config: &str) -> (Vec<(String, bool)>, Vec<String>) {
    let flake = FLAKE.replace(&format!("# {place}"), &format!("# flake-audit: {comment}"));
    reported(TEXTBOOK, Some(&flake), config, |report| {
        let accepted = report.findings.iter().filter_map(|finding| finding.exempted.as_ref());
        let accepted = accepted.map(|accepted| (accepted.reason.clone(), accepted.is_comment));
        let warnings = report.warnings.iter().map(|warning| warning.message.clone());
        (accepted.collect(), warnings.collect())
    })
}

#[test]
fn a_comment_covers_its_input_and_what_is_below() {
    for place in ["SLOT", "DEP"] {
        let found = with_comment(place, "allow(unconfigured-nixpkgs) a formatter", "");
        assert_eq!(found, (vec![("a formatter".into(), true)], vec![]), "{place}");
    }
}

#[test]
fn one_that_matches_nothing_says_so() {
    let found = with_comment("SLOT", "allow(wrapper-loop) a formatter", "");
    let told = "this exemption from wrapper-loop matches nothing".to_owned();
    assert_eq!(found, (vec![], vec![told.clone()]));
    // It is about another input.
    let found = with_comment("WRAPPER", "allow(unconfigured-nixpkgs) a formatter", "");
    assert_eq!(found, (vec![], vec![told.replace("wrapper-loop", "unconfigured-nixpkgs")]));
    // It is unknown what a rule that is off would have found.
    let found = with_comment("SLOT", "allow(wrapper-loop) x", "rules.wrapper-loop = \"allow\"");
    assert_eq!(found, (vec![], vec![]));
    // One of its rules matches, which is enough.
    let found = with_comment("SLOT", "allow(wrapper-loop, unconfigured-nixpkgs) x", "");
    assert_eq!(found, (vec![("x".into(), true)], vec![]));
}

#[test]
fn a_wrong_one_says_what_is_wrong() {
    let (accepted, warnings) = with_comment("SLOT", "allow(unconfigured-nixpgs) x", "");
    assert_eq!(accepted, []);
    let told = "there is no rule `unconfigured-nixpgs`; did you mean `unconfigured-nixpkgs`?";
    assert_eq!(warnings, [told]);
    let (accepted, warnings) = with_comment("SLOT", "allow(unconfigured-nixpkgs)", "");
    assert_eq!((accepted.len(), warnings.len()), (0, 1), "a reason is required: {warnings:?}");
}

#[test]
fn the_configuration_counts_first_and_the_comment_has_matched_all_the_same() {
    let config =
        "[[exempt]]\nrule = \"unconfigured-nixpkgs\"\ninput = \"dep/nixpkgs\"\nreason = \"file\"\n";
    let found = with_comment("SLOT", "allow(unconfigured-nixpkgs) comment", config);
    assert_eq!(found.0, [("file".into(), false)]);
}
