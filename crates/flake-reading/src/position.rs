//! Byte spans, and their lines and columns.

use std::cell::OnceCell;
use std::ops::Range;

/// A range of bytes in a file's text, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of `part`, if `part` is a slice of `text` (same memory, not equal bytes). Strings
    /// that a borrowed parse returns are slices of the text unless they have an escape.
    pub fn of(part: &str, text: &str) -> Option<Self> {
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (end <= text.len()).then_some(Self { start, end })
    }

    /// The same as a range, to slice with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A place in a text as people count: both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: usize,
}

/// Bytes between two checkpoints of the character count.
const BLOCK: usize = 256;

/// Finds positions in a text. It is built in one pass; then each look-up costs a binary search and
/// at most one block, however long the lines are (a minified lock is one line of megabytes).
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    /// Byte offsets at which lines start.
    lines: Vec<usize>,
    /// Characters before each block of `BLOCK` bytes; only needed for long lines.
    characters: OnceCell<Vec<usize>>,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, lines: line_starts(text), characters: OnceCell::new() }
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.line_start(line);
        let characters = match self.text.as_bytes().get(start..offset) {
            Some(bytes) if bytes.len() <= BLOCK => count(bytes),
            _ => self.characters_before(offset) - self.characters_before(start),
        };
        Position { line, column: characters + 1 }
    }

    /// The byte offset at which a line (from 1) starts.
    pub fn line_start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// The byte offset at which a line (from 1) ends, without its line break.
    pub fn line_end(&self, line: usize) -> usize {
        match self.lines.get(line) {
            Some(next) => next - 1,
            None => self.text.len(),
        }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let blocks = self.characters.get_or_init(|| {
            let mut sum = 0;
            let counts = self.text.as_bytes().chunks(BLOCK).map(count);
            let mut blocks = vec![0];
            blocks.extend(counts.map(|count| {
                sum += count;
                sum
            }));
            blocks
        });
        let block = offset / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        blocks.get(block).copied().unwrap_or(0) + count(rest)
    }
}

/// The byte offsets at which lines start, including the first.
pub(crate) fn line_starts(text: &str) -> Vec<usize> {
    let further = memchr::memchr_iter(b'\n', text.as_bytes()).map(|newline| newline + 1);
    [0].into_iter().chain(further).collect()
}

/// Characters that start in these bytes: all but UTF-8 continuation bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let index = LineIndex::new("ab\nüö x\n");
        assert_eq!(index.position(0), Position { line: 1, column: 1 });
        assert_eq!(index.position(3), Position { line: 2, column: 1 });
        assert_eq!(index.position(7), Position { line: 2, column: 3 });
        assert_eq!(index.position(8), Position { line: 2, column: 4 });
        assert_eq!(index.position(10), Position { line: 3, column: 1 });
        assert_eq!(index.position(99), Position { line: 3, column: 1 });
        assert_eq!((index.line_start(2), index.line_end(2)), (3, 9));
    }

    #[test]
    fn long_lines_agree_with_a_count_from_the_start() {
        let text = "é".repeat(BLOCK) + "\n" + &"x".repeat(BLOCK - 1);
        assert_eq!(text.len() % BLOCK, 0);
        let index = LineIndex::new(&text);
        for (offset, _) in text.char_indices().step_by(97).chain([(text.len(), ' ')]) {
            let before = text.get(..offset).unwrap();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(index.position(offset), Position { line, column }, "at {offset}");
        }
    }

    #[test]
    fn only_slices_of_the_text_have_a_span() {
        let text = String::from("hello world");
        assert_eq!(Span::of(&text[6..], &text), Some(Span { start: 6, end: 11 }));
        assert_eq!(Span::of(&text.clone()[6..], &text).filter(|s| s.end <= 11), None);
    }
}
