//! Building the graph: reachability first, then every input.

use std::cell::OnceCell;

use super::owner::Owners;
use super::{Edge, End, Graph, Overrides};
use crate::lock::{InputTag, Lock, LockError, Table};

impl<'l, 'a> Graph<'l, 'a> {
    /// Resolves every input of a lock, with `overrides` applied.
    ///
    /// # Errors
    /// What Nix refuses in a node that it reaches: values of the wrong kind, a missing `locked` or
    /// `original`, an input that names a missing node or the root (`src/libflake/lockfile.cc`,
    /// `getInputs` in the constructor of `LockFile`).
    pub fn build(lock: &'l Lock<'a>, overrides: &'l Overrides<'a>) -> Result<Self, LockError> {
        let root = lock.root();
        let end = End::Node(root);
        let unresolved = Edge { holder: root, end, next: None, steps: 0, is_changed: false };
        let mut edges: Table<InputTag, Edge> = Table::like(lock.inputs(), unresolved);
        for (node, written) in lock.nodes().iter() {
            for input in written.inputs.ids() {
                edges.at_mut(input).holder = node;
            }
        }
        for input in overrides.keys() {
            edges.at_mut(*input).is_changed = true;
        }
        let Owners { places, order, extra_owners } =
            Owners::find_owners(lock, overrides, &mut edges)?;
        super::resolve::resolve_all(lock, overrides, &places, &mut edges);
        Ok(Self { lock, overrides, edges, places, order, extra_owners, adjacency: OnceCell::new() })
    }
}
