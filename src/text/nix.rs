//! Quoting for the Nix language.
//!
//! Source: Nix manual, "String literals" and "Identifiers".

use std::fmt::{self, Display, Write};

/// Words that may not stand as a bare attribute name (Nix manual, "Keywords").
const KEYWORDS: [&str; 10] =
    ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];

/// A Nix string literal, `"…"`.
#[derive(Debug, Clone, Copy)]
pub struct NixString<'a>(pub &'a str);

impl Display for NixString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut chars = self.0.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '$' if chars.peek() == Some(&'{') => f.write_str("\\$")?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// An attribute path, `inputs.dep."hls-2.10".follows`: each name bare where Nix allows it.
#[derive(Debug, Clone, Copy)]
pub struct AttrPath<'a, 'b>(pub &'a [&'b str]);

impl Display for AttrPath<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_char('.')?;
            }
            if is_identifier(name) { f.write_str(name)? } else { NixString(name).fmt(f)? }
        }
        Ok(())
    }
}

/// Whether a name may stand bare, as an attribute or an argument.
pub fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\'' | b'-'))
        && !KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_only_where_nix_needs_it() {
        let path = ["inputs", "hls-2.10", "in", "a'b", "x\"${y}\\$", "3d", ""];
        assert_eq!(
            AttrPath(&path).to_string(),
            r#"inputs."hls-2.10"."in".a'b."x\"\${y}\\$"."3d"."""#
        );
    }
}
