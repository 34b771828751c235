//! Which version of its source a reference names.

use std::fmt::{self, Display};

/// The version of its source that a reference names.
///
/// People pin in many spellings: an attribute, a parameter, a part of an archive's path. Two
/// references to one source are interchangeable only if both name the same version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// No version is named: the source decides.
    Unnamed,
    /// A moving one: a branch, a channel, a range of versions.
    Branch(String),
    /// A fixed one: a tag, a release, contents of a certain hash.
    Exact(String),
    /// A revision.
    Revision(String),
}

impl Version {
    /// Whether it always stays the same.
    pub fn is_pinned(&self) -> bool {
        matches!(self, Self::Exact(_) | Self::Revision(_))
    }

    /// Its name: `nixos-24.11`. `None` for a revision.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Branch(name) | Self::Exact(name) => Some(name),
            Self::Unnamed | Self::Revision(_) => None,
        }
    }

    /// Reads the name of a branch, a tag or a revision, which share one place in most references.
    pub(super) fn named(name: &str) -> Self {
        let name = name.strip_prefix("refs/").unwrap_or(name);
        if let Some(tag) = name.strip_prefix("tags/") {
            return Self::Exact(tag.to_owned());
        }
        if let Some(branch) = name.strip_prefix("heads/") {
            return Self::Branch(branch.to_owned());
        }
        match name {
            "" | "HEAD" => Self::Unnamed,
            name if is_revision(name) => Self::Revision(name.to_owned()),
            name if is_release(name) => Self::Exact(name.to_owned()),
            name => Self::Branch(name.to_owned()),
        }
    }
}

impl Display for Version {
    /// `nixos-24.11` in backticks, or `the revision …`; as untrusted as the reference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => f.write_str("no version"),
            Self::Branch(name) => write!(f, "`{name}`"),
            Self::Exact(name) => write!(f, "the version `{name}`"),
            Self::Revision(rev) => write!(f, "the revision `{rev}`"),
        }
    }
}

/// Whether a name, where a branch could stand too, is a revision, perhaps a shortened one. Words
/// made of such letters (`defaced`) are not.
fn is_revision(name: &str) -> bool {
    (7..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_hexdigit())
        && name.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a name is that of a release, as tags are: `24.11`, `v2.18.1`,
/// `nixos-24.11.718525.c9b6fb798541`, `nixpkgs-25.05pre731363.fe51d34885f7`. Branches of nixpkgs
/// are `nixos-24.11`, `nixpkgs-24.11-darwin`, `release-24.11`.
fn is_release(name: &str) -> bool {
    let number = name.strip_prefix("nixos-").or_else(|| name.strip_prefix("nixpkgs-"));
    if let Some(number) = number {
        let is_number = number.starts_with(|c: char| c.is_ascii_digit());
        return is_number && (number.matches('.').count() > 1 || number.contains("pre"));
    }
    let number = name.strip_prefix('v').unwrap_or(name);
    let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
    let (digits, rest) = number.split_at(end);
    digits.starts_with(|c: char| c.is_ascii_digit()) && (rest.is_empty() || digits.contains('.'))
}
