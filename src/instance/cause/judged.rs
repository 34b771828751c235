//! Which slots are judged by which expectation, and the last judged slot on each chain.

use std::collections::BTreeMap;

use crate::instance::expectation::ExpectationId;
use crate::instance::ground::Ground;
use crate::instance::role::Role;
use crate::instance::slot::{self, Slot};
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// What a node inherits from the nodes that own it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inherited<By> {
    /// The outermost firm expectation that applies to the node.
    expectation: Option<By>,
    /// Whether the node is a wrapper or below one.
    pub(super) in_wrapper: bool,
    /// Whether chains end at its inputs, because the flake holds a wrapper firmly.
    pub(super) is_holder: bool,
}

/// Which slots are judged, and where chains end.
pub(super) struct Judged<'s, 'l, 'a> {
    ground: Ground<'s, 'l, 'a>,
    inherited: Table<NodeTag, Inherited<ExpectationId>>,
    judged: Table<InputTag, Option<ExpectationId>>,
}

/// Slots with the same cause.
pub(super) struct SlotGroup {
    pub(super) cause: InputId,
    /// The slots by input path; the cause is one of them.
    pub(super) slots: Vec<InputId>,
}

impl<'s, 'l, 'a> Judged<'s, 'l, 'a> {
    /// Judges slots by these expectations, each with the flake that has it.
    pub(super) fn by(
        ground: Ground<'s, 'l, 'a>,
        firm: impl Iterator<Item = (ExpectationId, NodeId)>,
    ) -> Self {
        let inherited = inherit(ground, firm);
        let judged = judge(ground, &inherited);
        Self { ground, inherited, judged }
    }

    /// The expectation that a slot was judged by and fails.
    pub(super) fn expectation(&self, slot: InputId) -> Option<ExpectationId> {
        *self.judged.at(slot)
    }

    /// What a node inherits.
    pub(super) fn inherited(&self, node: NodeId) -> Inherited<ExpectationId> {
        *self.inherited.at(node)
    }

    /// The judged slots by cause, in the order of the causes' input paths.
    pub(super) fn groups(&self) -> BTreeMap<(u32, InputId), SlotGroup> {
        let causes = self.causes(|_| true);
        let mut groups: BTreeMap<(u32, InputId), SlotGroup> = BTreeMap::new();
        for &consumer in self.ground.graph.reachable() {
            for slot in self.ground.graph.inputs_of(consumer) {
                let Some(cause) = *causes.at(slot) else { continue };
                if self.judged.at(slot).is_some() {
                    let order = self.ground.graph.input_order(cause);
                    let group = groups.entry(order);
                    group
                        .or_insert_with(|| SlotGroup { cause, slots: Vec::new() })
                        .slots
                        .push(slot);
                }
            }
        }
        groups
    }

    /// Whether chains end at this input: inputs of the root, or of a flake that holds a wrapper,
    /// pin the version; inputs inside a wrapper are the wrapper's own matter.
    fn is_boundary(&self, input: InputId) -> bool {
        let holder = self.inherited.at(self.ground.graph.edge(input).holder);
        holder.is_holder || holder.in_wrapper
    }

    /// For each input, the last slot on its chain, before a boundary, that is judged and counts.
    pub(super) fn causes(&self, counts: impl Fn(Slot) -> bool) -> Table<InputTag, Option<InputId>> {
        self.along_chains(None, |input, next: Option<Option<InputId>>| {
            if self.is_boundary(input) {
                return None;
            }
            let later = next.flatten();
            let expectation =
                (*self.judged.at(input)).filter(|_| counts(*self.ground.slots.at(input)));
            match (later, expectation) {
                // Causes under another expectation need another wrapper.
                (Some(later), Some(_)) if *self.judged.at(later) == expectation => Some(later),
                (_, Some(_)) => Some(input),
                (later, None) => later,
            }
        })
    }

    /// For each input, whether the boundary that its chain runs into is a wrapper.
    pub(super) fn through_wrapper(&self) -> Table<InputTag, bool> {
        self.along_chains(false, |input, next| {
            if self.is_boundary(input) {
                self.inherited.at(self.ground.graph.edge(input).holder).in_wrapper
            } else {
                next.unwrap_or(false)
            }
        })
    }

    /// One value for every input, computed from that of the next input on its chain. Chains are
    /// walked with a memo and a stack, so each input is visited once.
    fn along_chains<T: Copy>(
        &self,
        initial: T,
        step: impl Fn(InputId, Option<T>) -> T,
    ) -> Table<InputTag, T> {
        let mut values = Table::like(self.ground.slots, initial);
        let mut done = Table::like(self.ground.slots, false);
        let mut stack = Vec::new();
        for start in self.ground.graph.lock().inputs().ids() {
            let mut at = Some(start);
            while let Some(input) = at.filter(|input| !*done.at(*input)) {
                // Mark it first, so that a cycle of follows ends here.
                *done.at_mut(input) = true;
                stack.push(input);
                at = self.ground.graph.edge(input).next;
            }
            while let Some(input) = stack.pop() {
                let next = self.ground.graph.edge(input).next.map(|next| *values.at(next));
                *values.at_mut(input) = step(input, next);
            }
        }
        values
    }
}

/// Passes expectations (each with its flake) and wrappers down the owner tree.
fn inherit<By: Copy>(
    ground: Ground<'_, '_, '_>,
    firm: impl Iterator<Item = (By, NodeId)>,
) -> Table<NodeTag, Inherited<By>> {
    let Ground { graph, roles, .. } = ground;
    let nothing = Inherited { expectation: None, in_wrapper: false, is_holder: false };
    let mut own: Table<NodeTag, Option<By>> = Table::like(graph.lock().nodes(), None);
    for (by, flake) in firm {
        *own.at_mut(flake) = Some(by);
    }
    let mut inherited = Table::like(graph.lock().nodes(), nothing);
    for &node in graph.reachable() {
        let Some(place) = graph.place(node) else { continue };
        let is_root = place.owner.is_none();
        let above = if is_root { nothing } else { *inherited.at(place.parent) };
        let from_parent = if is_root { None } else { *own.at(place.parent) };
        let expectation = above.expectation.or(from_parent.filter(|_| !above.in_wrapper));
        let in_wrapper = above.in_wrapper || matches!(roles.at(node), Role::Configured(_));
        let is_holder = is_root || (expectation.is_none() && own.at(node).is_some());
        *inherited.at_mut(node) = Inherited { expectation, in_wrapper, is_holder };
    }
    inherited
}

/// For each input, the expectation that it was judged by and fails.
fn judge<By: Copy>(
    ground: Ground<'_, '_, '_>,
    inherited: &Table<NodeTag, Inherited<By>>,
) -> Table<InputTag, Option<By>> {
    let Ground { graph, slots, .. } = ground;
    let mut judged = Table::like(slots, None);
    for &consumer in graph.reachable() {
        let handed = inherited.at(consumer);
        let Some(expectation) = handed.expectation.filter(|_| !handed.in_wrapper) else { continue };
        // It holds a configured nixpkgs, so a plain one beside it is deliberate, as in the root.
        let has_chosen = slot::holds_configured(graph, slots, consumer);
        for input in graph.inputs_of(consumer) {
            if let Slot::Raw { primary } = *slots.at(input)
                && !(primary && has_chosen)
            {
                *judged.at_mut(input) = Some(expectation);
            }
        }
    }
    judged
}

/// The slots that would be judged if the root held a wrapper firmly.
pub(in crate::instance) fn raw_slots_below_root(ground: Ground<'_, '_, '_>) -> Vec<InputId> {
    let judged = judge(ground, &inherit(ground, std::iter::once(((), ground.root()))));
    let graph = ground.graph;
    let of_consumers = graph.reachable().iter().flat_map(|consumer| graph.inputs_of(*consumer));
    of_consumers.filter(|input| judged.at(*input).is_some()).collect()
}
