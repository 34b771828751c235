//! What is not repaired automatically: who has to do it, and how.

use insta::assert_snapshot;

use crate::cli::shown;
use crate::support::workspace::Workspace;

#[test]
fn a_generated_file_is_not_edited() {
    let workspace = Workspace::of("seed/d-three-levels");
    let flake = workspace.read("flake.nix");
    workspace.write("flake.nix", format!("# Do not edit: written by flake-file.\n{flake}"));
    assert_snapshot!(workspace.fix_without_writing(&[]));
    let quiet = workspace.fix_without_writing(&["-q"]);
    assert!(quiet.contains("inputs.toolkit.inputs.engine."), "{quiet}");
    // With `--diff` nothing is printed on standard output; a person gets the lines.
    let diff = workspace.fix_without_writing(&["--diff"]);
    assert!(diff.starts_with("exit 1\n--- stderr\n"), "{diff}");
    assert!(diff.contains("inputs.toolkit.inputs.engine."), "{diff}");
    // `check` proposes no change of that file, and says where the lines belong instead.
    let check = shown(&mut workspace.command(&["check", "-q"]));
    let said = check.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("flake.nix is generated, so add this to what it is generated from"),
        "{check}"
    );
    workspace.write("flake.nix", flake);
    assert!(!shown(&mut workspace.command(&["check", "-q"])).contains("generated"));
}

/// Its lock is still written, because that does not change flake.nix.
#[test]
fn the_lock_of_a_generated_file_is_brought_up_to_date() {
    let workspace = Workspace::of("stale-lock/changed-follows");
    let flake = workspace.read("flake.nix");
    workspace.write("flake.nix", format!("# Do not edit: written by flake-file.\n{flake}"));
    let done = workspace.fix(&[]);
    assert!(done.contains("wrote flake.lock\n"), "{done}");
}

#[test]
fn a_file_that_nix_would_refuse_is_not_edited() {
    for (name, old, new) in [
        (
            "let",
            "{\n  description = \"A GPU project\";",
            "let x = 1; in {\n  description = \"A GPU project\";",
        ),
        ("syntax", "inputs = {", "inputs = { ["),
        (
            "twice",
            "another-dep.url =",
            "another-dep.url = \"github:acme/other\";\n    another-dep.url =",
        ),
        ("interpolation", "\"github:acme/another-dep\"", "\"github:acme/${\"another-dep\"}\""),
    ] {
        let workspace = Workspace::of("seed/a-follows-plain");
        workspace.replace("flake.nix", old, new);
        assert_snapshot!(format!("refused-{name}"), workspace.fix_without_writing(&[]));
    }
}

#[test]
fn a_flake_without_flake_nix() {
    let workspace = Workspace::of("seed/a-follows-plain");
    std::fs::remove_file(workspace.path().join("flake.nix")).unwrap();
    assert_snapshot!(workspace.fix_without_writing(&[]));
}

#[test]
fn a_flake_nix_that_is_no_text() {
    let workspace = Workspace::of("seed/a-follows-plain");
    workspace.write("flake.nix", b"{ inputs.a.url = \"\xff\"; }");
    assert_snapshot!(workspace.fix_without_writing(&[]));
}

#[test]
fn a_lock_that_cannot_be_read() {
    for (name, text) in [
        ("empty", ""),
        ("cut", "{ \"nodes\": {"),
        ("version", "{\"nodes\":{\"root\":{}},\"root\":\"root\",\"version\":9}"),
    ] {
        let workspace = Workspace::of("seed/a-follows-plain");
        workspace.write("flake.lock", text);
        assert_snapshot!(format!("bad-lock-{name}"), workspace.fix_without_writing(&[]));
    }
    let workspace = Workspace::of("seed/a-follows-plain");
    std::fs::remove_file(workspace.path().join("flake.lock")).unwrap();
    assert_snapshot!("bad-lock-none", workspace.fix_without_writing(&[]));
}

/// flake.nix declares an input that has to be fetched, so only Nix can write the lock.
#[test]
fn a_lock_that_has_to_be_fetched() {
    let workspace = Workspace::of("seed/a-follows-plain");
    workspace.replace(
        "flake.nix",
        "    another-dep.url",
        "    extra.url = \"github:acme/extra\";\n    another-dep.url",
    );
    workspace.replace("flake.nix", "another-dep }:", "another-dep, extra }:");
    assert_snapshot!(workspace.fix_without_writing(&[]));
    let dry = workspace.fix_without_writing(&["--dry-run"]);
    assert!(dry.starts_with("exit 2\n"), "{dry}");
    // Its advice works.
    assert_snapshot!(workspace.fix(&["--no-lock"]));
}

/// flake.nix has a follows through the input to override, and flake.lock does not have it yet, so
/// an audit of the lock alone could not know.
#[test]
fn a_plan_that_does_more_than_it_promises_is_refused() {
    let workspace = Workspace::of("seed/b-own-nixpkgs");
    workspace.replace(
        "flake.nix",
        "  outputs =",
        "  inputs.pinned.follows = \"another-dep/nixpkgs\";\n\n  outputs =",
    );
    workspace.replace(
        "flake.nix",
        "nixpkgs-gpu, another-dep }:",
        "nixpkgs-gpu, another-dep, pinned }:",
    );
    workspace.replace(
        "flake.lock",
        "\"nixpkgs-gpu\": \"nixpkgs-gpu\"\n",
        "\"nixpkgs-gpu\": \"nixpkgs-gpu\",\n        \"pinned\": [\n          \"nixpkgs\"\n        ]\n",
    );
    assert_snapshot!(workspace.fix_without_writing(&["--rule", "unconfigured-nixpkgs"]));
}

/// Together with what flake.nix already says, the override would form a circle.
#[test]
fn a_plan_that_nix_would_not_lock_is_refused() {
    let workspace = Workspace::of("seed/b-own-nixpkgs");
    workspace.replace(
        "flake.nix",
        "nixpkgs-gpu.inputs.nixpkgs.follows = \"nixpkgs\"",
        "nixpkgs-gpu.inputs.nixpkgs.follows = \"another-dep/nixpkgs\"",
    );
    assert_snapshot!(workspace.fix_without_writing(&["--rule", "unconfigured-nixpkgs"]));
}

#[test]
fn exempted_findings_are_left_alone() {
    let workspace = Workspace::of("unconfigured-nixpkgs/exempted");
    let done = workspace.fix(&[]);
    assert!(done.contains("1 finding repaired, nothing left"), "{done}");
    assert!(workspace.read("flake.nix").contains("fmt.inputs.nixpkgs.follows = \"nixpkgs\""));
}
