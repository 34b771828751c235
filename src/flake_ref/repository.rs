//! The repository that a reference names, in the form that lists of well-known flakes use.

use super::link::{Archived, Link, host_and_path};
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
    /// The repository that a reference names, also through a `git` URL or an archive of a forge. A
    /// tarball of FlakeHub counts as the GitHub repository of the same name, and a channel as
    /// nixpkgs. `None` for other hosts that run the software of a forge.
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
            SourceKind::Tarball | SourceKind::File => match Link::new(reference.text("url")?).of {
                Archived::FlakeHub(owner, name) => Some(Self { forge: Forge::GitHub, owner, name }),
                Archived::Repository(host, path) => Self::on_host(&host, &path),
                Archived::Channel => {
                    Some(Self { forge: Forge::GitHub, owner: "NixOS", name: "nixpkgs" })
                }
                Archived::Other => None,
            },
            SourceKind::Git => {
                let (host, path) = host_and_path(reference.text("url")?);
                Self::on_host(&host, &path)
            }
            SourceKind::Mercurial
            | SourceKind::Path
            | SourceKind::Indirect
            | SourceKind::Unknown(_)
            | SourceKind::Unnamed => None,
        }
    }

    /// Where a reference points, in lower case: `github:owner/repo`, or host and path of a `git`
    /// URL elsewhere, as `git.example/owner/repo`.
    pub fn key(reference: Attributes<'_, 'a>) -> Option<String> {
        if let Some(repository) = Self::of(reference) {
            return Some(repository.lower_case());
        }
        let (host, path) = match reference.kind() {
            SourceKind::Forge(_) => {
                let (owner, repo) = (reference.text("owner")?, reference.text("repo")?);
                (reference.text("host")?.to_owned(), vec![owner, repo])
            }
            SourceKind::Tarball | SourceKind::File => match Link::new(reference.text("url")?).of {
                Archived::Repository(host, path) => (host, path),
                Archived::FlakeHub(..) | Archived::Channel | Archived::Other => return None,
            },
            SourceKind::Git => host_and_path(reference.text("url")?),
            SourceKind::Mercurial
            | SourceKind::Path
            | SourceKind::Indirect
            | SourceKind::Unknown(_)
            | SourceKind::Unnamed => return None,
        };
        let path = path.join("/");
        let path = path.strip_suffix(".git").unwrap_or(&path);
        (!host.is_empty() && !path.is_empty()).then(|| format!("{host}/{path}").to_lowercase())
    }

    fn on_host(host: &str, path: &[&'a str]) -> Option<Self> {
        let forge = match host.split(':').next().unwrap_or_default() {
            "github.com" => Forge::GitHub,
            "gitlab.com" => Forge::GitLab,
            "git.sr.ht" => Forge::SourceHut,
            _ => return None,
        };
        let [owner, name] = path else { return None };
        let name = name.strip_suffix(".git").unwrap_or(name);
        Some(Self { forge, owner, name })
    }

    /// Whether it is this repository; forges ignore letter case.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flake_ref::parse;

    #[test]
    fn keys_of_other_hosts() {
        for (url, is) in [
            ("git+https://Git.example/Acme/dep.git?ref=main", Some("git.example/acme/dep")),
            ("git+ssh://git@git.example/acme/dep", Some("git.example/acme/dep")),
            ("git+https://github.com/acme/dep", Some("github:acme/dep")),
            ("https://git.example/acme/dep/archive/main.tar.gz", Some("git.example/acme/dep")),
            (
                "https://git.example/api/v1/repos/a/b/archive/x.tar.gz?rev=x",
                Some("git.example/a/b"),
            ),
            ("https://git.example/a/b/c/-/archive/x/c-x.tar.gz", Some("git.example/a/b/c")),
            ("gitlab:Acme/dep?host=Git.example", Some("git.example/acme/dep")),
            ("github:acme/dep?host=git.example", Some("git.example/acme/dep")),
            ("git+https://git.sr.ht/~acme/dep", Some("sourcehut:~acme/dep")),
            ("https://git.sr.ht/~acme/dep/archive/main.tar.gz", Some("sourcehut:~acme/dep")),
            ("sourcehut:~acme/dep", Some("sourcehut:~acme/dep")),
            ("https://example.org/dep.tar.gz", None),
            ("git+https://git.example", None),
            ("./dep", None),
        ] {
            let reference = parse(url, true).unwrap_or_else(|| panic!("{url}"));
            let list = reference.list();
            assert_eq!(Repository::key(Attributes::of(&list)).as_deref(), is, "{url}");
        }
    }

    #[test]
    fn repositories_of_forges_in_every_spelling() {
        for (url, is) in [
            ("github:Acme/Dep/main", Some("github:acme/dep")),
            ("gitlab:acme/dep", Some("gitlab:acme/dep")),
            ("github:acme/dep?host=git.example", None),
            ("git+https://github.com/acme/dep.git", Some("github:acme/dep")),
            ("git+ssh://git@github.com/acme/dep", Some("github:acme/dep")),
            ("git+https://gitlab.com/acme/dep?ref=main", Some("gitlab:acme/dep")),
            ("git+https://proxy.example/https://github.com/acme/dep", Some("github:acme/dep")),
            ("git+https://git.example/acme/dep", None),
            ("https://github.com/acme/dep/archive/main.tar.gz", Some("github:acme/dep")),
            ("https://api.github.com/repos/acme/dep/tarball/main", Some("github:acme/dep")),
            ("https://flakehub.com/f/acme/dep/0.1.*.tar.gz", Some("github:acme/dep")),
            ("https://api.flakehub.com/f/pinned/a/b/0.1.5/018c/source.tar.gz", Some("github:a/b")),
            ("https://git.example/acme/dep/archive/main.tar.gz", None),
            ("https://example.org/f/acme/dep/0.1", None),
            ("./dep", None),
        ] {
            let reference = parse(url, true).unwrap_or_else(|| panic!("{url}"));
            let list = reference.list();
            let repository = Repository::of(Attributes::of(&list));
            assert_eq!(repository.map(|of| of.lower_case()).as_deref(), is, "{url}");
        }
    }
}
