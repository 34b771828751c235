//! The copy for `fix --verify`: what Nix would see of the original.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flake_audit::verify::interrupts::Interrupts;
use flake_audit::verify::{Nix, Scratch, ScratchError};
use tempfile::TempDir;

fn nix() -> Nix {
    Nix::new(Path::new("nix"))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The files of a copy, without its repository.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![PathBuf::new()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(folder.join(&path)).unwrap().map(Result::unwrap) {
            let inner = path.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true if entry.file_name() == ".git" => {}
                true => open.push(inner),
                false => drop(found.insert(inner.to_str().unwrap().to_owned())),
            }
        }
    }
    found
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn read(scratch: &Scratch, name: &str) -> String {
    fs::read_to_string(scratch.folder().join(name)).unwrap()
}

#[test]
fn of_a_work_tree_it_has_what_git_knows() {
    let folder = folder(&[
        (".gitignore", "*.out\n"),
        (".ignore", "*.nix\n"),
        ("flake.nix", "old"),
        ("tracked.out", "1"),
        ("staged.nix", "1"),
        ("announced.nix", "1"),
        ("unknown.nix", "1"),
        ("gone.nix", "1"),
        ("untracked-again.nix", "1"),
        (".hidden/a", "1"),
        ("sub/flake.nix", "old"),
    ]);
    let at = folder.path();
    git(at, &["init", "--quiet"]);
    git(at, &["add", "-f", ".gitignore", ".ignore", "flake.nix", "tracked.out", "gone.nix"]);
    git(at, &["add", ".hidden", "sub", "untracked-again.nix"]);
    git(at, &["commit", "--quiet", "-m", "a"]);
    git(at, &["add", "staged.nix"]);
    git(at, &["add", "-N", "announced.nix"]);
    git(at, &["rm", "--quiet", "--cached", "untracked-again.nix"]);
    fs::remove_file(at.join("gone.nix")).unwrap();
    fs::write(at.join("staged.nix"), "2").unwrap();
    let known = set(&[
        ".gitignore",
        ".ignore",
        "flake.nix",
        "tracked.out",
        "staged.nix",
        "announced.nix",
        ".hidden/a",
        "sub/flake.nix",
    ]);
    let new = [("flake.nix", &b"new"[..]), ("wrapper/flake.nix", b"wrapper")];
    let scratch = Scratch::new(at, new, &nix()).unwrap();
    let copy = scratch.folder().to_path_buf();
    let with_wrapper = known.iter().cloned().chain(["wrapper/flake.nix".to_owned()]).collect();
    assert_eq!(files(&copy), with_wrapper);
    assert_eq!(read(&scratch, "flake.nix"), "new");
    assert_eq!(read(&scratch, "staged.nix"), "2");
    assert_eq!(fs::read_to_string(at.join("flake.nix")).unwrap(), "old");
    // It is a work tree that tracks all of this, ignored or not.
    let listed = git(&copy, &["ls-files"]);
    assert_eq!(listed.lines().map(str::to_owned).collect::<BTreeSet<_>>(), with_wrapper);
    scratch.close().unwrap();
    assert!(!copy.exists());

    // A flake in a folder of it: the copy has the rest above.
    let scratch = Scratch::new(&at.join("sub"), [("flake.nix", &b"new"[..])], &nix()).unwrap();
    assert!(scratch.folder().ends_with("sub"));
    assert_eq!(read(&scratch, "flake.nix"), "new");
    assert_eq!(read(&scratch, "../flake.nix"), "old");
    assert_eq!(files(&scratch.folder().join("..")), known);
}

#[test]
fn elsewhere_it_has_everything() {
    let folder = folder(&[
        (".gitignore", "*\n"),
        (".ignore", "*\n"),
        (".hidden/a", "1"),
        ("flake.nix", "old"),
        ("a.out", "1"),
    ]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    let scratch = Scratch::new(folder.path(), [], &nix()).unwrap();
    assert_eq!(
        files(scratch.folder()),
        set(&[".gitignore", ".ignore", ".hidden/a", "flake.nix", "a.out"])
    );
    assert!(scratch.folder().join("empty").is_dir());
    assert!(!scratch.folder().join(".git").exists());
}

#[test]
fn submodules_are_repositories_in_it() {
    let inner = folder(&[("value.nix", "7"), ("deep/a", "1")]);
    git(inner.path(), &["init", "--quiet"]);
    git(inner.path(), &["add", "."]);
    git(inner.path(), &["commit", "--quiet", "-m", "a"]);
    let outer = folder(&[("flake.nix", "old")]);
    let at = outer.path();
    git(at, &["init", "--quiet"]);
    git(at, &["submodule", "--quiet", "add", inner.path().to_str().unwrap(), "m"]);
    git(at, &["add", "."]);
    fs::write(at.join("m/value.nix"), "8").unwrap();
    fs::write(at.join("m/unknown.nix"), "8").unwrap();
    let scratch = Scratch::new(at, [], &nix()).unwrap();
    let top = scratch.folder();
    assert_eq!(files(top), set(&[".gitmodules", "flake.nix", "m/deep/a", "m/value.nix"]));
    assert_eq!(read(&scratch, "m/value.nix"), "8");
    assert_eq!(git(&top.join("m"), &["ls-files"]), "deep/a\nvalue.nix\n");
    let commit = git(&at.join("m"), &["rev-parse", "HEAD"]);
    let entry = git(top, &["ls-files", "--stage", "m"]);
    assert!(entry.starts_with(&format!("160000 {}", commit.trim())), "{entry}");

    // A submodule that is not checked out is only an entry.
    git(at, &["submodule", "--quiet", "deinit", "--force", "m"]);
    let scratch = Scratch::new(at, [], &nix()).unwrap();
    assert_eq!(files(scratch.folder()), set(&[".gitmodules", "flake.nix"]));
}

#[test]
#[cfg(unix)]
fn links_stay_links_and_lead_nowhere_else() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let elsewhere = folder(&[("secret/a", "1")]);
    let folder = folder(&[("flake.nix", "old"), ("program", "1"), ("d/a", "1"), ("d/b", "1")]);
    let at = folder.path();
    symlink(elsewhere.path(), at.join("out")).unwrap();
    symlink("flake.nix", at.join("link")).unwrap();
    fs::set_permissions(at.join("program"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(at.join("flake.nix"), fs::Permissions::from_mode(0o444)).unwrap();
    git(at, &["init", "--quiet"]);
    git(at, &["add", "."]);
    // A folder that is now a link: Git considers its tracked files deleted.
    fs::remove_dir_all(at.join("d")).unwrap();
    symlink(elsewhere.path().join("secret"), at.join("d")).unwrap();
    let new = [("flake.nix", &b"new"[..]), ("link", b"linked")];
    let scratch = Scratch::new(at, new, &nix()).unwrap();
    let top = scratch.folder();
    assert_eq!(files(top), set(&["flake.nix", "link", "out", "program"]));
    assert_eq!(fs::read_link(top.join("out")).unwrap(), elsewhere.path());
    let mode = fs::metadata(top.join("program")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
    // A new file replaces a link instead of being written to its target, and none is written behind
    // a link.
    assert_eq!(
        (read(&scratch, "flake.nix"), read(&scratch, "link")),
        ("new".into(), "linked".into())
    );
    let behind = Scratch::new(at, [("out/flake.nix", &b"new"[..])], &nix());
    assert!(matches!(behind, Err(ScratchError::Behind(_))), "{behind:?}");
    assert_eq!(files(elsewhere.path()), set(&["secret/a"]));
}

#[test]
#[cfg(unix)]
fn what_nix_cannot_take_is_passed_over_and_what_runs_is_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let folder =
        folder(&[("flake.nix", "old"), ("hook", "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\n")]);
    let at = folder.path();
    fs::set_permissions(at.join("hook"), fs::Permissions::from_mode(0o755)).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at.join("socket")).unwrap();
    assert!(Command::new("mkfifo").arg(at.join("fifo")).status().unwrap().success());
    let scratch = Scratch::new(at, [], &nix()).unwrap();
    assert_eq!(files(scratch.folder()), set(&["flake.nix", "hook"]));
    // Programs in a repository's own settings are not run.
    git(at, &["init", "--quiet"]);
    git(at, &["add", "flake.nix", "hook"]);
    let hook = at.join("hook");
    git(at, &["config", "core.fsmonitor", hook.to_str().unwrap()]);
    git(at, &["config", "filter.a.clean", hook.to_str().unwrap()]);
    fs::remove_file(at.join("ran")).ok();
    let scratch = Scratch::new(at, [(".gitattributes", &b"* filter=a"[..])], &nix()).unwrap();
    assert_eq!(files(scratch.folder()), set(&[".gitattributes", "flake.nix", "hook"]));
    assert!(!at.join("ran").exists());
}

#[test]
fn it_is_made_in_time_or_not_at_all() {
    let folder = folder(&[("flake.nix", "old")]);
    let late = Nix::within(Path::new("nix"), Duration::ZERO, &Interrupts::default());
    let scratch = Scratch::new(folder.path(), [], &late);
    assert!(matches!(scratch, Err(ScratchError::TooSlow)), "{scratch:?}");
}
