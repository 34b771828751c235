//! What is removed together with a binding.

use rnix::SyntaxKind::{TOKEN_L_BRACE, TOKEN_R_BRACE};
use rnix::{SyntaxElement, SyntaxNode};

use super::file::span;
use super::line::{LineStart, blanks, following, newlines, previous};
use crate::text::Span;

/// The span of a binding with its line if it has one to itself, else with the blanks before it.
/// Comments stay.
pub(super) fn extent(binding: &SyntaxNode) -> Span {
    let Span { start: from, end: to } = span(binding);
    let element = SyntaxElement::from(binding.clone());
    let (before, after) = (previous(&element), following(&element));
    let Some(line) = LineStart::started_by(&element) else {
        let blank = blanks(before.as_ref()).map_or(0, str::len);
        return Span { start: from - blank, end: to };
    };
    let Some(text) = blanks(after.as_ref()) else { return Span { start: from, end: to } };
    let Some(feed) = text.find('\n') else { return Span { start: from, end: to + text.len() } };
    let (start, next_line) = (from - line.indent.len(), to + feed + 1);
    let is = |element: Option<SyntaxElement>, kind| element.is_none_or(|e| e.kind() == kind);
    let opens = is(before.as_ref().and_then(previous), TOKEN_L_BRACE);
    let closes = is(after.as_ref().and_then(following), TOKEN_R_BRACE);
    // Keep only one of two blank lines around it, and none at a brace.
    if newlines(after.as_ref()) > 1 && (opens || newlines(before.as_ref()) > 1) {
        let last = text.rfind('\n').unwrap_or(feed);
        return Span { start, end: to + last + 1 };
    }
    if closes && newlines(before.as_ref()) > 1 {
        let blank = blanks(before.as_ref()).unwrap_or_default();
        let first = blank.find('\n').unwrap_or(0);
        return Span { start: from - blank.len() + first + 1, end: next_line };
    }
    Span { start, end: next_line }
}
