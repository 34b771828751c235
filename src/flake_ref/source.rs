//! What identifies the source of a node: the reference to go by, and its text.

use super::{FlakeRef, Version};
use crate::lock::{Attributes, Lock, NodeId, SourceKind};
use crate::text::Time;

/// A node's locked reference with a shortened revision, the branch that was asked for and the day
/// of the last change:
/// `github:NixOS/nixpkgs/5f3c8a1b2c3d (nixos-24.11, 2025-03-01)`.
///
/// A very long one is cut, because it may be printed with each of many inputs.
pub fn source_of(lock: &Lock<'_>, node: NodeId) -> String {
    let mut text = whole_source_of(lock, node);
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Characters of the longest source that is printed in full.
const LONGEST: usize = 1_024;

fn whole_source_of(lock: &Lock<'_>, node: NodeId) -> String {
    let Some(locked) = lock.locked(node) else { return "this flake".into() };
    let version = lock.original(node).map(Version::of);
    let branch = version.as_ref().and_then(Version::name).map(str::to_owned);
    let day = locked.number("lastModified").and_then(Time::new).map(|time| time.date().to_string());
    let details: Vec<_> = branch.into_iter().chain(day).collect();
    match details.as_slice() {
        [] => FlakeRef::short(locked).to_string(),
        details => format!("{} ({})", FlakeRef::short(locked), details.join(", ")),
    }
}

/// The reference that identifies a node's source: the original, because locked tarballs have their
/// revision in the URL; the locked one if the original goes through the registry. `None` for the
/// root, which has neither.
pub fn identifying_ref<'l, 'a>(lock: &'l Lock<'a>, node: NodeId) -> Option<Attributes<'l, 'a>> {
    let original = lock.original(node);
    original
        .filter(|original| original.kind() != SourceKind::Indirect)
        .or_else(|| lock.locked(node))
}
