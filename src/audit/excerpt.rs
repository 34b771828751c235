//! The lines of a lock that a finding is about.

use super::Excerpt;
use crate::text::{LineIndex, Span, is_hidden};

/// Longer lines (minified locks) are not shown.
const LONGEST_LINE: usize = 240;
/// Longer ranges are cut to their first line.
const MOST_LINES: usize = 8;

/// The whole lines around a span, hidden characters replaced.
pub(super) fn excerpt(text: &str, lines: &LineIndex<'_>, span: Span) -> Option<Excerpt> {
    let line = lines.position(span.start).line;
    let mut last = lines.position(span.end).line;
    if last - line >= MOST_LINES {
        last = line;
    }
    let start = lines.line_start(line);
    let end = lines.line_end(last);
    if end - start > LONGEST_LINE * (last - line + 1) {
        return None;
    }
    let plain = |from: usize, to: usize| text.get(from..to).map(without_hidden);
    let before = plain(start, span.start)?;
    let inside = plain(span.start, span.end.min(end))?;
    let after = plain(span.end.min(end), end)?;
    Some(Excerpt {
        line,
        start: before.len(),
        end: before.len() + inside.len(),
        text: before + &inside + &after,
    })
}

fn without_hidden(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) && c != '\n' { '\u{FFFD}' } else { c }).collect()
}
