//! Text in a picture: escaping and width.

use std::fmt::Display;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::escaped::{Escape, Escaped};
use crate::text::{Visible, is_hidden};

/// Height of a line in pixels.
pub(super) const LINE: f64 = 15.0;
/// Width of a cell in pixels: that of common monospaced fonts at 11 pixels, and a little more.
pub(super) const CELL: f64 = 6.7;

/// Text in an element. Source: XML 1.0, section 2.2: characters that a document may not contain
/// must not even be escaped.
pub(super) fn xml<T: Display>(text: T) -> Escaped<T> {
    const ESCAPE: Escape = Escape {
        is_plain: |c| {
            !matches!(c, '<' | '>' | '&' | '"' | '\'' | '\u{fffe}' | '\u{ffff}') && !is_hidden(c)
        },
        write: |out, c| match c {
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '&' => out.write_str("&amp;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c)),
            hidden => write!(out, "{}", Visible(hidden.encode_utf8(&mut [0; 4]))),
        },
    };
    Escaped { text, escape: ESCAPE }
}

/// Width of a text in pixels: wide characters take two cells.
pub(super) fn width(text: &str) -> f64 {
    // No label is that long.
    f64::from(u16::try_from(text.width()).unwrap_or(u16::MAX)) * CELL
}

/// The start of a text, in at most this many cells, with hidden characters made visible.
pub(super) fn clipped(text: impl Display, cells: usize) -> String {
    let text = Visible(&text.to_string()).to_string();
    if text.width() <= cells {
        return text;
    }
    let mut room = cells.saturating_sub(1);
    let mut start = String::new();
    for c in text.chars() {
        let Some(left) = room.checked_sub(c.width().unwrap_or(0)) else { break };
        room = left;
        start.push(c);
    }
    start + "…"
}

/// A text in lines of this many cells, broken at blanks, or after slashes if there are none; at
/// most `most` lines, of which the last is clipped.
pub(super) fn wrapped(text: impl Display, cells: usize, most: usize) -> Vec<String> {
    let text = Visible(&text.to_string()).to_string();
    let mut lines = vec![String::new()];
    let mut add = |piece: &str| {
        let is_last = lines.len() >= most;
        let Some(line) = lines.last_mut() else { return };
        if line.is_empty() || is_last || line.width() + piece.trim_end().width() <= cells {
            line.push_str(piece);
        } else {
            lines.push(piece.to_owned());
        }
    };
    for word in text.split_inclusive(' ') {
        if word.width() > cells {
            word.split_inclusive('/').for_each(&mut add);
        } else {
            add(word);
        }
    }
    lines.iter().map(|line| clipped(line.trim_end(), cells)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_that_of_xml() {
        let hostile = "<a b='c'>&\"\u{1b}\u{fffe}\n\u{202e}ü";
        assert_eq!(
            xml(hostile).to_string(),
            "&lt;a b=&apos;c&apos;&gt;&amp;&quot;\\u001b\\ufffe\\u000a\\u202eü"
        );
    }

    #[test]
    fn text_is_wrapped_at_blanks_and_slashes() {
        assert_eq!(wrapped("a guess by its name", 8, 3), ["a guess", "by its", "name"]);
        assert_eq!(wrapped("a guess by its name", 8, 2), ["a guess", "by its …"]);
        assert_eq!(
            wrapped("github:acme/long-name/97521", 12, 3),
            ["github:acme/", "long-name/", "97521"]
        );
        assert_eq!(wrapped("nixpkgs", 12, 3), ["nixpkgs"]);
        assert_eq!(wrapped("", 12, 3), [""]);
    }

    #[test]
    fn text_is_clipped_by_cells() {
        assert_eq!(clipped("nixpkgs", 7), "nixpkgs");
        assert_eq!(clipped("nixpkgs", 6), "nixpk…");
        assert_eq!(clipped("日本語", 5), "日本…");
        assert_eq!(clipped("日本語", 6), "日本語");
    }
}
