//! The line of a lock that a finding is about.

use super::Excerpt;
use crate::text::{LineIndex, Span, is_hidden};

/// Longer lines (minified locks) are not shown.
const LONGEST_LINE: usize = 240;

/// The line on which a span begins, hidden characters replaced.
pub(super) fn excerpt(text: &str, lines: &LineIndex<'_>, span: Span) -> Option<Excerpt> {
    let line = lines.position(span.start).line;
    let start = lines.line_start(line);
    let end = lines.line_end(line);
    if end - start > LONGEST_LINE {
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
    text.chars().map(|c| if is_hidden(c) { '\u{FFFD}' } else { c }).collect()
}
