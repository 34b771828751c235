//! The lock as a graph: every input resolved once, every node with its owner path.
//!
//! Nothing here knows nixpkgs. All of it is linear in the lock's size and without recursion;
//! input paths are never enumerated (a lock can hold 2^40 of them) and never stored.

mod adjacency;
mod build;
mod chain;
mod cycles;
mod find;
mod input_path;
mod owner;
mod resolve;

use std::cell::OnceCell;
use std::collections::BTreeMap;

pub use adjacency::Adjacency;
pub use chain::Chain;
pub use cycles::NodeCycle;
pub use input_path::InputPath;
pub use owner::OwnerPlace;

use crate::lock::{InputId, InputTag, Lock, NodeId, NodeTag, Table, Target};

/// Overrides applied to a lock: these inputs follow these paths instead of what is written.
pub type Overrides<'a> = BTreeMap<InputId, Vec<&'a str>>;

/// A lock whose inputs are resolved.
#[derive(Debug)]
pub struct Graph<'l, 'a> {
    lock: &'l Lock<'a>,
    overrides: &'l Overrides<'a>,
    edges: Table<InputTag, Edge>,
    places: Table<NodeTag, Option<OwnerPlace>>,
    order: Vec<NodeId>,
    /// Direct inputs that lead to a node that already has an owner.
    extra_owners: Vec<InputId>,
    adjacency: OnceCell<Adjacency>,
}

/// What an input resolves to.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The node that has the input.
    pub holder: NodeId,
    /// Where it ends after all follows.
    pub end: End,
    /// The next step of the chain: for a follows with a non-empty path, the input in which that
    /// path ends; for a broken follows, the input at which it breaks.
    pub next: Option<InputId>,
    /// Steps of the chain from here: 1 for a direct input.
    pub steps: u32,
    /// Whether something is laid over it: most inputs need not be looked up among overrides.
    is_changed: bool,
}

/// Where an input ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a node.
    Node(NodeId),
    /// Nowhere: a step of this input's path does not exist.
    Dangling {
        /// The input whose own path has the missing step.
        cause: InputId,
        /// Index of the missing name in that path.
        step: u32,
    },
    /// Nowhere: the follows lead in a circle.
    Cycle {
        /// The member of the cycle that is first by input path.
        cause: InputId,
    },
}

impl End {
    /// The node, if it ends at one.
    pub fn node(self) -> Option<NodeId> {
        match self {
            End::Node(node) => Some(node),
            End::Dangling { .. } | End::Cycle { .. } => None,
        }
    }
}

impl<'l, 'a> Graph<'l, 'a> {
    /// The lock that the graph was built from.
    pub fn lock(&self) -> &'l Lock<'a> {
        self.lock
    }

    /// Whether overrides are laid over the lock.
    pub fn is_changed(&self) -> bool {
        !self.overrides.is_empty()
    }

    /// Where an input leads, overrides applied.
    pub fn target(&self, id: InputId) -> Target<'l, 'a> {
        target(self.lock, self.overrides, self.edge(id), id)
    }

    /// The resolved edge of an input.
    pub fn edge(&self, id: InputId) -> &Edge {
        self.edges.at(id)
    }

    /// The node at which an input ends.
    pub fn end(&self, id: InputId) -> Option<NodeId> {
        self.edge(id).end.node()
    }

    /// Whether an input names its node directly rather than following another.
    pub fn is_direct(&self, id: InputId) -> bool {
        matches!(self.target(id), Target::Direct(_))
    }

    /// The reachable nodes, by depth and then by owner path; the root first.
    pub fn reachable(&self) -> &[NodeId] {
        &self.order
    }

    /// The inputs of a node, by name.
    pub fn inputs_of(&self, node: NodeId) -> impl DoubleEndedIterator<Item = InputId> + use<'a> {
        self.lock.node(node).inputs.ids()
    }

    /// Direct inputs beyond the first that lead to one node, in the order in which they are
    /// reached. Nix has not written such locks since version 7.
    pub fn extra_owners(&self) -> &[InputId] {
        &self.extra_owners
    }
}

/// Where an input leads, overrides applied.
fn target<'l, 'a>(
    lock: &'l Lock<'a>,
    overrides: &'l Overrides<'a>,
    edge: &Edge,
    id: InputId,
) -> Target<'l, 'a> {
    let over = if edge.is_changed { overrides.get(&id) } else { None };
    over.map_or_else(|| lock.target(id), |path| Target::Follows(path))
}

#[cfg(test)]
mod tests;
