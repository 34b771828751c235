//! `verify` as far as it needs no Nix: `tests/nix/` has the rest.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{fixtures, flake_audit, shown};

const CASE: &str = "seed/a-follows-plain";

/// A program that is called as Nix is.
fn program(script: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nix");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

/// What is said with this script as Nix.
fn with(script: &str) -> String {
    let (_folder, path) = program(script);
    shown(flake_audit(fixtures()).args(["verify", CASE, "--nix"]).arg(path))
}

#[test]
fn without_nix_it_says_so() {
    let shown = shown(flake_audit(fixtures()).args(["verify", CASE, "--nix", "no-such-program"]));
    assert_eq!(
        shown,
        "exit 2\n--- stderr\nflake-audit: cannot run `no-such-program`: No such file or directory (os error 2)\n"
    );
}

#[test]
fn its_own_error_is_told_and_escaped() {
    assert_eq!(
        with(
            "printf 'error:\\n       … while a\\n\\n       error: b \\033[31mc\\n       at d\\n' >&2; exit 1"
        ),
        "exit 2\n--- stderr\nflake-audit: nix flake metadata: b \\u001b[31mc\n"
    );
    assert_eq!(
        with("exit 3"),
        "exit 2\n--- stderr\nflake-audit: nix flake metadata: it ends with exit status: 3 and says nothing\n"
    );
    assert_eq!(
        with("echo hello"),
        "exit 2\n--- stderr\nflake-audit: nix flake metadata: what it says is not understood\n"
    );
}

#[test]
fn what_never_seems_to_end_is_heard_out() {
    // More than pipes hold, on both at once, and more than is kept.
    let flood = "head -c 70000000 /dev/zero; head -c 1000000 /dev/zero >&2";
    assert_eq!(
        with(flood),
        "exit 2\n--- stderr\nflake-audit: nix flake metadata: its answer is too long\n"
    );
}

#[test]
fn it_asks_for_no_more_than_it_should() {
    let (folder, path) = program(r#"for one in "$@"; do echo "$one"; done >> "$LOG"; exit 1"#);
    let log = folder.path().join("log");
    flake_audit(fixtures())
        .args(["verify", CASE, "--nix"])
        .arg(path)
        .env("LOG", &log)
        .output()
        .unwrap();
    let asked = fs::read_to_string(log).unwrap();
    for part in [
        "allow-import-from-derivation\nfalse\n",
        "accept-flake-config\nfalse\n",
        "flake\nmetadata\n--json\n--no-write-lock-file\n.\n",
    ] {
        assert!(asked.contains(part), "{asked}");
    }
}

#[test]
fn nix_is_not_asked_about_what_it_does_not_survive() {
    let (folder, path) = program("touch \"$(dirname \"$0\")/asked\"; exit 1");
    for (case, said) in [
        ("node-cycle/two-nodes", "leads back to a node that owns it, on which Nix eats all memory"),
        ("follows-cycle/each-other", "follows itself, which some versions of Nix do not survive"),
    ] {
        let shown = shown(flake_audit(fixtures()).args(["verify", case, "--nix"]).arg(&path));
        assert!(shown.starts_with("exit 2\n--- stderr\n") && shown.contains(said), "{shown}");
    }
    assert!(!folder.path().join("asked").exists());
}

#[test]
fn what_cannot_be_asked_is_a_matter_of_usage() {
    let said = |arguments: &[&str]| {
        shown(flake_audit(fixtures()).args([&["verify", CASE][..], arguments].concat()))
    };
    assert_eq!(
        said(&["--attr", "a..b"]),
        "exit 2\n--- stderr\nflake-audit: --attr a..b: a name is missing; an attribute is written like python3Packages.torch\n"
    );
    let lock = fs::read(fixtures().join(CASE).join("flake.lock")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), &lock).unwrap();
    assert_eq!(
        shown(flake_audit(folder.path()).arg("verify")),
        "exit 2\n--- stderr\nflake-audit: there is no flake.nix beside the lock, and without it nothing can be evaluated\n"
    );
    let mut piped = flake_audit(fixtures());
    let piped = piped.args(["verify", "-"]).write_stdin(lock);
    assert_eq!(
        shown(piped),
        "exit 2\n--- stderr\nflake-audit: Nix needs a flake, not only a lock\n"
    );
}
