//! Writing untrusted text without building it: special characters go through the format's own
//! escape function, and no more of a text is written than a drawing can use.

use std::fmt::{self, Display, Write};
use std::io;

use crate::text::{Visible, is_hidden};

/// How a format escapes text.
#[derive(Clone, Copy)]
pub(super) struct Escape {
    /// Whether a character is written as it is.
    pub(super) is_plain: fn(char) -> bool,
    /// Writes any other.
    pub(super) write: fn(&mut dyn Write, char) -> fmt::Result,
}

/// For formats without a syntax of their own: hidden characters as `\u001b`, everything else as it
/// is.
pub(super) const VISIBLE: Escape = Escape {
    is_plain: |c| !is_hidden(c),
    write: |out, c| write!(out, "{}", Visible(c.encode_utf8(&mut [0; 4]))),
};

/// A text, escaped for a format.
#[derive(Clone, Copy)]
pub(super) struct Escaped<T> {
    pub(super) text: T,
    pub(super) escape: Escape,
}

/// A text for people's eyes.
pub(super) fn visible<T: Display>(text: T) -> Escaped<T> {
    Escaped { text, escape: VISIBLE }
}

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping { out: f, escape: self.escape }, "{}", self.text)
    }
}

/// Writes the lines of a label, each quoted, with the format's own line break between them.
pub(super) fn write_lines<T: Display>(
    lines: impl IntoIterator<Item = T>,
    quoted: fn(T) -> Escaped<T>,
    line_break: &str,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for (at, line) in lines.into_iter().enumerate() {
        write!(out, "{}{}", if at == 0 { "" } else { line_break }, quoted(line))?;
    }
    Ok(())
}

struct Escaping<'o> {
    out: &'o mut dyn Write,
    escape: Escape,
}

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| !(self.escape.is_plain)(*c)) {
            let (plain, tail) = rest.split_at(at);
            self.out.write_str(plain)?;
            (self.escape.write)(self.out, c)?;
            rest = tail.get(c.len_utf8()..).unwrap_or_default();
        }
        self.out.write_str(rest)
    }
}

/// The start of a text that may be very long.
#[derive(Clone, Copy)]
pub(super) struct Clipped<T> {
    text: T,
    /// How many characters are kept.
    room: usize,
}

impl<'a> Clipped<&'a str> {
    /// A name, short enough for a label. The empty one is shown as `""`.
    pub(super) fn name(text: &'a str) -> Self {
        Self { text: if text.is_empty() { "\"\"" } else { text }, room: 64 }
    }
}

impl<'p, 'a> Clipped<Slashed<'p, 'a>> {
    /// An input path, as Nix prints it.
    pub(super) fn path(names: &'p [&'a str]) -> Self {
        Self { text: Slashed(names), room: 256 }
    }
}

impl<T: Display> Clipped<T> {
    /// A flake reference.
    pub(super) fn reference(text: T) -> Self {
        Self { text, room: 512 }
    }
}

impl<T: Display> Display for Clipped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clip = Clip { out: f, room: self.room, is_full: false };
        match write!(clip, "{}", self.text) {
            Err(_) if clip.is_full => f.write_char('…'),
            written => written,
        }
    }
}

struct Clip<'o, 'f> {
    out: &'o mut fmt::Formatter<'f>,
    room: usize,
    is_full: bool,
}

impl Write for Clip<'_, '_> {
    /// Fails when there is no more room, so that the rest is not even formatted.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.char_indices().nth(self.room) {
            None => {
                self.room -= text.chars().count();
                self.out.write_str(text)
            }
            Some((end, _)) => {
                self.is_full = true;
                self.out.write_str(text.get(..end).unwrap_or_default())?;
                Err(fmt::Error)
            }
        }
    }
}

/// Names with slashes between them, as Nix prints input paths.
#[derive(Clone, Copy)]
pub(super) struct Slashed<'p, 'a>(pub(super) &'p [&'a str]);

impl Display for Slashed<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char('/')?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_clipped_between_characters() {
        assert_eq!(Clipped::name("nixpkgs").to_string(), "nixpkgs");
        assert_eq!(Clipped::name("").to_string(), "\"\"");
        assert_eq!(Clipped::name(&"ü".repeat(64)).to_string(), "ü".repeat(64));
        assert_eq!(Clipped::name(&"ü".repeat(65)).to_string(), "ü".repeat(64) + "…");
        let names = vec!["abc"; 1000];
        assert_eq!(Clipped::path(&names).to_string(), "abc/".repeat(64) + "…");
        assert_eq!(Clipped::path(&["a", "b"]).to_string(), "a/b");
    }

    #[test]
    fn hidden_characters_are_made_visible() {
        let text = format_args!("a\u{1b}{}", "\u{202e}\nü").to_string();
        assert_eq!(visible(text).to_string(), "a\\u001b\\u202e\\u000aü");
    }
}
