//! Matches nodes and inputs that are in the same place of two locks: at the same owner path.
//!
//! The two trees are walked side by side, so no path is built, and the locks may be of any size.

use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// For each node and input, the earlier one in its place.
#[derive(Debug)]
pub(super) struct MatchedPlaces {
    nodes: Table<NodeTag, Option<NodeId>>,
    inputs: Table<InputTag, Option<InputId>>,
}

impl MatchedPlaces {
    pub(super) fn match_places(old: &Graph<'_, '_>, new: &Graph<'_, '_>) -> Self {
        let lock = new.lock();
        let mut nodes = Table::like(lock.nodes(), None);
        let mut inputs = Table::like(lock.inputs(), None);
        *nodes.at_mut(lock.root()) = Some(old.lock().root());
        // Holders come before what they hold.
        for &holder in new.reachable() {
            let Some(before) = *nodes.at(holder) else { continue };
            for input in new.inputs_of(holder) {
                let name = lock.input(input).name;
                let Some(was) = old.lock().input_named(before, name) else { continue };
                *inputs.at_mut(input) = Some(was);
                if let Some((now, was)) = owned(new, input).zip(owned(old, was)) {
                    *nodes.at_mut(now) = Some(was);
                }
            }
        }
        Self { nodes, inputs }
    }

    /// The earlier node in the place of this one.
    pub(super) fn node_before(&self, node: NodeId) -> Option<NodeId> {
        *self.nodes.at(node)
    }

    /// The earlier input in the place of this one.
    pub(super) fn input_before(&self, input: InputId) -> Option<InputId> {
        *self.inputs.at(input)
    }
}

/// The node that an input owns.
pub(super) fn owned(graph: &Graph<'_, '_>, input: InputId) -> Option<NodeId> {
    graph.end(input).filter(|end| graph.place(*end).is_some_and(|at| at.owner == Some(input)))
}
