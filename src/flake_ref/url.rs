//! The URL-like form of a flake reference.
//!
//! Source: Nix manual, `nix flake`, "Flake references"; the `toURL` functions of
//! `src/libfetchers/{github,git,mercurial,tarball,path,indirect}.cc`. The `narHash` is left out,
//! because it adds nothing to the revision for a reader.

use std::fmt::{self, Display, Write};

use super::parse::has_archive_extension;
use crate::lock::{AttributeValue, Attributes, SourceKind};

/// Shows attributes as a flake reference: `github:NixOS/nixpkgs/nixos-24.11`.
///
/// The text is as untrusted as the attributes: escape it where it is printed.
#[derive(Debug, Clone, Copy)]
pub struct FlakeRef<'l, 'a> {
    attributes: Attributes<'l, 'a>,
    short: bool,
}

/// Length of a shortened revision, in characters.
const SHORT: usize = 12;

impl<'l, 'a> FlakeRef<'l, 'a> {
    /// The reference in full.
    pub fn new(attributes: Attributes<'l, 'a>) -> Self {
        Self { attributes, short: false }
    }

    /// With a shortened revision: for people to read, not to use.
    pub fn short(attributes: Attributes<'l, 'a>) -> Self {
        Self { attributes, short: true }
    }

    fn revision(&self) -> Option<&'a str> {
        let rev = self.attributes.text("rev")?;
        if self.short { rev.get(..SHORT).or(Some(rev)) } else { Some(rev) }
    }
}

impl Display for FlakeRef<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.attributes;
        let text = |name| attributes.text(name).unwrap_or("?");
        match attributes.kind() {
            SourceKind::Forge(forge) => {
                // Groups of GitLab contain slashes, which would otherwise separate segments.
                let segment = |name| text(name).replace('/', "%2F");
                write!(f, "{}:{}/{}", forge.as_str(), segment("owner"), segment("repo"))?;
                if let Some(version) = self.revision().or(attributes.text("ref")) {
                    write!(f, "/{version}")?;
                }
                self.query(f, '?', &["host", "dir"])
            }
            SourceKind::Indirect => {
                write!(f, "flake:{}", text("id"))?;
                for version in [attributes.text("ref"), self.revision()].into_iter().flatten() {
                    write!(f, "/{version}")?;
                }
                self.query(f, '?', &["dir"])
            }
            SourceKind::Path => {
                write!(f, "path:{}", text("path"))?;
                self.query(f, '?', &["dir"])
            }
            scheme @ (SourceKind::Git | SourceKind::Mercurial) => {
                let url = text("url");
                write!(f, "{scheme}+{url}")?;
                let flags = ["ref", "rev", "dir", "shallow", "submodules", "lfs", "allRefs"];
                self.query(f, if url.contains('?') { '&' } else { '?' }, &flags)
            }
            archive @ (SourceKind::Tarball | SourceKind::File) => {
                let url = text("url");
                if (archive == SourceKind::Tarball) != looks_like_archive(url) {
                    write!(f, "{archive}+")?;
                }
                f.write_str(url)?;
                self.query(f, if url.contains('?') { '&' } else { '?' }, &["dir"])
            }
            SourceKind::Unnamed => f.write_str("an unnamed kind of source"),
            SourceKind::Unknown(other) => write!(f, "{other}:?"),
        }
    }
}

impl FlakeRef<'_, '_> {
    fn query(&self, f: &mut fmt::Formatter<'_>, first: char, names: &[&str]) -> fmt::Result {
        let mut separator = first;
        for name in names {
            let Some(value) = self.attributes.get(name) else { continue };
            if matches!(value, AttributeValue::Bool(false) | AttributeValue::Other(_)) {
                continue;
            }
            f.write_char(separator)?;
            separator = '&';
            match value {
                AttributeValue::Text(_) if *name == "rev" => {
                    write!(f, "rev={}", self.revision().unwrap_or_default())?;
                }
                AttributeValue::Text(text) => write!(f, "{name}={text}")?,
                AttributeValue::Number(number) => write!(f, "{name}={number}")?,
                AttributeValue::Bool(_) => write!(f, "{name}=1")?,
                AttributeValue::Other(_) => {}
            }
        }
        Ok(())
    }
}

/// Whether Nix takes a URL without a scheme prefix for a tarball.
fn looks_like_archive(url: &str) -> bool {
    has_archive_extension(url.split(['?', '#']).next().unwrap_or_default())
}
