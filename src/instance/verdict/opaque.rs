//! Which slots something of an unread flake may be built from.

use std::collections::BTreeSet;

use crate::instance::ground::Ground;
use crate::instance::known_flakes::KnownFlake;
use crate::instance::role::Role;
use crate::instance::slot::{self, Slot};
use crate::lock::{InputId, NodeId};

/// The plain slots that something of a flake may be built from: beside inline settings its own,
/// beside a wrapper (`deep`) all of its subtree. The table of known flakes is asked before.
pub(super) fn slots(ground: Ground<'_, '_, '_>, deep: bool, flake: NodeId) -> Vec<InputId> {
    let graph = ground.graph;
    let mut found = Vec::new();
    let mut open = vec![flake];
    let mut seen: BTreeSet<NodeId> = BTreeSet::from([flake]);
    while let Some(node) = open.pop() {
        let known = ground.sources.known_flake(graph.lock(), node).filter(|_| node != flake);
        if known.is_some_and(KnownFlake::brings_nothing) {
            continue;
        }
        let has_chosen = slot::holds_configured(graph, ground.slots, node);
        for input in graph.inputs_of(node) {
            match *ground.slots.at(input) {
                Slot::Raw { primary } => {
                    let is_judged = !(primary && has_chosen);
                    if is_judged && (primary || deep) {
                        found.push(input);
                    }
                }
                Slot::Configured { .. } => {}
                Slot::No => {
                    let end = graph.end(input);
                    let end = end.filter(|end| *ground.roles.at(*end) == Role::Flake);
                    if let Some(end) = end.filter(|_| deep)
                        && seen.insert(end)
                    {
                        open.push(end);
                    }
                }
            }
        }
    }
    found.sort_by_key(|slot| graph.input_order(*slot));
    found
}
