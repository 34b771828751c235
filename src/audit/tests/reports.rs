//! Findings in a report: their chains, places and lists.

use super::super::fingerprint::fingerprint;
use super::*;
use crate::text::{LineIndex, Span, excerpt};

fn step(step: &Step<'_>) -> String {
    let path = step.input_path.names().join("/");
    match &step.target {
        StepTarget::Node(key) => format!("{path} is {key}"),
        StepTarget::Follows(follows) => format!("{path} follows {}", follows.names().join("/")),
    }
}

#[test]
fn a_chain_is_told_to_its_end() {
    reported(TEXTBOOK, None, "", |report| {
        let finding = &report.findings[0];
        assert_eq!(finding.rule.id, "unconfigured-nixpkgs");
        let chain: Vec<_> = finding.chain.iter().map(step).collect();
        assert_eq!(chain, ["dep/nixpkgs follows nixpkgs", "nixpkgs is nixpkgs"]);
        assert_eq!((finding.chain_total, finding.node), (2, Some("nixpkgs")));
        let affects: Vec<_> = finding.affects.iter().map(|p| p.names().join("/")).collect();
        assert_eq!((affects, finding.affects_total), (vec!["dep/sub/nixpkgs".to_owned()], 1));
        let fix = finding.fix.as_ref().unwrap();
        assert!(fix.replaces && !fix.is_deep, "the lock has a follows there: {fix:?}");
        assert_eq!(fix.nix, "inputs.dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";");
    });
    // With a nixpkgs of its own, flake.nix may have no line for it.
    let own = TEXTBOOK.replace("dep: nixpkgs=/nixpkgs", "dep: nixpkgs=nixpkgs_2");
    reported(&own, None, "", |report| {
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.rule.id == "unconfigured-nixpkgs").unwrap();
        assert!(!finding.fix.as_ref().unwrap().replaces);
    });
    // An input that follows the empty path ends at the root, which is a step of its own.
    let at_root = "
        root: nixpkgs-gpu, dep
        nixpkgs-gpu: nixpkgs=/dep/off
        dep: off=/
    ";
    let config = "configured = [\"nixpkgs-gpu\"]";
    reported(at_root, None, config, |report| {
        let finding = report.findings.iter().find(|finding| finding.rule.id == "wrapper-loop");
        let finding = finding.expect("the wrapper's nixpkgs is the root");
        let chain: Vec<_> = finding.chain.iter().map(step).collect();
        assert_eq!(chain, ["nixpkgs-gpu/nixpkgs follows dep/off", "dep/off follows ", " is root"]);
        assert_eq!(finding.chain_total, 3);
    });
}

#[test]
fn lists_are_cut_and_counted() {
    let mut text =
        String::from("root: nixpkgs, nixpkgs-gpu, d000\nnixpkgs-gpu: nixpkgs=/nixpkgs\n");
    // A row of dependencies, each following the one above.
    let mut above = String::from("/nixpkgs");
    for at in 0..150 {
        text += &format!("d{at:03}: nixpkgs={above}, d{:03}\n", at + 1);
        let path: Vec<_> = (0..=at).map(|at| format!("d{at:03}")).collect();
        above = format!("/{}/nixpkgs", path.join("/"));
    }
    reported(&text, None, "", |report| {
        let finding = report.findings.iter().find(|f| f.rule.id == "unconfigured-nixpkgs").unwrap();
        assert_eq!((finding.affects.len(), finding.affects_total), (Report::LONGEST, 149));
        let raw = report.instances.iter().find(|instance| instance.evidence.is_none()).unwrap();
        assert_eq!((raw.consumers.len(), raw.consumers_total), (Report::LONGEST, 150));
        assert_eq!((raw.made_by, raw.base), ("raw", Some("nixpkgs")));
        assert!(raw.held_by_root && raw.base_source.is_none());
        let made = report.instances.iter().find(|instance| instance.evidence.is_some()).unwrap();
        assert_eq!(
            (made.made_by, made.node, made.base),
            ("wrapper", "nixpkgs-gpu", Some("nixpkgs"))
        );
        assert!(made.base_source.is_some() && made.consumers.is_empty());
    });
}

#[test]
fn a_place_is_in_flake_nix_where_that_was_read() {
    let flake = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nixpkgs-gpu.url = "github:acme/nixpkgs-gpu";
  inputs.nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";
  inputs.dep.url = "github:acme/dep";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, nixpkgs-gpu, dep }: {
    devShells.x86_64-linux.default = nixpkgs-gpu.legacyPackages.x86_64-linux.mkShell {
      packages = [ dep.packages.x86_64-linux.default ];
    };
  };
}
"#;
    let place = |flake: Option<&str>| {
        reported(TEXTBOOK, flake, "", |report| {
            let finding = report.findings.iter().find(|f| f.rule.id == "unconfigured-nixpkgs");
            let finding = finding.unwrap();
            let location = finding.location.as_ref().unwrap();
            (location.file.clone(), location.start.line, report.sources.root)
        })
    };
    assert_eq!(place(None), ("some/flake.lock".into(), 1, false));
    assert_eq!(place(Some(flake)), ("some/flake.nix".into(), 6, true));
}

#[test]
fn an_excerpt_is_a_line_made_safe() {
    let text = "first\r\na\u{202e}b follows\tc\r\nlast";
    let lines = LineIndex::new(text);
    let of = |start, end| excerpt(text, &lines, Span { start, end }).unwrap();
    let at = text.find("follows").unwrap();
    let shown = of(at, at + 7);
    assert_eq!((shown.line, shown.text.as_str()), (2, "a\\u202eb follows c"));
    assert_eq!(&shown.text[shown.start..shown.end], "follows");
    // A range that goes on past the end of the line is marked up to there.
    let shown = of(at, text.len());
    assert_eq!(&shown.text[shown.start..shown.end], "follows c");
    let long = format!("{}\n{}", "x".repeat(240), "y".repeat(241));
    let lines = LineIndex::new(&long);
    assert!(excerpt(&long, &lines, Span { start: 3, end: 4 }).is_some());
    assert!(excerpt(&long, &lines, Span { start: 250, end: 251 }).is_none());
}

#[test]
fn fingerprints_are_of_all_their_parts() {
    let first = fingerprint("rule", &["a", "b"], "x", None);
    assert_eq!(first.len(), 32);
    assert_eq!(first, fingerprint("rule", &["a", "b"], "x", None));
    for other in [
        fingerprint("other", &["a", "b"], "x", None),
        fingerprint("rule", &["b", "a"], "x", None),
        fingerprint("rule", &["ab"], "x", None),
        fingerprint("rule", &["a", "b"], "y", None),
        fingerprint("rule", &["a", "b"], "x", Some("")),
    ] {
        assert_ne!(first, other);
    }
}

/// A host without settings counts as built from its node's instance, even with overlays.
#[test]
fn every_host_says_what_it_is_built_from() {
    let flake = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nixpkgs-gpu.url = "github:acme/nixpkgs-gpu";
  inputs.nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";
  inputs.dep.url = "github:acme/dep";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { nixpkgs, dep, ... }: let host = module: nixpkgs.lib.nixosSystem { modules = [ module ]; }; in {
    nixosConfigurations.cuda = host { nixpkgs.config.cudaSupport = true;
      environment.systemPackages = [ dep.packages.x86_64-linux.default ]; };
    nixosConfigurations.overlaid = host { nixpkgs.overlays = [ (final: prev: { a = prev.b; }) ]; };
    nixosConfigurations.plain = host { };
  };
}
"#;
    reported(TEXTBOOK, Some(flake), "", |report| {
        let main = |name: &str| {
            let output = report.outputs.iter().find(|output| output.path.ends_with(&[name.into()]));
            let instance = |number: &usize| &report.instances[*number - 1];
            let main: Vec<_> = output.unwrap().main.iter().map(instance).collect();
            main.iter().map(|made| (made.node, made.made_by)).collect::<Vec<_>>()
        };
        assert_eq!(main("cuda"), [("nixpkgs", "nixos")]);
        assert_eq!(main("overlaid"), [("nixpkgs", "raw")]);
        assert_eq!(main("plain"), [("nixpkgs", "raw")]);
    });
}
