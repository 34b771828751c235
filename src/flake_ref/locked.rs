//! What a locked reference pins.

use crate::lock::{AttributeValue, Attributes, SourceKind};

/// Whether two locked references pin the same source tree and flake in it.
pub fn same_source(a: Attributes<'_, '_>, b: Attributes<'_, '_>) -> bool {
    if a.text("dir").unwrap_or_default() != b.text("dir").unwrap_or_default() {
        return false;
    }
    // The hash of the contents decides for any kind of source; without it, names of repositories
    // do.
    match (a.text("narHash"), b.text("narHash")) {
        (Some(a), Some(b)) => a.trim_end_matches('=') == b.trim_end_matches('='),
        _ => {
            let same = |name| a.text(name) == b.text(name);
            a.kind() == b.kind()
                && a.text("rev").is_some()
                && ["rev", "host", "owner", "repo", "url", "path"].into_iter().all(same)
        }
    }
}

/// Whether Nix counts a locked reference as locked: fetching it always gives the same tree.
///
/// Source: the `isLocked` functions of `src/libfetchers/*.cc`. Of an unknown kind, a reference
/// counts as locked if it has a revision or a hash.
pub fn is_locked(locked: Attributes<'_, '_>) -> bool {
    let has = |name| locked.text(name).is_some_and(|value| !value.is_empty());
    match locked.kind() {
        SourceKind::Forge(_) | SourceKind::Mercurial => has("rev"),
        SourceKind::Git => {
            let rev = locked.text("rev").unwrap_or_default();
            rev.bytes().any(|digit| digit != b'0')
        }
        SourceKind::Tarball | SourceKind::File => has("narHash"),
        SourceKind::Path => {
            has("narHash") || !locked.text("path").unwrap_or_default().starts_with('/')
        }
        SourceKind::Indirect => false,
        SourceKind::Unknown(_) | SourceKind::Unnamed => has("rev") || has("narHash"),
    }
}

/// A short name of what is pinned: the revision, else the hash.
pub fn revision<'a>(locked: Attributes<'_, 'a>) -> Option<&'a str> {
    match locked.get("rev").or_else(|| locked.get("narHash")) {
        Some(AttributeValue::Text(text)) => Some(text),
        _ => None,
    }
}
