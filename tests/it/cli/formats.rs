//! Formats for other programs: GitHub's annotations and summaries, SARIF, and the schema.

#[cfg(unix)]
mod action;
mod sarif;
mod schema;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Map, Value, json};

use super::{fixtures, flake_audit, over_fixtures};

/// A lock of this many dependencies, each with a nixpkgs of its own beside the configured one.
fn many(count: usize) -> String {
    let github = |owner: &str, repo: &str| {
        let rev = "1".repeat(40);
        json!({"type": "github", "owner": owner, "repo": repo, "rev": rev, "narHash": "x"})
    };
    let flake = |owner: &str, repo: &str, nixpkgs: Value| {
        let reference = github(owner, repo);
        json!({"inputs": {"nixpkgs": nixpkgs}, "locked": reference, "original": reference})
    };
    let nixpkgs = github("NixOS", "nixpkgs");
    let names = || (0..count).map(|number| format!("dep-{number:02}"));
    let mut inputs = Map::from_iter([
        ("nixpkgs".to_owned(), json!("nixpkgs")),
        ("nixpkgs-gpu".to_owned(), json!("nixpkgs-gpu")),
    ]);
    inputs.extend(names().map(|name| (name.clone(), json!(name))));
    let mut nodes = Map::from_iter([
        ("root".to_owned(), json!({ "inputs": inputs })),
        ("nixpkgs".to_owned(), json!({"locked": nixpkgs, "original": nixpkgs})),
        ("nixpkgs-gpu".to_owned(), flake("acme", "nixpkgs-gpu", json!(["nixpkgs"]))),
    ]);
    nodes.extend(names().map(|name| (name.clone(), flake("acme", &name, json!(["nixpkgs"])))));
    json!({"version": 7, "root": "root", "nodes": nodes}).to_string()
}

/// What `check` prints in a folder, and its exit code.
fn checked(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let output = flake_audit(folder).arg("check").args(arguments).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn annotations() {
    let paths = ["seed/a-follows-plain", "seed/c-clean", "malformed/truncated"];
    assert_snapshot!(over_fixtures(&[&["check", "--format", "github"][..], &paths].concat()));
    let shown = over_fixtures(&["check", "--format", "github", "stale-lock", "unused-override"]);
    assert_snapshot!(shown);
}

#[test]
fn summaries() {
    let paths = ["seed/b-own-nixpkgs", "seed/c-clean", "malformed/truncated", "follows-cycle"];
    assert_snapshot!(over_fixtures(&[&["check", "--format", "markdown"][..], &paths].concat()));
}

#[test]
fn nothing_found() {
    let shown = |format: &str| over_fixtures(&["check", "--format", format, "seed/c-clean"]);
    assert_eq!(shown("github"), "exit 0\n");
    assert_snapshot!(shown("markdown"));
}

#[test]
fn github_is_told_what_it_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let notices = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("::notice")).map(str::to_owned).collect()
    };
    for (count, expected) in [(10, None), (11, Some("1 more error")), (60, Some("50 more errors"))]
    {
        fs::write(folder.path().join("flake.lock"), many(count)).unwrap();
        let (text, code) = checked(folder.path(), &["--format", "github"]);
        assert_eq!(code, 1);
        assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), count);
        let expected = expected.map(|more| {
            format!(
                "::notice title=flake-audit::GitHub shows 10 annotations of a kind for a step; \
                 the log has {more}"
            )
        });
        assert_eq!(notices(&text), Vec::from_iter(expected));
    }
}

#[test]
fn a_summary_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), many(60)).unwrap();
    let (text, _) = checked(folder.path(), &["--format", "markdown"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("| error ")).count(), 50);
    assert!(text.contains("\nand 10 more\n"), "{text}");

    let lock = many(50);
    for number in 0..200 {
        let flake = folder.path().join(format!("flake-{number:03}"));
        fs::create_dir(&flake).unwrap();
        fs::write(flake.join("flake.lock"), &lock).unwrap();
    }
    let (text, _) = checked(folder.path(), &["--format", "markdown"]);
    assert!((500 << 10..1 << 20).contains(&text.len()), "{}", text.len());
    let tables = text.lines().filter(|line| line.starts_with("### ")).count();
    let left_out = format!("What was found in {} more is left out", 201 - tables);
    assert!(text.contains(&left_out), "{left_out}");
    assert!(text.ends_with("flake-audit: 201 locks: 10060 errors\n"));
}

/// A folder whose name is all that the formats have to escape.
#[cfg(unix)]
#[test]
fn hostile_file_names() {
    let folder = tempfile::tempdir().unwrap();
    let flake = folder.path().join("100%:a,b\nc|d");
    fs::create_dir(&flake).unwrap();
    let lock = fixtures().join("seed/a-follows-plain/flake.lock");
    fs::copy(lock, flake.join("flake.lock")).unwrap();
    let (text, _) = checked(folder.path(), &["--format", "github"]);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(" file=100%25%3Aa%2Cb%0Ac|d/flake.lock,line="), "{text}");
    let (text, _) = checked(folder.path(), &["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&text).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "100%25%3Aa%2Cb%0Ac%7Cd/flake.lock");
    let (text, _) = checked(folder.path(), &["--format", "markdown"]);
    assert!(text.starts_with("### 100%\\:a,b\\\\u000ac\\|d/flake\\.lock\n"), "{text}");
}
