//! What similar finds between two texts, at its place.

use similar::{DiffOp, DiffTag};

/// The same operations with the places that follow from their lengths. Where similar moves one past lines
/// that are alike, to join it with another, it leaves the place of a third as it was (2.7.0): a line is
/// added one too high.
pub fn placed(ops: &[DiffOp]) -> Vec<DiffOp> {
    let (mut old_index, mut new_index) = (0, 0);
    let place = |op: &DiffOp| {
        let (old_len, new_len) = (op.old_range().len(), op.new_range().len());
        let placed = match op.tag() {
            DiffTag::Equal => DiffOp::Equal { old_index, new_index, len: old_len },
            DiffTag::Delete => DiffOp::Delete { old_index, old_len, new_index },
            DiffTag::Insert => DiffOp::Insert { old_index, new_index, new_len },
            DiffTag::Replace => DiffOp::Replace { old_index, old_len, new_index, new_len },
        };
        (old_index, new_index) = (old_index + old_len, new_index + new_len);
        placed
    };
    ops.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use similar::TextDiff;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Few kinds of lines, so that many are alike.
        #[test]
        fn each_begins_where_the_one_before_ends(
            old in prop::collection::vec(0..3_u8, 0..30),
            new in prop::collection::vec(0..3_u8, 0..30),
        ) {
            let lines = |of: &[u8]| of.iter().map(|line| format!("{line}\n")).collect::<String>();
            let (old, new) = (lines(&old), lines(&new));
            let diff = TextDiff::from_lines(&old, &new);
            let mut made = String::new();
            let (mut from, mut to) = (0, 0);
            for op in placed(diff.ops()) {
                let (gone, come) = (op.old_range(), op.new_range());
                prop_assert_eq!((gone.start, come.start), (from, to));
                (from, to) = (gone.end, come.end);
                if op.tag() == DiffTag::Equal {
                    prop_assert_eq!(&diff.old_slices()[gone], &diff.new_slices()[come.clone()]);
                }
                made.extend(diff.new_slices()[come].iter().copied());
            }
            prop_assert_eq!(&made, &new);
            prop_assert_eq!(from, diff.old_slices().len());
        }
    }
}
