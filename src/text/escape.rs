//! Escaping of untrusted text for people's eyes.
//!
//! Sinks with a syntax of their own (DOT, Mermaid, JSON) escape where they write; all of them
//! build on [`is_hidden`], so that no character that moves the cursor, reorders the line or
//! shows nothing reaches a reader raw.

use std::fmt::{self, Display, Write};

/// Whether a character is shown as an escape instead of itself: controls (C0, DEL, C1), line and
/// paragraph separators, bidirectional controls, zero-width characters and tags.
///
/// Source: Unicode 16, general categories Cc, Zl, Zp and Cf, less the soft hyphen.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// Shows text with its hidden characters as `\u001b`, all else as it is.
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a>(pub &'a str);

impl Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            write_unicode_escape(f, c)?;
            rest = tail.get(c.len_utf8()..).unwrap_or_default();
        }
        f.write_str(rest)
    }
}

/// Writes a character as one or two `\uXXXX` (UTF-16), as JSON spells it.
fn write_unicode_escape(out: &mut impl Write, c: char) -> fmt::Result {
    c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_others_kept() {
        let hostile = "a\u{1b}[31mb\u{202e}c\u{9b}d\u{7f}e\nf\u{e0041}ü\"\\";
        assert_eq!(
            Visible(hostile).to_string(),
            "a\\u001b[31mb\\u202ec\\u009bd\\u007fe\\u000af\\udb40\\udc41ü\"\\"
        );
        assert_eq!(Visible("plain").to_string(), "plain");
    }
}
