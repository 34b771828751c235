//! Whether two references mean the same to Nix.
//!
//! Source: Nix, `src/libflake/flake.cc`: an input is kept if its canonicalized `original` equals
//! what is declared; letter case matters. Differences that only another version of Nix made
//! (parameters left in the URL, a flag that is off, `file` for `tarball`) are ignored.

use super::parse::{is_rev, take_archive_parameters, take_git_parameters};
use super::spelled::OwnedRef;
use super::uri::Uri;
use crate::lock::{Attributes, SourceKind};

/// Whether a URL is the plainest spelling of these attributes: `github:owner/repo`, perhaps with a
/// branch or a revision. Most references are, and this check need not parse the URL. If it is
/// false, the two may still be the same.
pub fn is_plain_spelling(url: &str, of: Attributes<'_, '_>) -> bool {
    let SourceKind::Forge(forge) = of.kind() else { return false };
    let (Some(owner), Some(name)) = (of.text("owner"), of.text("repo")) else { return false };
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let rest = url.strip_prefix(forge.as_str()).and_then(|rest| rest.strip_prefix(':'));
    let rest = rest.and_then(|rest| rest.strip_prefix(owner)?.strip_prefix('/'));
    let Some(version) = rest.and_then(|rest| rest.strip_prefix(name)) else { return false };
    let (is_version, attributes) = match version.strip_prefix('/') {
        None => (version.is_empty(), 3),
        Some(version) => {
            let attribute = if is_rev(version) { "rev" } else { "ref" };
            let is_it = of.text(attribute) == Some(version) && version.split('/').all(is_plain);
            (is_it, 4)
        }
    };
    is_version && is_plain(owner) && is_plain(name) && of.iter().count() == attributes
}

impl OwnedRef {
    /// Whether both mean the same; `None` if that cannot be known.
    pub fn agrees_with(&self, other: &OwnedRef) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        let (a, b) = (self.canonical()?, other.canonical()?);
        if a == b {
            return Some(true);
        }
        // Versions of Nix store a path as relative, absolute, in the store or as a local
        // repository.
        if a.is_local() && b.is_local() {
            return None;
        }
        Some(false)
    }

    /// Whether Nix (2.30 or later) keeps what was locked for `original` when this is declared;
    /// `None` if that cannot be known. Stricter than [`Self::agrees_with`]: all attributes have to
    /// be equal (`FlakeRef::canonicalize` in `src/libflake/flakeref.cc`), except a `dir` that the
    /// URL repeats. Nix fetches again what an older version spelled differently.
    pub fn nix_would_keep(&self, original: &OwnedRef) -> Option<bool> {
        if self == original {
            return Some(true);
        }
        Some(self.exact()? == original.exact()?)
    }

    /// Whether `locked` may be what this was locked to, judging by the names in both.
    pub fn may_be_locked_as(&self, locked: &OwnedRef) -> bool {
        let (Some(a), Some(b)) = (self.canonical(), locked.canonical()) else { return true };
        // What the registry, a server or the disk decides cannot be seen in names.
        let is_open = match a.kind() {
            SourceKind::Indirect | SourceKind::Tarball | SourceKind::Path => true,
            SourceKind::Forge(_)
            | SourceKind::Git
            | SourceKind::Mercurial
            | SourceKind::File
            | SourceKind::Unknown(_)
            | SourceKind::Unnamed => false,
        };
        let same = |name| match (a.text(name), b.text(name)) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            (a, b) => a == b,
        };
        let is_pinned_elsewhere =
            a.text("rev").zip(b.text("rev")).is_some_and(|(asked, got)| asked != got);
        is_open
            || (a.kind() == b.kind()
                && ["owner", "repo", "host", "url"].into_iter().all(same)
                && !is_pinned_elsewhere)
    }

    fn is_local(&self) -> bool {
        self.kind() == SourceKind::Path
            || self.text("url").is_some_and(|url| url.starts_with("file:"))
    }

    fn uri(&self) -> Option<Uri> {
        Uri::parse(self.text("url")?)
    }

    /// Sets the URL, without a `dir` parameter that is also an attribute.
    fn set_uri(&mut self, mut uri: Uri) {
        if uri.query.get("dir").is_some_and(|dir| self.text("dir") == Some(dir)) {
            uri.query.remove("dir");
        }
        self.set("url", uri.text());
    }

    fn exact(&self) -> Option<Self> {
        let mut reference = self.clone();
        if reference.text("url").is_some() {
            let uri = reference.uri()?;
            reference.set_uri(uri);
        }
        if reference.text("dir") == Some("") {
            reference.remove("dir");
        }
        Some(reference)
    }

    fn canonical(&self) -> Option<Self> {
        let mut reference = self.clone();
        match reference.kind() {
            SourceKind::Indirect => {}
            SourceKind::Forge(_) => {
                // Some versions keep a slash as it was written in the URL (groups of GitLab).
                for name in ["owner", "repo", "ref"] {
                    if let Some(text) = reference.text(name).filter(|text| text.contains('%')) {
                        let text = text.replace("%2F", "/").replace("%2f", "/");
                        reference.set(name, text);
                    }
                }
            }
            SourceKind::Path => {
                let path = reference.text("path")?;
                let root = if path.starts_with('/') { "/" } else { "" };
                let names: Vec<_> = path.split('/').filter(|n| !matches!(*n, "" | ".")).collect();
                let path = format!("{root}{}", names.join("/"));
                reference.set("path", path);
            }
            SourceKind::Git => {
                let mut uri = reference.uri()?.bare();
                take_git_parameters(&mut uri, &mut reference);
                reference.set_uri(uri);
            }
            SourceKind::Mercurial => {
                let uri = reference.uri()?;
                reference.set_uri(uri);
            }
            SourceKind::Tarball | SourceKind::File => {
                let mut uri = reference.uri()?;
                reference.set_kind(SourceKind::Tarball);
                take_archive_parameters(&mut uri, &mut reference);
                reference.set_uri(uri);
            }
            SourceKind::Unknown(_) | SourceKind::Unnamed => return None,
        }
        reference.drop_false();
        if let Some(hash) = reference.text("narHash") {
            let hash = hash.trim_end_matches('=').to_owned();
            reference.set("narHash", hash);
        }
        if let Some(rev) = reference.text("rev") {
            let rev = rev.to_ascii_lowercase();
            reference.set("rev", rev);
        }
        if reference.text("dir") == Some("") {
            reference.remove("dir");
        }
        Some(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flake_ref::parse;

    fn reference(kind: &str, attributes: &[(&str, &str)]) -> OwnedRef {
        let mut reference = OwnedRef::new(SourceKind::named(kind));
        for (name, value) in attributes {
            match *value {
                "true" | "false" => reference.set(name, *value == "true"),
                text => reference.set(name, text),
            }
        }
        reference
    }

    #[test]
    fn spellings_of_one_reference_agree() {
        let acme: &[_] = &[("owner", "acme"), ("repo", "dep"), ("ref", "main")];
        for (url, kind, attributes) in [
            ("github:acme/dep/main", "github", acme),
            ("github:acme/dep?ref=main", "github", acme),
            ("nixpkgs", "indirect", &[("id", "nixpkgs")]),
            // Parameters that other versions of Nix leave in the URL.
            (
                "git+https://example.org/x?dir=sub&submodules=1&shallow=0",
                "git",
                &[("url", "https://example.org/x?dir=sub&submodules=1"), ("dir", "sub")],
            ),
            ("git+ssh://git@example.org/x", "git", &[("url", "ssh://git@example.org/x")]),
            (
                "https://flakehub.com/f/acme/dep/0.1.*.tar.gz",
                "tarball",
                &[("url", "https://flakehub.com/f/acme/dep/0.1.*.tar.gz")],
            ),
            ("https://example.org/x.txt", "file", &[("url", "https://example.org/x.txt")]),
            ("path:./x/", "path", &[("path", "x")]),
        ] {
            let (spelled, lock) = (parse(url, true).unwrap(), reference(kind, attributes));
            assert_eq!(spelled.agrees_with(&lock), Some(true), "{url}");
            assert_eq!(lock.agrees_with(&spelled), Some(true), "{url}");
        }
    }

    #[test]
    fn plain_spellings_are_what_they_are_parsed_into() {
        const REV: &str = "18b20080c026fc68c1ab951e21f9d8e0033b179c";
        let acme: &[_] = &[("owner", "acme"), ("repo", "dep")];
        let with = |name, value| [acme, &[(name, value)]].concat();
        let (branch, group, rev) = (with("ref", "main"), with("ref", "a/b"), with("rev", REV));
        let pinned = format!("github:acme/dep/{REV}");
        for (url, attributes, is) in [
            ("github:acme/dep", acme, true),
            ("github:acme/dep/main", &*branch, true),
            ("github:acme/dep/a/b", &*group, true),
            (&*pinned, &*rev, true),
            ("github:acme/dep", &*branch, false),
            ("github:acme/dep/main", acme, false),
            ("github:acme/dep/main", &*rev, false),
            ("github:acme/dep/", &*with("ref", ""), false),
            ("github:acme/dep//main", &*with("ref", "/main"), false),
            (&*pinned, &*with("ref", REV), false),
            ("gitlab:acme/dep", acme, false),
            ("github:acme/depend", acme, false),
            ("github:acme/dep", &*with("dir", "sub"), false),
            ("github:acme/dep?dir=sub", acme, false),
            ("github:acme/a%2Fb", &[("owner", "acme"), ("repo", "a%2Fb")], false),
        ] {
            let lock = reference("github", attributes);
            assert_eq!(is_plain_spelling(url, Attributes::of(&lock.list())), is, "{url}");
            if is {
                assert_eq!(parse(url, true), Some(lock), "{url}");
            }
        }
    }

    /// As seen in Nix 2.34.8.
    #[test]
    fn nix_keeps_what_is_the_same_attribute_by_attribute() {
        let git = |url: &'static str, more: &[(&'static str, &'static str)]| {
            reference("git", &[&[("url", url)], more].concat())
        };
        let (plain, star) = ("https://example.org/x", "https://example.org/0.1.*.tar.gz");
        for (url, original, keeps) in [
            ("git+https://example.org/x", git(plain, &[]), true),
            ("git+https://example.org/x?dir=s", git(plain, &[("dir", "s")]), true),
            (
                "git+https://example.org/x?dir=s",
                git("https://example.org/x?dir=s", &[("dir", "s")]),
                true,
            ),
            ("git+https://example.org/x?shallow=0", git(plain, &[("shallow", "false")]), true),
            ("git+https://example.org/x?shallow=0", git(plain, &[]), false),
            ("git+https://example.org/x", git(plain, &[("shallow", "false")]), false),
            (
                "git+https://example.org/x?submodules=1",
                git("https://example.org/x?submodules=1", &[]),
                false,
            ),
            (plain, reference("file", &[("url", plain)]), false),
            (star, reference("tarball", &[("url", "https://example.org/0.1.%2A.tar.gz")]), true),
            ("path:/srv/x/", reference("path", &[("path", "/srv/x")]), false),
        ] {
            assert_eq!(parse(url, true).unwrap().nix_would_keep(&original), Some(keeps), "{url}");
        }
    }

    #[test]
    fn what_was_locked_is_told_by_names() {
        let locked = reference("github", &[("owner", "acme"), ("repo", "dep"), ("rev", "ab")]);
        for (url, may) in [
            ("github:Acme/dep/main", true),
            ("github:acme/other", false),
            ("gitlab:acme/dep", false),
            ("github:acme/dep/18b20080c026fc68c1ab951e21f9d8e0033b179c", false),
            ("dep", true),
        ] {
            assert_eq!(parse(url, true).unwrap().may_be_locked_as(&locked), may, "{url}");
        }
    }

    #[test]
    fn different_references_do_not_agree_and_the_unknown_is_left_open() {
        let lock = reference("github", &[("owner", "acme"), ("repo", "dep")]);
        for url in ["github:Acme/dep", "github:acme/dep/main", "gitlab:acme/dep", "dep", "./dep"] {
            assert_eq!(parse(url, true).unwrap().agrees_with(&lock), Some(false), "{url}");
        }
        let path = |path| reference("path", &[("path", path)]);
        assert_eq!(path("./x").agrees_with(&path("/nix/store/source/x")), None);
        let local = reference("git", &[("url", "file:///home/x"), ("dir", "sub")]);
        assert_eq!(path("/home/x/sub").agrees_with(&local), None);
        let odd = reference("git", &[("url", "git@example.org:x")]);
        assert_eq!(odd.agrees_with(&lock), None);
        assert_eq!(odd.agrees_with(&odd), Some(true));
        assert_eq!(reference("svn", &[]).agrees_with(&lock), None);
    }
}
