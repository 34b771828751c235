//! Parts of a lock: what is near a node, and how nixpkgs is passed on.

use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::visit::{EdgeFiltered, IntoNeighbors, Reversed};

use crate::graph::End;
use crate::instance::{Analysis, Role, Slot};
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// The nodes from which an input leads to `focus`, those that `focus` leads to, and where their own
/// inputs end; of all these, those at most `depth` inputs away. Disabled inputs are left out,
/// because most end at the root, from which everything is reached.
pub(super) fn surroundings(
    analysis: &Analysis<'_, '_, '_>,
    focus: NodeId,
    depth: Option<u32>,
) -> Table<NodeTag, bool> {
    let graph = analysis.graph();
    let enabled = enabled(analysis);
    let mut near = Table::like(graph.lock().nodes(), false);
    reach(&enabled, &[focus], depth, &mut near);
    let mut behind = Table::like(graph.lock().nodes(), false);
    reach(Reversed(&enabled), &[focus], depth, &mut behind);
    for node in graph.lock().nodes().ids() {
        *near.at_mut(node) |= *behind.at(node);
    }
    if depth != Some(0) {
        for end in graph.inputs_of(focus).filter_map(|input| graph.end(input)) {
            *near.at_mut(end) = true;
        }
    }
    near
}

/// The graph without its disabled inputs.
pub(super) fn enabled<'f>(
    analysis: &'f Analysis<'_, '_, '_>,
) -> EdgeFiltered<&'f DiGraph<(), InputId>, impl Fn(EdgeReference<'f, InputId>) -> bool + 'f> {
    let adjacency = analysis.graph().adjacency().petgraph();
    EdgeFiltered::from_fn(adjacency, |edge: EdgeReference<'f, InputId>| {
        !analysis.is_disabled(*edge.weight())
    })
}

/// Marks what can be reached over at most `depth` edges.
pub(super) fn reach<G>(
    adjacency: G,
    starts: &[NodeId],
    depth: Option<u32>,
    near: &mut Table<NodeTag, bool>,
) where
    G: IntoNeighbors<NodeId = NodeIndex>,
{
    let mut front = Vec::with_capacity(starts.len());
    for start in starts {
        *near.at_mut(*start) = true;
        front.push(NodeIndex::new(start.index()));
    }
    let mut steps = 0;
    while !front.is_empty() && depth.is_none_or(|depth| steps < depth) {
        let mut next = Vec::new();
        for end in front.into_iter().flat_map(|index| adjacency.neighbors(index)) {
            let Some(node) = near.id(end.index()) else { continue };
            if !std::mem::replace(near.at_mut(node), true) {
                next.push(end);
            }
        }
        front = next;
        steps += 1;
    }
}

/// Keeps the root, each reachable nixpkgs, and the consumers with slots; of the inputs, the slots,
/// the root's inputs that end at a nixpkgs, and the bases of wrappers.
pub(super) fn keep_nixpkgs(
    analysis: &Analysis<'_, '_, '_>,
    nodes: &mut Table<NodeTag, bool>,
    inputs: &mut Table<InputTag, bool>,
) {
    let graph = analysis.graph();
    let lock = graph.lock();
    let is_nixpkgs = |node| matches!(analysis.role(node), Role::Nixpkgs | Role::Configured(_));
    let mut holds = Table::like(lock.nodes(), false);
    for input in lock.inputs().ids() {
        let edge = graph.edge(input);
        let kept = match (analysis.role(edge.holder), edge.end) {
            (Role::Root, End::Node(end)) => is_nixpkgs(end),
            (Role::Configured(id), _) => analysis.wrapper(id).base_input == Some(input),
            _ => analysis.slot(input) != Slot::No,
        };
        *inputs.at_mut(input) = kept;
        if kept {
            *holds.at_mut(edge.holder) = true;
        }
    }
    for node in lock.nodes().ids() {
        let kept = graph.is_reachable(node) && (is_nixpkgs(node) || *holds.at(node));
        *nodes.at_mut(node) = kept && *nodes.at(node);
    }
}
