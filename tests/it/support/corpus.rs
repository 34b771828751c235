//! Real locks, where they are at hand: `../shared/corpus` beside the project's folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::source::Source;

/// A lock of the corpus or of the fixtures.
#[derive(Debug)]
pub(crate) struct RealLock {
    /// For messages.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The corpus, sorted; `None`, said once a test, where it is not at hand.
pub(crate) fn locks() -> Option<Vec<RealLock>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !root.is_dir() {
        println!("passed over: there is no corpus at {}", root.display());
        return None;
    }
    let locks = locks_below(&root);
    println!("{} locks in {}", locks.len(), root.display());
    Some(locks)
}

/// The locks of the fixtures, sorted.
pub(crate) fn fixtures() -> Vec<RealLock> {
    locks_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
}

fn locks_below(root: &Path) -> Vec<RealLock> {
    let mut paths = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else if entry.file_name().is_some_and(|name| name == "flake.lock") {
                paths.push(entry);
            }
        }
    }
    paths.sort();
    paths.into_iter().map(|path| read(root, path)).collect()
}

fn read(root: &Path, path: PathBuf) -> RealLock {
    let name = path.strip_prefix(root).unwrap().display().to_string();
    RealLock { name, bytes: fs::read(path).unwrap() }
}

/// A lock with the wrapper `nixpkgs-gpu` put into it, built on the root's `nixpkgs`; `None` where
/// the lock cannot be read or the root has no such input.
pub(crate) fn with_wrapper(bytes: &[u8]) -> Option<String> {
    let mut lock: Value = serde_json::from_slice(bytes).ok()?;
    if lock["version"].as_u64().is_none_or(|version| !(5..=7).contains(&version)) {
        return None;
    }
    let root = lock["root"].as_str()?.to_owned();
    let inputs = lock["nodes"][&root]["inputs"].as_object_mut()?;
    if !inputs.contains_key("nixpkgs") || inputs.contains_key("nixpkgs-gpu") {
        return None;
    }
    inputs.insert("nixpkgs-gpu".into(), "the wrapper".into());
    let (locked, original) = Source::Acme("nixpkgs-gpu").references(0);
    lock["nodes"]["the wrapper"] =
        json!({"inputs": {"nixpkgs": ["nixpkgs"]}, "locked": locked, "original": original});
    Some(lock.to_string())
}
