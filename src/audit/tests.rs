use std::path::Path;

use super::*;
use crate::config::ConfigInScope;
use crate::lock::{InputId, sketch};
use crate::source::{Reader, Stores};

/// Calls `then` with the analysis of a sketched lock without sources.
fn with<T>(text: &str, then: impl FnOnce(&Analysis<'_, '_, '_>, &Declared) -> T) -> T {
    let (text, unescaped) = (sketch::lock(text), Unescaped::new());
    let source = LockInput {
        name: "flake.lock",
        bytes: text.as_bytes(),
        unescaped: &unescaped,
        reader: None,
    };
    with_analysis(source, None, &[], then).unwrap()
}

/// Calls `then` with the report on a sketched lock, and on the flake.nix beside it if there is one.
fn reported<T>(
    text: &str,
    flake: Option<&str>,
    config: &str,
    then: impl FnOnce(&Report<'_>) -> T,
) -> T {
    let folder = tempfile::tempdir().unwrap();
    if let Some(flake) = flake {
        std::fs::write(folder.path().join("flake.nix"), flake).unwrap();
    }
    let reader = Reader::new(Stores::new(None, None), Some(folder.path().to_path_buf()));
    let (text, unescaped) = (sketch::lock(text), Unescaped::new());
    let source = LockInput {
        name: "some/flake.lock",
        bytes: text.as_bytes(),
        unescaped: &unescaped,
        reader: flake.map(|_| &reader),
    };
    let config = read(config);
    then(&audit(
        source,
        Some(ConfigInScope { config: &config, beside: true }),
        &Setup { excerpts: true, ..Setup::default() },
    ))
}

/// A configuration from its text.
fn read(config: &str) -> Config {
    let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    Config::parse(Path::new("flake-audit.toml"), config, &rules).unwrap()
}

/// An input named as `node.input`.
fn input(analysis: &Analysis<'_, '_, '_>, name: &str) -> InputId {
    let lock = analysis.graph().lock();
    let (node, input) = name.split_once('.').unwrap();
    lock.input_named(lock.node_keyed(node).unwrap(), input).unwrap()
}

/// The textbook case: a wrapper, and a dependency that takes plain nixpkgs.
const TEXTBOOK: &str = "
    root: nixpkgs, nixpkgs-gpu, dep
    nixpkgs-gpu: nixpkgs=/nixpkgs
    dep: nixpkgs=/nixpkgs, sub
    sub: nixpkgs=/dep/nixpkgs
";

mod comments;
mod declared;
mod levels;
mod plans;
mod reports;
