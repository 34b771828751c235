//! Only new findings count: `--since`, `--baseline`, and where reports go.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::formats::many;
use super::{fixtures, flake_audit};

pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A repository with this many findings, committed.
pub(super) fn repository(findings: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    write(folder.path(), &many(findings, "gone"));
    commit(folder.path());
    folder
}

pub(super) fn write(folder: &Path, lock: &str) {
    fs::write(folder.join("flake.lock"), lock).unwrap();
}

pub(super) fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "A change"]);
}

/// Exit code, standard output and standard error.
pub(super) fn check(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = flake_audit(folder).arg("check").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Three changes of a repository with 30 findings, each compared with the same state.
fn changes(folder: &Path, compared: &[&str]) {
    let last = |out: &str| out.lines().find(|line| line.starts_with("1 lock")).unwrap().to_owned();
    write(folder, &many(31, "gone"));
    let (code, out, errors) = check(folder, compared);
    assert_eq!((code, last(&out).as_str()), (1, "1 lock: 1 error, 30 older findings"), "{errors}");
    assert!(out.contains("dep-30") && !out.contains("dep-29"), "{out}");
    let (_, out, _) = check(folder, &[compared, &["-v"]].concat());
    assert!(out.contains("dep-29"), "{out}");

    write(folder, &many(28, "gone"));
    let (code, out, _) = check(folder, compared);
    let nothing = |older: usize| format!("1 lock: nothing new found, {older} older findings");
    assert_eq!((code, last(&out)), (0, nothing(28)));

    // Other revisions, other lines, other node keys.
    let updated = many(30, "gone").replace(&"1".repeat(40), &"2".repeat(40));
    let updated = updated.replace("\"nodes\":", "\n\n\"nodes\":").replace(":\"dep-0", ":\"key-0");
    write(folder, &updated.replace("\"dep-0", "\"key-0").replace("\"key-0", "\"dep-0"));
    let (code, out, errors) = check(folder, compared);
    assert_eq!((code, last(&out)), (0, nothing(30)), "{errors}");
}

#[test]
fn a_change_is_compared_with_a_revision() {
    let folder = repository(30);
    changes(folder.path(), &["--since", "HEAD"]);
    let (_, out, _) = check(folder.path(), &["--since", "HEAD", "--format", "json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["reports"][0]["findings"][0]["baseline_state"], "unchanged");
    assert_eq!(json["summary"]["older"], 30);
}

#[test]
fn a_change_is_compared_with_a_file() {
    let folder = repository(30);
    let (code, _, errors) = check(folder.path(), &["--write-baseline", "old"]);
    assert_eq!((code, errors.as_str()), (0, "old has 30 findings\n"));
    let text = fs::read_to_string(folder.path().join("old")).unwrap();
    assert!(text.contains("\nflake.lock\tdangling-follows\tdep-00/nixpkgs\t"), "{text}");
    changes(folder.path(), &["--baseline", "old"]);

    write(folder.path(), &many(29, "gone"));
    let (_, _, errors) = check(folder.path(), &["--baseline", "old"]);
    assert!(errors.contains("no longer occurs: dangling-follows dep-29/nixpkgs"), "{errors}");
    let (_, _, errors) = check(folder.path(), &["--write-baseline", "old"]);
    assert_eq!(errors, "old has 29 findings, 1 that no longer occur are gone\n");
    // Any other file is neither accepted as a baseline nor replaced.
    let (code, _, errors) = check(folder.path(), &["--write-baseline", "flake.lock"]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("flake.lock:1: this is no baseline"), "{errors}");
}

#[test]
fn moved_and_new_flakes() {
    let folder = repository(3);
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("moved")).unwrap();
    git(folder.path(), &["mv", "flake.lock", "moved/flake.lock"]);
    let (code, out, errors) = check(folder.path(), &["--since", "HEAD"]);
    assert_eq!(code, 0, "{out}{errors}");
    write(folder.path(), &many(3, "gone"));
    let (code, out, _) = check(folder.path(), &["--since", "HEAD"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("2 locks: 3 errors, 3 older findings"), "{out}");
}

#[test]
fn a_revision_that_is_missing_is_named_with_the_remedy() {
    let folder = repository(1);
    for (revision, said) in [
        ("origin/main", "`git fetch --depth=1 origin main` brings it"),
        ("--help", "is no revision of this repository"),
        ("HEAD~9", "is no revision of this repository"),
    ] {
        let (code, out, errors) = check(folder.path(), &[&format!("--since={revision}")]);
        assert_eq!(code, 2, "{out}{errors}");
        assert!(errors.contains(said), "{errors}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), &many(1, "gone"));
    let (code, _, errors) = check(elsewhere.path(), &["--since", "HEAD"]);
    assert!(code == 2 && errors.contains("in no Git work tree"), "{errors}");
}

#[test]
fn a_repository_runs_nothing() {
    let folder = repository(2);
    let trace = folder.path().join("TRACE");
    let touch = format!("touch {}; cat", trace.display());
    fs::write(folder.path().join(".gitattributes"), "* filter=evil diff=evil\n").unwrap();
    fs::write(folder.path().join("flake.nix"), "{ outputs = _: { }; }\n").unwrap();
    commit(folder.path());
    for (key, value) in [
        ("core.fsmonitor", &touch),
        ("filter.evil.smudge", &touch),
        ("filter.evil.clean", &touch),
        ("diff.evil.textconv", &touch),
        ("alias.rev-parse", &format!("!{touch}")),
        ("alias.cat-file", &format!("!{touch}")),
        ("core.pager", &touch),
    ] {
        git(folder.path(), &["config", key, value]);
    }
    let hooks = folder.path().join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-checkout", "post-index-change", "reference-transaction"] {
        fs::write(hooks.join(hook), format!("#!/bin/sh\n{touch}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(hooks.join(hook)).status().unwrap().success());
    }
    let (code, out, errors) = check(folder.path(), &["--since", "HEAD"]);
    assert_eq!(code, 0, "{out}{errors}");
    for range in ["HEAD~..", "HEAD~...", "HEAD"] {
        flake_audit(folder.path()).args(["diff", range]).assert().code(0);
    }
    assert!(!trace.exists());
    // The trap works for Git itself.
    git(folder.path(), &["status"]);
    assert!(trace.exists());
}

#[test]
fn reports_go_into_files() {
    let folder = repository(2);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let arguments = ["--format", "concise", "--format", "gitlab=gl.json", "--format=sarif=s.sarif"];
    let (code, out, _) = check(folder.path(), &arguments);
    assert_eq!(code, 1);
    assert_eq!(out.lines().filter(|line| line.contains(": error[dangling-follows]: ")).count(), 2);
    assert!(out.starts_with("flake.lock:"), "{out}");
    let issues: Value = serde_json::from_str(&read("gl.json")).unwrap();
    assert_eq!(issues.as_array().unwrap().len(), 2);
    assert_eq!(issues[0]["severity"], "major");
    assert_eq!(issues[0]["location"]["path"], "flake.lock");
    assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);
    let sarif: Value = serde_json::from_str(&read("s.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);

    let (_, out, _) = check(folder.path(), &["--format", "json", "--output", "r.json"]);
    assert_eq!(out, "1 lock: 2 errors\n");
    assert!(serde_json::from_str::<Value>(&read("r.json")).is_ok());
    let (code, _, errors) = check(folder.path(), &["--format", "json", "--format", "sarif"]);
    assert!(code == 2 && errors.contains("two formats for standard output"), "{errors}");
}

#[test]
fn warnings_can_fail_and_errors_pass() {
    let code = |arguments: &[&str]| check(fixtures(), arguments).0;
    let warned = ["seed/a-follows-plain", "--warn", "unconfigured-nixpkgs"];
    assert_eq!(code(&warned), 0);
    assert_eq!(code(&[&warned[..], &["--deny", "warnings"]].concat()), 1);
    assert_eq!(code(&["seed/a-follows-plain", "--exit-zero"]), 0);
    assert_eq!(code(&["malformed/truncated", "--exit-zero"]), 2);
}
