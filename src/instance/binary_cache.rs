//! Binary caches of dependencies: they no longer match once the dependency follows another nixpkgs.

use super::known_flakes;
use super::lock_sources::LockSources;
use crate::lock::{Lock, NodeId};
use crate::source::substituter;

/// The host of the binary cache that a flake names, from its source if that is on disk, else from
/// the table of known flakes.
pub(super) fn of_flake(lock: &Lock<'_>, sources: &LockSources, node: NodeId) -> Option<String> {
    match sources.flake(node) {
        Some(source) => substituter(source.files()),
        None => known_flakes::known_flake(lock, node)?.cache.map(str::to_owned),
    }
}
