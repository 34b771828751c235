//! The diagnostics of a flake from before it was broken: kept and marked as old until it can be
//! read again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use lsp_types::{Diagnostic, Position, Range};

use super::diagnostics::FileDiagnostics;
use super::positions::Lines;
use super::texts::Texts;

/// The prefix of an old finding.
pub(super) const MARK: &str = "before the error that there is now: ";

/// The diagnostics, and the texts that they belong to.
#[derive(Debug)]
pub(super) struct LastGood {
    files: FileDiagnostics,
    texts: BTreeMap<PathBuf, Rc<Lines>>,
}

impl LastGood {
    pub(super) fn new(files: &FileDiagnostics, texts: &Texts) -> Self {
        let known = files.keys().filter_map(|path| Some((path.clone(), texts.get(path)?)));
        Self { files: files.clone(), texts: known.collect() }
    }

    /// The same, marked, with places adapted to the current texts.
    pub(super) fn kept(&self, now: &Texts) -> FileDiagnostics {
        let kept = self.files.iter().map(|(path, found)| {
            let moved =
                self.texts.get(path).zip(now.get(path)).map(|(old, new)| Moved::new(old, &new));
            let found = found.iter().map(|diagnostic| {
                let range =
                    moved.as_ref().map_or(diagnostic.range, |moved| moved.range(diagnostic.range));
                let message = format!("{MARK}{}", diagnostic.message);
                // No fix can be made before the flake can be read.
                Diagnostic {
                    range,
                    message,
                    data: None,
                    related_information: None,
                    ..diagnostic.clone()
                }
            });
            (path.clone(), found.collect())
        });
        kept.collect()
    }
}

/// A text that was changed in one place.
struct Moved<'t> {
    old: &'t Lines,
    new: Rc<Lines>,
    /// How many bytes at the start and at the end are unchanged.
    start: usize,
    end: usize,
}

impl<'t> Moved<'t> {
    fn new(old: &'t Lines, new: &Rc<Lines>) -> Self {
        let (a, b) = (old.text().as_bytes(), new.text().as_bytes());
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let most = a.len().min(b.len()) - start;
        let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        Self { old, new: new.clone(), start, end }
    }

    fn range(&self, range: Range) -> Range {
        let (was, is) = (self.old.text().len(), self.new.text().len());
        let place = |position: Position, inside: usize| {
            let at = self.old.offset(position);
            let now = if at <= self.start {
                at
            } else if at >= was - self.end {
                is - (was - at)
            } else {
                inside
            };
            self.new.position(floor(self.new.text(), now))
        };
        Range { start: place(range.start, self.start), end: place(range.end, is - self.end) }
    }
}

/// The start of the character that contains a byte.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::positions::Encoding;
    use crate::text::Span;

    #[test]
    fn places_move_with_what_they_are_about() {
        let moved = |old: &str, new: &str, part: &str| {
            let start = old.find(part).unwrap();
            let lines = |text: &str| Rc::new(Lines::new(text.into(), Encoding::Utf16));
            let (old, new) = (lines(old), lines(new));
            let range = old.range(Span { start, end: start + part.len() });
            let span = new.span(Moved::new(&old, &new).range(range));
            new.text()[span.range()].to_owned()
        };
        assert_eq!(moved("a\nb\nc\n", "a\nnew\nb\nc\n", "c"), "c");
        assert_eq!(moved("a\nb\nc\n", "a\nc\n", "a"), "a");
        assert_eq!(moved("a = { b };\nc\n", "a = { b;\nc\n", "{ b }"), "{ b");
        assert_eq!(moved("aüb", "aöb", "ü"), "ö");
        assert_eq!(moved("abc", "", "b"), "");
    }
}
