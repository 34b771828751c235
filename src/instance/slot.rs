//! Slots: the inputs through which flakes get their nixpkgs.

use super::role::Role;
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// What an input is to its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Not a slot: it ends elsewhere, its holder is no consumer, or it is a lib slot or disabled.
    No,
    /// It ends at plain nixpkgs.
    Raw {
        /// Whether it is (one of) the consumer's primary slots.
        primary: bool,
    },
    /// It ends at a configured nixpkgs.
    Configured {
        /// Whether it is (one of) the consumer's primary slots.
        primary: bool,
    },
}

impl Slot {
    /// Whether it is a primary slot.
    pub fn is_primary(self) -> bool {
        matches!(self, Slot::Raw { primary: true } | Slot::Configured { primary: true })
    }
}

/// Whether an input of this name is used for the library only, wherever it ends:
/// `flake-parts.inputs.nixpkgs-lib.follows = "nixpkgs"` is idiomatic.
pub fn is_lib_name(name: &str) -> bool {
    matches!(name, "nixpkgs-lib" | "nixlib" | "lib")
}

/// Whether an input ends at the root, at its own holder or an ancestor, or at a null flake: the
/// shapes that `follows = ""` takes.
pub(super) fn is_disabled(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    input: InputId,
) -> bool {
    let edge = graph.edge(input);
    edge.end.node().is_some_and(|end| {
        *roles.at(end) == Role::Null
            || (!graph.is_direct(input) && graph.is_within(edge.holder, end))
    })
}

/// The slots among all inputs.
pub(super) fn find_slots(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
) -> Table<InputTag, Slot> {
    let lock = graph.lock();
    let mut slots = Table::like(lock.inputs(), Slot::No);
    let mut found: Vec<(InputId, bool)> = Vec::new();
    for &consumer in graph.reachable() {
        if *roles.at(consumer) != Role::Flake {
            continue;
        }
        found.clear();
        found.extend(graph.inputs_of(consumer).filter_map(|input| {
            let configured = ends_at_nixpkgs(graph, roles, input)?;
            Some((input, configured))
        }));
        let named = found.iter().any(|(input, _)| lock.input(*input).name == "nixpkgs");
        for &(input, configured) in &found {
            let primary = !named || lock.input(input).name == "nixpkgs";
            *slots.at_mut(input) =
                if configured { Slot::Configured { primary } } else { Slot::Raw { primary } };
        }
    }
    slots
}

/// `Some(true)` if an input, not a lib slot and not disabled, ends at a configured nixpkgs;
/// `Some(false)` if at a plain one.
pub(super) fn ends_at_nixpkgs(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    input: InputId,
) -> Option<bool> {
    let configured = match roles.at(graph.end(input)?) {
        Role::Nixpkgs => false,
        Role::Configured(_) => true,
        _ => return None,
    };
    let plain = !is_lib_name(graph.lock().input(input).name) && !is_disabled(graph, roles, input);
    plain.then_some(configured)
}

/// Whether a flake holds a configured nixpkgs, its own or through follows.
pub(super) fn holds_configured(
    graph: &Graph<'_, '_>,
    slots: &Table<InputTag, Slot>,
    consumer: NodeId,
) -> bool {
    graph.inputs_of(consumer).any(|input| matches!(slots.at(input), Slot::Configured { .. }))
}

/// A flake's own `nixpkgs`: its input of that name; without one, its only input that ends at plain
/// nixpkgs; else unknown.
pub(super) fn own_nixpkgs(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    flake: NodeId,
) -> Option<InputId> {
    if let Some(named) = graph.lock().input_named(flake, "nixpkgs") {
        return Some(named);
    }
    let mut raw =
        graph.inputs_of(flake).filter(|input| ends_at_nixpkgs(graph, roles, *input) == Some(false));
    let only = raw.next()?;
    raw.next().is_none().then_some(only)
}
