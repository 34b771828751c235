//! The list of instances: each nixpkgs in use, how it is configured, and who uses it.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::role::Role;
use super::slot::{Slot, is_lib_name};
use super::wrapper::WrapperId;
use crate::lock::{InputId, NodeId};

/// One nixpkgs instance.
#[derive(Debug)]
pub struct Instance {
    /// The node that it is.
    pub node: NodeId,
    /// The raw nixpkgs that it is made of: the node itself, or what a wrapper is built on.
    pub base: Option<NodeId>,
    /// How it comes about.
    pub made_by: MadeBy,
    /// The slots that end at it, by input path.
    pub consumers: Vec<InputId>,
    /// The inputs of the root that end at it.
    pub held_by_root: Vec<InputId>,
}

/// How an instance comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeBy {
    /// It is nixpkgs with its default arguments.
    Raw,
    /// A wrapper flake.
    Wrapper(WrapperId),
}

impl Facts<'_, '_, '_> {
    /// The instances in use: where a slot of a consumer or an input of the root ends at nixpkgs.
    /// By owner path.
    pub fn instances(&self) -> Vec<Instance> {
        let graph = self.graph();
        let mut found: BTreeMap<(u32, NodeId), Instance> = BTreeMap::new();
        for &holder in graph.reachable() {
            let is_root = self.role(holder) == Role::Root;
            for input in graph.inputs_of(holder) {
                let is_slot = self.slot(input) != Slot::No;
                let is_held = is_root && !is_lib_name(graph.lock().input(input).name);
                if !is_slot && !is_held {
                    continue;
                }
                let Some(node) = graph.end(input) else { continue };
                let (made_by, base) = match self.role(node) {
                    Role::Nixpkgs => (MadeBy::Raw, Some(node)),
                    Role::Configured(id) => (MadeBy::Wrapper(id), self.wrapper(id).base),
                    _ => continue,
                };
                let rank = graph.place(node).map_or(u32::MAX, |place| place.rank);
                let instance = found.entry((rank, node)).or_insert_with(|| Instance {
                    node,
                    base,
                    made_by,
                    consumers: Vec::new(),
                    held_by_root: Vec::new(),
                });
                if is_slot {
                    instance.consumers.push(input);
                } else {
                    instance.held_by_root.push(input);
                }
            }
        }
        found.into_values().collect()
    }
}
