//! The real locks, as they are and with a wrapper added.

use serde_json::{Value, json};

use crate::support::locks::{FoundLock, corpus, read_below};
use crate::support::source::Source;

/// All real locks, sorted by path.
pub(crate) fn locks() -> Vec<FoundLock> {
    let folder = corpus().expect("FLAKE_AUDIT_CORPUS names the folder of the real locks");
    let locks = read_below(&folder);
    println!("{} locks in {}", locks.len(), folder.display());
    locks
}

/// The real locks with the wrapper `nixpkgs-gpu` added to each, built on the root's `nixpkgs`;
/// without those that cannot be read or whose root has no such input.
pub(crate) fn wrapped() -> Vec<FoundLock> {
    let put_in = |lock: FoundLock| {
        Some(FoundLock { bytes: with_wrapper(&lock.bytes)?.into_bytes(), name: lock.name })
    };
    let wrapped: Vec<_> = locks().into_iter().filter_map(put_in).collect();
    assert!(!wrapped.is_empty(), "no lock has a root with an input `nixpkgs`");
    wrapped
}

fn with_wrapper(bytes: &[u8]) -> Option<String> {
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
