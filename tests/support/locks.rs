//! Existing locks: those of the fixtures, and real ones, which are not part of the project.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// A lock that was read.
#[derive(Debug)]
pub(crate) struct FoundLock {
    /// Its path below the folder that was searched, for messages.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The project's fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The folder of real locks that `FLAKE_AUDIT_CORPUS` names; `None` if it is not set. Fails if the
/// folder has no lock, because the test would silently pass.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("FLAKE_AUDIT_CORPUS")?);
    let none = locks_below(&folder).is_empty();
    assert!(!none, "FLAKE_AUDIT_CORPUS names {}, where there is no flake.lock", folder.display());
    Some(folder)
}

/// The locks below a folder, sorted; empty if there is no such folder.
pub(crate) fn locks_below(folder: &Path) -> Vec<PathBuf> {
    let mut locks = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().is_some_and(|name| name == "flake.lock") {
                locks.push(path);
            }
        }
    }
    locks.sort();
    locks
}

/// The locks below a folder, read.
pub(crate) fn read_below(folder: &Path) -> Vec<FoundLock> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        FoundLock { name, bytes: fs::read(path).unwrap() }
    };
    locks_below(folder).into_iter().map(read).collect()
}

/// The largest of the real locks, if there are any.
pub(crate) fn largest() -> Option<PathBuf> {
    let sized =
        locks_below(&corpus()?).into_iter().map(|path| (fs::metadata(&path).unwrap().len(), path));
    sized.max().map(|(_, path)| path)
}
