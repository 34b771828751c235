//! Attributes and types of references that not every Nix with flakes reads: from which release on
//! all of them do.
//!
//! Older releases refuse a lock that has one, unless noted below. Patch releases of an older
//! version may read it too; given here is the release from which on all do.
//!
//! Source: Nix, `src/libfetchers/*.cc` at each tag from 2.4 to 2.35 (`allowedNames`,
//! `allowedAttrs`), read on 2026-11-29; `tests/nix/needs.rs` asks the installed one.

use super::NixVersion;
use crate::lock::{Attributes, SourceKind};

/// Attributes of Git references.
const GIT: [(&str, NixVersion); 8] = [
    ("dirtyRev", NixVersion::minor(17)),
    ("dirtyShortRev", NixVersion::minor(17)),
    ("verifyCommit", NixVersion::minor(19)),
    ("keytype", NixVersion::minor(19)),
    ("publicKey", NixVersion::minor(19)),
    ("publicKeys", NixVersion::minor(19)),
    ("exportIgnore", NixVersion::minor(20)),
    ("lfs", NixVersion::minor(27)),
];

/// Of references to forges. Patch releases of older versions of that time have it, too.
const FORGE: [(&str, NixVersion); 1] = [("treeHash", NixVersion::patch(20, 6))];

/// Of archives. Also in 2.13.6, 2.15.3 and 2.16.2, not in 2.17.0.
const TARBALL: [(&str, NixVersion); 4] = [
    ("unpack", NixVersion::minor(9)),
    ("rev", NixVersion::minor(17)),
    ("revCount", NixVersion::minor(17)),
    ("lastModified", NixVersion::patch(17, 1)),
];

/// Since this release, files are a type of their own; earlier ones cannot fetch it.
pub const FILE: NixVersion = NixVersion::minor(9);

/// The attributes of a reference that not all releases with flakes read, each with the release from
/// which on all do.
pub fn newer_attributes(
    reference: Attributes<'_, '_>,
) -> impl Iterator<Item = (&'static str, NixVersion)> {
    let newer: &'static [(&'static str, NixVersion)] = match reference.kind() {
        SourceKind::Git => &GIT,
        SourceKind::Forge(_) => &FORGE,
        SourceKind::Tarball | SourceKind::File => &TARBALL,
        SourceKind::Mercurial
        | SourceKind::Path
        | SourceKind::Indirect
        | SourceKind::Unknown(_)
        | SourceKind::Unnamed => &[],
    };
    reference.iter().filter_map(move |attribute| {
        newer.iter().copied().find(|(name, _)| *name == attribute.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flake_ref::OwnedRef;

    fn newer(kind: &str, attributes: &[&str]) -> Vec<String> {
        let mut reference = OwnedRef::new(SourceKind::named(kind));
        attributes.iter().for_each(|name| reference.set(name, "x"));
        let list = reference.list();
        let found = newer_attributes(Attributes::of(&list));
        found.map(|(name, since)| format!("{name} {since}")).collect()
    }

    #[test]
    fn attributes_of_each_kind() {
        assert_eq!(newer("git", &["lfs", "shallow", "submodules", "allRefs"]), ["lfs 2.27"]);
        assert_eq!(newer("git", &["lastModified", "exportIgnore"]), ["exportIgnore 2.20"]);
        assert_eq!(newer("github", &["lastModified", "rev", "treeHash"]), ["treeHash 2.20.6"]);
        assert_eq!(newer("tarball", &["rev", "narHash"]), ["rev 2.17"]);
        assert_eq!(newer("file", &["lastModified"]), ["lastModified 2.17.1"]);
        assert_eq!(newer("path", &["lastModified", "rev"]), [""; 0]);
    }
}
