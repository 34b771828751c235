//! Which flake is repaired, and how its files are named.

use insta::assert_snapshot;

use crate::cli::{flake_audit, shown};
use crate::support::workspace::Workspace;

#[test]
fn every_name_of_a_flake_is_that_flake() {
    for path in [".", "./", "flake.nix", "flake.lock", "./flake.lock"] {
        let workspace = Workspace::of("seed/a-follows-plain");
        let done = workspace.fix(&[path]);
        assert!(done.contains("\nwrote ") && done.contains("+++ flake.lock"), "{path}: {done}");
    }
}

#[test]
fn files_are_called_as_seen_from_here() {
    let outer = Workspace::new();
    let copy = |name: &str| {
        let case = Workspace::of("seed/a-follows-plain");
        for file in ["flake.nix", "flake.lock"] {
            outer.write(&format!("{name}/{file}"), case.read(file));
        }
    };
    copy("a b/flake");
    assert_snapshot!(outer.fix(&["a b/flake", "--diff"]));
    assert_snapshot!(outer.fix(&["a b/flake/flake.lock"]));
    copy("there");
    let absolute = outer.path().join("there/flake.nix");
    let done = outer.fix(&[absolute.to_str().unwrap()]);
    let folder = outer.path().to_str().unwrap();
    assert_snapshot!(done.replace(folder, "(folder)"));
}

#[test]
fn a_patch_can_be_applied_from_the_root() {
    let outer = Workspace::new();
    outer.write("repository/.git/HEAD", "");
    for folder in ["flake", "repository/flake"] {
        let case = Workspace::of("seed/a-follows-plain");
        for file in ["flake.nix", "flake.lock"] {
            outer.write(&format!("{folder}/{file}"), case.read(file));
        }
        outer.write(&format!("{folder}/modules/desk.nix"), "{ }");
    }
    for (folder, path, named) in [
        ("flake/modules", ".", "flake.nix"),
        ("repository/flake/modules", ".", "flake/flake.nix"),
        ("repository", "flake", "flake/flake.nix"),
        ("flake", "../repository/flake", "flake/flake.nix"),
    ] {
        let mut fix = flake_audit(&outer.path().join(folder));
        let diff = shown(fix.args(["fix", "--diff", path]));
        let names = format!("--- a/{named}\n+++ b/{named}\n");
        assert!(diff.contains(&names), "{folder}: {diff}");
        assert!(!diff.contains(".."), "{folder}: {diff}");
    }
    let absolute = outer.path().join("flake");
    let diff = outer.fix_without_writing(&["--diff", absolute.to_str().unwrap()]);
    assert!(diff.contains("--- a/flake.nix\n"), "{diff}");
}

#[test]
fn what_is_no_flake() {
    let workspace = Workspace::of("seed/a-follows-plain");
    let mut told = String::new();
    for path in ["missing", "missing/flake.nix", "README.md", "store"] {
        told += &format!("$ fix {path}\n{}", workspace.fix_without_writing(&[path]));
    }
    let lock = workspace.read("flake.lock");
    let mut command = flake_audit(workspace.path());
    told += &format!("$ fix -\n{}", shown(command.args(["fix", "-"]).write_stdin(lock)));
    assert_snapshot!(told);
}

/// Flakes side by side, each a copy of a fixture.
fn flakes(copies: &[(&str, &str)]) -> Workspace {
    let outer = Workspace::new();
    for (name, case) in copies {
        let case = Workspace::of(case);
        for file in ["flake.nix", "flake.lock"] {
            outer.write(&format!("{name}/{file}"), case.read(file));
        }
    }
    outer
}

#[test]
fn several_flakes_are_repaired_each_once() {
    let torch = "seed/a-follows-plain";
    let outer = flakes(&[("a", torch), ("b", "seed/c-clean"), ("c", torch), ("unnamed", torch)]);
    let names = ["a/flake.lock", "a/flake.nix", "b/flake.nix", "./a", "c"];
    assert_snapshot!(outer.fix(&names));
    assert_snapshot!(outer.fix_without_writing(&names));
}

#[test]
fn a_flake_that_cannot_be_repaired_keeps_no_other() {
    let torch = "seed/a-follows-plain";
    let outer = flakes(&[("a", torch), ("b", torch), ("c", torch)]);
    outer.write("b/flake.lock", "{");
    assert_snapshot!(outer.fix(&["a", "b", "c", "missing", "--quiet"]));
    let outer = flakes(&[("a", torch), ("b", torch)]);
    outer.replace("a/flake.nix", "{\n  description", "# @generated\n{\n  description");
    assert_snapshot!(outer.fix(&["a", "b", "--input", "another-dep"]));
    let told = outer.fix_without_writing(&["a", "b", "--input", "no-dep"]);
    assert!(told.contains("a/flake.lock: --input no-dep: the lock has no such input"), "{told}");
    assert!(told.contains("b/flake.lock: --input no-dep: the lock has no such input"), "{told}");
    assert!(told.starts_with("exit 2\n"), "{told}");
}

#[test]
fn what_was_never_locked_can_be_passed_over() {
    let outer = flakes(&[("a", "seed/a-follows-plain")]);
    outer.write("template/flake.nix", "{ outputs = _: { }; }");
    let names = ["template/flake.nix", "a/flake.nix"];
    let failed = outer.fix(&[&names[..], &["--diff"]].concat());
    assert!(failed.starts_with("exit 2\n"), "{failed}");
    let done = outer.fix(&[&names[..], &["--skip-unlocked"]].concat());
    assert!(done.starts_with("exit 0\n") && done.contains("1 finding repaired"), "{done}");
    let none = outer.fix_without_writing(&["template/flake.nix", "--skip-unlocked"]);
    assert_eq!(none, "exit 0\n");
    let missing = outer.fix_without_writing(&["missing/flake.nix", "--skip-unlocked"]);
    assert!(missing.starts_with("exit 2\n"), "{missing}");
}
