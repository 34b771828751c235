//! Which source a reference is about, whatever its revision.

use std::borrow::Cow;
use std::fmt;

use super::identifying_ref;
use super::link::{Archived, Link, host_and_path};
use crate::lock::{Attributes, Forge, Lock, NodeId, SourceKind};

/// The identity of a source: kind, host, owner and repository or URL, `dir`, and the path of a
/// relative input; no revision, no branch.
///
/// Two inputs of equal identity may be made to follow one another; two inputs of equal *name* may
/// not (`a.utils` and the root's `utils` can be different repositories).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity<'a> {
    kind: SourceKind<'a>,
    host: Cow<'a, str>,
    /// `owner/repo`, a URL's path, or a path.
    name: Cow<'a, str>,
    dir: &'a str,
    /// The tree that a relative path starts from.
    parent: Vec<&'a str>,
}

impl<'a> Identity<'a> {
    /// The identity of a node's source. `None` for the root, which has none.
    pub fn of(lock: &Lock<'a>, node: NodeId) -> Option<Self> {
        let attributes = identifying_ref(lock, node)?;
        let mut identity = Self::of_attributes(attributes);
        if identity.kind == SourceKind::Path && !identity.name.starts_with('/') {
            identity.parent = lock.parent(node).unwrap_or_default().to_vec();
        }
        Some(identity)
    }

    fn of_attributes(attributes: Attributes<'_, 'a>) -> Self {
        let text = |name| attributes.text(name).unwrap_or_default();
        let kind = attributes.kind();
        let (host, name) = match kind {
            SourceKind::Forge(_) => {
                // Forges ignore letter case in names of repositories.
                let name = format!("{}/{}", text("owner"), text("repo")).to_lowercase();
                (text("host").to_lowercase().into(), name.into())
            }
            SourceKind::Path => ("".into(), text("path").into()),
            SourceKind::Indirect => ("".into(), text("id").into()),
            SourceKind::Tarball | SourceKind::File => of_archive(text("url")),
            SourceKind::Git
            | SourceKind::Mercurial
            | SourceKind::Unknown(_)
            | SourceKind::Unnamed => of_url(text("url")),
        };
        Self { kind, host, name, dir: text("dir"), parent: Vec::new() }
    }

    /// `owner/repo` in lower case, if it is on GitHub.
    pub fn github(&self) -> Option<&str> {
        (self.kind == SourceKind::Forge(Forge::GitHub) && self.host.is_empty())
            .then_some(&*self.name)
    }

    /// The last part of the name: the repository, or the last segment of a URL's path.
    pub fn repository(&self) -> &str {
        repository_name(&self.name)
    }
}

/// The repository that a URL or path names: its last segment, without `.git`.
pub fn repository_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit(['/', ':']).next().unwrap_or_default();
    last.strip_suffix(".git").unwrap_or(last)
}

/// The same for the URL of an archive, whichever version of its repository that holds.
fn of_archive(url: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    match Link::new(url).of {
        Archived::FlakeHub(owner, project) => {
            ("flakehub.com".into(), format!("{owner}/{project}").into())
        }
        Archived::Repository(host, path) => (host.into(), without_git(&path).into()),
        Archived::Channel | Archived::Other => of_url(url),
    }
}

/// Host and path of a URL, without user, branch and version.
fn of_url(url: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let (host, path) = host_and_path(url);
    (host.into(), without_git(&path).into())
}

fn without_git(path: &[&str]) -> String {
    let path = path.join("/");
    path.strip_suffix(".git").map(str::to_owned).unwrap_or(path)
}

impl fmt::Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.kind)?;
        if !self.host.is_empty() {
            write!(f, "//{}/", self.host)?;
        }
        f.write_str(&self.name)?;
        if !self.dir.is_empty() {
            write!(f, "?dir={}", self.dir)?;
        }
        for name in &self.parent {
            write!(f, " of {name}")?;
        }
        Ok(())
    }
}
