//! Escaping of untrusted text for people's eyes.
//!
//! Sinks with a syntax of their own (DOT, Mermaid, JSON) escape where they write; all of them
//! build on [`is_hidden`], so that no character that moves the cursor, reorders the line or
//! shows nothing reaches a reader raw.

use std::fmt::{self, Display, Write};

use unicode_general_category::{GeneralCategory, get_general_category};

/// Whether a character is shown as an escape: one that drives a terminal, reorders the line, or
/// looks like nothing or a blank (except the space); and one without an agreed look (private use,
/// not assigned), which a font may draw as anything.
///
/// Source: general categories of Unicode 16, as the crate `unicode-general-category` has them.
pub fn is_hidden(c: char) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate,
        Unassigned,
    };

    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let category = get_general_category(c);
    let has_no_look = matches!(category, Control | Format | PrivateUse | Surrogate | Unassigned);
    let is_blank = matches!(category, SpaceSeparator | LineSeparator | ParagraphSeparator);
    has_no_look || is_blank || is_blank_letter(c)
}

/// Letters, marks and symbols that are invisible by themselves: the joiner of graphemes, fillers of
/// Hangul, Khmer, Mongolian and Khitan, selectors of variants, the blank Braille pattern, the null
/// note head and blank hieroglyphs.
///
/// Source: Unicode 16, `Default_Ignorable_Code_Point` in `DerivedCoreProperties.txt`, where the
/// general category does not show it, and names with BLANK, FILLER or NULL in `UnicodeData.txt`.
fn is_blank_letter(c: char) -> bool {
    matches!(c,
        '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{2800}' | '\u{3164}'
        | '\u{180B}'..='\u{180F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FFA0}' | '\u{13441}' | '\u{13442}' | '\u{16FE4}' | '\u{1D159}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// Shows text with its hidden characters as `\u001b`, everything else as it is.
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a>(pub &'a str);

/// Whether a text is ASCII without controls: nearly every text is, and then nothing in it is
/// hidden.
pub(super) fn is_plain(text: &str) -> bool {
    // Without an early exit the compiler can test many bytes at a time.
    text.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'))
}

impl Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if is_plain(rest) {
            return f.write_str(rest);
        }
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

    #[test]
    fn what_looks_like_nothing_or_has_no_look_is_hidden() {
        let named = "\u{ad}\u{115f}\u{1160}\u{3164}\u{2800}\u{ffa0}\u{34f}\u{fe0f}\u{e0100}";
        let by_category = "\u{a0}\u{3000}\u{600}\u{6dd}\u{8e2}\u{110bd}\u{1bca0}\u{1d173}";
        let without_look = "\u{e000}\u{f8ff}\u{f0000}\u{10ffff}\u{fdd0}\u{378}\u{2065}\u{fff0}";
        for c in [named, by_category, without_look].concat().chars() {
            assert!(is_hidden(c), "{c:?}");
        }
        for c in " ~aéßжאعกあ中한\u{301}€→│❤🦀".chars() {
            assert!(!is_hidden(c), "{c:?}");
        }
    }
}
