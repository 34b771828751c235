//! The URL-like form of a flake reference.
//!
//! Source: Nix manual, `nix flake`, "Flake references"; the `toURL` functions of
//! `src/libfetchers/{github,git,mercurial,tarball,path,indirect}.cc`. The `narHash` is left out:
//! it says nothing to a reader that the revision does not.

use std::fmt::{self, Display, Write};

use crate::lock::{AttributeValue, Attributes};

/// Shows attributes as a flake reference: `github:NixOS/nixpkgs/nixos-24.11`.
///
/// The text is as untrusted as the attributes: escape it where it is printed.
#[derive(Debug, Clone, Copy)]
pub struct FlakeRef<'l, 'a>(pub Attributes<'l, 'a>);

impl Display for FlakeRef<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.0;
        let text = |name| attributes.text(name).unwrap_or("?");
        match attributes.kind() {
            forge @ ("github" | "gitlab" | "sourcehut") => {
                write!(f, "{forge}:{}/{}", text("owner"), text("repo"))?;
                if let Some(version) = attributes.text("rev").or(attributes.text("ref")) {
                    write!(f, "/{version}")?;
                }
                self.query(f, '?', &["host", "dir"])
            }
            "indirect" => {
                write!(f, "flake:{}", text("id"))?;
                for version in ["ref", "rev"].into_iter().filter_map(|name| attributes.text(name)) {
                    write!(f, "/{version}")?;
                }
                self.query(f, '?', &["dir"])
            }
            "path" => {
                write!(f, "path:{}", text("path"))?;
                self.query(f, '?', &["dir"])
            }
            scheme @ ("git" | "hg") => {
                let url = text("url");
                write!(f, "{scheme}+{url}")?;
                let flags = ["ref", "rev", "dir", "shallow", "submodules", "lfs", "allRefs"];
                self.query(f, if url.contains('?') { '&' } else { '?' }, &flags)
            }
            archive @ ("tarball" | "file") => {
                let url = text("url");
                if (archive == "tarball") != looks_like_archive(url) {
                    write!(f, "{archive}+")?;
                }
                f.write_str(url)?;
                self.query(f, if url.contains('?') { '&' } else { '?' }, &["dir"])
            }
            "" => f.write_str("an unnamed kind of source"),
            other => write!(f, "{other}:?"),
        }
    }
}

impl FlakeRef<'_, '_> {
    fn query(&self, f: &mut fmt::Formatter<'_>, first: char, names: &[&str]) -> fmt::Result {
        let mut separator = first;
        for name in names {
            let Some(value) = self.0.get(name) else { continue };
            if value == AttributeValue::Bool(false) {
                continue;
            }
            f.write_char(separator)?;
            separator = '&';
            match value {
                AttributeValue::Text(text) => write!(f, "{name}={text}")?,
                AttributeValue::Number(number) => write!(f, "{name}={number}")?,
                AttributeValue::Bool(_) => write!(f, "{name}=1")?,
            }
        }
        Ok(())
    }
}

/// Whether Nix takes a URL without a scheme prefix for a tarball (`tarball.cc`,
/// `hasTarballExtension`).
fn looks_like_archive(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    [".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"]
        .iter()
        .any(|extension| path.ends_with(extension))
}
