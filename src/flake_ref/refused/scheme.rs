//! Which attributes references of each kind may have.

use super::refusal::RefKind;
use super::value::{
    ValueVerdict, flake_id, forge_branch, forge_revision, git_branch, git_url, host,
    mercurial_branch, nar_hash, revision, url,
};
use crate::lock::SourceKind;

/// What a value has to be for Nix to take the lock.
#[derive(Clone, Copy)]
pub(super) enum ExpectedValue {
    /// Anything: Nix looks at it later, or never.
    Anything,
    Text,
    Number,
    Bool,
    /// Text that this function accepts.
    Valid(fn(&str, RefKind) -> ValueVerdict),
    /// The same for an attribute that older versions check only when they fetch.
    Lately(fn(&str, RefKind) -> ValueVerdict),
}

use ExpectedValue::{Anything, Bool, Lately, Number, Text, Valid};

/// Which attributes references of one kind, or of several, may have.
pub(super) struct Scheme {
    pub(super) required: &'static [&'static str],
    /// All attributes except `type` and `dir`.
    pub(super) attributes: &'static [(&'static str, ExpectedValue)],
}

static FORGE: Scheme = Scheme {
    required: &["owner", "repo"],
    attributes: &[
        ("owner", Text),
        ("repo", Text),
        ("ref", Valid(forge_branch)),
        ("rev", Valid(forge_revision)),
        ("narHash", Anything),
        ("lastModified", Number),
        ("host", Lately(host)),
        ("treeHash", Anything),
    ],
};

static GIT: Scheme = Scheme {
    required: &["url"],
    attributes: &[
        ("url", Valid(git_url)),
        ("ref", Valid(git_branch)),
        ("rev", Valid(revision)),
        ("revCount", Number),
        ("lastModified", Number),
        ("narHash", Anything),
        ("shallow", Bool),
        ("submodules", Bool),
        ("allRefs", Bool),
        ("lfs", Anything),
        ("exportIgnore", Anything),
        ("name", Anything),
        ("dirtyRev", Anything),
        ("dirtyShortRev", Anything),
        ("verifyCommit", Anything),
        ("keytype", Anything),
        ("publicKey", Anything),
        ("publicKeys", Anything),
    ],
};

static MERCURIAL: Scheme = Scheme {
    required: &["url"],
    attributes: &[
        ("url", Valid(url)),
        ("ref", Valid(mercurial_branch)),
        ("rev", Valid(revision)),
        ("revCount", Number),
        ("narHash", Anything),
        ("name", Anything),
    ],
};

static ARCHIVE: Scheme = Scheme {
    required: &[],
    attributes: &[
        ("url", Anything),
        ("narHash", Valid(nar_hash)),
        ("name", Anything),
        ("unpack", Anything),
        ("rev", Anything),
        ("revCount", Number),
        ("lastModified", Number),
    ],
};

static PATH: Scheme = Scheme {
    required: &["path"],
    attributes: &[
        ("path", Text),
        ("rev", Anything),
        ("revCount", Number),
        ("lastModified", Number),
        ("narHash", Valid(nar_hash)),
    ],
};

static INDIRECT: Scheme = Scheme {
    required: &["id"],
    attributes: &[
        ("id", Valid(flake_id)),
        ("ref", Text),
        ("rev", Valid(revision)),
        ("narHash", Anything),
    ],
};

impl Scheme {
    /// The scheme of a kind of reference; `None` if Nix does not know the kind.
    pub(super) fn of(kind: SourceKind<'_>) -> Option<&'static Self> {
        match kind {
            SourceKind::Forge(_) => Some(&FORGE),
            SourceKind::Git => Some(&GIT),
            SourceKind::Mercurial => Some(&MERCURIAL),
            SourceKind::Tarball | SourceKind::File => Some(&ARCHIVE),
            SourceKind::Path => Some(&PATH),
            SourceKind::Indirect => Some(&INDIRECT),
            SourceKind::Unknown(_) | SourceKind::Unnamed => None,
        }
    }
}
