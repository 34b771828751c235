//! Whether anything that is built reaches a slot: by what outputs take, else by the table of known
//! flakes.

use std::collections::BTreeSet;

use super::kinds::UseLight;
use crate::graph::Graph;
use crate::instance::ground::Ground;
use crate::instance::settings::Effect;
use crate::instance::verdict::{Seen, Verdicts};
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// Whether a slot is reached, and how certainly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Reached, or not known to be unreached.
    Firm,
    /// Probably not.
    Light(UseLight),
    /// Reached, but counts only for the expectation of a dependency that holds a wrapper.
    Below,
    /// Not reached.
    Not,
}

/// The data that decides whether slots are reached.
pub(super) enum Reaches {
    /// From the lock alone: for each node, the known flake that it is or is below.
    Expected(Table<NodeTag, Option<UseLight>>),
    Judged {
        slots: Table<InputTag, Reach>,
        /// Slots through which a package is seen.
        seen: BTreeSet<InputId>,
    },
}

impl Reaches {
    pub(super) fn compute(ground: Ground<'_, '_, '_>, verdicts: Option<&Verdicts>) -> Self {
        let Ground { graph, sources, .. } = ground;
        let Some(verdicts) = verdicts else {
            let mut known = known_uses(ground);
            if sources.evaluated_root().is_some_and(|reading| reading.defines_for_others) {
                for &node in graph.reachable() {
                    known.at_mut(node).get_or_insert(UseLight::ForOthers);
                }
            }
            return Self::Expected(known);
        };
        let mut reached = Table::like(ground.slots, Reach::Not);
        let mut seen = BTreeSet::new();
        for (id, mismatch) in verdicts.mismatches.iter() {
            let Some(slot) = mismatch.slot.filter(|_| mismatch.target.is_some()) else { continue };
            let reach = reached.at_mut(slot);
            if mismatch.is_firm() {
                *reach = Reach::Firm;
            } else if *reach == Reach::Not {
                *reach = Reach::Light(UseLight::Uncertain(id));
            }
            if matches!(mismatch.seen, Seen::Package(..)) {
                seen.insert(slot);
            }
        }
        // Below a dependency that holds a wrapper, its own wrapper is the standard, not the root's
        // builders: a slot there counts if anything of that dependency is taken.
        for node in sources.taken_nodes(graph, ground.roles) {
            for slot in graph.inputs_of(node) {
                let is_deep = graph.place(node).is_some_and(|place| place.depth > 1);
                let reach = reached.at_mut(slot);
                if is_deep
                    && *reach == Reach::Not
                    && verdicts.changed.contains(&slot)
                    && below_holder(ground, node)
                {
                    *reach = Reach::Below;
                }
            }
        }
        Self::Judged { slots: reached, seen }
    }

    pub(super) fn of(&self, graph: &Graph<'_, '_>, slot: InputId) -> Reach {
        match self {
            Self::Judged { slots, .. } => *slots.at(slot),
            Self::Expected(known) => {
                let light = *known.at(graph.edge(slot).holder);
                light.map_or(Reach::Firm, Reach::Light)
            }
        }
    }

    pub(super) fn is_seen(&self, slot: InputId) -> bool {
        matches!(self, Self::Judged { seen, .. } if seen.contains(&slot))
    }
}

/// Whether a node is below a flake, other than the root, that holds a nixpkgs which changes builds.
fn below_holder(ground: Ground<'_, '_, '_>, node: NodeId) -> bool {
    let mut below = node;
    while let Some(place) = ground.graph.place(below).filter(|place| place.owner.is_some()) {
        below = place.parent;
        let holds = ground.held_by(below).any(|id| {
            let wrapper = ground.wrappers.at(id);
            match wrapper.effect {
                Effect::Build => true,
                Effect::PermissionsOnly => false,
                Effect::Unknown => wrapper.evidence.kind.is_declared(),
            }
        });
        if holds {
            return below != ground.root();
        }
    }
    false
}

fn known_uses(ground: Ground<'_, '_, '_>) -> Table<NodeTag, Option<UseLight>> {
    let graph = ground.graph;
    let mut known = Table::like(graph.lock().nodes(), None);
    for &node in graph.reachable().iter().skip(1) {
        let above = graph.place(node).and_then(|place| *known.at(place.parent));
        let own = || {
            let line = ground.sources.known_flake(graph.lock(), node)?;
            line.brings_nothing().then_some(UseLight::Known(line, node))
        };
        *known.at_mut(node) = above.or_else(own);
    }
    known
}
