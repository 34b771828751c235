//! Copies: nodes that repeat the source of another, and how to make one follow the other.

use super::words;
use crate::change::{Fix, Override};
use crate::flake_ref::revision;
use crate::graph::Graph;
use crate::lock::NodeId;

/// The copy that the others should follow: the nearest to the root, preferably an input of the root
/// itself.
pub(super) fn copy_to_keep(graph: &Graph<'_, '_>, copies: &[NodeId]) -> Option<NodeId> {
    let depth = |node: &&NodeId| graph.place(**node).map_or(u32::MAX, |place| place.depth);
    copies.iter().min_by_key(depth).copied()
}

/// Makes one copy follow another, by overriding the input that owns it, so that its followers come
/// along.
///
/// The effect was not read from source, unless both are identical: the same revision with the same
/// inputs.
pub(super) fn follow<'a>(graph: &Graph<'_, 'a>, copy: NodeId, kept: NodeId) -> Fix<'a> {
    let lock = graph.lock();
    let Some(place) = graph.place(copy) else {
        return Fix::manual("no input reaches it");
    };
    let Some(owner) = place.owner else { return Fix::manual("it is this flake itself") };
    if place.parent == lock.root() {
        return Fix::manual(
            "both are inputs of this flake: let one follow the other, or remove it",
        );
    }
    if graph.is_within(place.parent, kept) {
        let kept = words::node(graph, kept);
        return Fix::manual(format!("it is an input of {kept} itself, which cannot follow itself"));
    }
    if graph.is_within(kept, copy) {
        return Fix::manual("the other copy is an input of this one, so it cannot be followed");
    }
    let overrides = Override::all(graph, &[owner], kept);
    if is_same(graph, copy, kept) {
        Fix::safe(overrides)
    } else {
        Fix::unverified(
            overrides,
            "the flake that has it was locked, and perhaps tested, with another revision",
        )
    }
}

/// Whether two nodes are one revision with the same inputs.
fn is_same(graph: &Graph<'_, '_>, one: NodeId, other: NodeId) -> bool {
    let lock = graph.lock();
    let revision = |node| lock.locked(node).and_then(revision);
    let inputs = |node| {
        let inputs = graph.inputs_of(node);
        let mut ends: Vec<_> =
            inputs.map(|input| (lock.input(input).name, graph.end(input))).collect();
        ends.sort_unstable();
        ends
    };
    revision(one).is_some() && revision(one) == revision(other) && inputs(one) == inputs(other)
}
