//! Which values of attributes Nix refuses.

use super::super::is_flake_id;
use super::refusal::{RefKind, RefusedBy};

/// What is wrong with a value, and who refuses it.
pub(super) type ValueVerdict = Option<(String, RefusedBy)>;

pub(super) fn forge_revision(text: &str, kind: RefKind) -> ValueVerdict {
    let by = match (kind, hash_algorithm(text)) {
        (_, Some("sha1")) => return None,
        // A hash that names another algorithm than SHA-1: older versions accept it.
        (_, Some(_)) => RefusedBy::Newest,
        (RefKind::Locked, None) => RefusedBy::All,
        (RefKind::Original, None) => RefusedBy::AllBut226,
    };
    Some((no_revision(text), by))
}

pub(super) fn revision(text: &str, kind: RefKind) -> ValueVerdict {
    match (kind, hash_algorithm(text)) {
        (RefKind::Locked, None) => Some((no_revision(text), RefusedBy::All)),
        _ => None,
    }
}

fn no_revision(text: &str) -> String {
    format!("`{text}` is not a revision (40 hexadecimal digits)")
}

/// Whether it is a revision as nearly all are.
pub(super) fn is_full_revision(text: &str) -> bool {
    text.len() == 40 && text.bytes().fold(true, |is_hex, b| is_hex & b.is_ascii_hexdigit())
}

/// The algorithm of the hash that Nix takes a revision for: SHA-1 unless the text names another.
/// `None` if it is no hash of that algorithm.
fn hash_algorithm(text: &str) -> Option<&str> {
    if is_full_revision(text) {
        return Some("sha1");
    }
    let (algorithm, is_sri, hash) = match (text.split_once(':'), text.split_once('-')) {
        (Some((algorithm, hash)), _) => (algorithm, false, hash),
        (None, Some((algorithm, hash))) => (algorithm, true, hash),
        (None, None) => ("sha1", false, text),
    };
    // Its length in base 16, in Nix's own base 32, and in base 64.
    let [hex, base32, base64] = match algorithm {
        "sha1" => [40, 32, 28],
        "sha256" => [64, 52, 44],
        "sha512" => [128, 103, 88],
        _ => return None,
    };
    let of = |length, is_digit: fn(u8) -> bool| hash.len() == length && hash.bytes().all(is_digit);
    let is_base64 = of(base64, |b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    let is_other = of(hex, |b| b.is_ascii_hexdigit())
        || of(base32, |b| b"0123456789abcdfghijklmnpqrsvwxyz".contains(&b));
    (is_base64 || is_other && !is_sri).then_some(algorithm)
}

pub(super) fn forge_branch(text: &str, _: RefKind) -> ValueVerdict {
    let is_branch = is_branch(text) && !text.starts_with('-');
    (!is_branch).then(|| (no_branch(text), RefusedBy::Newest))
}

pub(super) fn git_branch(text: &str, _: RefKind) -> ValueVerdict {
    match is_branch(text) {
        true if text.starts_with('-') => Some((no_branch(text), RefusedBy::Newest)),
        true => None,
        false => Some((no_branch(text), RefusedBy::All)),
    }
}

pub(super) fn mercurial_branch(text: &str, _: RefKind) -> ValueVerdict {
    let is_branch = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./@+-".contains(&b));
    (!is_branch).then(|| (no_branch(text), RefusedBy::All))
}

fn no_branch(text: &str) -> String {
    format!("`{text}` is not the name of a branch or tag")
}

/// Git's rules for names (`git check-ref-format`), as Nix has them.
fn is_branch(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    text != "@"
        && !text.ends_with('.')
        && !text.contains("..")
        && !text.contains("@{")
        && !text.bytes().any(|b| b <= b' ' || b == 0x7f || b"~^:?*[\\".contains(&b))
        && text.split('/').all(is_part)
}

pub(super) fn host(text: &str, _: RefKind) -> ValueVerdict {
    let is_host = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    (!is_host).then(|| (format!("`{text}` is not a host name"), RefusedBy::Newest))
}

pub(super) fn flake_id(text: &str, _: RefKind) -> ValueVerdict {
    (!is_flake_id(text)).then(|| (format!("`{text}` is not the name of a flake"), RefusedBy::All))
}

/// Git also accepts paths and `user@host:path`, which are not checked.
pub(super) fn git_url(text: &str, kind: RefKind) -> ValueVerdict {
    if text.contains("://") { url(text, kind) } else { None }
}

pub(super) fn url(text: &str, _: RefKind) -> ValueVerdict {
    let by = match text.split_once("://") {
        None => RefusedBy::All,
        Some(("file", path)) if !path.starts_with('/') => RefusedBy::All,
        Some((_, rest)) => refused_characters(rest)?,
    };
    Some((format!("`{text}` is not a URL"), by))
}

/// Who refuses what follows `://`. Older versions are laxer in places.
fn refused_characters(rest: &str) -> Option<RefusedBy> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_strange = |b: u8| !b.is_ascii() || b < b' ' || b == 0x7f || b"{}<>\\^`|".contains(&b);
    if rest.bytes().any(is_strange) || path.contains(' ') {
        return Some(RefusedBy::All);
    }
    let authority = path.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = host.rsplit_once(']').map_or(host, |(_, after)| after).split_once(':');
    // `ssh://git@host:owner/repository` mixes two spellings.
    let has_port = port.is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let is_new = rest.contains('"') || query.contains(' ') || !has_port;
    is_new.then_some(RefusedBy::Newest)
}

/// The hash that verifies the contents if there is no revision.
pub(super) fn nar_hash(text: &str, kind: RefKind) -> ValueVerdict {
    let digits = text.strip_prefix("sha256-").map(|digits| digits.trim_end_matches('='));
    let is_hash = digits.is_some_and(|digits| {
        digits.len() == 43
            && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
    });
    // An empty hash counts as none, which matters only in `locked`.
    (kind == RefKind::Locked && !is_hash && !text.is_empty()).then(|| {
        let problem = format!("`{text}` is not a content hash (`sha256-` and 44 characters)");
        (problem, RefusedBy::All)
    })
}
