//! Repositories of all kinds at earlier revisions: for `check --since` and `diff`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::compared::{check, commit, git, repository, write};
use super::formats::many;
use super::{fixtures, flake_audit};
use crate::support::renamed::renamed;

fn diff(folder: &Path, arguments: &[&str]) -> String {
    let output = flake_audit(folder).arg("diff").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// With a source on disk more is known, which is no new finding.
#[test]
fn a_source_that_is_there_for_one_side_only() {
    let fixture = fixtures().join("inline-configuration/seen-to-build");
    let store = fixture.join("store");
    let store = store.to_str().unwrap();
    let read = |name: &str| fs::read_to_string(fixture.join(name)).unwrap();
    let there = read("flake.lock");
    let (hash, rev) = ("sha256-cgC60EI0k02nhsBvAEDX3SFkzLzMagZNBlM4nKxp810=", "3c9030b612dc");
    let elsewhere = there.replace(hash, "sha256-aBx2EdVmmvwNZj3pP3irgSEEYWFb67Bu2zm/HbAyazE=");
    let elsewhere = elsewhere.replace(rev, "000000000000");
    assert_ne!(there, elsewhere);
    for (old, new, level) in [(&there, &elsewhere, "warning"), (&elsewhere, &there, "error")] {
        let folder = repository(0);
        let at = folder.path();
        fs::write(at.join("flake.nix"), read("flake.nix")).unwrap();
        write(at, old);
        commit(at);
        write(at, new);
        let (code, out, errors) = check(at, &["--store", store]);
        assert!(code == i32::from(level == "error") && out.contains(level), "{out}{errors}");
        let (code, out, errors) = check(at, &["--since", "HEAD", "--store", store]);
        let nothing = "1 lock: nothing new found, 1 older finding\n";
        assert_eq!((code, out.as_str()), (0, nothing), "{errors}");
        // It is no change either; another revision of something that is no nixpkgs is not reported.
        assert_eq!(diff(at, &["--store", store]), "");
    }
}

#[test]
fn node_keys_are_no_names() {
    let folder = repository(5);
    let lock: Value = serde_json::from_str(&many(5, "gone")).unwrap();
    for seed in [2, 3] {
        write(folder.path(), &renamed(&lock, seed).to_string());
        let (code, out, errors) = check(folder.path(), &["--since", "HEAD"]);
        let nothing = "1 lock: nothing new found, 5 older findings\n";
        assert_eq!((code, out.as_str()), (0, nothing), "{errors}");
        assert_eq!(diff(folder.path(), &[]), "");
    }
}

/// Files that a partial clone lacks are not fetched, because the repository says from where.
#[test]
fn a_partial_clone_stays_as_it_is() {
    let origin = repository(1);
    write(origin.path(), &many(2, "gone"));
    commit(origin.path());
    git(origin.path(), &["config", "uploadpack.allowFilter", "true"]);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    git(folder.path(), &["clone", "--quiet", "--filter=blob:none", &url, "clone"]);
    let clone = folder.path().join("clone");
    let missing = || {
        let list = ["rev-list", "--objects", "--all", "--missing=print"];
        git(&clone, &list).lines().filter(|line| line.starts_with('?')).count()
    };
    assert_eq!(missing(), 1);
    let (code, out, errors) = check(&clone, &["--since", "HEAD~"]);
    assert_eq!(code, 2, "{out}{errors}");
    assert!(errors.contains("`git fetch --refetch --no-filter origin` brings them"), "{errors}");
    flake_audit(&clone).args(["diff", "HEAD~.."]).assert().code(2);
    assert_eq!(missing(), 1);
    // What is there is enough, and after that command everything is.
    assert_eq!(check(&clone, &["--since", "HEAD"]).0, 0);
    git(&clone, &["fetch", "--quiet", "--refetch", "--no-filter", "origin"]);
    assert_eq!(check(&clone, &["--since", "HEAD~"]).0, 1);
    assert!(diff(&clone, &["HEAD~.."]).contains("dep-01"));
}

/// A link leads to the earlier target, not the current one, and never outside.
#[test]
fn a_lock_may_be_a_link() {
    let folder = repository(0);
    let at = folder.path();
    fs::create_dir(at.join("locks")).unwrap();
    fs::remove_file(at.join("flake.lock")).unwrap();
    symlink("locks/main.lock", at.join("flake.lock")).unwrap();
    fs::write(at.join("locks/main.lock"), many(2, "gone")).unwrap();
    commit(at);
    fs::write(at.join("locks/main.lock"), many(3, "gone")).unwrap();
    let (code, out, errors) = check(at, &["--since", "HEAD", "flake.lock"]);
    assert!(code == 1 && out.contains("1 error, 2 older findings"), "{out}{errors}");
    assert!(diff(at, &[]).contains("dep-02"));

    // At that revision it leads out of the repository, to a lock with all current findings.
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &many(3, "gone"));
    fs::remove_file(at.join("flake.lock")).unwrap();
    symlink(outside.path().join("flake.lock"), at.join("flake.lock")).unwrap();
    commit(at);
    fs::remove_file(at.join("flake.lock")).unwrap();
    write(at, &many(3, "gone"));
    let (code, out, errors) = check(at, &["--since", "HEAD", "flake.lock"]);
    assert!(code == 1 && out.contains("3 errors"), "{out}{errors}");
    assert!(errors.contains("what was found at HEAD is not known"), "{errors}");
}

/// Writes a tree of so many files with the same content, and commits it.
fn crowd(folder: &Path, files: usize, content: &str) -> String {
    fs::write(folder.join("content"), content).unwrap();
    let object = git(folder, &["hash-object", "-w", "content"]);
    let lock = git(folder, &["hash-object", "-w", "flake.lock"]);
    fs::remove_file(folder.join("content")).unwrap();
    let mut make = Command::new("git");
    make.arg("mktree").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut make = make.spawn().unwrap();
    let mut input = std::io::BufWriter::new(make.stdin.take().unwrap());
    for number in 0..files {
        writeln!(input, "100644 blob {}\tx{number:06}.nix", object.trim()).unwrap();
    }
    writeln!(input, "100644 blob {}\tflake.lock", lock.trim()).unwrap();
    drop(input);
    let tree = String::from_utf8(make.wait_with_output().unwrap().stdout).unwrap();
    git(folder, &["commit-tree", "-m", "Many", tree.trim()]).trim().to_owned()
}

#[test]
fn what_is_too_much_is_said_and_what_is_too_long_is_left_out() {
    let folder = repository(1);
    let at = folder.path();
    let many_files = crowd(at, 100_001, "{ }\n");
    let (code, out, errors) = check(at, &["--since", &many_files]);
    assert!(code == 2 && errors.contains("more than 100,000 files"), "{out}{errors}");
    let long = crowd(at, 1, &"# A comment.\n".repeat(800_000));
    let (code, out, errors) = check(at, &["--since", &long]);
    assert!(code == 0 && out.contains("1 older finding"), "{out}{errors}");
}
