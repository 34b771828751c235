//! `flake-audit merge`: by Git, after Git, and by hand.

mod cases;
mod repository;

use std::fs;
use std::path::Path;

use cases::{CONFLICTS, MERGED};
use repository::{Repository, read, written};
use serde_json::Value;

/// The result of a real `git merge` without conflicts.
#[test]
fn each_entry_comes_from_the_side_that_changed_it() {
    for (base, ours, theirs, merged) in MERGED {
        for flake in ["", "sub/flake"] {
            let repository = Repository::in_folder(flake, base, ours, theirs);
            let output = repository.try_git(&["merge", "--no-edit", "topic"]);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{base} | {ours} | {theirs}: {told}");
            assert_eq!(told.trim(), "", "{base} | {ours} | {theirs}");
            let lock = repository.lock();
            assert_eq!(read(&lock), *merged, "{base} | {ours} | {theirs}");
            // The node keys are those of Nix, too.
            let fork =
                if theirs.contains("@fork") || ours.contains("@fork") { "@fork" } else { "" };
            let whole = written(&merged.replace("a 7", &format!("a 7{fork}")));
            assert_eq!(lock, whole.1, "{base} | {ours} | {theirs}");
        }
    }
}

#[test]
fn what_both_changed_differently_is_a_conflict() {
    for (base, ours, theirs, path, preferred) in CONFLICTS {
        let repository = Repository::new(base, ours, theirs);
        let output = repository.try_git(&["merge", "topic"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains(&format!("error: flake.lock: both sides changed `{path}`\n")),
            "{told}"
        );
        assert!(told.contains("help: choose with `flake-audit merge --prefer newest`"), "{told}");
        assert_eq!(repository.git(&["ls-files", "--unmerged"]).lines().count(), 3);
        // Everything without conflict is merged on either side of the marks.
        let lock = repository.lock();
        let [_, one, other] = *preferred;
        assert_eq!([side(&lock, true), side(&lock, false)].map(|it| read(&it)), [one, other]);

        let (code, told) = repository.run(&["merge"]);
        assert_eq!(code, 1, "{told}");
        assert_eq!(repository.lock(), lock, "nothing is written");
        for (prefer, merged) in ["newest", "ours", "theirs"].iter().zip(preferred) {
            let (code, told) = repository.run(&["merge", "--prefer", prefer]);
            assert_eq!((code, read(&repository.lock()).as_str()), (0, *merged), "{told}");
            assert!(told.contains("is taken from "), "{told}");
            assert!(told.contains("flake.lock is merged: `git add flake.lock`"), "{told}");
        }
        repository.git(&["add", "flake.lock"]);
        let (code, told) = repository.run(&["merge"]);
        assert_eq!((code, told.as_str()), (2, "error: Git knows of no conflict in flake.lock\n"));
    }
}

/// One side of all marks.
fn side(text: &str, ours: bool) -> String {
    let mut taken = String::new();
    let mut at = None;
    for line in text.split_inclusive('\n') {
        match line.split(' ').next().unwrap().trim_end() {
            "<<<<<<<" => at = Some(true),
            "=======" => at = Some(false),
            ">>>>>>>" => at = None,
            _ if at.is_none_or(|it| it == ours) => taken += line,
            _ => {}
        }
    }
    taken
}

/// A driver with a preference needs nobody.
#[test]
fn a_preference_can_be_configured() {
    let repository = Repository::new("a 1, n 1", "a 3, n 1", "a 2, n 2");
    let driver = repository.git(&["config", "merge.flake-lock.driver"]);
    let driver = format!("{} --prefer newest", driver.trim());
    repository.git(&["config", "merge.flake-lock.driver", &driver]);
    let output = repository.try_git(&["merge", "--no-edit", "topic"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(
        told.starts_with("note: flake.lock: `a` is taken from ours\n  ours    github:acme/a/"),
        "{told}"
    );
    assert_eq!(read(&repository.lock()), "a 3, n 2");
}

/// Git also merges when it rebases, cherry-picks, reverts and applies a stash.
#[test]
fn flake_nix_is_known_as_git_will_merge_it() {
    let states = ("a 1, n 1", "a 1, b 1, n 2", "a 2, n 1, z 1");
    for (arguments, merged) in [
        (&["rebase", "--quiet", "topic"][..], "a 2, b 1, n 2, z 1"),
        (&["cherry-pick", "topic"], "a 2, b 1, n 2, z 1"),
        (&["merge", "--no-edit", "--no-ff", "topic"], "a 2, b 1, n 2, z 1"),
    ] {
        let repository = Repository::new(states.0, states.1, states.2);
        let output = repository.try_git(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !told.contains("note:"), "{arguments:?}: {told}");
        assert_eq!(read(&repository.lock()), merged, "{arguments:?}");
    }
    // A stash is a commit, too.
    let repository = Repository::new(states.0, states.0, states.0);
    repository.write(states.2);
    repository.git(&["stash"]);
    repository.commit(states.1);
    let output = repository.try_git(&["stash", "pop"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !told.contains("note:"), "{told}");
    assert_eq!(read(&repository.lock()), "a 2, b 1, n 2, z 1");

    let repository = Repository::new("a 1, n 1", "a 1, b 1, n 1", "a 1, n 1");
    repository.commit("a 1, b 1, n 2");
    let output = repository.try_git(&["revert", "--no-edit", "HEAD~"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !told.contains("note:"), "{told}");
    assert_eq!(read(&repository.lock()), "a 1, n 2");
}

/// Flakes in folders of the work tree are part of what is locked, and during the merge the disk has
/// our side.
#[test]
fn flakes_in_folders_are_known_as_git_will_merge_them() {
    for flake in ["", "in a/folder"] {
        let repository = Repository::in_folder(flake, "n 1", "n 1", "n 1");
        let commit = |more: bool, n: &str| {
            let (url, input, node) = match more {
                true => ("x.url = \"github:acme/x\";", ", \"x\": \"x\"", written("x 1").1),
                false => ("", "", String::new()),
            };
            let write = |file: &str, text: &str| {
                let file = repository.folder().join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            };
            write(
                "flake.nix",
                "{ inputs.n.url = \"github:acme/n\"; inputs.sub.url = \"path:./sub\";\n  outputs = _: { }; }\n",
            );
            // A follows in it makes Nix read it each time.
            write(
                "sub/flake.nix",
                &format!(
                    "{{ inputs = {{ n.url = \"github:acme/n\"; {url} m.follows = \"n\"; }};\n  outputs = _: {{ }}; }}\n"
                ),
            );
            let mut lock: Value = serde_json::from_str(&written(n).1).unwrap();
            let sub = format!(
                r#"{{ "inputs": {{ "m": ["sub", "n"], "n": "n-2"{input} }}, "parent": [],
                "locked": {{ "path": "./sub", "type": "path" }}, "original": {{ "path": "./sub", "type": "path" }} }}"#
            );
            lock["nodes"]["sub"] = serde_json::from_str(&sub).unwrap();
            lock["nodes"]["n-2"] = lock["nodes"]["n"].clone();
            lock["nodes"]["root"]["inputs"]["sub"] = "sub".into();
            if more {
                lock["nodes"]["x"] =
                    serde_json::from_str::<Value>(&node).unwrap()["nodes"]["x"].clone();
            }
            write("flake.lock", &lock.to_string());
            repository.git(&["add", "--all"]);
            repository.git(&["commit", "--quiet", "--message", "A folder"]);
        };
        repository.git(&["checkout", "--quiet", "-B", "topic", "main"]);
        commit(false, "n 1");
        repository.git(&["checkout", "--quiet", "-B", "main"]);
        commit(false, "n 2");
        repository.git(&["checkout", "--quiet", "topic"]);
        commit(true, "n 1");
        repository.git(&["checkout", "--quiet", "main"]);
        let told = repository.try_git(&["merge", "--no-edit", "topic"]);
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        // The node of the folder's own nixpkgs was copied by hand: both copies were updated.
        assert_eq!(read(&repository.lock()), "n 2, sub 0 (m = sub/n; n 2; x 1)");
    }
}

/// If Git does not tell which commits are merged, only the locks are merged.
#[test]
fn without_a_name_of_the_other_commit_locks_are_merged_alone() {
    let repository = Repository::new("a 1, n 1", "a 1, b 1, n 2", "a 2, n 1, z 1");
    let program = env!("CARGO_BIN_EXE_flake-audit");
    // As Git before 2.44 passes it on.
    let driver = format!("'{program}' merge %O %A %B --lock %P --from '%%Y'");
    repository.git(&["config", "merge.flake-lock.driver", &driver]);
    let output = repository.try_git(&["cherry-pick", "topic"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("note: flake.lock is merged without flake.nix"), "{told}");
    assert_eq!(read(&repository.lock()), "a 2, b 1, n 2, z 1");
    // In a merge, Git tells it in the environment.
    let repository = Repository::new("a 1, n 1", "a 1, b 1, n 2", "a 2, n 1, z 1");
    let driver = format!("'{program}' merge %O %A %B");
    repository.git(&["config", "merge.flake-lock.driver", &driver]);
    repository.git(&["merge", "--no-edit", "topic"]);
    assert_eq!(read(&repository.lock()), "a 2, b 1, n 2, z 1");
}

#[test]
fn a_flake_nix_in_conflict_comes_first() {
    let repository = Repository::new("a 1, n 1", "a 1@one, n 2", "a 1@two, m 1, n 1");
    let output = repository.try_git(&["merge", "topic"]);
    let told = String::from_utf8(output.stderr).unwrap();
    let expected =
        "flake.nix is in conflict, too: resolve that first, then run `flake-audit merge`";
    assert!(!output.status.success() && told.contains(expected), "{told}");
    // Both sides are complete, and neither can be mistaken for the result.
    let lock = repository.lock();
    assert_eq!(side(&lock, true), written("a 1@one, n 2").1);
    assert_eq!(side(&lock, false), written("a 1@two, m 1, n 1").1);

    let (code, told) = repository.run(&["merge", "--prefer", "ours"]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("flake.nix:3: an unresolved merge conflict begins here"), "{told}");
    assert_eq!(repository.lock(), lock);
    fs::write(repository.folder().join("flake.nix"), written("a 1@two, m 1, n 2").0).unwrap();
    let (code, told) = repository.run(&["merge"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(repository.lock(), written("a 1@two, m 1, n 2").1);
}

/// What neither lock has is left to Nix, with a message.
#[test]
fn what_nix_has_to_fetch_is_left() {
    let repository = Repository::new("a 1, n 1", "a 2, n 1", "a 1, n 2");
    let flake = repository.folder().join("flake.nix");
    let text = fs::read_to_string(&flake)
        .unwrap()
        .replace("inputs = {", "inputs = {\n    more.url = \"github:acme/more\";");
    fs::write(&flake, text).unwrap();
    repository.git(&["commit", "--quiet", "--all", "--message", "An input that is not locked"]);
    let output = repository.try_git(&["merge", "topic"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("merged, but not complete: `more` is not locked"), "{told}");
    assert!(told.contains("run `nix flake lock`"), "{told}");
    assert_eq!(read(&repository.lock()), "a 2, n 2");
}

/// Locks of two flakes without a common version.
#[test]
fn there_need_be_no_base() {
    let folder = tempfile::tempdir().unwrap();
    let merge = |ours: &str, theirs: &str, flake: &str| {
        for (name, text) in [
            ("base", String::new()),
            ("ours", written(ours).1),
            ("theirs", written(theirs).1),
            ("flake.nix", written(flake).0),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        by_hand(folder.path())
    };
    let (code, told) = merge("a 1, n 1", "b 1, n 1", "a 1, b 1, n 1");
    assert_eq!((code, told.as_str()), (0, ""));
    let lock = fs::read_to_string(folder.path().join("ours")).unwrap();
    assert_eq!(lock, written("a 1, b 1, n 1").1);
    let (code, told) = merge("a 1, n 1", "a 2, n 1", "a 1, n 1");
    assert!(code == 1 && told.contains("both sides changed `a`"), "{told}");
}

fn by_hand(folder: &Path) -> (i32, String) {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_flake-audit"));
    let merge = program.args(["merge", "base", "ours", "theirs"]).current_dir(folder);
    let output = merge.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Locks come from anyone.
#[test]
fn what_is_no_lock_is_an_error_and_both_sides_stay() {
    let folder = tempfile::tempdir().unwrap();
    let good = written("a 1").1;
    let circle = r#"{ "nodes": { "root": { "inputs": { "a": "a" } }, "a": { "inputs": { "a": "a" },
        "locked": { "type": "github", "owner": "o", "repo": "r", "rev": "0" },
        "original": { "type": "github", "owner": "o", "repo": "r" } } }, "root": "root", "version": 7 }"#;
    // 2^40 paths.
    let node = |n: usize| {
        let next = n + 1;
        format!(
            r#""n{n}": {{ "inputs": {{ "a": "n{next}", "b": "n{next}" }}, "original": {{ "type": "indirect", "id": "n" }},
            "locked": {{ "type": "github", "owner": "o", "repo": "r", "rev": "{n:040x}" }} }}"#
        )
    };
    let shared: Vec<String> = (0..40).map(node).collect();
    let leaf = node(40).replace(r#""inputs": { "a": "n41", "b": "n41" }, "#, "");
    let shared = format!(
        r#"{{ "nodes": {{ "root": {{ "inputs": {{ "a": "n0" }} }}, {}, {leaf} }}, "root": "root", "version": 7 }}"#,
        shared.join(", ")
    );
    for (text, expected) in [
        ("{", "the lock is not JSON"),
        ("", "the lock is empty"),
        ("<<<<<<< x\n{}\n", "an unresolved merge conflict begins here"),
        ("{\"nodes\": {\"\u{1b}[31m\": 3}}", "\\u{1b}"),
        (circle, "lead in a circle"),
        (&shared, "each way to a shared node would become a node"),
    ] {
        for (ours, theirs) in [(text, good.as_str()), (&good, text)] {
            fs::write(folder.path().join("base"), &good).unwrap();
            fs::write(folder.path().join("ours"), ours).unwrap();
            fs::write(folder.path().join("theirs"), theirs).unwrap();
            let (code, told) = by_hand(folder.path());
            assert_eq!(code, 2, "{told}");
            assert!(told.contains(expected) || expected.contains("\\u"), "{told}");
            assert!(!told.contains('\u{1b}'), "{told:?}");
            let left = fs::read_to_string(folder.path().join("ours")).unwrap();
            assert!(left.contains("<<<<<<< ours\n"), "{left}");
        }
    }
}

/// Every command that reads a lock recognizes one with conflict marks.
#[test]
fn a_lock_in_conflict_is_told_with_its_line_and_what_to_run() {
    let repository = Repository::new("a 1, n 1", "a 3, n 1", "a 2, n 2");
    repository.try_git(&["merge", "topic"]);
    let lock = repository.lock();
    let line = lock.lines().position(|line| line.starts_with("<<<<<<<")).unwrap() + 1;
    for command in [
        &["check"][..],
        &["check", "--format", "concise"],
        &["fix"],
        &["fix", "--diff"],
        &["graph"],
        &["graph", "--format", "json"],
        &["why", "a"],
        &["explore"],
        &["verify"],
        &["twice"],
    ] {
        let (code, told) = repository.run(command);
        assert_eq!(code, 2, "{command:?}: {told}");
        assert!(told.contains(&format!("flake.lock:{line}:1")), "{command:?}: {told}");
        let said = "an unresolved merge conflict begins here: `flake-audit merge` resolves it";
        assert!(told.contains(said), "{command:?}: {told}");
    }
    assert_eq!(repository.lock(), lock);
}

/// A repository can run nothing, and its links are not followed out of it.
#[cfg(unix)]
#[test]
fn nothing_of_the_repository_is_run_or_followed() {
    let repository = Repository::new("a 1, n 1", "a 3, n 1", "a 2, n 2");
    repository.try_git(&["merge", "topic"]);
    let evil = repository.top().join(".git/evil");
    fs::write(&evil, "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\ncat\n").unwrap();
    std::process::Command::new("chmod").arg("+x").arg(&evil).status().unwrap();
    let evil = evil.to_str().unwrap();
    for key in [
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.evil.textconv",
        "core.pager",
    ] {
        repository.git(&["config", key, evil]);
    }
    fs::write(repository.top().join(".gitattributes"), "* filter=evil diff=evil\n").unwrap();
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    fs::write(&target, "mine").unwrap();
    fs::remove_file(repository.folder().join("flake.lock")).unwrap();
    std::os::unix::fs::symlink(&target, repository.folder().join("flake.lock")).unwrap();
    let (code, told) = repository.run(&["merge", "--prefer", "ours"]);
    assert!(code == 2 && told.contains("a symlink leads out of the folder"), "{code} {told}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    assert!(!repository.top().join(".git/ran").exists());
}
