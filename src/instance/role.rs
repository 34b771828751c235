//! Roles of nodes, told by their source.

use super::code::Code;
use super::facts::Declared;
use super::source::{self, SourceClass};
use super::wrapper::{self, EvidenceKind, Wrapper, WrapperId};
use crate::graph::Graph;
use crate::lock::{NodeId, NodeTag, Table};

/// What a node is, as far as nixpkgs is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The flake under audit.
    Root,
    /// Raw nixpkgs: upstream, a fork, a channel, or a patched nixpkgs under its own name.
    Nixpkgs,
    /// Only the library of nixpkgs: builds nothing.
    NixpkgsLib,
    /// A wrapper flake: its `legacyPackages` is a whole nixpkgs with arguments.
    Configured(WrapperId),
    /// A flake that provides nothing on purpose, for `follows` to disable an input.
    Null,
    /// Any other flake.
    Flake,
    /// An input with `flake = false`.
    Source,
}

/// The roles of all nodes, as references and the user tell them; wrappers are flakes here.
pub(super) fn plain(graph: &Graph<'_, '_>, declared: &Declared) -> Table<NodeTag, Role> {
    let mut roles = by_source(graph);
    for &node in &declared.nixpkgs {
        if node != graph.lock().root() {
            *roles.at_mut(node) = Role::Nixpkgs;
        }
    }
    roles
}

/// Whether a node of this role is nixpkgs, raw or configured.
pub(super) fn is_nixpkgs(role: Role) -> bool {
    matches!(role, Role::Nixpkgs | Role::Configured(_))
}

/// The roles of all nodes, and the wrappers among them.
pub(super) fn find(
    graph: &Graph<'_, '_>,
    declared: &Declared,
    code: &Code,
) -> (Table<NodeTag, Role>, Vec<Wrapper>) {
    let mut roles = plain(graph, declared);
    let mut wrappers = Vec::new();
    for wanted in &declared.configured {
        let detail = match wanted.kind {
            EvidenceKind::Flag => "declared by --configured",
            _ => "declared in flake-audit.toml",
        };
        if wanted.node != graph.lock().root() && !is_configured(&roles, wanted.node) {
            let evidence = wrapper::Evidence { kind: wanted.kind, detail: detail.into() };
            let made = wrapper::declared(graph, code, wanted.node, evidence);
            add(&mut roles, &mut wrappers, made);
        }
    }
    let undeclared = wrappers.len();
    let followed = wrapper::primarily_followed(graph);
    for &node in graph.reachable() {
        if *roles.at(node) == Role::Flake
            && let Some(made) = wrapper::recognize(graph, &roles, code, &followed, node)
        {
            wrappers.push(made);
        }
    }
    // A candidate is asked about where there is nothing better; elsewhere it is a flake like others.
    let sure = wrappers.iter().any(|wrapper| !wrapper.candidate);
    let held = |wrapper: &Wrapper| graph.place(wrapper.node).is_some_and(|place| place.depth == 1);
    wrappers.retain(|wrapper| !wrapper.candidate || (!sure && held(wrapper)));
    // Only now, so that being recognized does not depend on the order.
    for (at, made) in wrappers.iter().enumerate().skip(undeclared) {
        *roles.at_mut(made.node) = Role::Configured(WrapperId::new(at));
    }
    wrapper::find_bases(graph, &roles, &mut wrappers);
    (roles, wrappers)
}

fn add(roles: &mut Table<NodeTag, Role>, wrappers: &mut Vec<Wrapper>, made: Wrapper) {
    *roles.at_mut(made.node) = Role::Configured(WrapperId::new(wrappers.len()));
    wrappers.push(made);
}

fn is_configured(roles: &Table<NodeTag, Role>, node: NodeId) -> bool {
    matches!(roles.at(node), Role::Configured(_))
}

fn by_source(graph: &Graph<'_, '_>) -> Table<NodeTag, Role> {
    let lock = graph.lock();
    let mut roles = Table::like(lock.nodes(), Role::Flake);
    for node in lock.nodes().ids() {
        *roles.at_mut(node) = if node == lock.root() {
            Role::Root
        } else {
            match source::classify(lock, node) {
                SourceClass::Nixpkgs => Role::Nixpkgs,
                SourceClass::NixpkgsLib => Role::NixpkgsLib,
                SourceClass::Null => Role::Null,
                SourceClass::Other if lock.node(node).flake => Role::Flake,
                SourceClass::Other => Role::Source,
            }
        };
    }
    roles
}
