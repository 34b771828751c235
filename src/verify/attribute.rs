//! Attribute paths of packages: `python3Packages.torch`.

use std::fmt::{self, Display};
use std::str::FromStr;

use thiserror::Error;

use crate::text::AttrPath;

/// The path of a package in nixpkgs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePath {
    names: Vec<String>,
}

/// Why a text is no attribute path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AttributeError {
    /// There is nothing between two dots, or nothing at all.
    #[error("a name is missing; an attribute is written like python3Packages.torch")]
    Empty,
    /// A quote is not closed, or is inside a name.
    #[error("a quote is out of place; names are quoted whole, like sets.\"a.b\".name")]
    Quote,
}

impl PackagePath {
    /// Its names, from the outside in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

/// Reads the syntax of Nix's command line: names between dots, a name that contains a dot in quotes
/// (Nix source, `parseAttrPath` in `src/libexpr/attr-path.cc`).
impl FromStr for PackagePath {
    type Err = AttributeError;

    fn from_str(text: &str) -> Result<Self, AttributeError> {
        let mut names = Vec::new();
        let mut rest = text;
        loop {
            let name;
            (name, rest) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or(AttributeError::Quote)?,
                None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
            };
            if name.is_empty() {
                return Err(AttributeError::Empty);
            }
            if name.contains('"') {
                return Err(AttributeError::Quote);
            }
            names.push(name.to_owned());
            match rest.strip_prefix('.') {
                Some(after) => rest = after,
                None if rest.is_empty() => return Ok(Self { names }),
                None => return Err(AttributeError::Quote),
            }
        }
    }
}

impl Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        AttrPath(&self.names().collect::<Vec<_>>()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_dots_outside_of_quotes() {
        let names = |text: &str| text.parse::<PackagePath>().map(|attribute| attribute.names);
        let owned = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(names("torch"), owned(&["torch"]));
        assert_eq!(names("python3Packages.torch"), owned(&["python3Packages", "torch"]));
        assert_eq!(names("a.\"b.c\".${d}"), owned(&["a", "b.c", "${d}"]));
        for text in ["", ".", "a.", ".a", "a..b", "\"\""] {
            assert_eq!(names(text), Err(AttributeError::Empty), "{text}");
        }
        for text in ["\"a", "a\"b\"", "\"a\"b", "a.b\""] {
            assert_eq!(names(text), Err(AttributeError::Quote), "{text}");
        }
    }

    #[test]
    fn what_is_no_identifier_is_quoted() {
        let attribute: PackagePath = "a.\"b.c\".${d}.if".parse().unwrap();
        assert_eq!(attribute.to_string(), r#"a."b.c"."\${d}"."if""#);
    }
}
