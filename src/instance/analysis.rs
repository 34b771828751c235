//! Everything known of a lock's instances, computed in dependency order.

use super::cause::{self, Cause, CauseTag};
use super::declared::Declared;
use super::expectation::{self, Expectation, ExpectationId, ExpectationTag};
use super::ground::Ground;
use super::lock_sources::LockSources;
use super::role::Role;
use super::slot::{self, Slot};
use super::verdict::{self, OnTheCpu, Verdicts};
use super::wrapper::{Wrapper, WrapperId, WrapperTag};
use super::{known_flakes, roles};
use crate::flake_ref::NixVersion;
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};
use crate::source::declare::Declarations;
use crate::source::substituter;

/// Roles, wrappers, slots, expectations and causes of one lock.
#[derive(Debug)]
pub struct Analysis<'g, 'l, 'a> {
    sources: &'g LockSources,
    graph: &'g Graph<'l, 'a>,
    roles: Table<NodeTag, Role>,
    wrappers: Table<WrapperTag, Wrapper>,
    slots: Table<InputTag, Slot>,
    expectations: Table<ExpectationTag, Expectation>,
    verdicts: Option<Verdicts>,
    on_the_cpu: Vec<OnTheCpu>,
    causes: Table<CauseTag, Cause>,
    requires_nix: Option<NixVersion>,
}

impl<'g, 'l, 'a> Analysis<'g, 'l, 'a> {
    /// Computes everything. Linear in the lock's size.
    pub fn new(graph: &'g Graph<'l, 'a>, declared: &Declared, sources: &'g LockSources) -> Self {
        let (roles, wrappers) = roles::known_roles(graph, declared, sources);
        let slots = slot::find_slots(graph, &roles);
        let ground = Ground { graph, roles: &roles, wrappers: &wrappers, slots: &slots, sources };
        let verdicts = verdict::judge_outputs(ground);
        let on_the_cpu = verdicts.as_ref().map(|of| verdict::on_the_cpu(ground, of));
        let on_the_cpu = on_the_cpu.unwrap_or_default();
        let targets = verdicts.iter().flat_map(|verdicts| verdicts.mismatches.iter());
        let targets = targets.filter_map(|(_, mismatch)| mismatch.target).collect();
        let expectations = expectation::find_expectations(ground, &targets);
        let causes = cause::find_causes(ground, &expectations, verdicts.as_ref());
        let requires_nix = declared.requires_nix;
        Self {
            sources,
            graph,
            roles,
            wrappers,
            slots,
            expectations,
            verdicts,
            on_the_cpu,
            causes,
            requires_nix,
        }
    }

    fn ground(&self) -> Ground<'_, 'l, 'a> {
        let Self { sources, graph, roles, wrappers, slots, .. } = self;
        Ground { graph, roles, wrappers, slots, sources }
    }

    /// The graph that was analysed.
    pub fn graph(&self) -> &'g Graph<'l, 'a> {
        self.graph
    }

    /// What was read from sources.
    pub fn sources(&self) -> &'g LockSources {
        self.sources
    }

    /// What the root's flake.nix declares, if it was read.
    pub fn declarations(&self) -> Option<&'g Declarations> {
        self.sources.declarations()
    }

    /// The oldest Nix that the flake must work with, if the user names one.
    pub fn requires_nix(&self) -> Option<NixVersion> {
        self.requires_nix
    }

    /// The role of a node.
    pub fn role(&self, node: NodeId) -> Role {
        *self.roles.at(node)
    }

    /// Whether an input is a slot, and which kind.
    pub fn slot(&self, input: InputId) -> Slot {
        *self.slots.at(input)
    }

    /// The configured instances, by owner path; those that the user declared first, in the
    /// user's order.
    pub fn wrappers(&self) -> impl ExactSizeIterator<Item = (WrapperId, &Wrapper)> {
        self.wrappers.iter()
    }

    /// One configured instance.
    pub fn wrapper(&self, id: WrapperId) -> &Wrapper {
        self.wrappers.at(id)
    }

    /// The configured instance of a node.
    pub fn wrapper_of(&self, node: NodeId) -> Option<WrapperId> {
        match self.role(node) {
            Role::Configured(id) => Some(id),
            _ => None,
        }
    }

    /// Flakes that hold a configured instance, the root first.
    pub fn expectations(&self) -> &[Expectation] {
        self.expectations.as_slice()
    }

    /// One expectation.
    pub fn expectation(&self, id: ExpectationId) -> &Expectation {
        self.expectations.at(id)
    }

    /// Mismatches between uses and their builders; `None` if the root's outputs were not read.
    pub fn verdicts(&self) -> Option<&Verdicts> {
        self.verdicts.as_ref()
    }

    /// Packages that outputs take without GPU support, beside the GPU toolkit.
    pub fn on_the_cpu(&self) -> &[OnTheCpu] {
        &self.on_the_cpu
    }

    /// Whether outputs of the root are built from a wrapper that it holds; `None` if they were not
    /// read.
    pub fn builds_root(&self, wrapper: WrapperId) -> Option<bool> {
        if let Some(verdicts) = &self.verdicts {
            return Some(verdicts.mains.contains(&wrapper));
        }
        // Flakes that only bring inputs to another have no outputs: `outputs = _: { }`.
        let read = self.sources.evaluated_root()?;
        let has_nothing = read.outputs.is_empty() && !read.defines_for_others && !read.cut_short;
        has_nothing.then_some(false)
    }

    /// Why slots are unconfigured, by input path.
    pub fn causes(&self) -> &[Cause] {
        self.causes.as_slice()
    }

    /// The same as a table, for their ids.
    pub(super) fn cause_table(&self) -> &Table<CauseTag, Cause> {
        &self.causes
    }

    /// The plain slots that would be judged if the root held a wrapper.
    pub fn raw_slots_below_root(&self) -> Vec<InputId> {
        cause::raw_slots_below_root(self.ground())
    }

    /// A flake's own `nixpkgs`: its input of that name; without one, its only plain nixpkgs.
    pub fn own_nixpkgs(&self, flake: NodeId) -> Option<InputId> {
        slot::own_nixpkgs(self.graph, &self.roles, flake)
    }

    /// The host of the binary cache that a flake names for its packages, from its source if that is on
    /// disk, else from the table of known flakes. The cache is lost if the flake follows another
    /// nixpkgs.
    pub fn binary_cache(&self, flake: NodeId) -> Option<String> {
        match self.sources.flake(flake) {
            Some(source) => substituter(source.files()),
            None => known_flakes::known_flake(self.graph.lock(), flake)?.cache.map(str::to_owned),
        }
    }

    /// Whether an input ends at the root, at its own holder or an ancestor, or at a null flake.
    pub fn is_disabled(&self, input: InputId) -> bool {
        slot::is_disabled(self.graph, &self.roles, input)
    }
}
