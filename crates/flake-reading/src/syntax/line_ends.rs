//! Line ends as Nix sees them.
//!
//! For Nix a single carriage return ends a line, and with it a `#` comment (Nix source,
//! `src/libexpr/lexer.l`: `\#[^\r\n]*`); in a `"…"` it is a line feed. rnix ends lines at line
//! feeds only, and would take what follows for a part of the comment.

use std::borrow::Cow;

/// The text with a line feed for each single carriage return. Its length and all places stay the
/// same.
pub fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    if !memchr::memchr_iter(b'\r', bytes).any(|at| is_alone(&at)) {
        return Cow::Borrowed(text);
    }
    let mut unified = String::with_capacity(text.len());
    let mut rest = 0;
    for at in memchr::memchr_iter(b'\r', bytes).filter(is_alone) {
        unified.push_str(text.get(rest..at).unwrap_or_default());
        unified.push('\n');
        rest = at + 1;
    }
    unified.push_str(text.get(rest..).unwrap_or_default());
    Cow::Owned(unified)
}
