//! Which flake is meant, and how its files are called.

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
