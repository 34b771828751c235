//! Binary caches of dependencies, which no longer match once a nixpkgs changes.

use super::known_flakes;
use super::lock_sources::LockSources;
use crate::lock::{Lock, NodeId};
use crate::source::substituter;

/// The host of the binary cache that a flake names, by its source where that is on disk, else by the
/// list of known flakes.
pub(super) fn of_flake(lock: &Lock<'_>, sources: &LockSources, node: NodeId) -> Option<String> {
    match sources.flake(node) {
        Some(source) => substituter(source.files()),
        None => known_flakes::known_flake(lock, node)?.cache.map(str::to_owned),
    }
}
