use std::fs;

use insta::assert_snapshot;

use super::{fixtures, flake_audit, over_fixtures, shown};

/// The end of the report on that lock.
const SUMMARY: &str = "\n1 lock: 1 error (`flake-audit fix` repairs 1)\n";

#[test]
fn every_name_of_a_lock_is_that_lock() {
    let case = fixtures().join("seed/a-follows-plain");
    for path in ["flake.lock", "flake.nix", ".", "./", "../a-follows-plain/flake.lock"] {
        let output = flake_audit(&case).args(["check", path]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(SUMMARY), "{path}: {text}");
    }
    let all = ["check", "flake.lock", "flake.nix", ".", "../a-follows-plain"];
    let output = flake_audit(&case).args(all).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(SUMMARY), "{text}");
}

#[test]
fn from_a_folder_of_a_flake_the_flake_above_is_found() {
    let repository = tempfile::tempdir().unwrap();
    let flake = repository.path().join("flake");
    fs::create_dir_all(flake.join("modules/desk")).unwrap();
    for file in ["flake.nix", "flake.lock"] {
        fs::copy(fixtures().join("seed/a-follows-plain").join(file), flake.join(file)).unwrap();
    }
    let below = flake.join("modules/desk");
    for arguments in [&["check", "-q"][..], &["fix", "--dry-run"], &["why", "another-dep/nixpkgs"]]
    {
        let told = shown(flake_audit(&below).args(arguments));
        assert!(told.contains("../../flake.nix") || told.contains("another-dep/nixpkgs"), "{told}");
    }
    let named = shown(flake_audit(&below).args(["check", "-q"]));
    assert!(named.contains(" --> ../../flake.nix:11:5\n"), "{named}");
    // The flake below has priority, and the search stops at the repository's root.
    let inner = below.join("inner");
    fs::create_dir(&inner).unwrap();
    fs::copy(fixtures().join("seed/c-clean/flake.lock"), inner.join("flake.lock")).unwrap();
    let below_it = shown(flake_audit(&below).args(["check"]));
    assert!(below_it.contains("1 lock: nothing found"), "{below_it}");
    fs::remove_dir_all(&inner).unwrap();
    fs::create_dir(below.join(".git")).unwrap();
    let told = shown(flake_audit(&below).args(["check"]));
    assert!(told.contains("there is no flake.lock below this folder"), "{told}");
}

#[test]
fn standard_input() {
    let lock = fs::read(fixtures().join("seed/a-follows-plain/flake.lock")).unwrap();
    assert_snapshot!(shown(flake_audit(fixtures()).args(["check", "-"]).write_stdin(lock)));
    assert_snapshot!(shown(flake_audit(fixtures()).args(["check", "-"]).write_stdin("{")));
}

#[test]
fn what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for path in ["flake.nix", "missing/flake.lock", "empty", "."] {
        let shown = shown(flake_audit(folder.path()).args(["check", path]));
        assert!(shown.starts_with("exit 2\n"), "{path}: {shown}");
        assert_snapshot!(format!("not-there-{}", path.replace(['/', '.'], "-")), shown);
    }
}

#[test]
fn a_flake_that_was_never_locked_can_be_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    let run = |path: &str| {
        shown(flake_audit(folder.path()).args(["check", "--skip-unlocked", path, path]))
    };
    assert_eq!(run("flake.nix"), "exit 0\n--- stdout\nno lock: nothing found\n");
    // Nothing else is skipped: missing files, and files that are no flake.nix, were expected to be
    // audited.
    for path in ["missing/flake.nix", "flake.lock", "."] {
        assert!(run(path).starts_with("exit 2\n"), "{path}");
    }
    fs::copy(fixtures().join("seed/a-follows-plain/flake.lock"), folder.path().join("flake.lock"))
        .unwrap();
    assert!(run("flake.nix").starts_with("exit 1\n"));
}

#[test]
fn one_bad_lock_among_others() {
    assert_snapshot!(over_fixtures(&[
        "check",
        "malformed/missing-node",
        "seed/c-clean",
        "malformed/version-4",
        "wrapper-skew/same-branch"
    ]));
}

#[test]
fn graph_and_why_take_one_lock() {
    assert_snapshot!(over_fixtures(&["why", "nixpkgs", "--lock", "malformed/missing-node"]));
    assert_snapshot!(over_fixtures(&["why", "nixpkgs", "--lock", "seed"]));
}

#[test]
fn a_file_has_one_name_in_a_finding() {
    // The settings and what they concern are in two places of one file.
    for case in ["cuda-without-support", "root-unconfigured", "ineffective-setting"] {
        let mut named = 0;
        for flake in fs::read_dir(fixtures().join(case)).unwrap() {
            let flake = flake.unwrap().path();
            let outer = tempfile::tempdir().unwrap();
            let inner = outer.path().join("here");
            fs::create_dir(&inner).unwrap();
            for file in fs::read_dir(&flake).unwrap() {
                let file = file.unwrap();
                if file.path().is_file() {
                    fs::copy(file.path(), inner.join(file.file_name())).unwrap();
                }
            }
            let store = flake.join("store");
            let mut check = flake_audit(outer.path());
            let told = shown(check.args(["check", "here", "-v", "--store"]).arg(store));
            let places = told.match_indices("flake.nix:").map(|(at, _)| &told[..at]);
            for before in places.filter(|before| !before.ends_with("here/")) {
                let rest = &told[before.len()..];
                let of_another = rest.lines().next().unwrap_or_default().contains(" of ");
                assert!(of_another, "{}: {told}", flake.display());
            }
            named += told.matches("here/flake.nix:").count();
        }
        assert!(named > 1, "{case}: {named}");
    }
}
