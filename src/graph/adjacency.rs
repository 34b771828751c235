//! The graph as petgraph sees it: for walks in any direction.

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Graph;
use crate::lock::{InputId, NodeId};

/// Nodes of the lock, by index, and edges for its resolved inputs, both direct ones and follows.
#[derive(Debug)]
pub struct Adjacency(DiGraph<(), InputId>);

impl Adjacency {
    fn new(graph: &Graph<'_, '_>) -> Self {
        let lock = graph.lock();
        let mut adjacency = DiGraph::with_capacity(lock.nodes().len(), lock.inputs().len());
        for _ in lock.nodes().ids() {
            adjacency.add_node(());
        }
        for input in lock.inputs().ids() {
            let edge = graph.edge(input);
            if let Some(end) = edge.end.node() {
                adjacency.add_edge(index(edge.holder), index(end), input);
            }
        }
        Self(adjacency)
    }

    /// The graph for petgraph's algorithms.
    pub fn petgraph(&self) -> &DiGraph<(), InputId> {
        &self.0
    }

    /// The inputs, of any node, that end at this one; in the order of the lock.
    pub fn users(&self, node: NodeId) -> Vec<InputId> {
        let edges = self.0.edges_directed(index(node), Direction::Incoming);
        let mut users: Vec<_> = edges.map(|edge| *edge.weight()).collect();
        // petgraph iterates newest first.
        users.sort_unstable();
        users
    }
}

/// A node's index in petgraph.
pub(super) fn index(node: NodeId) -> NodeIndex {
    NodeIndex::new(node.index())
}

impl Graph<'_, '_> {
    /// The graph for walks in any direction; built when first asked for.
    pub fn adjacency(&self) -> &Adjacency {
        self.adjacency.get_or_init(|| Adjacency::new(self))
    }
}
