//! Input paths, as they are shown.

use super::Graph;
use crate::lock::{InputId, NodeId};

/// The names that lead from the root to an input or node; empty for the root.
///
/// Long paths are cut in the middle, so that neither the depth of a hostile lock nor a long name in
/// it is repeated all over the output: a path of more than [`InputPath::LONGEST`] names keeps its
/// first and last halves around [`InputPath::GAP`]; one whose names are longer than
/// [`InputPath::LONGEST_TEXT`] keeps at either end as many names as fit half of that.
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
    /// Bytes of the names of the longest path that is kept whole.
    pub const LONGEST_TEXT: usize = 2_048;
    /// Stands for the names that were left out.
    pub const GAP: &'static str = "…";

    /// A path of these names, cut in the middle if there are too many.
    pub fn new(names: &[&'a str]) -> Self {
        if names.len() <= Self::LONGEST {
            return Self::bounded(names.to_vec());
        }
        let start = names.get(..Self::HALF).unwrap_or_default();
        let end = names.get(names.len() - Self::HALF..).unwrap_or_default();
        Self::gapped([start, &[Self::GAP], end].concat())
    }

    /// A path of few names, cut in the middle if they are too long.
    fn bounded(names: Vec<&'a str>) -> Self {
        let length: usize = names.iter().map(|name| name.len()).sum();
        if length <= Self::LONGEST_TEXT {
            return Self { names, whole: true };
        }
        let fit = |names: &mut dyn Iterator<Item = &&'a str>| {
            let mut room = Self::LONGEST_TEXT / 2;
            let fits = |name: &&&str| {
                let left = room.checked_sub(name.len());
                room = left.unwrap_or(room);
                left.is_some()
            };
            names.take_while(fits).copied().collect::<Vec<_>>()
        };
        let mut kept = fit(&mut names.iter());
        let mut end = fit(&mut names.iter().rev());
        kept.push(Self::GAP);
        end.reverse();
        kept.append(&mut end);
        Self { names: kept, whole: false }
    }

    /// The same for a path from which names were already left out.
    fn gapped(names: Vec<&'a str>) -> Self {
        Self { whole: false, ..Self::bounded(names) }
    }

    /// Only the names next to the end, for where much has been printed already.
    #[must_use]
    pub fn shortened(&self) -> Self {
        const KEPT: usize = 2;
        let Some(start) = self.names.len().checked_sub(KEPT + 1) else { return self.clone() };
        let end = self.names.get(start + 1..).unwrap_or_default();
        Self { names: [&[Self::GAP], end].concat(), whole: false }
    }

    /// The names that are kept.
    pub fn names(&self) -> &[&'a str] {
        &self.names
    }

    /// Bytes of the names that are kept and what stands between them.
    pub fn size(&self) -> usize {
        self.names.iter().map(|name| name.len() + 3).sum()
    }

    /// All names, if none was left out: safe to build an override from.
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
            return InputPath::bounded(last.into_iter().collect());
        };
        let length = place.depth as usize + usize::from(last.is_some());
        if length <= InputPath::LONGEST {
            let mut names: Vec<_> = last.into_iter().chain(self.names_up(node)).collect();
            names.reverse();
            return InputPath::bounded(names);
        }
        let mut end: Vec<_> =
            last.into_iter().chain(self.names_up(node)).take(InputPath::HALF).collect();
        end.push(InputPath::GAP);
        end.extend(self.names_up(place.upper));
        end.reverse();
        InputPath::gapped(end)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_as_many_names_are() {
        let long = "x".repeat(InputPath::LONGEST_TEXT);
        let whole = ["a", &long[2..], "b"];
        assert_eq!(InputPath::new(&whole).whole(), Some(&whole[..]));
        let path = InputPath::new(&["a", "b", &long, "c"]);
        assert_eq!((path.names(), path.whole()), (&["a", "b", "…", "c"][..], None));
        assert_eq!(InputPath::new(&[&long, "a"]).names(), ["…", "a"]);
        assert_eq!(InputPath::new(&["a", &long, &long]).names(), ["a", "…"]);
        // Both limits at once.
        let half = "y".repeat(InputPath::LONGEST_TEXT / 4);
        let many = vec![half.as_str(); 100];
        let path = InputPath::new(&many);
        assert_eq!(path.names(), [&half, &half, "…", &half, &half]);
        assert_eq!(path.whole(), None);
        assert_eq!(InputPath::new(&["a", "b", "c"]).shortened().names(), ["…", "b", "c"]);
        assert_eq!(InputPath::new(&["b", "c"]).shortened().names(), ["b", "c"]);
    }
}
