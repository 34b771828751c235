//! Whether an input can be the configured nixpkgs that the user says it is.

use std::collections::BTreeSet;

use super::declared::Declared;
use super::role::Role;
use super::{recognition, roles, source};
use crate::graph::Graph;
use crate::lock::NodeId;

/// Why an input cannot be a configured nixpkgs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConfigured {
    /// It is NixOS/nixpkgs itself, which has no settings. A fork may have some.
    Nixpkgs,
    /// Neither its inputs nor theirs include a nixpkgs.
    TakesNone,
}

/// Why a node cannot be a configured nixpkgs, if that is certain.
pub fn not_configured(graph: &Graph<'_, '_>, node: NodeId) -> Option<NotConfigured> {
    let lock = graph.lock();
    if source::is_nixpkgs(lock, node) {
        return source::is_upstream(lock, node).then_some(NotConfigured::Nixpkgs);
    }
    let mut seen = BTreeSet::from([node]);
    let mut open = vec![node];
    while let Some(holder) = open.pop() {
        for input in graph.inputs_of(holder) {
            let end = graph.end(input);
            // An input of this name may be nixpkgs even if its source does not show it.
            if lock.input(input).name.contains("nixpkgs")
                || end.is_some_and(|end| source::is_nixpkgs(lock, end))
            {
                return None;
            }
            open.extend(end.filter(|end| seen.insert(*end)));
        }
    }
    Some(NotConfigured::TakesNone)
}

/// The root's inputs that look like wrappers, by the list or by name and shape, in their order.
pub fn lookalikes<'a>(graph: &Graph<'_, 'a>) -> Vec<&'a str> {
    let plain = roles::plain(graph, &Declared::default());
    let lock = graph.lock();
    let looks_like_one = |node: &NodeId| {
        *plain.at(*node) == Role::Flake && recognition::looks_like_one(graph, &plain, *node)
    };
    let inputs = graph.inputs_of(lock.root());
    let inputs = inputs.filter(|input| graph.end(*input).is_some_and(|end| looks_like_one(&end)));
    inputs.map(|input| lock.input(input).name).collect()
}
