//! A `flake.nix` of any text, which is also the file that it imports: parsed, its declarations
//! read, evaluated, audited, and the report written.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use flake_audit::audit::{Setup, LockInput, audit};
use flake_audit::lock::Unescaped;
use flake_audit::render::{human, json};
use flake_audit::source::declare::Declarations;
use flake_audit::source::syntax::{self, File};
use flake_audit::source::{Reader, Stores};
use flake_audit::text::{Span, is_hidden};
use libfuzzer_sys::fuzz_target;

const LOCK: &str = r#"{ "nodes": {
    "root": { "inputs": { "nixpkgs": "nixpkgs", "nixpkgs-gpu": "nixpkgs-gpu", "dep": "dep" } },
    "nixpkgs": { "locked": { "type": "github", "owner": "NixOS", "repo": "nixpkgs" },
        "original": { "type": "github", "owner": "NixOS", "repo": "nixpkgs" } },
    "nixpkgs-gpu": { "inputs": { "nixpkgs": ["nixpkgs"] },
        "locked": { "type": "github", "owner": "acme", "repo": "nixpkgs-gpu" },
        "original": { "type": "github", "owner": "acme", "repo": "nixpkgs-gpu" } },
    "dep": { "inputs": { "nixpkgs": ["nixpkgs"] },
        "locked": { "type": "github", "owner": "acme", "repo": "dep" },
        "original": { "type": "github", "owner": "acme", "repo": "dep" } }
  }, "root": "root", "version": 7 }"#;

/// One folder for all runs of a process.
static FOLDER: LazyLock<PathBuf> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder").keep());

fn assert_inside(text: &str, span: Span) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {} bytes", text.len());
}

fuzz_target!(|text: &str| {
    let is_read = match File::parse(Arc::from(text)) {
        Err(error) => {
            assert_inside(text, error.span);
            false
        }
        Ok(file) => {
            assert_inside(text, file.span(file.root()));
            true
        }
    };
    if let Ok(tree) = syntax::tree(text) {
        match Declarations::read(&tree) {
            Err(refused) => assert_inside(text, refused.span),
            Ok(declared) => {
                declared.inputs().for_each(|input| assert_inside(text, input.span()));
            }
        }
    }
    // Whatever is broken goes the same way from here, and that is the slow part.
    if !is_read && text.len() % 16 > 0 {
        return;
    }
    for name in ["flake.nix", "other.nix"] {
        fs::write(FOLDER.join(name), text).expect("the folder takes it");
    }
    let unescaped = Unescaped::new();
    let reader = Reader::new(Stores::default(), Some(FOLDER.clone()));
    let setup = Setup { excerpts: true, include_allowed: true, lists: true, ..Setup::default() };
    let source = LockInput {
        name: "flake.lock",
        bytes: LOCK.as_bytes(),
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let report = audit(source, None, &setup);
    let show = human::Show { color: false, quiet: false, verbose: true };
    let (mut human, mut json) = (Vec::new(), Vec::new());
    human::write_report(&report, show, &mut human).expect("memory takes all");
    json::write_report(&report, 0, &mut json).expect("memory takes all");
    for written in [human, json] {
        let written = String::from_utf8(written).expect("text is written");
        assert!(!written.chars().any(|c| is_hidden(c) && c != '\n'), "{written:?}");
    }
});
