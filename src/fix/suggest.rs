//! The changes that fixes make to flake.nix, line by line: for display, and for programs that apply
//! them.

use std::ops::Range;
use std::sync::Arc;

use similar::{DiffOp, TextDiff};

use super::Plan;
use super::edit::{self, KnownEdit};
use crate::audit::{Report, Reported};
use crate::change::{FileDiff, Hunk, Remedy, TextChange};
use crate::source::{Reader, SourceMemory};
use crate::text::{LineIndex, placed};

/// Bytes to read for one flake in total, because each fix reads the file again.
const BYTES: usize = 4 << 20;

/// Which of a report's fixes get a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownDiffs {
    /// Those of each group, together.
    Groups,
    /// Those of each single finding, too.
    All,
}

/// Adds to a report the changes that its fixes make to the flake.nix that was read for it, for single
/// findings and for groups. Left out if flake.nix cannot be read, if only the lock changes, or once
/// the budget is spent. If flake.nix is generated, the fixes say so instead. Returns the edit that was
/// made last, which a repair may make too.
pub fn show_edits(
    report: &mut Report<'_>,
    reader: Option<&Reader>,
    shown: ShownDiffs,
) -> Option<KnownEdit> {
    // If sources were not to be read, nothing is edited.
    if !report.sources.root || report.findings.iter().all(|finding| finding.fix.is_none()) {
        return None;
    }
    let reader = reader?;
    let root = reader.root()?;
    if edit::generated(&root.text).is_some() {
        for fix in report.findings.iter_mut().filter_map(|finding| finding.fix.as_mut()) {
            fix.is_generated = true;
            if let Remedy::Wrap(reason) = &fix.remedy {
                fix.reason = reason.clone();
            }
        }
        return None;
    }
    let above = report.lock_file.rfind('/').and_then(|at| report.lock_file.get(..=at));
    let file = format!("{}flake.nix", above.unwrap_or_default());
    let text = root.text.as_str().into();
    let mut suggestions =
        Suggestions { file, text, memory: reader.memory(), left: BYTES, last: None };
    for group in &mut report.groups {
        let members = group.members.iter().filter_map(|at| report.findings.get(*at));
        group.diff = suggestions.joint_diff(members.collect());
    }
    if shown == ShownDiffs::Groups {
        return suggestions.last;
    }
    for at in 0..report.findings.len() {
        let diff =
            report.findings.get(at).and_then(|finding| suggestions.joint_diff(vec![finding]));
        if let Some(fix) = report.findings.get_mut(at).and_then(|finding| finding.fix.as_mut()) {
            fix.diff = diff;
        }
    }
    suggestions.last
}

/// A flake.nix, and the budget for edits.
struct Suggestions<'m> {
    file: String,
    text: Arc<str>,
    memory: Option<&'m SourceMemory>,
    /// Bytes that may still be read.
    left: usize,
    /// The last edit: the same one may be asked for again.
    last: Option<KnownEdit>,
}

impl Suggestions<'_> {
    /// The change that the fixes of findings make together.
    fn joint_diff(&mut self, chosen: Vec<&Reported<'_>>) -> Option<FileDiff> {
        let edits = Plan { chosen, left_unsafe: 0 }.edits();
        if edits.is_empty() {
            return None;
        }
        self.left = self.left.checked_sub(self.text.len())?;
        let edited = self.last.insert(KnownEdit::new(self.text.clone(), edits, self.memory));
        let hunks = hunks(&self.text, edited.edited().ok()?);
        (!hunks.is_empty()).then(|| FileDiff { file: self.file.clone(), hunks })
    }
}

/// The difference of two texts.
fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let lines = LineIndex::new(before);
    let (old_lines, new_lines) = (lines_of(before), lines_of(after));
    let (old, new) = (starts(&old_lines), starts(&new_lines));
    let at = |starts: &[usize], line: usize| starts.get(line).copied().unwrap_or_default();
    let bare = |lines: &[&str], range: Range<usize>| -> Vec<String> {
        let lines = lines.get(range).unwrap_or_default().iter();
        lines.map(|line| line.trim_end_matches(['\n', '\r']).to_owned()).collect()
    };
    let hunk = |Changed { from, to }| {
        let line_above = from.start.checked_sub(1).filter(|_| from.is_empty());
        let above = line_above.map(|at| bare(&old_lines, at..at + 1));
        Hunk {
            change: TextChange {
                start: lines.position(at(&old, from.start)),
                end: lines.position(at(&old, from.end)),
                text: after
                    .get(at(&new, to.start)..at(&new, to.end))
                    .unwrap_or_default()
                    .to_owned(),
            },
            after: to.start + 1,
            above: above.and_then(|lines| lines.into_iter().next()),
            removed: bare(&old_lines, from),
            added: bare(&new_lines, to),
        }
    };
    changed_lines(&old_lines, &new_lines).into_iter().map(hunk).collect()
}

/// Lines that take the place of others.
struct Changed {
    from: Range<usize>,
    to: Range<usize>,
}

/// The differences of two lists of lines. Most edits only add lines to those that stay, which is seen
/// without comparing each with each; from where that is not so on, similar looks for the fewest.
fn changed_lines(old: &[&str], new: &[&str]) -> Vec<Changed> {
    let mut changed = Vec::new();
    let (mut from, mut to) = (0, 0);
    while let (Some(rest), Some(edited)) = (old.get(from..), new.get(to..)) {
        let same = rest.iter().zip(edited).take_while(|(old, new)| old == new).count();
        (from, to) = (from + same, to + same);
        let (rest, edited) = (rest.get(same..).unwrap_or(&[]), edited.get(same..).unwrap_or(&[]));
        // Two lines, because many are alike: a closing brace.
        let next = rest.get(..2.min(rest.len())).unwrap_or(&[]);
        let most = edited.len().saturating_sub(rest.len());
        let added = (1..=most).find(|added| edited.get(*added..*added + next.len()) == Some(next));
        match added.filter(|_| next.len() == 2) {
            Some(added) => {
                changed.push(Changed { from: from..from, to: to..to + added });
                to += added;
            }
            None => {
                let ops = placed(TextDiff::from_slices(rest, edited).ops()).into_iter();
                let ops = ops.filter(|op| !matches!(op, DiffOp::Equal { .. }));
                let moved = |range: Range<usize>, by| range.start + by..range.end + by;
                changed.extend(ops.map(|op| Changed {
                    from: moved(op.old_range(), from),
                    to: moved(op.new_range(), to),
                }));
                break;
            }
        }
    }
    changed
}

/// Lines with their ends, which are those of similar: a line feed, a carriage return, or both.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    for at in memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()) {
        // A carriage return before a line feed ends nothing by itself.
        if text.as_bytes().get(at..at + 2) != Some(b"\r\n") {
            lines.extend(text.get(start..=at));
            start = at + 1;
        }
    }
    lines.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    lines
}

/// The start of each line, and the end.
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
    use proptest::prelude::*;

    use super::*;
    use crate::text::Position;

    fn changes(before: &str, after: &str) -> Vec<TextChange> {
        hunks(before, after).into_iter().map(|hunk| hunk.change).collect()
    }

    /// The text with its changes applied as another program would do it.
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
    fn lines_end_where_similar_ends_them() {
        for text in ["", "a", "a\n", "a\r\nb\rc\n\n\r\r\nd", "\r", "\n\rü\r"] {
            assert_eq!(lines_of(text), TextDiff::from_lines(text, "").old_slices(), "{text:?}");
        }
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

    /// Any lines after any others: few kinds of them, so that many are alike.
    #[test]
    fn whatever_is_edited_is_the_new_text_again() {
        let lines = prop::collection::vec(prop::sample::select(vec!["a\n", "}\n", "ü\r\n"]), 0..40);
        let edits = prop::collection::vec((0..40_usize, 0..3_usize, 0..20_usize), 0..5);
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config, |(lines in lines, edits in edits)| {
            let mut edited = lines.clone();
            for (at, removed, added) in edits {
                let at = at.min(edited.len());
                let end = (at + removed).min(edited.len());
                edited.splice(at..end, ["x\n", "}\n"].into_iter().cycle().take(added));
            }
            let (before, after) = (lines.concat(), edited.concat());
            let changes = changes(&before, &after);
            prop_assert_eq!(applied(&before, &changes), after);
            let is_apart = |pair: &[TextChange]| pair[0].end <= pair[1].start;
            prop_assert!(changes.windows(2).all(is_apart));
        });
    }
}
