//! Searching for inputs by name, path, node key or reference.

use super::row::Spot;
use super::tree;
use crate::flake_ref::FlakeRef;
use crate::graph::Graph;
use crate::lock::{InputId, NodeId};

/// A search pattern. Letter case matters only if it contains capitals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchPattern {
    text: String,
    has_capitals: bool,
}

impl SearchPattern {
    /// `None` if nothing was typed.
    pub(super) fn new(typed: &str) -> Option<Self> {
        let has_capitals = typed.chars().any(char::is_uppercase);
        let text = if has_capitals { typed.into() } else { typed.to_lowercase() };
        (!text.is_empty()).then_some(Self { text, has_capitals })
    }

    /// The text to look for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it occurs in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.holds(text, |text| text.contains(&self.text))
    }

    /// Whether the path of an input contains it, or the node that the input owns.
    pub(super) fn is_of(&self, graph: &Graph<'_, '_>, input: InputId) -> bool {
        self.is_in(graph.lock().input(input).name)
            || self.is_in_path(graph, input)
            || tree::node_below(graph, Spot::Input(input))
                .is_some_and(|node| self.is_of_node(graph, node))
    }

    /// Whether the key or the reference of a node contains it.
    pub(super) fn is_of_node(&self, graph: &Graph<'_, '_>, node: NodeId) -> bool {
        let lock = graph.lock();
        let is_in = |locked| self.is_in(&FlakeRef::new(locked).to_string());
        self.is_in(lock.node(node).key) || lock.locked(node).is_some_and(is_in)
    }

    /// Whether an input path contains it, with its end in the last name. The path itself is not
    /// built, because all paths together can be far longer than the lock.
    fn is_in_path(&self, graph: &Graph<'_, '_>, input: InputId) -> bool {
        let mut parts = self.text.rsplit('/');
        let last = parts.next().unwrap_or_default();
        let mut above: Vec<&str> = parts.collect();
        let Some(first) = above.pop() else { return false };
        let name = |input| graph.lock().input(input).name;
        let owner = |input| graph.place(graph.edge(input).holder).and_then(|place| place.owner);
        if !self.holds(name(input), |name| name.starts_with(last)) {
            return false;
        }
        let mut at = owner(input);
        for part in above {
            let Some(input) = at.filter(|at| self.holds(name(*at), |name| name == part)) else {
                return false;
            };
            at = owner(input);
        }
        match at {
            // A leading slash anchors the pattern at the start of the path.
            None => first.is_empty(),
            Some(at) => !first.is_empty() && self.holds(name(at), |name| name.ends_with(first)),
        }
    }

    fn holds(&self, text: &str, test: impl Fn(&str) -> bool) -> bool {
        if self.has_capitals { test(text) } else { test(&text.to_lowercase()) }
    }
}

/// The matches, in the order of the list.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    matches: Vec<(usize, Spot)>,
}

/// A match and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SearchMatch {
    pub(super) spot: Spot,
    /// From 1.
    pub(super) number: usize,
    /// Whether the search continued at the other end of the list.
    pub(super) is_around: bool,
}

impl Matches {
    /// Matches with their indices in the list, in that order.
    pub(super) fn new(matches: Vec<(usize, Spot)>) -> Self {
        Self { matches }
    }

    /// The matches.
    pub(super) fn spots(&self) -> impl ExactSizeIterator<Item = Spot> {
        self.matches.iter().map(|(_, spot)| *spot)
    }

    /// The first match from an index on; `itself` says whether it may be at the index.
    pub(super) fn after(&self, position: usize, itself: bool) -> Option<SearchMatch> {
        let next = self
            .matches
            .iter()
            .position(|(at, _)| if itself { *at >= position } else { *at > position });
        self.nth(next.unwrap_or(0), next.is_none())
    }

    /// The last match before an index.
    pub(super) fn before(&self, position: usize) -> Option<SearchMatch> {
        let previous = self.matches.iter().rposition(|(at, _)| *at < position);
        self.nth(previous.unwrap_or(self.matches.len().saturating_sub(1)), previous.is_none())
    }

    fn nth(&self, index: usize, is_around: bool) -> Option<SearchMatch> {
        let (_, spot) = self.matches.get(index)?;
        Some(SearchMatch { spot: *spot, number: index + 1, is_around })
    }
}
