//! Facts about a lock that verdicts and causes are computed from.

use super::lock_sources::LockSources;
use super::role::Role;
use super::slot::Slot;
use super::wrapper::{Wrapper, WrapperId, WrapperTag};
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};
use crate::source::evaluate::facts::{InstanceId, Reading};

/// The facts that verdicts and causes are computed from: roles, slots, wrappers, and what sources
/// show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'s, 'l, 'a> {
    pub(super) graph: &'s Graph<'l, 'a>,
    pub(super) roles: &'s Table<NodeTag, Role>,
    pub(super) wrappers: &'s Table<WrapperTag, Wrapper>,
    pub(super) slots: &'s Table<InputTag, Slot>,
    pub(super) sources: &'s LockSources,
}

impl Ground<'_, '_, '_> {
    /// The root of the lock.
    pub(super) fn root(&self) -> NodeId {
        self.graph.lock().root()
    }

    /// The wrapper at a node.
    pub(super) fn wrapper_at(&self, node: NodeId) -> Option<WrapperId> {
        match self.roles.at(node) {
            Role::Configured(id) => Some(*id),
            Role::Root
            | Role::Nixpkgs
            | Role::NixpkgsLib
            | Role::Null
            | Role::Flake
            | Role::Source => None,
        }
    }

    /// The wrappers at which inputs of a flake end.
    pub(super) fn held_by(&self, flake: NodeId) -> impl Iterator<Item = WrapperId> + '_ {
        let ends = self.graph.inputs_of(flake).filter_map(|input| self.graph.end(input));
        ends.filter_map(|end| self.wrapper_at(end))
    }

    /// The input from which an instance is made.
    pub(super) fn input_of(&self, reading: &Reading, id: InstanceId) -> Option<InputId> {
        let made = reading.instances.get(id.index())?;
        self.sources.input(self.graph, made.base?)
    }
}
