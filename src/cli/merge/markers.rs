//! Conflict markers: both sides of a failed merge, marked as Git does.

use similar::{DiffOp, TextDiff};

/// Fewer equal lines than this between two differences are marked with them, so that what is locked
/// together (a revision, its hash, its date) stays together.
const FEW: usize = 8;

/// Two texts as one, with conflict markers around differences: each side is then a complete text.
/// `None` if they are equal.
pub(super) fn marked(ours: &str, theirs: &str) -> Option<String> {
    let diff = TextDiff::from_lines(ours, theirs);
    let ops = diff.ops();
    let is_same = |op: &DiffOp, number: usize| {
        let is_between = number > 0 && number + 1 < ops.len();
        matches!(op, DiffOp::Equal { len, .. } if *len >= FEW || !is_between)
    };
    let (old, new) = (diff.old_slices(), diff.new_slices());
    let mut text = String::new();
    // Both sides of the current conflict.
    let (mut our_lines, mut their_lines) = (Vec::new(), Vec::new());
    let mut is_marked = false;
    for (number, op) in ops.iter().enumerate() {
        let lines = old.get(op.old_range()).unwrap_or_default();
        if is_same(op, number) {
            mark(&mut text, &our_lines, &their_lines);
            (our_lines, their_lines) = (Vec::new(), Vec::new());
            text.extend(lines.iter().copied());
            continue;
        }
        is_marked = true;
        our_lines.extend_from_slice(lines);
        their_lines.extend_from_slice(new.get(op.new_range()).unwrap_or_default());
    }
    mark(&mut text, &our_lines, &their_lines);
    is_marked.then_some(text)
}

fn mark(text: &mut String, ours: &[&str], theirs: &[&str]) {
    if ours.is_empty() && theirs.is_empty() {
        return;
    }
    for (mark, lines) in [("<<<<<<< ours", ours), ("=======", theirs)] {
        text.push_str(mark);
        text.push('\n');
        for line in lines {
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push('\n');
            }
        }
    }
    text.push_str(">>>>>>> theirs\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_side_is_whole() {
        let (ours, theirs) = ("{\n  a\n  b\n}\n", "{\n  a\n  c\n  d\n}\n");
        assert_eq!(
            marked(ours, theirs).unwrap(),
            "{\n  a\n<<<<<<< ours\n  b\n=======\n  c\n  d\n>>>>>>> theirs\n}\n"
        );
        assert_eq!(marked(ours, ours), None);
        let added = marked("a\n", "a\nb").unwrap();
        assert_eq!(added, "a\n<<<<<<< ours\n=======\nb\n>>>>>>> theirs\n");
    }

    #[test]
    fn what_is_near_is_marked_together() {
        let same = |count: usize| "same\n".repeat(count);
        let text = |end: &str, count: usize| format!("{end}\n{}{end}\n", same(count));
        for (count, marks) in [(FEW - 1, 1), (FEW, 2)] {
            let marked = marked(&text("one", count), &text("two", count)).unwrap();
            assert_eq!(marked.matches("<<<<<<<").count(), marks, "{marked}");
        }
    }
}
