//! The list of instances: each nixpkgs in use, how it is configured, and who uses it.

use std::collections::BTreeMap;

use super::analysis::Analysis;
use super::role::Role;
use super::slot::{Slot, is_lib_name};
use super::wrapper::WrapperId;
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{InstanceId, MadeBy as Made, MadeInstance};

/// One nixpkgs instance.
#[derive(Debug)]
pub struct Instance {
    /// The node that it is.
    pub node: NodeId,
    /// The plain nixpkgs that it is made of: the node itself, or the base of a wrapper.
    pub base: Option<NodeId>,
    /// How it comes about.
    pub made_by: InstanceOrigin,
    /// The slots that end at it, by input path.
    pub consumers: Vec<InputId>,
    /// The inputs of the root that end at it.
    pub held_by_root: Vec<InputId>,
}

/// How an instance is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceOrigin {
    /// Nixpkgs with default arguments.
    Raw,
    /// A wrapper flake.
    Wrapper(WrapperId),
    /// Made by the root's own code.
    Root(InstanceId),
}

impl Analysis<'_, '_, '_> {
    /// The instances in use, by owner path: wherever a slot of a consumer or an input of the root
    /// ends at nixpkgs.
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
                    Role::Nixpkgs => (InstanceOrigin::Raw, Some(node)),
                    Role::Configured(id) => (InstanceOrigin::Wrapper(id), self.wrapper(id).base),
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
        found.into_values().chain(self.made_by_root()).collect()
    }

    /// Instances that the root's own code makes, with settings or overlays.
    fn made_by_root(&self) -> Vec<Instance> {
        let Some(reading) = self.sources().evaluated_root() else { return Vec::new() };
        let mut told = Vec::new();
        let mut made_here = Vec::new();
        for (id, made) in reading.instances_with_ids() {
            let differs = !made.settings.is_empty() || made.overlays != Some(0);
            let is_made = match made.made_by {
                Made::Import | Made::Variant => made.used && differs,
                Made::Nixos | Made::HomeManager => made.used && !made.settings.is_empty(),
                Made::Extended => made.used && differs,
                Made::Legacy | Made::Callers => false,
            };
            // Instances that other flakes make are not the root's.
            let is_made = is_made && self.root_input(made).is_some();
            // One configuration may be evaluated in several places, such as for several hosts.
            let key = (made.base, made.made_by, &made.settings);
            let Some(base) = self.base_of(made).filter(|_| is_made && !told.contains(&key)) else {
                continue;
            };
            told.push(key);
            made_here.push(Instance {
                node: base,
                base: Some(base),
                made_by: InstanceOrigin::Root(id),
                consumers: Vec::new(),
                held_by_root: Vec::new(),
            });
        }
        made_here
    }

    /// The root's input that an instance is made from, if any.
    pub fn root_input(&self, made: &MadeInstance) -> Option<InputId> {
        let input = self.sources().input(self.graph(), made.base?)?;
        (self.graph().edge(input).holder == self.graph().lock().root()).then_some(input)
    }

    /// Whether the root's own outputs are made with an instance.
    pub fn is_own(&self, id: InstanceId) -> bool {
        let outputs =
            self.sources().evaluated_root().into_iter().flat_map(|reading| &reading.outputs);
        let mut builders = outputs.flat_map(|output| &output.builders);
        builders.any(|builder| builder.instance == id)
    }

    /// The nixpkgs that an instance of the root's code is made from.
    pub fn base_of(&self, made: &MadeInstance) -> Option<NodeId> {
        let graph = self.graph();
        let input = self.sources().input(graph, made.base?)?;
        let end = graph.end(input)?;
        match self.role(end) {
            // nix-darwin and similar flakes bring their own.
            Role::Flake => graph.end(self.own_nixpkgs(end)?),
            Role::Configured(id) if !made.keeps_settings => self.wrapper(id).base,
            Role::Nixpkgs | Role::Configured(_) => Some(end),
            _ => None,
        }
    }
}
