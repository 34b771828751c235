//! The repository of a reference, where lists of well-known flakes can name it.

use crate::lock::{Attributes, Forge, SourceKind};

/// A repository on a forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repository<'a> {
    /// The forge.
    pub forge: Forge,
    /// Its owner.
    pub owner: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl<'a> Repository<'a> {
    /// The repository that a reference names; also by a `git` URL of GitHub. Tarballs of FlakeHub
    /// are of the GitHub repository of the same name. Other hosts of a forge's software are other forges: none.
    pub fn of(reference: Attributes<'_, 'a>) -> Option<Self> {
        match reference.kind() {
            SourceKind::Forge(forge) => match reference.text("host") {
                None => Some(Self {
                    forge,
                    owner: reference.text("owner")?,
                    name: reference.text("repo")?,
                }),
                Some(_) => None,
            },
            SourceKind::Tarball => {
                let (owner, name) = on_flakehub(reference.text("url")?)?;
                Some(Self { forge: Forge::GitHub, owner, name })
            }
            SourceKind::Git => {
                let (_, path) = reference.text("url")?.split_once("://github.com/")?;
                let path = path.split(['?', '#']).next().unwrap_or_default();
                let (owner, name) = path.trim_end_matches('/').split_once('/')?;
                let name = name.strip_suffix(".git").unwrap_or(name);
                Some(Self { forge: Forge::GitHub, owner, name })
            }
            SourceKind::Mercurial
            | SourceKind::File
            | SourceKind::Path
            | SourceKind::Indirect
            | SourceKind::Unknown(_)
            | SourceKind::Unnamed => None,
        }
    }

    /// Whether it is this one; forges tell repositories apart without regard to letter case.
    pub fn is(&self, forge: Forge, owner: &str, name: &str) -> bool {
        self.forge == forge
            && self.owner.eq_ignore_ascii_case(owner)
            && self.name.eq_ignore_ascii_case(name)
    }

    /// `github:owner/repo` in lower case.
    pub fn lower_case(&self) -> String {
        let mut text = String::with_capacity(64);
        for part in [self.forge.as_str(), ":", self.owner, "/", self.name] {
            text.push_str(part);
        }
        text.make_ascii_lowercase();
        text
    }
}

/// Owner and project of a FlakeHub URL: `https://flakehub.com/f/OWNER/PROJECT/VERSION`,
/// `https://api.flakehub.com/f/pinned/OWNER/PROJECT/…`.
pub fn on_flakehub(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    if !matches!(host, "flakehub.com" | "api.flakehub.com") {
        return None;
    }
    let path = path.strip_prefix("f/")?;
    let path = path.strip_prefix("pinned/").unwrap_or(path);
    let mut segments = path.split('/');
    Some((segments.next()?, segments.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flakehub_names_owner_and_project() {
        for url in [
            "https://flakehub.com/f/NixOS/nixpkgs/0.1",
            "https://flakehub.com/f/NixOS/nixpkgs/0.1.*.tar.gz",
            "https://api.flakehub.com/f/pinned/NixOS/nixpkgs/0.1.5%2Brev-91/018c/source.tar.gz",
        ] {
            assert_eq!(on_flakehub(url), Some(("NixOS", "nixpkgs")), "{url}");
        }
        assert_eq!(on_flakehub("https://example.org/f/NixOS/nixpkgs/0.1"), None);
    }
}
