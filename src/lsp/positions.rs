//! Positions in the protocol: lines from 0, and columns in UTF-16 or UTF-8 code units.

use std::sync::Arc;

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::text::{self, Span};

/// The unit of columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Supported by every client.
    #[default]
    Utf16,
}

impl Encoding {
    /// Its name in the protocol.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn units(self, text: &str) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }
}

/// A text by lines.
#[derive(Debug)]
pub(super) struct Lines {
    text: Arc<str>,
    encoding: Encoding,
    /// Starts of lines in the protocol: after `\n`, `\r\n` and `\r`.
    starts: Vec<usize>,
    /// Starts of lines elsewhere in this program: after `\n`.
    feeds: Vec<usize>,
    is_ascii: bool,
}

impl Lines {
    pub(super) fn new(text: Arc<str>, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let feeds: Vec<usize> =
            [0].into_iter().chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)).collect();
        let is_end = |at: &usize| bytes.get(*at + 1) != Some(&b'\n');
        let returns = memchr::memchr_iter(b'\r', bytes).filter(is_end).map(|at| at + 1);
        let mut starts = feeds.clone();
        starts.extend(returns);
        starts.sort_unstable();
        let is_ascii = text.is_ascii();
        Self { text, encoding, starts, feeds, is_ascii }
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The byte at a position. Beyond the end of a line it is that end, inside a character its
    /// start.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default();
        let line = line.trim_end_matches(['\n', '\r']);
        let wanted = position.character as usize;
        if self.is_ascii {
            return start + wanted.min(line.len());
        }
        let mut units = 0;
        for (at, character) in line.char_indices() {
            units += self.encoding.units(character.encode_utf8(&mut [0; 4]));
            if units > wanted {
                return start + at;
            }
        }
        start + line.len()
    }

    /// The span of a range; empty if it ends before it starts. Tests make edits with it.
    #[cfg(test)]
    pub(super) fn span(&self, range: Range) -> Span {
        let start = self.offset(range.start);
        Span { start, end: self.offset(range.end).max(start) }
    }

    /// The position of a byte; one past the end is the end.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let units = match self.text.get(start..offset) {
            Some(before) if self.is_ascii => before.len(),
            Some(before) => self.encoding.units(before),
            None => 0,
        };
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: number(line), character: number(units) }
    }

    /// The range of bytes.
    pub(super) fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The byte at a position in the form of the rest of this program: in characters, from 1.
    pub(super) fn byte_at(&self, position: text::Position) -> usize {
        let line = position.line.saturating_sub(1);
        let Some(start) = self.feeds.get(line).copied() else { return self.text.len() };
        let end = self.feeds.get(line + 1).copied().unwrap_or(self.text.len());
        let skipped = position.column.saturating_sub(1);
        if self.is_ascii {
            return (start + skipped).min(end);
        }
        let rest = self.text.get(start..end).unwrap_or_default();
        rest.char_indices().nth(skipped).map_or(end, |(at, _)| start + at)
    }

    /// The range between two such positions.
    pub(super) fn between(&self, start: text::Position, end: text::Position) -> Range {
        self.range(Span { start: self.byte_at(start), end: self.byte_at(end) })
    }

    /// The line of a byte, without its end.
    pub(super) fn line_at(&self, offset: usize) -> Span {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        Span { start, end: start + text.trim_end_matches(['\n', '\r']).len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_a_position_that_leads_back() {
        let text = "a\nü𝄞x\r\n\rb𝄞\n";
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            let lines = Lines::new(text.into(), encoding);
            for (at, character) in text.char_indices() {
                let position = lines.position(at);
                // Every kind of line end has one position.
                if character != '\n' || !text[..at].ends_with('\r') {
                    assert_eq!(lines.offset(position), at, "{encoding:?} {at}");
                }
            }
        }
        let at = |line, character| Position { line, character };
        let wide = Lines::new(text.into(), Encoding::Utf16);
        assert_eq!(wide.position(text.find('x').unwrap()), at(1, 3));
        assert_eq!(wide.position(text.find('b').unwrap()), at(3, 0));
        let narrow = Lines::new(text.into(), Encoding::Utf8);
        assert_eq!(narrow.position(text.find('x').unwrap()), at(1, 6));
        // Inside a character, past a line, past the text.
        assert_eq!(wide.offset(at(1, 2)), 4);
        assert_eq!(wide.offset(at(0, 99)), 1);
        assert_eq!(wide.offset(at(99, 0)), text.len());
        assert_eq!(wide.position(999), at(4, 0));
    }

    #[test]
    fn positions_of_reports_are_converted() {
        let text = "a\rü𝄞x\ny";
        let lines = Lines::new(text.into(), Encoding::Utf16);
        let of = |line, column| lines.byte_at(text::Position { line, column });
        assert_eq!(of(1, 5), text.find('x').unwrap());
        assert_eq!(of(2, 1), text.find('y').unwrap());
        assert_eq!(of(2, 9), text.len());
        assert_eq!(of(9, 1), text.len());
        let start = text::Position { line: 1, column: 3 };
        let range = lines.between(start, text::Position { line: 1, column: 5 });
        assert_eq!((range.start.line, range.start.character, range.end.character), (1, 0, 3));
        assert_eq!(lines.line_at(text.find('x').unwrap()), Span { start: 2, end: 9 });
    }
}
