//! `diff`: what a change changes.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::compared::{commit, git, repository, write};
use super::formats::many;
use super::{fixtures, flake_audit, over_fixtures, shown};
use crate::support::renamed::renamed;

/// The output of `diff` in a folder, which must succeed.
fn diff(folder: &Path, arguments: &[&str]) -> String {
    let output = flake_audit(folder).arg("diff").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The error of a run that fails.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = flake_audit(folder).arg("diff").args(arguments).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn small_changes_between_seeds() {
    let between = |arguments: &[&str]| over_fixtures(&[&["diff"][..], arguments].concat());
    assert_snapshot!(
        "a_dependency_follows_the_wrapper",
        between(&["seed/a-follows-plain", "seed/c-clean"])
    );
    assert_snapshot!("a_dependency_has_its_own", between(&["seed/c-clean", "seed/b-own-nixpkgs"]));
    assert_snapshot!("a_pin_moves", between(&["seed/f-skewed-wrapper", "seed/c-clean"]));
    assert_snapshot!(
        "another_wrapper",
        between(&["seed/a-follows-plain", "seed/g-root-is-unfree"])
    );
    assert_snapshot!(
        "for_a_comment",
        between(&["seed/b-own-nixpkgs", "seed/f-skewed-wrapper", "--format", "markdown"])
    );
    let (old, new) = ("seed/b-own-nixpkgs", "seed/f-skewed-wrapper");
    let json = between(&[old, new, "--format", "json"]);
    let json = json.strip_prefix("exit 0\n--- stdout\n").unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    assert_snapshot!("for_programs", serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn nothing_is_told_of_nothing() {
    for format in ["human", "markdown"] {
        let arguments = ["seed/c-clean", "seed/c-clean", "--exit-code", "--format", format];
        assert_eq!(diff(fixtures(), &arguments), "");
    }
    let changed = ["diff", "seed/a-follows-plain", "seed/c-clean", "--exit-code"];
    flake_audit(fixtures()).args(changed).assert().code(1);
}

#[test]
fn a_lock_with_other_node_keys_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for seed in fs::read_dir(fixtures().join("seed")).unwrap() {
        let seed = seed.unwrap().path();
        let lock: Value =
            serde_json::from_slice(&fs::read(seed.join("flake.lock")).unwrap()).unwrap();
        for (number, name) in [(2, "shuffled"), (3, "new")] {
            fs::write(folder.path().join(name), renamed(&lock, number).to_string()).unwrap();
            let lock = seed.join("flake.lock");
            let arguments = [lock.to_str().unwrap(), name, "--no-source", "--exit-code"];
            assert_eq!(diff(folder.path(), &arguments), "", "{}", seed.display());
        }
    }
}

/// A lock with this many findings, a nixpkgs with this revision and day, and further inputs of the
/// root.
fn lock(findings: usize, (rev, day): (char, u64), more: &[&str]) -> String {
    let mut lock: Value = serde_json::from_str(&many(findings, "gone")).unwrap();
    for key in ["nixpkgs", "own"] {
        let locked = json!({
            "type": "github", "owner": "NixOS", "repo": "nixpkgs",
            "rev": rev.to_string().repeat(40), "lastModified": day * 86_400,
        });
        let original =
            json!({"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": "nixos-unstable"});
        lock["nodes"][key] = json!({"locked": locked, "original": original});
    }
    for name in more {
        let reference =
            json!({"type": "github", "owner": "acme", "repo": name, "rev": "3".repeat(40)});
        let inputs = json!({"nixpkgs": "own"});
        lock["nodes"][name] = json!({"inputs": inputs, "locked": reference, "original": reference});
        lock["nodes"]["root"]["inputs"][name] = json!(name);
    }
    lock.to_string()
}

/// 30 findings, then changes that add one, repair two, update the lock, and add a dependency.
#[test]
fn the_changes_of_a_repository() {
    let folder = repository(0);
    let at = folder.path();
    let old = ('1', 20_000);
    for (tag, lock) in [
        ("old", lock(30, old, &[])),
        ("adds", lock(31, old, &[])),
        ("repairs", lock(29, old, &[])),
        ("updates", lock(29, ('2', 20_014), &[])),
        ("brings", lock(29, ('2', 20_014), &["tool"])),
        ("back", lock(29, old, &[])),
    ] {
        write(at, &lock);
        commit(at);
        git(at, &["tag", tag]);
    }
    let told = |range: &str| diff(at, &[range]);
    let changes =
        ["old..adds", "adds..repairs", "repairs..updates", "updates..brings", "brings..back"];
    let all: String =
        changes.iter().map(|range| format!("$ diff {range}\n{}", told(range))).collect();
    assert_snapshot!(all);
    // The same in other words.
    let last = told("brings..back");
    for arguments in
        [&["HEAD~.."][..], &["HEAD~..."], &["HEAD~"], &["HEAD~", "HEAD"], &["brings", "."]]
    {
        assert_eq!(diff(at, arguments), last, "{arguments:?}");
    }
    // The current files are compared with the last commit; a lock alone is a state, too.
    assert_eq!(diff(at, &[]), "");
    write(at, &lock(31, old, &[]));
    assert!(diff(at, &[]).contains("dep-30/nixpkgs"), "{}", diff(at, &[]));
    fs::write(at.join("kept.lock"), lock(31, old, &[])).unwrap();
    assert_eq!(diff(at, &["kept.lock", "flake.lock"]), "");
    assert_eq!(diff(at, &["HEAD", "kept.lock"]), diff(at, &["HEAD"]));
}

#[test]
fn the_way_of_a_branch_begins_where_it_left() {
    let folder = repository(1);
    let at = folder.path();
    git(at, &["checkout", "--quiet", "-b", "work"]);
    write(at, &many(2, "gone"));
    commit(at);
    git(at, &["checkout", "--quiet", "-"]);
    write(at, &many(0, "gone"));
    commit(at);
    git(at, &["branch", "trunk"]);
    git(at, &["checkout", "--quiet", "work"]);
    let since = diff(at, &["trunk..."]);
    assert!(since.contains("dep-01") && !since.contains("dep-00"), "{since}");
    assert!(diff(at, &["trunk.."]).contains("dep-00"));
}

#[test]
fn new_moved_and_broken_flakes() {
    let folder = repository(2);
    let at = folder.path();
    fs::create_dir(at.join("moved")).unwrap();
    git(at, &["mv", "flake.lock", "moved/flake.lock"]);
    assert_eq!(diff(at, &["HEAD", "--lock", "moved"]), "");
    commit(at);
    // A flake that did not exist had no inputs.
    write(at, &many(1, "gone"));
    let new = diff(at, &["HEAD"]);
    assert!(new.contains("+ by this flake: dep-00"), "{new}");
    commit(at);
    assert!(diff(at, &["HEAD", "HEAD~"]).contains("- by this flake: dep-00"));
    // The lock is compared even if the old configuration is wrong and the change repairs it.
    fs::write(at.join("flake-audit.toml"), "=").unwrap();
    write(at, "{");
    commit(at);
    fs::remove_file(at.join("flake-audit.toml")).unwrap();
    write(at, &many(1, "gone"));
    assert_eq!(diff(at, &["HEAD~"]), "");
    let broken = refused(at, &["HEAD"]);
    assert!(broken.contains("HEAD: flake.lock:1:"), "{broken}");
}

#[test]
fn states_that_are_none() {
    let folder = repository(1);
    let at = folder.path();
    for (arguments, said) in [
        (&["origin/main..."][..], "`git fetch --depth=1 origin main` brings it"),
        (&["--", "--help"], "is no revision of this repository"),
        (&["./nothing.lock"], "nothing.lock: "),
        (&["HEAD..", "HEAD"], "is a range"),
        (&["HEAD", "--lock", "-"], "revisions are those of a folder"),
    ] {
        let errors = refused(at, arguments);
        assert!(errors.contains(said), "{arguments:?}: {errors}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), &many(1, "gone"));
    assert!(refused(elsewhere.path(), &["HEAD"]).contains("in no Git work tree"));
    // A folder may share its name with a branch; if it contains a flake, the folder is meant.
    git(at, &["branch", "docs"]);
    fs::create_dir(at.join("docs")).unwrap();
    assert_eq!(diff(at, &["docs"]), "");
    write(&at.join("docs"), &many(0, "gone"));
    assert!(diff(at, &["docs"]).contains("dep-00"));
    let mut command = flake_audit(at);
    assert_snapshot!(shown(command.args(["diff", "HEAD", "--lock", "docs/../docs"])));
}

/// A flake with a shell and a package, made from these expressions.
fn flake(folder: &Path, shell: &str, package: &str) {
    let text = format!(
        r#"{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nixpkgs-stable.url = "github:NixOS/nixpkgs/nixos-24.11";
  outputs = {{ nixpkgs, nixpkgs-stable, ... }}: {{
    devShells.x86_64-linux.default = let pkgs = {shell}; in pkgs.mkShell {{ packages = [ pkgs.hello ]; }};
    packages.x86_64-linux.tool = let pkgs = {package}; in pkgs.stdenv.mkDerivation {{ name = "tool"; }};
  }};
}}
"#
    );
    fs::write(folder.join("flake.nix"), text).unwrap();
    let github = |branch: &str, digit: &str| {
        json!({
            "locked": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": digit.repeat(40)},
            "original": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": branch},
        })
    };
    let inputs = json!({"nixpkgs": "nixpkgs", "nixpkgs-stable": "stable"});
    let nodes = json!({
        "root": {"inputs": inputs},
        "nixpkgs": github("nixos-unstable", "1"),
        "stable": github("nixos-24.11", "2"),
    });
    write(folder, &json!({"version": 7, "root": "root", "nodes": nodes}).to_string());
}

/// The code, which both states have, shows which outputs are built from what.
#[test]
fn outputs_that_are_built_from_another_nixpkgs() {
    let repository = repository(0);
    let at = repository.path();
    let plain = "nixpkgs.legacyPackages.x86_64-linux";
    let cuda = "import nixpkgs { system = \"x86_64-linux\"; config.cudaSupport = true; }";
    let rocm = "import nixpkgs { system = \"x86_64-linux\"; config.rocmSupport = true; }";
    let stable = "nixpkgs-stable.legacyPackages.x86_64-linux";
    let states = [(plain, plain), (cuda, plain), (rocm, rocm), (stable, stable), (stable, plain)];
    let mut all = String::new();
    for (shell, package) in states {
        flake(at, shell, package);
        commit(at);
        all += &format!("$ shell: {shell}, package: {package}\n");
        all += &diff(at, &["HEAD~.."]);
    }
    assert_snapshot!(all);
}

/// However much changes, the output fits on a screen; all of it is shown on request.
#[test]
fn what_changes_is_a_screen() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, findings, state| {
        let more: Vec<String> = (0..60).map(|number| format!("{name}-{number}")).collect();
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        fs::write(at(name), lock(findings, state, &more)).unwrap();
    };
    write("old", 0, ('1', 20_000));
    write("new", 40, ('2', 20_001));
    let shown = diff(folder.path(), &["old", "new"]);
    let lines = shown.lines().count();
    assert!((10..=40).contains(&lines), "{lines}: {shown}");
    assert!(shown.contains("and 56 more") && shown.contains("more (--all)"), "{shown}");
    let all = diff(folder.path(), &["old", "new", "--all"]);
    assert!(all.contains("new-59") && all.contains("old-59") && !all.contains("--all"), "{all}");
    let markdown = diff(folder.path(), &["old", "new", "--format", "markdown"]);
    assert!(markdown.len() < 65_536 && markdown.lines().count() < 60, "{markdown}");
}

/// Names from a lock have no effect on the reader's terminal.
#[test]
fn names_drive_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "x\u{1b}[31m\n::error::\u{202e} | <b> @me";
    fs::write(folder.path().join("old"), lock(1, ('1', 20_000), &[])).unwrap();
    fs::write(folder.path().join("new"), lock(1, ('1', 20_000), &[hostile])).unwrap();
    for format in ["human", "markdown", "json"] {
        let shown = diff(folder.path(), &["old", "new", "--format", format]);
        let is_plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(shown.contains("error") && shown.chars().all(is_plain), "{shown:?}");
        assert!(!shown.lines().any(|line| line.starts_with("::")), "{shown:?}");
        assert!(format != "markdown" || (shown.contains("\\<b\\>") && shown.contains("\\@me")));
    }
}
