//! The graph backwards: the users of a node, their users, and so on up to the root.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::row::{Fold, Row, Rows, Spot, laid_out};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId};

/// The users of a node as a tree, with open and closed rows.
///
/// As in the tree of inputs, a node is open in one place only, so that there are no more rows than
/// inputs in the lock.
#[derive(Debug)]
pub(super) struct Users {
    /// The node whose users are shown.
    pub node: NodeId,
    /// The row below which a node's users are shown.
    open: BTreeMap<NodeId, Spot>,
    pub(super) rows: Rows,
}

impl Users {
    /// The users of a node.
    pub(super) fn new(graph: &Graph<'_, '_>, node: NodeId) -> Self {
        let mut users = Self { node, open: BTreeMap::new(), rows: Rows::default() };
        users.open.insert(node, Spot::Node(node));
        users.lay_out(graph);
        // Select the first user, which is what was asked for.
        users.rows.select(1);
        users
    }

    /// Opens or closes a row. If the same node is open below another row, that one is closed.
    pub(super) fn set_open(&mut self, graph: &Graph<'_, '_>, spot: Spot, open: bool) {
        let node = user(graph, spot);
        let is_here = self.open.get(&node) == Some(&spot);
        if open && !is_here {
            self.open.insert(node, spot);
        } else if !open && is_here {
            self.open.remove(&node);
        }
        self.lay_out(graph);
        self.rows.select_spot(spot);
    }

    /// Opens everything, each node at its first row; or closes everything except the node itself.
    pub(super) fn set_all_open(&mut self, graph: &Graph<'_, '_>, open: bool) {
        let spot = self.rows.selected().map(|row| row.spot);
        self.open.clear();
        self.open.insert(self.node, Spot::Node(self.node));
        let mut next = vec![self.node];
        while let Some(node) = next.pop().filter(|_| open) {
            for input in users_of(graph, node) {
                let holder = graph.edge(input).holder;
                if let Entry::Vacant(entry) = self.open.entry(holder) {
                    entry.insert(Spot::Input(input));
                    next.push(holder);
                }
            }
        }
        self.lay_out(graph);
        if !spot.is_some_and(|spot| self.rows.select_spot(spot)) {
            self.rows.select(0);
        }
    }

    /// Builds the visible rows. Costs what is open, not what is in the lock.
    fn lay_out(&mut self, graph: &Graph<'_, '_>) {
        let top = Spot::Node(self.node);
        let top = Row { fold: self.fold(graph, top), ..Row::plain(top) };
        let fold = |input| self.fold(graph, Spot::Input(input));
        let rows = laid_out(top, fold, |spot| users_of(graph, user(graph, spot)).into_iter());
        self.rows.replace(rows);
    }

    fn fold(&self, graph: &Graph<'_, '_>, spot: Spot) -> Fold {
        let node = user(graph, spot);
        match self.open.get(&node) {
            _ if !is_used(graph, node) => Fold::Leaf,
            Some(below) if *below == spot => Fold::Open,
            Some(_) => Fold::Elsewhere,
            None => Fold::Closed,
        }
    }
}

/// The node whose users are below a row: for an input its holder.
fn user(graph: &Graph<'_, '_>, spot: Spot) -> NodeId {
    match spot {
        Spot::Input(input) => graph.edge(input).holder,
        Spot::Node(node) => node,
        _ => graph.lock().root(),
    }
}

/// The inputs of reachable nodes that end at a node, by input path.
pub(super) fn users_of(graph: &Graph<'_, '_>, node: NodeId) -> Vec<InputId> {
    let mut users = graph.adjacency().users(node);
    users.retain(|user| graph.is_reachable(graph.edge(*user).holder));
    users.sort_by_key(|user| graph.input_order(*user));
    users
}

/// Whether a node has users.
fn is_used(graph: &Graph<'_, '_>, node: NodeId) -> bool {
    let adjacency = graph.adjacency().petgraph();
    let mut users = adjacency.edges_directed(NodeIndex::new(node.index()), Direction::Incoming);
    users.any(|user| graph.is_reachable(graph.edge(*user.weight()).holder))
}
