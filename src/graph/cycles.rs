//! Loops of direct inputs, on which Nix does not terminate.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeFiltered;

use super::Graph;
use crate::lock::{InputId, NodeId};

/// Nodes that own each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCycle {
    /// The direct input that closes the loop: it leads back to a node that already had an owner.
    pub closes: InputId,
    /// The nodes of the loop, by owner path.
    pub nodes: Vec<NodeId>,
}

impl Graph<'_, '_> {
    /// Loops of direct inputs among the reachable nodes, by the input that closes them.
    ///
    /// If no node has two owners, the direct inputs form a tree, and nothing is computed. Of
    /// petgraph's two algorithms, Kosaraju's is the one that does not recurse.
    pub fn node_cycles(&self) -> Vec<NodeCycle> {
        if self.extra_owners.is_empty() {
            return Vec::new();
        }
        let graph = self.adjacency().petgraph();
        let direct = EdgeFiltered::from_fn(graph, |edge| {
            self.is_direct(*edge.weight()) && self.is_reachable(self.edge(*edge.weight()).holder)
        });
        let components = kosaraju_scc(&direct);
        let mut component_of = crate::lock::Table::like(self.lock.nodes(), usize::MAX);
        for (number, component) in components.iter().enumerate() {
            for node in component {
                if let Some(id) = self.node_at(*node) {
                    *component_of.at_mut(id) = number;
                }
            }
        }
        let mut seen = vec![false; components.len()];
        let mut cycles = Vec::new();
        for &input in &self.extra_owners {
            let edge = self.edge(input);
            let Some(end) = edge.end.node() else { continue };
            let number = *component_of.at(end);
            let closes = number == *component_of.at(edge.holder);
            if !closes || seen.get(number).copied().unwrap_or(true) {
                continue;
            }
            if let Some(seen) = seen.get_mut(number) {
                *seen = true;
            }
            let members = components.get(number).map(Vec::as_slice).unwrap_or_default();
            let mut nodes: Vec<_> = members.iter().filter_map(|node| self.node_at(*node)).collect();
            nodes.sort_by_key(|node| self.place(*node).map(|place| place.rank));
            cycles.push(NodeCycle { closes: input, nodes });
        }
        cycles
    }

    fn node_at(&self, index: NodeIndex) -> Option<NodeId> {
        self.lock.nodes().id(index.index())
    }
}
