//! Input paths, as they are shown.

use super::Graph;
use crate::lock::{InputId, NodeId};

/// The names that lead from the root to an input or node; empty for the root.
///
/// A path of more than [`InputPath::LONGEST`] names keeps its first and last halves around
/// [`InputPath::GAP`], so that a hostile lock cannot make the output grow with its depth.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct InputPath<'a> {
    names: Vec<&'a str>,
    whole: bool,
}

impl<'a> InputPath<'a> {
    /// Names that are kept at either end of a long path.
    pub const HALF: usize = 32;
    /// Names of the longest path that is kept whole.
    pub const LONGEST: usize = 2 * Self::HALF;
    /// What stands for the names that were left out.
    pub const GAP: &'static str = "…";

    /// A path of these names, cut in the middle if there are too many.
    pub fn new(names: &[&'a str]) -> Self {
        if names.len() <= Self::LONGEST {
            return Self { names: names.to_vec(), whole: true };
        }
        let start = names.get(..Self::HALF).unwrap_or_default();
        let end = names.get(names.len() - Self::HALF..).unwrap_or_default();
        Self { names: [start, &[Self::GAP], end].concat(), whole: false }
    }

    /// The names that are kept.
    pub fn names(&self) -> &[&'a str] {
        &self.names
    }

    /// All names, if none was left out: what an override may be built from.
    pub fn whole(&self) -> Option<&[&'a str]> {
        self.whole.then_some(&self.names)
    }
}

impl<'a> Graph<'_, 'a> {
    /// The owner path of a reachable node; empty for the root.
    pub fn owner_path(&self, node: NodeId) -> InputPath<'a> {
        self.path_to(node, None)
    }

    /// The input path of an input: its holder's owner path and its name.
    pub fn input_path(&self, input: InputId) -> InputPath<'a> {
        self.path_to(self.edge(input).holder, Some(self.lock.input(input).name))
    }

    fn path_to(&self, node: NodeId, last: Option<&'a str>) -> InputPath<'a> {
        let Some(place) = self.place(node) else {
            return InputPath { names: last.into_iter().collect(), whole: true };
        };
        let length = place.depth as usize + usize::from(last.is_some());
        if length <= InputPath::LONGEST {
            let mut names: Vec<_> = last.into_iter().chain(self.names_up(node)).collect();
            names.reverse();
            return InputPath { names, whole: true };
        }
        let mut end: Vec<_> =
            last.into_iter().chain(self.names_up(node)).take(InputPath::HALF).collect();
        end.push(InputPath::GAP);
        end.extend(self.names_up(place.upper));
        end.reverse();
        InputPath { names: end, whole: false }
    }

    /// The names of a node's owner path, from the end.
    fn names_up(&self, node: NodeId) -> impl Iterator<Item = &'a str> {
        let mut at = node;
        std::iter::from_fn(move || {
            let place = self.place(at)?;
            at = place.parent;
            Some(self.lock.input(place.owner?).name)
        })
    }
}
