//! The inputs of a node of a draft.

use std::borrow::Cow;

use crate::lock::Id;

/// Tag of [`DraftId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum DraftTag {}
/// A node of a draft.
pub(super) type DraftId = Id<DraftTag>;

/// An input path: that of a lock, or one that was put together.
pub(super) type DraftPath<'d> = Cow<'d, [&'d str]>;

/// Where an input leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DraftTarget<'d> {
    Direct(DraftId),
    Follows(DraftPath<'d>),
}

/// Inputs by name, in order. A node has a few, for which a tree would have room for eleven.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftInputs<'d>(Vec<(&'d str, DraftTarget<'d>)>);

impl<'d> DraftInputs<'d> {
    /// Where an input is, or would be. They usually come in order.
    fn place(&self, name: &str) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if *last < name => Err(self.0.len()),
            _ => self.0.binary_search_by(|(known, _)| (*known).cmp(name)),
        }
    }

    /// Where an input leads.
    pub(super) fn get(&self, name: &str) -> Option<&DraftTarget<'d>> {
        Some(&self.0.get(self.place(name).ok()?)?.1)
    }

    /// Whether there is an input of this name.
    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Adds an input, or replaces the one of that name.
    pub(super) fn insert(&mut self, name: &'d str, target: DraftTarget<'d>) {
        match self.place(name) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known = target;
                }
            }
            Err(at) => self.0.insert(at, (name, target)),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&'d str, &DraftTarget<'d>)> {
        self.0.iter().map(|(name, target)| (*name, target))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of those with one name, the last counts.
impl<'d> From<Vec<(&'d str, DraftTarget<'d>)>> for DraftInputs<'d> {
    fn from(mut inputs: Vec<(&'d str, DraftTarget<'d>)>) -> Self {
        inputs.sort_by_key(|(name, _)| *name);
        inputs.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        Self(inputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_in_order_and_the_last_of_a_name_counts() {
        let to = |path: &'static str| DraftTarget::Follows(vec![path].into());
        let given = [("b", "1"), ("a", "2"), ("b", "3"), ("c", "4")];
        let given = given.map(|(name, path)| (name, to(path)));
        let mut one_by_one = DraftInputs::default();
        given.iter().cloned().for_each(|(name, target)| one_by_one.insert(name, target));
        let at_once = DraftInputs::from(given.to_vec());
        let expected = [("a", &to("2")), ("b", &to("3")), ("c", &to("4"))];
        assert!(one_by_one.iter().eq(expected) && at_once.iter().eq(expected));
        assert_eq!(at_once.get("b"), Some(&to("3")));
        assert!(!at_once.contains_key("d") && at_once.len() == 3 && !at_once.is_empty());
    }
}
