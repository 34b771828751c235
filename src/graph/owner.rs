//! Owner paths: the direct inputs that lead from the root to a node.

use super::{Edge, End, Graph, InputPath, Overrides, target};
use crate::lock::{InputId, InputTag, Lock, LockError, Node, NodeId, NodeTag, Table, Target};

/// The place of a reachable node in the tree of owner paths.
#[derive(Debug, Clone, Copy)]
pub struct OwnerPlace {
    /// The direct input that owns the node; `None` for the root.
    pub owner: Option<InputId>,
    /// The node that holds it; the root for the root.
    pub parent: NodeId,
    /// Number of names in the owner path.
    pub depth: u32,
    /// The ancestor (or the node itself) at [`InputPath::HALF`] names, so that the start of a very
    /// long path can be found without walking all of it.
    pub upper: NodeId,
    /// Rank in the order of [`Graph::reachable`].
    pub rank: u32,
    /// Rank in depth-first order, and one past the last rank of the subtree: node a is above node b
    /// exactly if b's first rank is within a's.
    first: u32,
    last: u32,
}

/// What one walk along the direct inputs yields.
pub(super) struct Owners {
    pub(super) places: Table<NodeTag, Option<OwnerPlace>>,
    pub(super) order: Vec<NodeId>,
    pub(super) extra_owners: Vec<InputId>,
}

impl Owners {
    /// Walks breadth first, inputs in name order, so that a node's first owner is the shortest
    /// path, and the bytewise first of those. Resolves the direct inputs on the way.
    pub(super) fn find_owners(
        lock: &Lock<'_>,
        overrides: &Overrides<'_>,
        edges: &mut Table<InputTag, Edge>,
    ) -> Result<Self, LockError> {
        let root = lock.root();
        let mut places: Table<NodeTag, Option<OwnerPlace>> = Table::like(lock.nodes(), None);
        let mut order = Vec::with_capacity(lock.nodes().len());
        let mut extra_owners = Vec::new();
        let place = |owner, parent, depth, upper, rank: usize| OwnerPlace {
            owner,
            parent,
            depth,
            upper,
            rank: u32::try_from(rank).unwrap_or(u32::MAX),
            first: 0,
            last: 0,
        };
        *places.at_mut(root) = Some(place(None, root, 0, root, 0));
        order.push(root);
        let mut next = 0;
        while let Some(&holder) = order.get(next) {
            next += 1;
            check(lock, holder)?;
            let Some(above) = *places.at(holder) else { continue };
            for input in lock.node(holder).inputs.ids() {
                let Target::Direct(key) = target(lock, overrides, edges.at(input), input) else {
                    continue;
                };
                let node = direct_end(lock, holder, input, key)?;
                edges.at_mut(input).end = End::Node(node);
                edges.at_mut(input).steps = 1;
                if places.at(node).is_some() {
                    extra_owners.push(input);
                    continue;
                }
                let depth = above.depth + 1;
                let upper = if depth as usize <= InputPath::HALF { node } else { above.upper };
                let rank = order.len();
                *places.at_mut(node) = Some(place(Some(input), holder, depth, upper, rank));
                order.push(node);
            }
        }
        number_subtrees(&mut places, &order);
        Ok(Self { places, order, extra_owners })
    }
}

fn check(lock: &Lock<'_>, id: NodeId) -> Result<(), LockError> {
    let node = lock.node(id);
    if let Some(defect) = lock.defect(id) {
        return Err(lock.defect_error(id, defect));
    }
    if id == lock.root() {
        return Ok(());
    }
    for (member, reference) in [("locked", lock.locked(id)), ("original", lock.original(id))] {
        if reference.is_none() {
            let message = format!("node `{}` has no `{member}`", node.key);
            return Err(LockError::new(lock.text(), lock.node_key_span(id), message));
        }
    }
    Ok(())
}

fn direct_end(
    lock: &Lock<'_>,
    holder: NodeId,
    input: InputId,
    key: &str,
) -> Result<NodeId, LockError> {
    let Node { key: holder_key, .. } = lock.node(holder);
    let name = lock.input(input).name;
    let message = match lock.direct_end(input) {
        Some(node) if node != lock.root() => return Ok(node),
        Some(_) => {
            format!(
                "input `{name}` of node `{holder_key}` leads to the root: a lock cannot contain itself"
            )
        }
        None => format!("input `{name}` of node `{holder_key}` names a missing node `{key}`"),
    };
    Err(LockError::new(lock.text(), lock.input_target_span(holder, input), message))
}

/// Depth-first ranks without a depth-first walk: subtree sizes from the leaves up, then each node
/// takes its ranks from its parent's, all in breadth-first order.
fn number_subtrees(places: &mut Table<NodeTag, Option<OwnerPlace>>, order: &[NodeId]) {
    let mut sizes: Table<NodeTag, u32> = Table::like(places, 1);
    for &node in order.iter().skip(1).rev() {
        if let Some(place) = *places.at(node) {
            *sizes.at_mut(place.parent) += *sizes.at(node);
        }
    }
    // The first rank that is still free in each node's subtree.
    let mut free: Table<NodeTag, u32> = Table::like(places, 1);
    for &node in order {
        let Some(place) = *places.at(node) else { continue };
        let first = if place.owner.is_none() { 0 } else { *free.at(place.parent) };
        if place.owner.is_some() {
            *free.at_mut(place.parent) += *sizes.at(node);
        }
        *free.at_mut(node) = first + 1;
        if let Some(place) = places.at_mut(node) {
            place.first = first;
            place.last = first + *sizes.at(node);
        }
    }
}

impl Graph<'_, '_> {
    /// The place of a node; `None` if no input reaches it.
    pub fn place(&self, node: NodeId) -> Option<&OwnerPlace> {
        self.places.at(node).as_ref()
    }

    /// Whether an input reaches the node.
    pub fn is_reachable(&self, node: NodeId) -> bool {
        self.places.at(node).is_some()
    }

    /// Whether `node` is `above` itself or owned, directly or not, by it.
    pub fn is_within(&self, node: NodeId, above: NodeId) -> bool {
        match (self.place(node), self.place(above)) {
            (Some(node), Some(above)) => (above.first..above.last).contains(&node.first),
            _ => false,
        }
    }

    /// The depth-first ranks of a node's subtree, without the node's own.
    pub fn ranks_below(&self, node: NodeId) -> std::ops::Range<u32> {
        self.place(node).map_or(0..0, |place| place.first + 1..place.last)
    }

    /// Depth-first rank of a node.
    pub fn depth_first_rank(&self, node: NodeId) -> Option<u32> {
        self.place(node).map(|place| place.first)
    }

    /// Sort key that puts inputs in the order of their input paths: by depth, then by name.
    pub fn input_order(&self, input: InputId) -> (u32, InputId) {
        let holder = self.edge(input).holder;
        (self.place(holder).map_or(u32::MAX, |place| place.rank), input)
    }
}
