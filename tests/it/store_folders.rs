//! Store folders of fixtures have their true names, and one command renames them.

use std::fs;
use std::path::Path;

use crate::support::locks::fixtures;
use crate::support::store_folders::all;

#[test]
fn every_store_folder_is_named_by_its_content_and_by_its_lock() {
    let folders = all(&fixtures());
    let wrong: Vec<_> = folders.iter().filter_map(|folder| folder.problem()).collect();
    assert!(wrong.is_empty(), "`cargo run --example store-folders` mends: {wrong:#?}");
    assert!(folders.len() > 40, "only {} store folders", folders.len());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A fixture in a folder of its own; the fixtures' folder, and the store folder.
fn one() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("source/fix-is-safe");
    copy(&fixtures().join("source/fix-is-safe"), &case);
    let mut entries = fs::read_dir(case.join("store")).unwrap();
    let store = entries.next().unwrap().unwrap().path();
    (folder, store)
}

#[test]
fn a_file_that_is_edited_changes_the_name_in_the_lock_too() {
    let (folder, store) = one();
    let lock = store.ancestors().nth(2).unwrap().join("flake.lock");
    let before = fs::read_to_string(&lock).unwrap();
    fs::write(store.join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    let problems = || all(folder.path()).iter().filter(|f| f.problem().is_some()).count();
    assert_eq!(problems(), 1);
    let told: Vec<_> = all(folder.path()).iter().filter_map(|folder| folder.mend()).collect();
    assert_eq!((told.len(), problems()), (1, 0), "{told:?}");
    assert!(!store.exists());
    let after = fs::read_to_string(&lock).unwrap();
    let changed = before.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
    assert_eq!((changed, before.len()), (1, after.len()), "its hash and nothing else");
    // Once mended, nothing is left to do.
    assert!(all(folder.path()).iter().all(|folder| folder.mend().is_none()));
}

#[test]
fn a_folder_that_no_input_names_says_which_hash_it_has() {
    let (folder, store) = one();
    let lock = store.ancestors().nth(2).unwrap().join("flake.lock");
    let new = store.with_file_name("new-source");
    fs::rename(&store, &new).unwrap();
    let told: Vec<_> = all(folder.path()).iter().filter_map(|folder| folder.mend()).collect();
    assert!(told[0].contains("give the input that it is the narHash sha256-"), "{told:?}");
    // It had this name before, so the lock already has it.
    assert!(store.exists() && fs::read_to_string(lock).unwrap().contains("narHash"));
    assert_eq!(all(folder.path()).iter().find_map(|folder| folder.problem()), None);
}

/// The example of `nix hash path` with a link, an executable, and a folder, as computed by 2.8.0,
/// 2.26.3 and 2.34.8.
#[cfg(unix)]
#[test]
fn the_hash_is_the_one_that_nix_computes() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("area/case/store/x");
    fs::create_dir_all(source.join("sub")).unwrap();
    fs::write(source.join("a.txt"), "hello\n").unwrap();
    fs::write(source.join("run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(source.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("a.txt", source.join("link")).unwrap();
    fs::write(source.join("sub/b"), "x").unwrap();
    fs::write(folder.path().join("area/case/flake.lock"), "{}").unwrap();
    let told = all(folder.path())[0].mend().unwrap();
    assert!(told.contains("qrcnr7aql2lxa9g012l433fdjymd45xm-source"), "{told}");
    assert!(told.contains("sha256-l4XqxxEKYk2ZUmoM/3Q8Uj1jWXJPMm0HqKL4FdPL93E="), "{told}");
}
