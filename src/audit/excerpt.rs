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
    // The CR of a CRLF ends the line, too.
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

/// A tab is a blank: of one width, so that what is marked below it stays below it.
fn without_hidden(text: &str) -> String {
    let shown = |c| match c {
        '\t' => ' ',
        c if is_hidden(c) => '\u{FFFD}',
        c => c,
    };
    text.chars().map(shown).collect()
}
