//! The contents of a derivation: its attributes, the store paths in them, and its name.

use std::borrow::Cow;

use super::aterm::{Bytes, Derivation};
use super::store_name::{Digest, digest, is_of_a_name};

/// An attribute of a derivation: a variable of its environment, an entry of its structured
/// attributes, its builder or its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrvAttribute<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its text.
    pub value: Bytes<'a>,
}

/// A piece of an attribute's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Not a store path.
    Text(&'a [u8]),
    /// A store path with its name, which may contain a version and so does not distinguish two
    /// paths.
    Path(Digest),
}

/// All attributes of a derivation, sorted by name. Structured attributes (`__json`) are split up.
pub fn attributes<'a>(derivation: &'a Derivation<'_>) -> Vec<DrvAttribute<'a>> {
    let mut found = vec![DrvAttribute {
        name: "builder".into(),
        value: Cow::Borrowed(derivation.builder.as_ref()),
    }];
    let mut arguments = Vec::new();
    for argument in &derivation.arguments {
        arguments.extend_from_slice(argument);
        arguments.push(b' ');
    }
    found.push(DrvAttribute { name: "args".into(), value: Cow::Owned(arguments) });
    let structured = derivation.environment("__json").and_then(|json| {
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(json).ok()
    });
    for (name, value) in &derivation.environment {
        // The builder is also a variable.
        let is_known = name.as_ref() == b"builder" || name.as_ref() == b"__json";
        if is_known && (name.as_ref() == b"builder" || structured.is_some()) {
            continue;
        }
        let name = String::from_utf8_lossy(name);
        found.push(DrvAttribute { name, value: Cow::Borrowed(value.as_ref()) });
    }
    for (name, value) in structured.unwrap_or_default() {
        let text = match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        found.push(DrvAttribute { name: name.into(), value: Cow::Owned(text.into_bytes()) });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Whether it only writes a text file (`writeText`, nixpkgs'
/// `pkgs/build-support/trivial-builders`).
pub(super) fn is_text(attributes: &[DrvAttribute<'_>]) -> bool {
    let is = |name: &str, value: &[u8]| {
        attributes.iter().any(|it| it.name == name && it.value.as_ref() == value)
    };
    let has_text = attributes.iter().any(|attribute| attribute.name == "text");
    has_text && is("preferLocalBuild", b"1") && is("allowSubstitutes", b"")
}

/// A text in pieces: the store paths in it, and what is between them. `prefix` is the start of
/// every store path.
pub fn pieces<'a>(text: &'a [u8], prefix: &str) -> Vec<Piece<'a>> {
    let finder = memchr::memmem::Finder::new(prefix.as_bytes());
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(next) = text.get(at..).and_then(|rest| finder.find(rest)) {
        let start = at + next;
        let name = start + prefix.len();
        let Some(digest) = text.get(name..).and_then(digest) else {
            at = name;
            continue;
        };
        if let Some(before) = text.get(from..start).filter(|before| !before.is_empty()) {
            found.push(Piece::Text(before));
        }
        found.push(Piece::Path(digest));
        let rest = text.get(name..).unwrap_or_default();
        at = name + rest.iter().position(|byte| !is_of_a_name(*byte)).unwrap_or(rest.len());
        from = at;
    }
    if let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        found.push(Piece::Text(rest));
    }
    found
}

/// The name of a derivation without its version, split like `builtins.parseDrvName` does: the
/// version begins after the first dash that is not followed by a letter.
pub fn package_name(name: &str) -> &str {
    let mut dashes = name.match_indices('-').map(|(at, _)| at);
    let version = dashes
        .find(|at| name.as_bytes().get(at + 1).is_some_and(|next| !next.is_ascii_alphabetic()));
    version.and_then(|at| name.get(..at)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_version() {
        for (name, expected) in [
            ("numpy-2.3.4", "numpy"),
            ("python3.13-numpy-2.3.4", "python3.13-numpy"),
            ("bash-5.3p3", "bash"),
            ("site.cfg", "site.cfg"),
            ("stdenv-linux", "stdenv-linux"),
            ("x-", "x-"),
            ("openblas-_1", "openblas"),
        ] {
            assert_eq!(package_name(name), expected, "{name}");
        }
    }

    #[test]
    fn store_paths_are_told_from_text() {
        let path = "/nix/store/0nik6bbcnjng6isy8jfq35n2sg0bvivg";
        let text = format!("-I{path}-perl-5/include /nix/store/short-x /nix/store/{path}-y");
        let digest = *b"0nik6bbcnjng6isy8jfq35n2sg0bvivg";
        assert_eq!(
            pieces(text.as_bytes(), "/nix/store/"),
            [
                Piece::Text(b"-I"),
                Piece::Path(digest),
                Piece::Text(b"/include /nix/store/short-x /nix/store/"),
                Piece::Path(digest),
            ]
        );
        assert_eq!(pieces(b"", "/nix/store/"), []);
        assert_eq!(pieces(b"/nix/store/", "/nix/store/"), [Piece::Text(b"/nix/store/")]);
    }

    #[test]
    fn structured_attributes_are_taken_one_by_one() {
        let text = r#"Derive([],[],[],"s","/b",["-e"],[("__json","{\"b\":[\"1\"],\"a\":\"x\"}"),("out","/o")])"#;
        let derivation = Derivation::parse(text.as_bytes()).unwrap();
        let all = attributes(&derivation);
        let all: Vec<_> =
            all.iter().map(|it| (&*it.name, String::from_utf8_lossy(&it.value))).collect();
        assert_eq!(
            all,
            [
                ("a", "x".into()),
                ("args", "-e ".into()),
                ("b", "[\"1\"]".into()),
                ("builder", "/b".into()),
                ("out", "/o".into()),
            ]
        );
    }
}
