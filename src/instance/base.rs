//! The nixpkgs that each wrapper is built on.

use super::role::Role;
use super::slot::is_lib_name;
use super::wrapper::{Wrapper, WrapperTag};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table};

/// Whether an input of a possible wrapper is its nixpkgs: it ends at nixpkgs, or it is named so and
/// follows back to the wrapper or to what owns it (`wrapper-loop`).
pub(super) fn is_base(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    node: NodeId,
    input: InputId,
) -> bool {
    let name = graph.lock().input(input).name;
    let Some(end) = graph.end(input) else { return false };
    match roles.at(end) {
        Role::Nixpkgs | Role::Configured(_) => !is_lib_name(name),
        _ => name == "nixpkgs" && (graph.is_within(node, end) || *roles.at(end) == Role::Null),
    }
}

/// Finds the base of each wrapper, through wrappers of wrappers.
pub(super) fn find_bases(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    wrappers: &mut Table<WrapperTag, Wrapper>,
) {
    for id in wrappers.ids() {
        let wrapper = wrappers.at_mut(id);
        let bases = graph
            .inputs_of(wrapper.node)
            .filter(|input| is_base(graph, roles, wrapper.node, *input));
        let mut bases: Vec<_> = bases.collect();
        if bases.len() > 1 {
            bases.retain(|input| graph.lock().input(*input).name == "nixpkgs");
        }
        wrapper.base_input = bases.first().copied();
    }
    // A wrapper of a wrapper has the inner one's base. Each is visited once; wrappers that are
    // built on each other have none.
    let mut seen = Table::like(wrappers, false);
    let mut walk = Vec::new();
    for start in wrappers.ids() {
        walk.clear();
        let mut at = start;
        let base = loop {
            if *seen.at(at) {
                break wrappers.at(at).base;
            }
            *seen.at_mut(at) = true;
            walk.push(at);
            match wrappers.at(at).base_input.and_then(|input| graph.end(input)) {
                Some(end) => match roles.at(end) {
                    Role::Nixpkgs => break Some(end),
                    Role::Configured(inner) => at = *inner,
                    _ => break None,
                },
                None => break None,
            }
        };
        for &at in &walk {
            wrappers.at_mut(at).base = base;
        }
    }
}
