//! What a merge that failed leaves in a file: both sides of it, marked as Git marks them.

use similar::{DiffOp, TextDiff};

/// Two texts as one, with marks around what is different: either side of all marks is the whole of
/// its text. Nothing where they are the same.
pub(super) fn marked(ours: &str, theirs: &str) -> Option<String> {
    let diff = TextDiff::from_lines(ours, theirs);
    let (old, new) = (diff.old_slices(), diff.new_slices());
    let mut text = String::new();
    let mut is_marked = false;
    for op in diff.ops() {
        let ours = old.get(op.old_range()).unwrap_or_default();
        if let DiffOp::Equal { .. } = op {
            text.extend(ours.iter().copied());
            continue;
        }
        is_marked = true;
        let theirs = new.get(op.new_range()).unwrap_or_default();
        for (mark, lines) in [("<<<<<<< ours", ours), ("=======", theirs)] {
            text += mark;
            text.push('\n');
            for line in lines {
                text += line;
                if !line.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
        text += ">>>>>>> theirs\n";
    }
    is_marked.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_side_is_whole() {
        let (ours, theirs) = ("{\n  a\n  b\n}\n", "{\n  a\n  c\n  d\n}\ne");
        let marked = marked(ours, theirs).unwrap();
        assert_eq!(
            marked,
            "{\n  a\n<<<<<<< ours\n  b\n=======\n  c\n  d\n>>>>>>> theirs\n}\n\
             <<<<<<< ours\n=======\ne\n>>>>>>> theirs\n"
        );
        assert_eq!(super::marked(ours, ours), None);
    }
}
