//! What `check` says `fix` would repair, and what it does repair.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{fixtures, flake_audit, shown};

/// How many repairs `fix` announces.
fn repaired(flake: &Path, arguments: &[&str]) -> u64 {
    let mut command = flake_audit(flake);
    let output = command.args(["fix", "--dry-run"]).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find(|line| line.contains(" would be repaired")).unwrap_or("nothing");
    line.split(' ').next().unwrap().parse().unwrap_or(0)
}

/// How many repairs `check` announces, the same in each place.
fn promised(flake: &Path, arguments: &[&str]) -> u64 {
    let check = |format: &str| {
        let mut command = flake_audit(flake);
        let command = command.args(["check", "flake.lock", "--format", format]).args(arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&check("json")).unwrap();
    let number = json["summary"]["fixable"].as_u64().unwrap();
    let line: Value = serde_json::from_str(&check("ndjson")).unwrap();
    assert_eq!(json["reports"][0]["fixable"].as_u64(), Some(number));
    assert_eq!(line["fixable"].as_u64(), Some(number));
    for format in ["human", "markdown"] {
        let text = check(format);
        let said = text.split("(`flake-audit fix` repairs ").nth(1);
        let said = said.map_or(0, |rest| rest.split(')').next().unwrap().parse().unwrap());
        assert_eq!(said, number, "{format}: {text}");
    }
    number
}

/// The folders of all fixtures for `fix`.
pub(super) fn flakes() -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let cases = folders(fixtures()).iter().flat_map(|rule| folders(rule)).collect::<Vec<_>>();
    let has = |case: &Path, name: &str| case.join(name).is_file();
    cases.into_iter().filter(|case| has(case, "flake.nix") && has(case, "flake.lock")).collect()
}

#[test]
fn check_promises_what_fix_does() {
    // One run of `check` over all of them.
    let mut command = flake_audit(fixtures());
    let output = command.args(["check", ".", "--format", "ndjson"]).output().unwrap();
    let reports = String::from_utf8(output.stdout).unwrap();
    let mut seen = (0, 0);
    let flakes = flakes();
    for report in reports.lines() {
        let report: Value = serde_json::from_str(report).unwrap();
        let lock = fixtures().join(report["lock_file"].as_str().unwrap());
        let flake = lock.parent().unwrap();
        if !flakes.iter().any(|known| known == flake) {
            assert_eq!(report["fixable"], 0, "{}", lock.display());
            continue;
        }
        let number = report["fixable"].as_u64().unwrap();
        assert_eq!(number, repaired(flake, &[]), "{}", flake.display());
        seen = (seen.0 + 1, seen.1 + number);
    }
    assert!(seen.0 > 20 && seen.1 > 10, "{seen:?}");
}

/// The flake of the seed scenario, edited.
fn seed(edit: impl Fn(&str) -> String) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let case = fixtures().join("seed/a-follows-plain");
    fs::copy(case.join("flake.lock"), folder.path().join("flake.lock")).unwrap();
    let text = fs::read_to_string(case.join("flake.nix")).unwrap();
    fs::write(folder.path().join("flake.nix"), edit(&text)).unwrap();
    folder
}

#[test]
fn what_is_not_edited_counts_for_nothing() {
    let follows = "another-dep.inputs.nixpkgs.follows = \"nixpkgs\";";
    let edits: [(&str, &dyn Fn(&str) -> String, u64); 6] = [
        ("as it is", &str::to_owned, 1),
        (
            "the lock is generated",
            &|text| format!("# flake.lock is generated, do not edit it.\n{text}"),
            1,
        ),
        ("generated", &|text| format!("# Do not modify! This file is generated.\n{text}"), 0),
        ("a mark", &|text| format!("\u{feff}{text}"), 0),
        (
            "in parentheses",
            &|text| {
                text.replace(
                    follows,
                    "another-dep = { inputs = { nixpkgs = { follows = (\"nixpkgs\"); }; }; };",
                )
            },
            1,
        ),
        (
            "needs a fetch",
            &|text| {
                text.replace(follows, &format!("{follows}\n    new.url = \"github:acme/new\";"))
            },
            0,
        ),
    ];
    for (name, edit, expected) in edits {
        let folder = seed(edit);
        assert_eq!(repaired(folder.path(), &[]), expected, "{name}");
        assert_eq!(promised(folder.path(), &[]), expected, "{name}");
    }
}

#[test]
fn flags_of_check_are_not_those_of_fix() {
    let folder = seed(str::to_owned);
    let promised = |arguments: &[&str]| promised(folder.path(), arguments);
    assert_eq!(promised(&["--warn", "unconfigured-nixpkgs"]), 1);
    // Repairs of silent findings are not announced.
    assert_eq!(promised(&["--allow", "unconfigured-nixpkgs"]), 0);
    // Without sources flake.nix is not known.
    assert_eq!(promised(&["--no-source"]), 0);
    // `fix` repairs findings that are silent by default only if the rule is named.
    let case = fixtures().join("unconfigured-secondary");
    let silent = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    for flake in silent.filter(|flake| flake.join("flake.nix").is_file()) {
        let number = super::fixable::promised(&flake, &["--deny", "unconfigured-secondary"]);
        assert_eq!(number, repaired(&flake, &[]), "{}", flake.display());
    }
}

#[test]
#[cfg(unix)]
fn a_link_out_of_the_folder_is_not_followed() {
    let (folder, elsewhere) = (seed(str::to_owned), tempfile::tempdir().unwrap());
    let (here, there) = (folder.path().join("flake.nix"), elsewhere.path().join("flake.nix"));
    fs::rename(&here, &there).unwrap();
    std::os::unix::fs::symlink(&there, &here).unwrap();
    let said = shown(flake_audit(folder.path()).arg("check"));
    assert!(!said.contains("repairs"), "{said}");
}
