//! A finding's fix as changes of flake.nix's text, for programs that apply them by themselves.

use std::path::Path;
use std::sync::Arc;

use similar::{DiffOp, TextDiff};

use super::Plan;
use super::edit;
use crate::audit::Reported;
use crate::change::{Applicability, TextChange};
use crate::source::Reader;
use crate::text::LineIndex;

/// Bytes that are looked through for one flake: each fix takes reading the file again.
const BYTES: usize = 4 << 20;

/// What can be suggested for the flake.nix of a folder.
#[derive(Debug)]
pub struct Suggestions {
    text: Arc<str>,
    /// Bytes that may still be looked through.
    left: usize,
}

impl Suggestions {
    /// For a flake.nix that can be read and is not generated.
    pub fn new(folder: &Path) -> Option<Self> {
        let reader = Reader::new(Default::default(), Some(folder.to_path_buf()));
        let text = reader.root()?.files.flake_text().ok()?;
        edit::generated(&text).is_none().then_some(Self { text, left: BYTES })
    }

    /// What a finding's fix changes, by lines and in their order. Nothing where a person has to make
    /// it, where it changes the lock only, and where all that was done already is too much.
    pub fn of(&mut self, finding: &Reported<'_>) -> Vec<TextChange> {
        let is_automatic =
            finding.fix.as_ref().is_some_and(|fix| fix.applicability > Applicability::Manual);
        let left = self.left.checked_sub(self.text.len());
        let (true, Some(left)) = (is_automatic, left) else { return Vec::new() };
        let edits = Plan { chosen: vec![finding], left_unsafe: 0 }.edits();
        if edits.is_empty() {
            return Vec::new();
        }
        self.left = left;
        match edit::edit(&self.text, &edits) {
            Ok(edited) => changes(&self.text, &edited),
            Err(_) => Vec::new(),
        }
    }
}

/// What makes the one text the other.
fn changes(before: &str, after: &str) -> Vec<TextChange> {
    let lines = LineIndex::new(before);
    let diff = TextDiff::from_lines(before, after);
    let (old, new) = (starts(diff.old_slices()), starts(diff.new_slices()));
    let at = |starts: &[usize], line: usize| starts.get(line).copied().unwrap_or_default();
    let change = |op: &DiffOp| {
        let (from, to) = (op.old_range(), op.new_range());
        TextChange {
            start: lines.position(at(&old, from.start)),
            end: lines.position(at(&old, from.end)),
            text: after.get(at(&new, to.start)..at(&new, to.end)).unwrap_or_default().to_owned(),
        }
    };
    diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(change).collect()
}

/// Where each line starts, and the end.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut end = 0;
    let ends = lines.iter().map(|line| {
        end += line.len();
        end
    });
    [0].into_iter().chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Position;

    /// The text after its changes, as another program would make them.
    fn applied(text: &str, changes: &[TextChange]) -> String {
        let lines = LineIndex::new(text);
        let offset = |at: Position| {
            let start = lines.line_start(at.line);
            let mut characters = text[start..].char_indices().map(|(at, _)| start + at);
            characters.nth(at.column - 1).unwrap_or(text.len())
        };
        let mut result = text.to_owned();
        for change in changes.iter().rev() {
            result.replace_range(offset(change.start)..offset(change.end), &change.text);
        }
        result
    }

    #[test]
    fn changes_make_the_new_text() {
        for (before, after) in [
            ("a\nb\nc\n", "a\nx\nb\nc\n"),
            ("a\nb\nc\n", "b\nc\nd\n"),
            ("ü\r\nb\r\nc", "ü\r\nc\r\nd"),
            ("{ a = 1; }", "{ a = 2; }"),
            ("", "a\n"),
            ("a\n", ""),
            ("a\n", "a\n"),
        ] {
            assert_eq!(applied(before, &changes(before, after)), after, "{before:?}");
        }
        let at = |line| Position { line, column: 1 };
        let inserted = TextChange { start: at(2), end: at(2), text: "x\n".into() };
        assert_eq!(changes("a\nb\n", "a\nx\nb\n"), [inserted]);
    }
}
