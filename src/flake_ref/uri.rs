//! URLs as Nix takes them apart and writes them.
//!
//! Source: Nix, `src/libutil/url.cc`: `parseURL` (lenient: blanks and quotes may stand raw in a
//! query), `decodeQuery`, `ParsedURL::to_string`.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A URL, percent-decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uri {
    pub(super) scheme: String,
    /// User, host and port, as written.
    pub(super) authority: Option<String>,
    /// Segments between slashes; a path that begins with a slash has an empty first segment.
    pub(super) path: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) fragment: String,
}

impl Uri {
    /// `None` if Nix would refuse it, or if it is not certain how Nix reads it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !is_scheme {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority).filter(|authority| is_authority(authority))?.into(), path)
            }
            None => (None, rest),
        };
        if !path.bytes().all(|b| is_path_byte(b) || b == b'/' || b == b'%') {
            return None;
        }
        let is_file = scheme.rsplit('+').next() == Some("file");
        if is_file && authority.is_some_and(|authority: &str| !authority.is_empty()) {
            return None;
        }
        let path = if is_file && path.is_empty() { "/" } else { path };
        Some(Self {
            scheme: scheme.to_owned(),
            authority: authority.map(str::to_owned),
            path: path.split('/').map(decode).collect::<Option<_>>()?,
            query: parse_query(query)?,
            fragment: decode(fragment)?,
        })
    }

    /// The part of the scheme before a `+`, which names the fetcher.
    pub(super) fn application(&self) -> Option<&str> {
        self.scheme.split_once('+').map(|(application, _)| application)
    }

    /// The scheme without the fetcher's name.
    pub(super) fn transport(&self) -> &str {
        self.scheme.split_once('+').map_or(&*self.scheme, |(_, transport)| transport)
    }

    /// The URL without the fetcher's name.
    pub(super) fn bare(mut self) -> Self {
        self.scheme = self.transport().to_owned();
        self
    }

    /// Segments of the path that are not empty.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).filter(|segment| !segment.is_empty()).collect()
    }

    /// As Nix writes it: everything encoded that may be, parameters sorted by name.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}:", self.scheme);
        if let Some(authority) = &self.authority {
            text.push_str("//");
            text.push_str(authority);
        }
        for (at, segment) in self.path.iter().enumerate() {
            if at > 0 {
                text.push('/');
            }
            encode(&mut text, segment, ":@");
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            encode(&mut text, name, ":@/?");
            text.push('=');
            encode(&mut text, value, ":@/?");
        }
        text
    }
}

/// Parameters by name; the first of a name counts, one without a value does not.
pub(super) fn parse_query(text: &str) -> Option<BTreeMap<String, String>> {
    let is_query = |b| is_path_byte(b) || matches!(b, b'/' | b'?' | b'%' | b' ' | b'"');
    if !text.bytes().all(is_query) {
        return None;
    }
    let mut query = BTreeMap::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        query.entry(decode(name)?).or_insert(decode(value)?);
    }
    Some(query)
}

/// Whether this is a host, with an optional user before it and port number behind it.
fn is_authority(text: &str) -> bool {
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let port = match host.rsplit_once(']') {
        Some((_, port)) => port.strip_prefix(':').or(port.is_empty().then_some("")),
        None => host.split_once(':').map(|(_, port)| port).or(Some("")),
    };
    port.is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
        && text.bytes().all(|b| is_path_byte(b) || matches!(b, b'%' | b'[' | b']'))
}

/// Bytes that may stand raw in a segment of a path (RFC 3986, `pchar`).
fn is_path_byte(b: u8) -> bool {
    is_unreserved(b) || b"!$&'()*+,;=:@".contains(&b)
}

fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~".contains(&b)
}

pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, tail @ ..] = tail else { return None };
        let digit = |b: &u8| char::from(*b).to_digit(16);
        bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

fn encode(out: &mut String, text: &str, keep: &str) {
    for b in text.bytes() {
        if is_unreserved(b) || keep.as_bytes().contains(&b) {
            out.push(char::from(b));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{b:02X}");
        }
    }
}
