//! Formats for other programs: GitHub's annotations and summaries, and SARIF.

#[cfg(unix)]
mod action;
mod gitlab;
mod sarif;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Map, Value, json};

use super::{fixtures, flake_audit, over_fixtures};

/// A lock with so many dependencies, whose nixpkgs follow this path, beside a configured one.
pub(super) fn many(count: usize, follows: &str) -> String {
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
    nodes.extend(names().map(|name| (name.clone(), flake("acme", &name, json!([follows])))));
    json!({"version": 7, "root": "root", "nodes": nodes}).to_string()
}

/// The output and exit code of `check` in a folder.
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
fn every_format_says_which_outputs_were_not_read_wholly() {
    let case = "inline-configuration/takes-modules-that-are-paths";
    for format in ["human", "markdown", "github"] {
        assert_snapshot!(
            format!("in-part-{format}"),
            over_fixtures(&["check", "--format", format, case])
        );
    }
    let json = |format| -> Value {
        let shown = over_fixtures(&["check", "--format", format, case]);
        serde_json::from_str(shown.split_once("--- stdout\n").unwrap().1).unwrap()
    };
    let told = &json("sarif")["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let message = "not fully read: nixosConfigurations.tower (a module of `speech`)";
    assert_eq!(told[0]["level"], "note");
    assert_eq!(told[0]["message"]["text"], message);
    let report = json("ndjson");
    assert_eq!(report["outputs_in_part"], 1);
    assert_eq!(report["outputs"][0]["read"], "part");
    assert_eq!(report["outputs"][0]["why"], "a module of `speech`");
    assert_eq!(json("json")["summary"]["in_part"], 1);
}

#[test]
fn a_flake_of_which_nothing_was_understood_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    let case = fixtures().join("inline-configuration/takes-modules-that-are-paths");
    fs::copy(case.join("flake.lock"), folder.path().join("flake.lock")).unwrap();
    let flake = fs::read_to_string(case.join("flake.nix")).unwrap();
    let inputs = flake.split_once("  outputs =").unwrap().0;
    let check = |outputs: &str| {
        fs::write(folder.path().join("flake.nix"), format!("{inputs} outputs = {outputs};\n}}"))
            .unwrap();
        checked(folder.path(), &[])
    };
    assert_eq!(
        check("inputs: inputs.speech.lib.mkFlake { inherit inputs; }"),
        (
            "not fully read: outputs (a function of `speech`)\n\n\
             1 lock: nothing found, but not everything was read\n"
                .into(),
            0
        )
    );
    // Outputs that only pass inputs on are understood.
    for outputs in ["inputs: inputs", "inputs: { }", "{ self, ... }@inputs: { inherit inputs; }"] {
        assert_eq!(check(outputs), ("1 lock: nothing found\n".into(), 0), "{outputs}");
    }
}

#[test]
fn json_says_what_uses_lack() {
    let case = "source/several-hosts";
    let store = format!("{case}/store");
    let shown = over_fixtures(&["check", "--format", "ndjson", case, "--store", &store]);
    let report: Value = serde_json::from_str(shown.split_once("--- stdout\n").unwrap().1).unwrap();
    let named = |name: &str| {
        let outputs = report["outputs"].as_array().unwrap();
        outputs.iter().find(|output| output["path"].as_array().unwrap().last().unwrap() == name)
    };
    assert_snapshot!(serde_json::to_string_pretty(named("desk").unwrap()).unwrap());
    let uses = &named("laptop").unwrap()["uses"];
    assert_eq!(uses[0]["packages"], json!(["python3Packages.torch"]));
    assert_eq!(uses[0]["changed_by"], json!([]));
}

#[test]
fn github_is_told_what_it_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let notices = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("::notice")).map(str::to_owned).collect()
    };
    for (count, expected) in [(10, None), (11, Some("1 more error")), (60, Some("50 more errors"))]
    {
        fs::write(folder.path().join("flake.lock"), many(count, "gone")).unwrap();
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
fn what_says_the_same_is_told_as_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), many(49, "nixpkgs")).unwrap();
    let (text, _) = checked(folder.path(), &[]);
    assert!(text.starts_with("error[unconfigured-nixpkgs]: 49 inputs are plain nixpkgs"), "{text}");
    assert!(text.lines().count() < 120, "{text}");
    let mut seen = std::collections::BTreeSet::new();
    let twice = text.lines().filter(|line| line.len() > 20 && !seen.insert(*line));
    assert_eq!(twice.collect::<Vec<_>>(), Vec::<&str>::new());
    let (text, _) = checked(folder.path(), &["--format", "github"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 1);
    let (text, _) = checked(folder.path(), &["--format", "markdown"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("| error ")).count(), 1);
}

#[test]
fn a_summary_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), many(60, "gone")).unwrap();
    let (text, _) = checked(folder.path(), &["--format", "markdown"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("| error ")).count(), 50);
    assert!(text.contains("\nand 10 more\n"), "{text}");

    let lock = many(50, "gone");
    for number in 0..200 {
        let flake = folder.path().join(format!("flake-{number:03}"));
        fs::create_dir(&flake).unwrap();
        fs::write(flake.join("flake.lock"), &lock).unwrap();
    }
    let (text, _) = checked(folder.path(), &["--format", "markdown"]);
    assert!((500 << 10..1 << 20).contains(&text.len()), "{}", text.len());
    let tables = text.lines().filter(|line| line.starts_with("### ")).count();
    let left_out = format!("Findings in {} more locks are left out", 201 - tables);
    assert!(text.contains(&left_out), "{left_out}");
    assert!(text.ends_with("flake-audit: 201 locks: 10060 errors\n"));
}

/// A folder whose name contains everything that formats have to escape.
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
