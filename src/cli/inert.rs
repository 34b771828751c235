//! Output that cannot contain commands for whatever reads a log.
//!
//! CI services read what a program prints and obey some of it: a line that begins with `::` is a
//! command to GitHub (even after blanks), `##[` is one anywhere in a line, as are `##vso[` for
//! Azure and `##teamcity[` for TeamCity. Names in a lock, lines of a file and messages of Nix come
//! from anyone, so one character of each such mark is printed as an escape. That is done where
//! everything is printed, because two harmless names can form a command between them.
//!
//! Source: `ActionCommand` in `actions/runner`, `CommandStringConvertor` in
//! `microsoft/azure-pipelines-agent`, "Service messages" of TeamCity.

use std::io::{self, Write};

use memchr::memchr3;

/// Starts of commands anywhere in a line, without the first `#`.
const ANYWHERE: [&[u8]; 3] = [b"#[", b"#vso[", b"#teamcity["];

/// The reader of the output, besides people and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadBy {
    /// None that cares, or a reader of JSON, to which the escape is the character itself.
    Any,
    /// Graphviz, which reads `\u` in a string as `u`.
    Graphviz,
    /// GitHub, when commands to it are intended.
    GitHub,
}

/// A writer whose lines contain no commands.
#[derive(Debug)]
pub(super) struct Inert<W: Write> {
    out: W,
    reader: ReadBy,
    place: LineState,
    /// Whether the last byte was a `#`.
    after_hash: bool,
    /// The possible start of a command, not written yet. It begins with the character to escape.
    held: Vec<u8>,
}

/// The state within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineState {
    /// Only blanks so far, or characters outside ASCII, which may be blanks.
    Start,
    /// After ESC.
    Escape,
    /// In an escape sequence for colours.
    Sequence,
    Inside,
}

impl<W: Write> Inert<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            reader: ReadBy::Any,
            place: LineState::Start,
            after_hash: false,
            held: Vec::new(),
        }
    }

    pub(super) fn is_read_by(&mut self, reader: ReadBy) {
        self.reader = reader;
    }

    /// Writes or holds one byte.
    fn put(&mut self, byte: u8) -> io::Result<()> {
        if !self.held.is_empty() {
            self.held.push(byte);
            let starts = |pattern: &[u8]| {
                let start = pattern.get(..self.held.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(&self.held))
            };
            let is_whole = |pattern: &[u8]| pattern.len() == self.held.len() && starts(pattern);
            if is_whole(b"::") || ANYWHERE.into_iter().any(is_whole) {
                return self.defuse();
            }
            if ANYWHERE.into_iter().any(starts) {
                return Ok(());
            }
            // The held text is harmless; its last byte may begin something new.
            self.held.pop();
            self.after_hash = self.held == b"#";
            self.release()?;
            self.place = LineState::Inside;
        }
        if byte == b'#' && self.after_hash {
            self.held.push(byte);
            return Ok(());
        }
        self.after_hash = byte == b'#';
        self.place = match (self.place, byte) {
            (_, b'\n' | b'\r') => LineState::Start,
            (LineState::Start, b' ' | b'\t' | 0x0b | 0x0c | 0x80..) => LineState::Start,
            (LineState::Start, 0x1b) | (LineState::Escape, 0x1b) => LineState::Escape,
            (LineState::Escape, b'[') => LineState::Sequence,
            (LineState::Escape, _) | (LineState::Sequence, 0x40..=0x7e) => LineState::Start,
            (LineState::Sequence, _) => LineState::Sequence,
            (LineState::Start, b':') if self.reader != ReadBy::GitHub => {
                self.held.push(byte);
                return Ok(());
            }
            _ => LineState::Inside,
        };
        self.out.write_all(&[byte])
    }

    /// Writes the held text with its first character escaped.
    fn defuse(&mut self) -> io::Result<()> {
        let first = self.held.remove(0);
        if self.reader == ReadBy::Graphviz {
            self.out.write_all(b"\\")?;
        }
        write!(self.out, "\\u{first:04x}")?;
        self.after_hash = false;
        self.place = LineState::Inside;
        self.release()
    }

    fn release(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.out.write_all(&held)
    }
}

/// The first byte at which, or after which, a command may begin.
fn special_in(bytes: &[u8]) -> Option<usize> {
    /// Below this length, memchr's check of the processor's features costs more than it saves,
    /// because it is slow in virtual machines.
    const SHORT: usize = 128;
    let is_special = |b: &u8| matches!(b, b'#' | b'\n' | b'\r');
    match bytes.split_at_checked(SHORT) {
        None => bytes.iter().position(is_special),
        Some((first, rest)) => first
            .iter()
            .position(is_special)
            .or_else(|| memchr3(b'#', b'\n', b'\r', rest).map(|at| SHORT + at)),
    }
}

impl<W: Write> Write for Inert<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            if self.place == LineState::Inside && self.held.is_empty() {
                // Most of the output cannot be part of a command.
                let plain = special_in(rest).unwrap_or(rest.len());
                let (plain, special) = rest.split_at(plain);
                self.out.write_all(plain)?;
                self.after_hash &= plain.is_empty();
                rest = special;
                if let Some((&byte, behind)) = rest.split_first() {
                    self.put(byte)?;
                    rest = behind;
                }
            } else {
                self.put(byte)?;
                rest = behind;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.release()?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Inert<W> {
    fn drop(&mut self) {
        let _ = self.release();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(reader: ReadBy, pieces: &[&str]) -> String {
        let mut out = Vec::new();
        let mut inert = Inert::new(&mut out);
        inert.is_read_by(reader);
        for piece in pieces {
            inert.write_all(piece.as_bytes()).unwrap();
        }
        drop(inert);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn commands_are_escaped_where_they_would_act() {
        for (text, expected) in [
            ("::error::x", "\\u003a:error::x"),
            ("a::b\n \t::c\r\n:d\n:", "a::b\n \t\\u003a:c\r\n:d\n:"),
            ("\u{a0}\u{3000}::x", "\u{a0}\u{3000}\\u003a:x"),
            ("\u{1b}[1;31m\u{1b}[0m::x", "\u{1b}[1;31m\u{1b}[0m\\u003a:x"),
            ("a\r::x", "a\r\\u003a:x"),
            ("a ##[error]x", "a #\\u0023[error]x"),
            ("###[x ####", "##\\u0023[x ####"),
            ("##vso[x] ##VSO[ ##vs ##vs##[", "#\\u0023vso[x] #\\u0023VSO[ ##vs ##vs#\\u0023["),
            ("##teamcity[x ##team\n##", "#\\u0023teamcity[x ##team\n##"),
            ("# [x] #[x] ## [x]\n## x\n", "# [x] #[x] ## [x]\n## x\n"),
            ("##\n::x", "##\n\\u003a:x"),
            (":\n::x", ":\n\\u003a:x"),
            (":#\n:##[", ":#\n:#\\u0023["),
            ("\u{1b}##[x \u{1b}[##[x", "\u{1b}#\\u0023[x \u{1b}[#\\u0023[x"),
        ] {
            assert_eq!(written(ReadBy::Any, &[text]), expected);
        }
        assert_eq!(written(ReadBy::Graphviz, &["\"##[\""]), "\"#\\\\u0023[\"");
        assert_eq!(written(ReadBy::GitHub, &["::error::##[x]"]), "::error::#\\u0023[x]");
    }

    #[test]
    fn json_says_the_same() {
        let json = written(ReadBy::Any, &["[\"##[x\"]"]);
        assert_eq!(json, "[\"#\\u0023[x\"]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), ["##[x"]);
    }

    proptest! {
        #[test]
        fn no_line_is_a_command(pieces in prop::collection::vec("[:#\\[a \n\r\u{1b}\u{3000}vso]{0,9}", 0..9)) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let text = written(ReadBy::Any, &pieces);
            prop_assert!(!text.contains("##[") && !text.contains("##vso["));
            for line in text.split(['\n', '\r']) {
                prop_assert!(!line.trim_start().starts_with("::"), "{text:?}");
            }
            // Nothing else changes, however the output is split.
            let whole = pieces.concat();
            prop_assert_eq!(&written(ReadBy::Any, &[&whole]), &text);
            prop_assert_eq!(text.replace("\\u003a", ":").replace("\\u0023", "#"), whole);
        }
    }
}
