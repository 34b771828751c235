//! What Nix refuses in the references of a lock.
//!
//! Nix parses `locked` and `original` of every node that it reaches before it does anything else,
//! and stops at what it does not know. What is said here was seen in 2.8.0, 2.26.3 and 2.34.8, and
//! `tests/nix/refused_lock.rs` holds it against the installed one. What only an older version
//! refuses is left out: the lock is fine for who wrote it.
//!
//! Source: Nix, `src/libfetchers/*.cc` (`allowedAttrs`, `inputFromAttrs`).

use super::is_flake_id;
use crate::lock::{AttributeValue, Attributes, SourceKind};

/// Which reference of a node it is: Nix looks closer at what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKind {
    /// `locked`.
    Locked,
    /// `original`.
    Original,
}

/// Something in a reference for which Nix refuses the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The attribute that is wrong; none where one is missing.
    pub attribute: Option<&'a str>,
    /// What is wrong. Names and values from the lock stand in it as they are.
    pub problem: String,
    /// Who refuses it.
    pub by: RefusedBy,
}

/// The versions of Nix that refuse something, of 2.8, 2.26 and 2.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// All of them.
    All,
    /// 2.8 and 2.34.
    AllBut226,
    /// 2.26 and 2.34.
    AllBut28,
    /// 2.34 alone.
    Newest,
    /// All of them, and newer ones by a failed assertion instead of a message.
    AllWithCrash,
    /// 2.26 and 2.34, by a failed assertion.
    Crash,
}

impl RefusedBy {
    /// Whether this version does: 8 for 2.8, and so on.
    pub fn includes(self, minor: u32) -> bool {
        match self {
            RefusedBy::All | RefusedBy::AllWithCrash => true,
            RefusedBy::AllBut226 => minor != 26,
            RefusedBy::Newest => minor >= 34,
            RefusedBy::AllBut28 | RefusedBy::Crash => minor >= 26,
        }
    }
}

/// What a value has to be for Nix to take the lock.
#[derive(Clone, Copy)]
enum Wanted {
    /// Whatever: Nix looks at it later, or never.
    Anything,
    Text,
    Number,
    Bool,
    /// Text that this function accepts.
    Valid(fn(&str, RefKind) -> Option<(String, RefusedBy)>),
    /// The same of an attribute that older versions look at only when they fetch.
    Lately(fn(&str, RefKind) -> Option<(String, RefusedBy)>),
}

use Wanted::{Anything, Bool, Lately, Number, Text, Valid};

/// What references of a kind, or of several, may have.
struct Scheme {
    required: &'static [&'static str],
    /// All that it may have, but for `type` and `dir`.
    attributes: &'static [(&'static str, Wanted)],
}

static FORGE: Scheme = Scheme {
    required: &["owner", "repo"],
    attributes: &[
        ("owner", Text),
        ("repo", Text),
        ("ref", Valid(forge_branch)),
        ("rev", Valid(forge_revision)),
        ("narHash", Anything),
        ("lastModified", Number),
        ("host", Lately(host)),
        ("treeHash", Anything),
    ],
};

static GIT: Scheme = Scheme {
    required: &["url"],
    attributes: &[
        ("url", Valid(git_url)),
        ("ref", Valid(git_branch)),
        ("rev", Valid(revision)),
        ("revCount", Number),
        ("lastModified", Number),
        ("narHash", Anything),
        ("shallow", Bool),
        ("submodules", Bool),
        ("allRefs", Bool),
        ("lfs", Anything),
        ("exportIgnore", Anything),
        ("name", Anything),
        ("dirtyRev", Anything),
        ("dirtyShortRev", Anything),
        ("verifyCommit", Anything),
        ("keytype", Anything),
        ("publicKey", Anything),
        ("publicKeys", Anything),
    ],
};

static MERCURIAL: Scheme = Scheme {
    required: &["url"],
    attributes: &[
        ("url", Valid(url)),
        ("ref", Valid(mercurial_branch)),
        ("rev", Valid(revision)),
        ("revCount", Number),
        ("narHash", Anything),
        ("name", Anything),
    ],
};

static ARCHIVE: Scheme = Scheme {
    required: &[],
    attributes: &[
        ("url", Anything),
        ("narHash", Valid(nar_hash)),
        ("name", Anything),
        ("unpack", Anything),
        ("rev", Anything),
        ("revCount", Number),
        ("lastModified", Number),
    ],
};

static PATH: Scheme = Scheme {
    required: &["path"],
    attributes: &[
        ("path", Text),
        ("rev", Anything),
        ("revCount", Number),
        ("lastModified", Number),
        ("narHash", Valid(nar_hash)),
    ],
};

static INDIRECT: Scheme = Scheme {
    required: &["id"],
    attributes: &[
        ("id", Valid(flake_id)),
        ("ref", Text),
        ("rev", Valid(revision)),
        ("narHash", Anything),
    ],
};

impl Scheme {
    /// What references of a kind may have; nothing where Nix does not know it.
    fn of(kind: SourceKind<'_>) -> Option<&'static Self> {
        match kind {
            SourceKind::Forge(_) => Some(&FORGE),
            SourceKind::Git => Some(&GIT),
            SourceKind::Mercurial => Some(&MERCURIAL),
            SourceKind::Tarball | SourceKind::File => Some(&ARCHIVE),
            SourceKind::Path => Some(&PATH),
            SourceKind::Indirect => Some(&INDIRECT),
            SourceKind::Unknown(_) | SourceKind::Unnamed => None,
        }
    }
}

/// Marks attributes as complete inside Nix. Some versions let it slip into locks.
const FINAL: &str = "__final";

/// All for which Nix refuses a reference, in the order of the file.
pub fn refusals<'a>(reference: Attributes<'_, 'a>, kind: RefKind) -> Vec<Refusal<'a>> {
    let whole = |problem: &str, by| Refusal { attribute: None, problem: problem.into(), by };
    let source = match reference.get("type") {
        None => return vec![whole("it has no `type`", RefusedBy::All)],
        Some(AttributeValue::Text(text)) => SourceKind::named(text),
        Some(_) => {
            let problem = "`type` must be a string".to_owned();
            return vec![Refusal { attribute: Some("type"), problem, by: RefusedBy::All }];
        }
    };
    let Some(scheme) = Scheme::of(source) else {
        // Nobody looks at what cannot be asked for again.
        if kind == RefKind::Original {
            return Vec::new();
        }
        let problem = format!("`{source}` is no type that Nix knows");
        return vec![Refusal { attribute: Some("type"), problem, by: RefusedBy::Crash }];
    };
    let mut refusals: Vec<_> = reference
        .iter()
        // Of a name that stands twice the last one counts.
        .filter(|attribute| reference.get(attribute.name) == Some(attribute.value))
        .filter_map(|attribute| {
            let (problem, by) = scheme.wrong(source, attribute.name, attribute.value, kind)?;
            Some(Refusal { attribute: Some(attribute.name), problem, by })
        })
        .collect();
    if matches!(source, SourceKind::Forge(_))
        && reference.text("rev").is_some()
        && reference.text("ref").is_some()
    {
        let problem = "it has both a branch (`ref`) and a revision (`rev`)".to_owned();
        refusals.push(Refusal { attribute: Some("ref"), problem, by: RefusedBy::Newest });
    }
    let missing = scheme.required.iter().filter(|name| reference.get(name).is_none());
    refusals.extend(missing.map(|name| whole(&format!("it has no `{name}`"), RefusedBy::All)));
    refusals
}

impl Scheme {
    fn wrong(
        &self,
        source: SourceKind<'_>,
        name: &str,
        value: AttributeValue<'_>,
        kind: RefKind,
    ) -> Option<(String, RefusedBy)> {
        // Nix 2.8 does not know the type, and takes all of it.
        let is_new = source == SourceKind::File;
        let wanted = match name {
            "type" => return None,
            FINAL if kind == RefKind::Original => return None,
            FINAL => {
                let problem = format!("`{FINAL}` must not stand in a lock");
                let by = if is_new { RefusedBy::Crash } else { RefusedBy::AllWithCrash };
                return Some((problem, by));
            }
            "dir" => Text,
            name => match self.attributes.iter().find(|(known, _)| *known == name) {
                Some((_, wanted)) => *wanted,
                None => {
                    let problem = format!("a `{source}` reference has no attribute `{name}`");
                    // A branch it asks every reference for.
                    let is_asked = name == "ref" && !matches!(value, AttributeValue::Text(_));
                    let is_taken = is_new && !is_asked;
                    let by = if is_taken { RefusedBy::AllBut28 } else { RefusedBy::All };
                    return Some((problem, by));
                }
            },
        };
        let must_be = |what| Some((format!("`{name}` must be {what}"), RefusedBy::All));
        match (wanted, value) {
            (Anything, _)
            | (Number, AttributeValue::Number(_))
            | (Bool, AttributeValue::Bool(_)) => None,
            (Valid(look) | Lately(look), AttributeValue::Text(text)) => look(text, kind),
            (Text, AttributeValue::Text(_)) => None,
            (Number, _) => must_be("a number"),
            (Bool, _) => must_be("a Boolean"),
            // Only Nix 2.8 looks at these of what is not locked.
            (Valid(_), _) if name == "narHash" && kind == RefKind::Original => None,
            (Valid(_), _) if name == "rev" => {
                refused_revision(kind, source).map(|by| (format!("`{name}` must be a string"), by))
            }
            (Lately(_), _) => Some((format!("`{name}` must be a string"), RefusedBy::Newest)),
            (Text | Valid(_), _) => must_be("a string"),
        }
    }
}

/// Who refuses a bad revision; nobody, where only Nix 2.8 does.
fn refused_revision(kind: RefKind, source: SourceKind<'_>) -> Option<RefusedBy> {
    match (kind, source) {
        (RefKind::Locked, SourceKind::Indirect) => Some(RefusedBy::AllBut226),
        (RefKind::Locked, _) => Some(RefusedBy::All),
        (RefKind::Original, SourceKind::Forge(_)) => Some(RefusedBy::AllBut226),
        (RefKind::Original, _) => None,
    }
}

type Verdict = Option<(String, RefusedBy)>;

fn forge_revision(text: &str, kind: RefKind) -> Verdict {
    let by = match (kind, hash_algorithm(text)) {
        (_, Some("sha1")) => return None,
        // A revision of another kind than Git's, spelled out: older versions let it pass.
        (_, Some(_)) => RefusedBy::Newest,
        (RefKind::Locked, None) => RefusedBy::All,
        (RefKind::Original, None) => RefusedBy::AllBut226,
    };
    Some((no_revision(text), by))
}

fn revision(text: &str, kind: RefKind) -> Verdict {
    match (kind, hash_algorithm(text)) {
        (RefKind::Locked, None) => Some((no_revision(text), RefusedBy::All)),
        _ => None,
    }
}

fn no_revision(text: &str) -> String {
    format!("`{text}` is no revision, which has 40 hexadecimal digits")
}

/// The algorithm of the hash that Nix takes a revision for: SHA-1 unless it says so itself. Nothing
/// where it is no hash of that.
fn hash_algorithm(text: &str) -> Option<&str> {
    let (algorithm, is_sri, hash) = match (text.split_once(':'), text.split_once('-')) {
        (Some((algorithm, hash)), _) => (algorithm, false, hash),
        (None, Some((algorithm, hash))) => (algorithm, true, hash),
        (None, None) => ("sha1", false, text),
    };
    // How long it is in base 16, in Nix's own base 32, and in base 64.
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

fn forge_branch(text: &str, _: RefKind) -> Verdict {
    let is_branch = is_branch(text) && !text.starts_with('-');
    (!is_branch).then(|| (no_branch(text), RefusedBy::Newest))
}

fn git_branch(text: &str, _: RefKind) -> Verdict {
    match is_branch(text) {
        true if text.starts_with('-') => Some((no_branch(text), RefusedBy::Newest)),
        true => None,
        false => Some((no_branch(text), RefusedBy::All)),
    }
}

fn mercurial_branch(text: &str, _: RefKind) -> Verdict {
    let is_branch = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./@+-".contains(&b));
    (!is_branch).then(|| (no_branch(text), RefusedBy::All))
}

fn no_branch(text: &str) -> String {
    format!("`{text}` is no name of a branch or tag")
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

fn host(text: &str, _: RefKind) -> Verdict {
    let is_host = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    (!is_host).then(|| (format!("`{text}` is no name of a host"), RefusedBy::Newest))
}

fn flake_id(text: &str, _: RefKind) -> Verdict {
    (!is_flake_id(text)).then(|| (format!("`{text}` is no name of a flake"), RefusedBy::All))
}

/// Git takes paths and `user@host:path` too, which are not looked at.
fn git_url(text: &str, kind: RefKind) -> Verdict {
    if text.contains("://") { url(text, kind) } else { None }
}

fn url(text: &str, _: RefKind) -> Verdict {
    let by = match text.split_once("://") {
        None => RefusedBy::All,
        Some(("file", path)) if !path.starts_with('/') => RefusedBy::All,
        Some((_, rest)) => refused_characters(rest)?,
    };
    Some((format!("`{text}` is no URL"), by))
}

/// Who refuses what stands after `://`. Older versions are laxer in places.
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

/// What checks the contents where there is no revision.
fn nar_hash(text: &str, kind: RefKind) -> Verdict {
    let digits = text.strip_prefix("sha256-").map(|digits| digits.trim_end_matches('='));
    let is_hash = digits.is_some_and(|digits| {
        digits.len() == 43
            && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
    });
    // An empty one is as good as none: a matter of what is locked.
    (kind == RefKind::Locked && !is_hash && !text.is_empty()).then(|| {
        let problem = format!("`{text}` is no hash of contents (`sha256-` and 44 characters)");
        (problem, RefusedBy::All)
    })
}

#[cfg(test)]
mod tests;
