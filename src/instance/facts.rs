//! All that is known of a lock's instances, in the order in which it is found out.

use super::cause::{self, Cause};
use super::code::Code;
use super::expectation::{self, Expectation};
use super::on_the_cpu::{self, OnTheCpu};
use super::role::{self, Role};
use super::root_nixpkgs;
use super::slot::{self, Slot};
use super::verdict::{Judge, Verdicts};
use super::wrapper::{self, EvidenceKind, Wrapper, WrapperId};
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};
use crate::source::declare::Declarations;

/// What the user has said of inputs.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Inputs that carry the configured nixpkgs, the preferred one first.
    pub configured: Vec<DeclaredWrapper>,
    /// Further nodes that are raw nixpkgs.
    pub nixpkgs: Vec<NodeId>,
}

/// An input that the user declared as configured.
#[derive(Debug, Clone)]
pub struct DeclaredWrapper {
    /// The node where it ends.
    pub node: NodeId,
    /// `ConfigFile` or `Flag`.
    pub kind: EvidenceKind,
}

/// Roles, wrappers, slots, expectations and causes of one lock.
#[derive(Debug)]
pub struct Facts<'g, 'l, 'a> {
    code: &'g Code,
    graph: &'g Graph<'l, 'a>,
    roles: Table<NodeTag, Role>,
    wrappers: Vec<Wrapper>,
    slots: Table<InputTag, Slot>,
    expectations: Vec<Expectation>,
    verdicts: Option<Verdicts>,
    on_the_cpu: Vec<OnTheCpu>,
    causes: Vec<Cause>,
}

impl<'g, 'l, 'a> Facts<'g, 'l, 'a> {
    /// Finds everything out. Linear in the lock's size.
    pub fn find(graph: &'g Graph<'l, 'a>, declared: &Declared, code: &'g Code) -> Self {
        let (roles, wrappers) = role::find(graph, declared, code);
        let slots = slot::find(graph, &roles);
        let judge = Judge { graph, roles: &roles, wrappers: &wrappers, slots: &slots, code };
        let verdicts = judge.find();
        let on_the_cpu = verdicts.as_ref().map(|of| on_the_cpu::find(&judge, of));
        let on_the_cpu = on_the_cpu.unwrap_or_default();
        let met = verdicts.iter().flat_map(|verdicts| &verdicts.mismatches);
        let met = met.filter_map(|mismatch| mismatch.target).collect();
        let expectations = expectation::find(graph, &roles, &wrappers, &slots, &met);
        let verdict = verdicts.as_ref();
        let causes = cause::find(graph, &roles, &wrappers, &slots, &expectations, code, verdict);
        Self { code, graph, roles, wrappers, slots, expectations, verdicts, on_the_cpu, causes }
    }

    /// The graph they are facts of.
    pub fn graph(&self) -> &'g Graph<'l, 'a> {
        self.graph
    }

    /// What sources say.
    pub fn code(&self) -> &'g Code {
        self.code
    }

    /// What the root's flake.nix declares, if it was read.
    pub fn declarations(&self) -> Option<&'g Declarations> {
        self.code.declarations()
    }

    /// The role of a node.
    pub fn role(&self, node: NodeId) -> Role {
        *self.roles.at(node)
    }

    /// What an input is to its holder.
    pub fn slot(&self, input: InputId) -> Slot {
        *self.slots.at(input)
    }

    /// Whether the flake under audit is itself a wrapper: it exports a whole nixpkgs with settings,
    /// and nothing that is built from it.
    pub fn is_wrapper_itself(&self) -> bool {
        let Some(facts) = self.code.evaluated_root() else { return false };
        let whole = facts.exports.whole.as_ref();
        let made = whole.and_then(|whole| facts.instance(whole.instance));
        made.is_some_and(super::settings::changes_builds)
            && facts.exports.names.iter().all(|name| wrapper::is_beside_the_point(name))
    }

    /// The configured instances, by owner path; those that the user declared first, in the
    /// user's order.
    pub fn wrappers(&self) -> impl ExactSizeIterator<Item = (WrapperId, &Wrapper)> {
        self.wrappers.iter().enumerate().map(|(at, wrapper)| (WrapperId::new(at), wrapper))
    }

    /// One configured instance.
    pub fn wrapper(&self, id: WrapperId) -> &Wrapper {
        wrapper::at(&self.wrappers, id)
    }

    /// The configured instance that a node is.
    pub fn wrapper_of(&self, node: NodeId) -> Option<WrapperId> {
        match self.role(node) {
            Role::Configured(id) => Some(id),
            _ => None,
        }
    }

    /// Flakes that hold a configured instance, the root first.
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }

    /// What is built together and does not agree, where the root's outputs were read.
    pub fn verdicts(&self) -> Option<&Verdicts> {
        self.verdicts.as_ref()
    }

    /// Packages that outputs take without support for a GPU, beside the toolkit for it.
    pub fn on_the_cpu(&self) -> &[OnTheCpu] {
        &self.on_the_cpu
    }

    /// Whether outputs of the root are seen to be built from a wrapper that it holds; nothing where
    /// they were not read.
    pub fn builds_root(&self, wrapper: WrapperId) -> Option<bool> {
        Some(self.verdicts.as_ref()?.mains.contains(&wrapper))
    }

    /// Why slots are unconfigured, by input path.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The raw slots that a wrapper of the root would be expected in: what would be judged.
    pub fn raw_slots_below_root(&self) -> Vec<InputId> {
        cause::raw_slots_below_root(self.graph, &self.roles, &self.slots)
    }

    /// A flake's own `nixpkgs`: its input of that name; without one, its only raw nixpkgs.
    pub fn own_nixpkgs(&self, flake: NodeId) -> Option<InputId> {
        root_nixpkgs::find(self.graph, &self.roles, flake)
    }

    /// Whether an input ends at the root, at its own holder or an ancestor, or at a null flake.
    pub fn is_disabled(&self, input: InputId) -> bool {
        slot::is_disabled(self.graph, &self.roles, input)
    }
}
