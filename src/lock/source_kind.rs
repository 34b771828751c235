//! The kind of source of a reference: its `type`.
//!
//! Source: Nix, the input schemes of `src/libfetchers/*.cc`.

use std::cmp::Ordering;
use std::fmt;

/// The kind of source of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind<'a> {
    /// A repository of a forge, fetched as an archive: `github`, `gitlab`, `sourcehut`.
    Forge(Forge),
    /// `git`.
    Git,
    /// `hg`, for Mercurial.
    Mercurial,
    /// An archive that is unpacked: `tarball`.
    Tarball,
    /// A file as it is, which never is a flake: `file`.
    File,
    /// A folder: `path`.
    Path,
    /// A name that the registry knows: `indirect`.
    Indirect,
    /// A type that Nix does not know, as written.
    Unknown(&'a str),
    /// There is no `type`.
    Unnamed,
}

/// A forge that Nix knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Forge {
    /// `github`.
    GitHub,
    /// `gitlab`.
    GitLab,
    /// `sourcehut`.
    SourceHut,
}

impl<'a> SourceKind<'a> {
    /// The kind of this name.
    pub fn named(text: &'a str) -> Self {
        match text {
            "git" => SourceKind::Git,
            "hg" => SourceKind::Mercurial,
            "tarball" => SourceKind::Tarball,
            "file" => SourceKind::File,
            "path" => SourceKind::Path,
            "indirect" => SourceKind::Indirect,
            "" => SourceKind::Unnamed,
            other => Forge::named(other).map_or(SourceKind::Unknown(other), SourceKind::Forge),
        }
    }

    /// Its name; empty if there is none.
    pub fn as_str(self) -> &'a str {
        match self {
            SourceKind::Forge(forge) => forge.as_str(),
            SourceKind::Git => "git",
            SourceKind::Mercurial => "hg",
            SourceKind::Tarball => "tarball",
            SourceKind::File => "file",
            SourceKind::Path => "path",
            SourceKind::Indirect => "indirect",
            SourceKind::Unknown(text) => text,
            SourceKind::Unnamed => "",
        }
    }
}

impl Forge {
    /// The forge of this name in references.
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "github" => Some(Forge::GitHub),
            "gitlab" => Some(Forge::GitLab),
            "sourcehut" => Some(Forge::SourceHut),
            _ => None,
        }
    }

    /// Its name in references.
    pub fn as_str(self) -> &'static str {
        match self {
            Forge::GitHub => "github",
            Forge::GitLab => "gitlab",
            Forge::SourceHut => "sourcehut",
        }
    }
}

impl fmt::Display for SourceKind<'_> {
    /// The name; as untrusted as the reference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In the order of their names.
impl Ord for SourceKind<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for SourceKind<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_text_of_its_own() {
        for text in [
            "github",
            "gitlab",
            "sourcehut",
            "git",
            "hg",
            "tarball",
            "file",
            "path",
            "indirect",
            "",
        ] {
            let kind = SourceKind::named(text);
            assert_eq!(kind.as_str(), text);
            assert!(!matches!(kind, SourceKind::Unknown(_)), "{text}");
        }
        for text in ["svn", "GitHub", "mercurial", "git "] {
            assert_eq!(SourceKind::named(text), SourceKind::Unknown(text));
        }
    }
}
