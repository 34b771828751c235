//! The inputs as a tree from the root, with open and closed rows.
//!
//! A node's inputs are only below the input that owns it, so there are no more rows than inputs in
//! the lock, whatever the number of input paths.

use super::row::{Fold, Row, Rows, Spot, laid_out};
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// The tree: which nodes are open, and the visible rows.
#[derive(Debug)]
pub(super) struct InputTree {
    open: Table<NodeTag, bool>,
    pub(super) rows: Rows,
}

impl InputTree {
    /// The tree with the root open.
    pub(super) fn new(graph: &Graph<'_, '_>) -> Self {
        let mut open = Table::like(graph.lock().nodes(), false);
        *open.at_mut(graph.lock().root()) = true;
        let mut tree = Self { open, rows: Rows::default() };
        tree.lay_out(graph);
        tree
    }

    /// Opens or closes a node's inputs.
    pub(super) fn set_open(&mut self, graph: &Graph<'_, '_>, node: NodeId, open: bool) {
        *self.open.at_mut(node) = open;
        self.lay_out(graph);
    }

    /// Opens or closes everything; the root stays open.
    pub(super) fn set_all_open(&mut self, graph: &Graph<'_, '_>, open: bool) {
        let spot = self.rows.selected().map(|row| row.spot);
        self.open = Table::like(graph.lock().nodes(), open);
        *self.open.at_mut(graph.lock().root()) = true;
        self.lay_out(graph);
        // If its row disappears, select the nearest one above it.
        let mut at = spot;
        while let Some(spot) = at {
            if self.rows.select_spot(spot) {
                return;
            }
            at = parent_of(graph, spot);
        }
        self.rows.select(0);
    }

    /// Selects a node or an input, and opens everything above it.
    pub(super) fn reveal(&mut self, graph: &Graph<'_, '_>, spot: Spot) {
        let spot = match spot {
            Spot::Node(node) => row_of(graph, node),
            other => other,
        };
        let mut changed = false;
        let mut at = parent_of(graph, spot);
        while let Some(spot) = at {
            if let Some(node) = node_below(graph, spot) {
                changed |= !std::mem::replace(self.open.at_mut(node), true);
            }
            at = parent_of(graph, spot);
        }
        if changed {
            self.lay_out(graph);
        }
        if !self.rows.select_spot(spot)
            && let Some(above) = parent_of(graph, spot)
        {
            // There are no rows below unreachable nodes.
            self.rows.select_spot(above);
        }
    }

    /// Builds the visible rows. Costs what is open, not what is in the lock.
    fn lay_out(&mut self, graph: &Graph<'_, '_>) {
        let root = graph.lock().root();
        let top = Row { fold: self.fold(graph, root), ..Row::plain(Spot::Node(root)) };
        let fold = |input| match graph.end(input).filter(|_| graph.is_direct(input)) {
            None => Fold::Leaf,
            Some(node) if owns(graph, input, node) => self.fold(graph, node),
            Some(_) => Fold::Elsewhere,
        };
        let below =
            |spot| node_below(graph, spot).into_iter().flat_map(|node| graph.inputs_of(node));
        let mut rows = laid_out(top, fold, below);
        rows.extend(unreachable(graph).map(|node| Row::plain(Spot::Node(node))));
        self.rows.replace(rows);
    }

    fn fold(&self, graph: &Graph<'_, '_>, node: NodeId) -> Fold {
        Fold::of(!graph.lock().node(node).inputs.is_empty(), *self.open.at(node))
    }
}

/// The inputs of the reachable nodes in the order of their rows if everything is open.
pub(super) fn in_order(graph: &Graph<'_, '_>) -> Vec<InputId> {
    let mut order = Vec::with_capacity(graph.lock().inputs().len());
    let mut levels = vec![graph.inputs_of(graph.lock().root())];
    while let Some(inputs) = levels.last_mut() {
        let Some(input) = inputs.next() else {
            levels.pop();
            continue;
        };
        order.push(input);
        if let Some(node) = graph.end(input).filter(|node| owns(graph, input, *node)) {
            levels.push(graph.inputs_of(node));
        }
    }
    order
}

/// Indices of inputs in [`in_order`].
pub(super) fn positions(graph: &Graph<'_, '_>, order: &[InputId]) -> Table<InputTag, usize> {
    let mut positions = Table::like(graph.lock().inputs(), 0);
    for (position, input) in order.iter().enumerate() {
        *positions.at_mut(*input) = position;
    }
    positions
}

/// The nodes that no input reaches, in the order of the lock.
pub(super) fn unreachable(graph: &Graph<'_, '_>) -> impl Iterator<Item = NodeId> {
    graph.lock().nodes().ids().filter(|node| !graph.is_reachable(*node))
}

/// Whether a node's inputs are below this input.
fn owns(graph: &Graph<'_, '_>, input: InputId, node: NodeId) -> bool {
    graph.place(node).is_some_and(|place| place.owner == Some(input))
}

/// The row that stands for a node: the input that owns it, if any.
pub(super) fn row_of(graph: &Graph<'_, '_>, node: NodeId) -> Spot {
    graph.place(node).and_then(|place| place.owner).map_or(Spot::Node(node), Spot::Input)
}

/// The node whose inputs are below a row, if there may be any.
pub(super) fn node_below(graph: &Graph<'_, '_>, spot: Spot) -> Option<NodeId> {
    match spot {
        Spot::Node(node) => Some(node),
        Spot::Input(input) => graph.end(input).filter(|node| owns(graph, input, *node)),
        _ => None,
    }
}

/// The parent of a row: the row of its holder.
fn parent_of(graph: &Graph<'_, '_>, spot: Spot) -> Option<Spot> {
    match spot {
        Spot::Input(input) => Some(row_of(graph, graph.edge(input).holder)),
        _ => None,
    }
}
