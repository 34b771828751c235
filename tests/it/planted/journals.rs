//! Journals and spares of an earlier version of this program, in a cloned repository: they said
//! what the next run had to complete. Now they are files like any others.

use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::panic::AssertUnwindSafe;

use super::World;

const JOURNAL: &str = "repo/.flake-audit-AAAAAAAA.journal";
const BEGUN: &str = "repo/.flake-audit-AAAAAAAA.begun";
const EVIL: &[u8] = b"#!/bin/sh\necho evil\n";

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// An entry of a journal: a file, its old content (`None` if it is new), and its new content.
fn file(name: &str, before: Option<&[u8]>, after: &[u8]) -> serde_json::Value {
    serde_json::json!({"name": name, "before": before.map(digest), "after": digest(after)})
}

/// A journal; a file that is already replaced makes the rest look unfinished.
fn journal(world: &World, folders: &[&str], files: &[serde_json::Value]) -> Vec<u8> {
    let done = file("flake.lock", Some(b"older"), &world.read("repo/flake.lock"));
    let files: Vec<_> = files.iter().chain([&done]).collect();
    serde_json::json!({"version": 1, "folders": folders, "files": files}).to_string().into_bytes()
}

fn spare(world: &World, name: &str) {
    world.write(name, EVIL);
    fs::set_permissions(world.at(name), Permissions::from_mode(0o755)).unwrap();
}

/// Attacks by files in a repository.
const ATTACKS: &[(&str, fn(&World))] = &[
    ("a hook of Git is written", |world| new(world, ".git/hooks/post-checkout")),
    ("Git gets attributes", |world| new(world, ".git/info/attributes")),
    ("a workflow is written", |world| new(world, ".github/workflows/evil.yml")),
    ("a file beside the flake is written", |world| new(world, ".envrc")),
    ("a file in a folder of the repository is written", |world| new(world, "nix/default.nix")),
    ("folders are made behind a link", |world| {
        world.link("repo/link", "../home");
        let files = [file("x.nix", None, EVIL)];
        world.write(JOURNAL, &journal(world, &["link/a", "link/a/b"], &files));
        spare(world, "repo/.flake-audit-AAAAAAAA-0.spare");
    }),
    ("a file is written behind a link", |world| {
        world.link("repo/link", "../home");
        let files = [file("link/start", None, EVIL)];
        world.write(JOURNAL, &journal(world, &["link"], &files));
        spare(world, "repo/.flake-audit-AAAAAAAA-0.spare");
        spare(world, "home/.flake-audit-AAAAAAAA-0.spare");
    }),
    ("a file behind a link is replaced", |world| {
        world.link("repo/link", "../home");
        let files = [file("link/profile", Some(&world.read("home/profile")), EVIL)];
        world.write(JOURNAL, &journal(world, &[], &files));
        spare(world, "home/.flake-audit-AAAAAAAA-0.spare");
    }),
    ("empty folders are removed", |world| {
        world.folder("repo/also/empty");
        let files = [file("x.nix", None, EVIL)];
        let journal = serde_json::json!({
            "version": 1, "folders": ["also", "also/empty", "empty"], "files": files,
        });
        world.write(JOURNAL, journal.to_string().as_bytes());
    }),
    ("flake.nix is replaced", |world| replaced(world, "flake.nix")),
    ("a file of the repository is replaced", |world| replaced(world, "nix/shell.nix")),
    ("what Git knows is replaced", |world| replaced(world, ".git/HEAD")),
    ("a file is given back to nobody", |world| {
        // The journal claims that this content was replaced, with the old content in the spare.
        let files = [file("nix/shell.nix", Some(b"older"), &world.read("repo/nix/shell.nix"))];
        world.write(JOURNAL, &journal(world, &[], &files));
        spare(world, "repo/nix/.flake-audit-AAAAAAAA-0.spare");
    }),
    ("what was kept becomes a spare", |world| {
        world.write(JOURNAL, &journal(world, &[], &[file("x.nix", None, EVIL)]));
        spare(world, "repo/.flake-audit-AAAAAAAA-0.kept");
    }),
    ("what has only begun is tidied up", |world| {
        world.write(BEGUN, &journal(world, &["empty"], &[file("empty/x.nix", None, EVIL)]));
        spare(world, "repo/.flake-audit-AAAAAAAA-0.spare");
        spare(world, "repo/.flake-audit-AAAAAAAA-0.kept");
    }),
    ("what is no journal is removed", |world| world.write(BEGUN, b"{\"version\":1,\"fold")),
    ("a name leads out", |world| {
        for (letters, name) in [("B", "../home/start"), ("C", "/etc/x"), ("D", "a/../../home/x")] {
            let text = journal(world, &[".."], &[file(name, None, EVIL)]);
            let letters = letters.repeat(8);
            world.write(&format!("repo/.flake-audit-{letters}.journal"), &text);
            spare(world, &format!("repo/.flake-audit-{letters}-0.spare"));
        }
    }),
    ("the journal is a link", |world| {
        world.write("home/journal", &journal(world, &[], &[file("x.nix", None, EVIL)]));
        world.link(JOURNAL, "../home/journal");
        world.link(BEGUN, "../home/profile");
        spare(world, "repo/.flake-audit-AAAAAAAA-0.spare");
    }),
    ("nobody ever ends reading it", |world| {
        let made = std::process::Command::new("mkfifo").arg(world.at(JOURNAL)).status().unwrap();
        assert!(made.success());
        world.folder(BEGUN);
        world.write("repo/.flake-audit-BBBBBBBB.journal", &vec![b'['; 1 << 20]);
    }),
    ("it lies in a flake below", |world| {
        for file in ["flake.nix", "flake.lock"] {
            world.write(&format!("repo/sub/{file}"), &world.read(&format!("repo/{file}")));
        }
        let text =
            journal(world, &[], &[file("flake.nix", Some(&world.read("repo/flake.nix")), EVIL)]);
        world.write("repo/sub/.flake-audit-AAAAAAAA.journal", &text);
        spare(world, "repo/sub/.flake-audit-AAAAAAAA-0.spare");
        world.run(&["fix", "sub"], &[]);
    }),
];

/// A new file whose folders look as if the run had created them, so that its spare may be in the
/// flake's folder.
fn new(world: &World, name: &str) {
    let folders: Vec<_> = name.match_indices('/').map(|(at, _)| &name[..at]).collect();
    world.write(JOURNAL, &journal(world, &folders, &[file(name, None, EVIL)]));
    spare(world, "repo/.flake-audit-AAAAAAAA-0.spare");
}

/// A journal that has these files still to write.
pub(super) fn completing(world: &World, names: &[&str]) -> Vec<u8> {
    if fs::symlink_metadata(world.at("repo/flake.lock")).is_ok_and(|data| data.is_file()) {
        let files: Vec<_> = names.iter().map(|name| file(name, None, EVIL)).collect();
        journal(world, names, &files)
    } else {
        Vec::new()
    }
}

fn replaced(world: &World, name: &str) {
    let before = world.read(&format!("repo/{name}"));
    world.write(JOURNAL, &journal(world, &[], &[file(name, Some(&before), EVIL)]));
    let folder = name.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    spare(world, &format!("repo/{folder}.flake-audit-AAAAAAAA-0.spare"));
}

#[test]
fn no_journal_is_obeyed() {
    let mut obeyed = Vec::new();
    for case in ["seed/a-follows-plain", "seed/c-clean"] {
        for (what, plant) in ATTACKS {
            let world = World::of(case);
            let fixed = std::panic::catch_unwind(AssertUnwindSafe(|| {
                plant(&world);
                world.run(&["fix"], &[])
            }));
            if !fixed.is_ok_and(|shown| !shown.contains("ournal")) {
                obeyed.push(format!("{case}: {what}"));
            }
        }
    }
    assert_eq!(obeyed, [""; 0]);
}

/// Journals do not change what any run does, and no command reads them.
#[test]
fn journals_change_nothing_of_what_is_done() {
    let plain = World::of("seed/a-follows-plain");
    let expected = plain.run(&["fix"], &[]);
    assert!(expected.contains("wrote flake.nix, flake.lock"), "{expected}");
    let world = World::of("seed/a-follows-plain");
    new(&world, ".git/hooks/post-checkout");
    world.write(BEGUN, b"{\"version\":1,\"fold");
    assert_eq!(world.run(&["fix"], &[]), expected);
    for file in ["repo/flake.nix", "repo/flake.lock"] {
        assert_eq!(world.read(file), plain.read(file));
    }
    world.run_all();
}
