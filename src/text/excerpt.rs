//! The line of a file that a message points at.

use super::{LineIndex, Span, Visible};

/// A line of a file, made safe to print, with a range to point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Its number, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// Bytes of `text` to point at.
    pub start: usize,
    /// One past them.
    pub end: usize,
}

/// Longer lines (minified locks) are not shown.
const LONGEST_LINE: usize = 240;

/// The line on which a span begins, with hidden characters escaped; `None` if it is too long to be
/// shown.
pub fn excerpt(text: &str, lines: &LineIndex<'_>, span: Span) -> Option<Excerpt> {
    let line = lines.position(span.start).line;
    let start = lines.line_start(line);
    let end = lines.line_end(line);
    // The CR of a CRLF belongs to the line's end.
    let end = if text.get(start..end)?.ends_with('\r') { end - 1 } else { end };
    if end - start > LONGEST_LINE {
        return None;
    }
    let plain = |from: usize, to: usize| text.get(from..to).map(without_hidden);
    let (from, to) = (span.start.min(end), span.end.min(end));
    let before = plain(start, from)?;
    let inside = plain(from, to)?;
    let after = plain(to, end)?;
    Some(Excerpt {
        line,
        start: before.len(),
        end: before.len() + inside.len(),
        text: before + &inside + &after,
    })
}

/// Hidden characters as escapes, as in messages and edits. A tab becomes one blank, so that a mark on
/// the next line stays below what it marks.
fn without_hidden(text: &str) -> String {
    Visible(&text.replace('\t', " ")).to_string()
}
