//! Replacing bytes of a text.

use super::NotEdited;
use crate::text::Span;

/// The replacements, in any order. Insertions at one place keep the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Span, String)>);

impl Splices {
    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(Span { start: at, end: at }, text);
    }

    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.0.push((span, text.into()));
    }

    /// The new text. New lines end like the line above them in the text, which may differ from the
    /// syntax tree: to Nix a carriage return alone ends a line, too.
    pub(super) fn apply(mut self, text: &str) -> Result<String, NotEdited> {
        self.0.sort_by_key(|(span, _)| *span);
        let mut spliced = String::with_capacity(text.len());
        let mut done = 0;
        for (span, new) in &self.0 {
            let Some(kept) = text.get(done..span.start).filter(|_| span.start <= span.end) else {
                return Err(NotEdited::at(*span, "two edits would change the same bytes"));
            };
            spliced.push_str(kept);
            if new.contains('\n') && line_has_return(text, span.start) {
                spliced.push_str(&new.replace("\r\n", "\n").replace('\n', "\r\n"));
            } else {
                spliced.push_str(new);
            }
            done = span.end;
        }
        let Some(rest) = text.get(done..) else {
            return Err(NotEdited::because("an edit reaches beyond the end of flake.nix"));
        };
        spliced.push_str(rest);
        Ok(spliced)
    }
}

/// Whether the line above a byte, else the first one, ends in a carriage return and a line feed.
fn line_has_return(text: &str, at: usize) -> bool {
    let above = text.get(..at).unwrap_or_default();
    let feed =
        memchr::memrchr(b'\n', above.as_bytes()).or_else(|| memchr::memchr(b'\n', text.as_bytes()));
    let line = feed.and_then(|feed| text.get(..feed));
    line.is_some_and(|line| line.ends_with('\r'))
}
