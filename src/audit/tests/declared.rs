use super::*;
use crate::audit::declared::resolve;
use crate::config::DeclaredInput;
use crate::graph::{Graph, Overrides};
use crate::text::Position;

/// The error for an invalid declaration.
fn refused(text: &str, config: &str, beside: bool) -> Option<String> {
    let text = sketch::lock(text);
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let none = Overrides::new();
    let graph = Graph::build(&lock, &none).unwrap();
    resolve(&graph, Some(crate::config::ConfigInScope { config: &read(config), beside }), &[])
        .err()
        .map(|error| error.message)
}

const LOCK: &str = "
    root: nixpkgs, nixpkgs-gpu, fork, dep, below, systems
    nixpkgs (NixOS/nixpkgs)
    nixpkgs-gpu: nixpkgs=/nixpkgs
    fork (acme/nixpkgs)
    dep: nixpkgs=/nixpkgs
    below: dep=/dep
    systems (nix-systems/default)
";

#[test]
fn what_cannot_be_configured_is_an_error_that_says_what_was_meant() {
    for (config, said) in [
        (
            r#"configured = ["nixpkgs"]"#,
            "`nixpkgs` is NixOS/nixpkgs itself, which has no settings: `configured` names the \
             wrapper flake that imports it with some: `nixpkgs-gpu`?",
        ),
        (
            r#"configured = ["systems"]"#,
            "`systems` has no nixpkgs among its inputs: `configured` names the wrapper flake that \
             imports one with settings: `nixpkgs-gpu`?",
        ),
        (
            "configured = [\"dep\"]\nnixpkgs = [\"dep\"]",
            "`dep` is listed as `configured`, too: it is either plain nixpkgs or has settings",
        ),
    ] {
        assert_eq!(refused(LOCK, config, true).as_deref(), Some(said));
    }
    // A fork may have settings in its own code, and a flake may wrap another one's nixpkgs.
    for name in ["fork", "dep", "below", "nixpkgs-gpu"] {
        assert_eq!(refused(LOCK, &format!("configured = [{name:?}]"), true), None, "{name}");
    }
    // Another flake that the file serves may have such an input.
    assert_eq!(refused(LOCK, r#"configured = ["nixpkgs"]"#, false), None);
}

#[test]
fn a_flag_is_refused_likewise() {
    let text = sketch::lock(LOCK);
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let none = Overrides::new();
    let graph = Graph::build(&lock, &none).unwrap();
    for (name, is_refused) in [("nixpkgs", true), ("systems", true), ("nixpkgs-gpu", false)] {
        let input = DeclaredInput::new(vec![name.into()], Position { line: 1, column: 1 });
        assert_eq!(resolve(&graph, None, &[input]).is_err(), is_refused, "{name}");
    }
}

#[test]
fn what_is_called_nixpkgs_and_is_none_is_asked_about_once() {
    let text = "
        root: nixpkgs=corp, dep, other
        corp (acme/corp-packages): nixpkgs_2
        dep: nixpkgs=/nixpkgs
        other: nixpkgs=/nixpkgs
        nixpkgs_2 (NixOS/nixpkgs)
    ";
    let asked = |config: &str| {
        reported(text, None, config, |report| {
            let of = report.findings.iter().filter(|of| of.rule.id == "undeclared-wrapper");
            of.map(|finding| finding.input_path.names().join("/")).collect::<Vec<_>>()
        })
    };
    assert_eq!(asked(""), ["nixpkgs"]);
    assert!(asked(r#"nixpkgs = ["nixpkgs"]"#).is_empty());
    assert!(asked(r#"configured = ["nixpkgs"]"#).is_empty());
}
