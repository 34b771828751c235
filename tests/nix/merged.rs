//! Nix leaves alone what Git merges with the driver.

#[path = "../it/cli/merge/cases.rs"]
mod cases;
#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "../it/cli/merge/repository.rs"]
mod repository;

use crate::program::{self, Nix};
use cases::{CONFLICTS, MERGED};
use repository::{Repository, read};

/// Checks that Nix accepts the lock unchanged.
fn leaves(nix: &Nix, repository: &Repository) {
    let lock = repository.lock();
    let output = nix.run(&repository.folder(), &["flake", "lock", "."]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {told}\n{lock}", nix.name);
    assert_eq!(repository.lock(), lock, "{}: {told}", nix.name);
}

#[test]
fn by_git() {
    for nix in &program::all() {
        for (base, ours, theirs, merged) in MERGED {
            let repository = Repository::new(base, ours, theirs);
            repository.git(&["merge", "--quiet", "--no-edit", "topic"]);
            assert_eq!(read(&repository.lock()), *merged);
            leaves(nix, &repository);
        }
    }
}

#[test]
fn with_a_preference() {
    for nix in &program::all() {
        for (base, ours, theirs, _, preferred) in CONFLICTS {
            let repository = Repository::new(base, ours, theirs);
            assert_eq!(repository.try_git(&["merge", "topic"]).status.code(), Some(1));
            for (prefer, merged) in ["newest", "ours", "theirs"].iter().zip(preferred) {
                let (code, told) = repository.run(&["merge", "--prefer", prefer]);
                assert_eq!((code, read(&repository.lock()).as_str()), (0, *merged), "{told}");
                repository.git(&["add", "flake.lock"]);
                leaves(nix, &repository);
                repository.git(&["checkout", "--quiet", "--merge", "flake.lock"]);
            }
        }
    }
}
