//! From the text of a `url` to attributes.
//!
//! Source: Nix, `src/libflake/flakeref.cc`, `parseFlakeRefWithFragment`, and the `inputFromURL`
//! functions of `src/libfetchers/{github,git,mercurial,tarball,path,indirect}.cc`.

use super::spelled::OwnedRef;
use super::uri::{Uri, parse_query};
use crate::lock::{Forge, SourceKind};

/// The attributes that a `url` stands for; `is_flake` is false beside `flake = false`.
///
/// `None` if Nix refuses it, or if versions of Nix may read it differently.
pub fn parse(url: &str, is_flake: bool) -> Option<OwnedRef> {
    if let Some(reference) = flake_id(url) {
        return reference;
    }
    if url.starts_with(['.', '/']) {
        return plain_path(url);
    }
    let mut uri = Uri::parse(url).filter(|uri| uri.fragment.is_empty())?;
    let dir = uri.query.remove("dir").filter(|dir| !dir.is_empty());
    // URL schemes differ from the names of source kinds in places.
    let mut reference = match (uri.application(), uri.transport()) {
        (None, "flake") => indirect(&uri.segments()),
        (None, "path") => path(&uri),
        (None, "git") | (Some("git"), _) => git(uri),
        (Some("hg"), "http" | "https" | "ssh" | "file") => mercurial(uri),
        (None | Some("tarball" | "file"), "http" | "https" | "file") => archive(uri, is_flake),
        (None, scheme) => on_forge(Forge::named(scheme)?, &uri),
        _ => None,
    }?;
    if let Some(dir) = dir {
        reference.set("dir", dir);
    }
    Some(reference)
}

/// `nixpkgs`, `nixpkgs/BRANCH`, `nixpkgs/REV`, `nixpkgs/BRANCH/REV`. `None` if it is not of this
/// form, `Some(None)` if Nix takes it for this form and then refuses it.
fn flake_id(text: &str) -> Option<Option<OwnedRef>> {
    let (id, rest) = text.split_once('/').map_or((text, None), |(id, rest)| (id, Some(rest)));
    (is_flake_id(id) && rest.is_none_or(is_ref))
        .then(|| indirect(&text.split('/').collect::<Vec<_>>()))
}

fn indirect(segments: &[&str]) -> Option<OwnedRef> {
    let (id, branch, rev) = match segments {
        [id] => (id, None, None),
        [id, rev] if is_rev(rev) => (id, None, Some(rev)),
        [id, branch] => (id, Some(branch), None),
        [id, branch, rev] if is_rev(rev) => (id, Some(branch), Some(rev)),
        _ => return None,
    };
    if !is_flake_id(id) || !branch.is_none_or(|branch| is_ref(branch)) {
        return None;
    }
    let mut reference = OwnedRef::registry(id);
    for (name, value) in [("ref", branch), ("rev", rev)] {
        if let Some(value) = value {
            reference.set(name, *value);
        }
    }
    Some(reference)
}

fn on_forge(forge: Forge, uri: &Uri) -> Option<OwnedRef> {
    let mut reference = OwnedRef::new(SourceKind::Forge(forge));
    match uri.segments().as_slice() {
        [owner, repository, version @ ..] => {
            reference.set("owner", *owner);
            reference.set("repo", *repository);
            match version {
                [] => {}
                [rev] if is_rev(rev) => reference.set("rev", *rev),
                branch => reference.set("ref", branch.join("/")),
            }
        }
        _ => return None,
    }
    for (name, value) in &uri.query {
        match name.as_str() {
            "ref" | "rev" if reference.text(name).is_some() => return None,
            "ref" | "rev" | "host" | "narHash" => reference.set(name, value.as_str()),
            _ => return None,
        }
    }
    Some(reference)
}

/// `./x`, `/x`, `../x?dir=y`: everything before the query is the path, without escapes.
fn plain_path(text: &str) -> Option<OwnedRef> {
    if text.contains('#') {
        return None;
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let mut query = parse_query(query)?;
    let dir = query.remove("dir").filter(|dir| !dir.is_empty());
    let mut reference = pinned_path(path.split('/'), query.iter())?;
    if let Some(dir) = dir {
        reference.set("dir", dir);
    }
    Some(reference)
}

fn path(uri: &Uri) -> Option<OwnedRef> {
    if uri.authority.as_ref().is_some_and(|authority| !authority.is_empty()) {
        return None;
    }
    pinned_path(uri.path.iter().map(String::as_str), uri.query.iter())
}

fn pinned_path<'u>(
    segments: impl Iterator<Item = &'u str>,
    query: impl Iterator<Item = (&'u String, &'u String)>,
) -> Option<OwnedRef> {
    let mut path = String::new();
    for (at, segment) in segments.enumerate() {
        if segment.contains(['/', '\0']) {
            return None;
        }
        if at > 0 && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(segment);
    }
    if path.is_empty() {
        return None;
    }
    let mut reference = OwnedRef::new(SourceKind::Path);
    reference.set("path", path);
    for (name, value) in query {
        match name.as_str() {
            "rev" | "narHash" => reference.set(name, value.as_str()),
            "revCount" | "lastModified" => reference.set(name, value.parse::<u64>().ok()?),
            _ => return None,
        }
    }
    Some(reference)
}

/// Parameters of a git URL that are for the fetcher, not for the server.
pub(super) const GIT_TEXTS: [&str; 5] = ["ref", "rev", "keytype", "publicKey", "publicKeys"];
/// The same, on or off.
pub(super) const GIT_FLAGS: [&str; 6] =
    ["shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit"];

fn git(uri: Uri) -> Option<OwnedRef> {
    let mut uri = uri.bare();
    // What a relative repository is relative to has changed between versions of Nix.
    let is_local = uri.transport() == "file";
    let is_rooted = uri.path.first().is_some_and(String::is_empty);
    if !is_rooted || (!is_local && uri.authority.is_none()) {
        return None;
    }
    let mut reference = OwnedRef::new(SourceKind::Git);
    take_git_parameters(&mut uri, &mut reference);
    reference.set("url", uri.text());
    Some(reference)
}

pub(super) fn take_git_parameters(uri: &mut Uri, reference: &mut OwnedRef) {
    for name in GIT_TEXTS {
        if let Some(value) = uri.query.remove(name) {
            reference.set_first(name, value);
        }
    }
    for name in GIT_FLAGS {
        if let Some(value) = uri.query.remove(name) {
            reference.set_first(name, value == "1");
        }
    }
}

fn mercurial(uri: Uri) -> Option<OwnedRef> {
    let mut uri = uri.bare();
    let mut reference = OwnedRef::new(SourceKind::Mercurial);
    for name in ["ref", "rev"] {
        if let Some(value) = uri.query.remove(name) {
            reference.set(name, value);
        }
    }
    reference.set("url", uri.text());
    Some(reference)
}

fn archive(uri: Uri, is_flake: bool) -> Option<OwnedRef> {
    let is_tarball = match uri.application() {
        Some(application) => application == "tarball",
        None => is_flake || uri.path.last().is_some_and(|name| has_archive_extension(name)),
    };
    let kind = if is_tarball { SourceKind::Tarball } else { SourceKind::File };
    let mut uri = uri.bare();
    let mut reference = OwnedRef::new(kind);
    take_archive_parameters(&mut uri, &mut reference);
    reference.set("url", uri.text());
    Some(reference)
}

pub(super) fn take_archive_parameters(uri: &mut Uri, reference: &mut OwnedRef) {
    for name in ["narHash", "rev"] {
        if let Some(value) = uri.query.remove(name) {
            reference.set_first(name, value);
        }
    }
    for name in ["revCount", "lastModified"] {
        if let Some(number) = uri.query.remove(name).and_then(|value| value.parse::<u64>().ok()) {
            reference.set_first(name, number);
        }
    }
    for name in ["url", "name", "unpack"] {
        uri.query.remove(name);
    }
}

/// Extensions of files that Nix unpacks (`tarball.cc`, `hasTarballExtension`).
const ARCHIVE_EXTENSIONS: [&str; 7] =
    [".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"];

/// Whether Nix unpacks a file of this name.
pub(super) fn has_archive_extension(name: &str) -> bool {
    ARCHIVE_EXTENSIONS.iter().any(|extension| name.ends_with(extension))
}

/// The name of an archive without its extension.
pub(super) fn without_archive_extension(name: &str) -> &str {
    ARCHIVE_EXTENSIONS.iter().find_map(|extension| name.strip_suffix(extension)).unwrap_or(name)
}

/// Whether the registry can hold a flake of this name, and a follows name an input so
/// (`flakeIdRegex` in `src/libutil/url-parts.hh`: `[a-zA-Z][a-zA-Z0-9_-]*`).
pub fn is_flake_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

fn is_ref(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./@+-".contains(&b))
}

pub(super) fn is_rev(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
