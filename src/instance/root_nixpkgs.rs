//! Which input is a flake's own nixpkgs.

use super::role::Role;
use super::slot::ends_at_nixpkgs;
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table};

/// A flake's own `nixpkgs`: its input of that name; without one, its only input that ends at plain
/// nixpkgs; else unknown.
pub(super) fn own_nixpkgs(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    flake: NodeId,
) -> Option<InputId> {
    if let Some(named) = graph.lock().input_named(flake, "nixpkgs") {
        return Some(named);
    }
    let mut raw =
        graph.inputs_of(flake).filter(|input| ends_at_nixpkgs(graph, roles, *input) == Some(false));
    let only = raw.next()?;
    raw.next().is_none().then_some(only)
}
