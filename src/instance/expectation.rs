//! Expectations: a configured instance that a flake holds is expected in its whole subtree.

use std::collections::BTreeSet;

use super::ground::Ground;
use super::role::Role;
use super::settings::Effect;
use super::slot::{self, Slot};
use super::wrapper::{Wrapper, WrapperId, WrapperTag};
use crate::flake_ref::Version;
use crate::graph::Graph;
use crate::lock::{Id, InputId, NodeId, NodeTag, Table};

/// Tag of [`ExpectationId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExpectationTag {}
/// An expectation of a lock.
pub type ExpectationId = Id<ExpectationTag>;

/// A flake that holds configured instances.
#[derive(Debug)]
pub struct Expectation {
    /// The flake: the root, or a dependency.
    pub flake: NodeId,
    /// The configured instances that it holds, each once; declared ones first, in the user's order.
    pub held: Vec<HeldWrapper>,
}

/// A configured instance that a flake holds.
#[derive(Debug, Clone, Copy)]
pub struct HeldWrapper {
    /// The instance.
    pub wrapper: WrapperId,
    /// The input by which the flake holds it.
    pub input: InputId,
    /// What shows that it is meant for the flake's dependencies, if anything.
    pub firm: Option<Firmness>,
    /// Whether it would be firm, if it were not built on a nixpkgs that is pinned only for it and
    /// its followers.
    pub aside: bool,
}

/// What shows that a wrapper is meant for the dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmness {
    /// The user declared it.
    Declared,
    /// It is the flake's own `nixpkgs`.
    OwnNixpkgs,
    /// It is built on the flake's own nixpkgs.
    BuiltOnOwnNixpkgs,
    /// Some dependency follows it already.
    Followed,
    /// Its settings change what is built.
    BuildSettings,
    /// An output is built from it, or with the same settings, and takes in something that lacks
    /// them.
    Met,
}

impl Expectation {
    /// Whether any instance that it holds is meant for its dependencies.
    pub fn is_firm(&self) -> bool {
        self.held.iter().any(|held| held.firm.is_some())
    }

    /// The instances that are meant for its dependencies.
    pub fn firm(&self) -> impl Iterator<Item = &HeldWrapper> {
        self.held.iter().filter(|held| held.firm.is_some())
    }
}

/// The flakes outside of wrappers that hold configured instances, by owner path.
pub(super) fn find_expectations(
    ground: Ground<'_, '_, '_>,
    targets: &BTreeSet<WrapperId>,
) -> Table<ExpectationTag, Expectation> {
    let Ground { graph, roles, wrappers, .. } = ground;
    let mut expectations = Table::default();
    if wrappers.is_empty() {
        return expectations;
    }
    let followers = followers(ground);
    let others = other_users(ground);
    let mut held: Vec<(WrapperId, InputId)> = Vec::new();
    for &flake in graph.reachable() {
        if !matches!(roles.at(flake), Role::Root | Role::Flake) {
            continue;
        }
        held.clear();
        held.extend(graph.inputs_of(flake).filter_map(|input| {
            let id = ground.wrapper_at(graph.end(input)?)?;
            slot::ends_at_nixpkgs(graph, roles, input).map(|_| (id, input))
        }));
        // Declared wrappers have the lowest ids, in the user's order. A wrapper that is held twice
        // is named by the input that owns it.
        held.sort_by_key(|(id, input)| (*id, !graph.is_direct(*input), *input));
        held.dedup_by_key(|(id, _)| *id);
        if held.is_empty() {
            continue;
        }
        let own = slot::own_nixpkgs(graph, roles, flake).and_then(|input| graph.end(input));
        let below = graph.ranks_below(flake);
        let held = held
            .iter()
            .map(|&(id, input)| {
                let wrapper = wrappers.at(id);
                let followed = || {
                    let ranks = followers.at(id);
                    let first = ranks.partition_point(|rank| *rank < below.start);
                    ranks.get(first).is_some_and(|rank| *rank < below.end)
                };
                let is_declared = wrapper.evidence.kind.is_declared();
                let shown = if wrapper.candidate {
                    // Nothing shows yet that a candidate is a wrapper at all.
                    None
                } else if is_declared {
                    Some(Firmness::Declared)
                } else if own == Some(wrapper.node) {
                    Some(Firmness::OwnNixpkgs)
                } else if own.is_some() && own == wrapper.base {
                    Some(Firmness::BuiltOnOwnNixpkgs)
                } else if followed() {
                    Some(Firmness::Followed)
                } else if wrapper.effect == Effect::Build {
                    Some(Firmness::BuildSettings)
                } else {
                    None
                };
                let others = *others.at(id);
                let aside =
                    !matches!(shown, None | Some(Firmness::Declared | Firmness::OwnNixpkgs))
                        && (others == Others::None || others == Others::Only(flake))
                        && names_another(graph, wrapper, own);
                let is_met = *roles.at(flake) == Role::Root && targets.contains(&id);
                let aside = aside && !is_met;
                let firm = shown.filter(|_| !aside).or(is_met.then_some(Firmness::Met));
                HeldWrapper { wrapper: id, input, firm, aside }
            })
            .collect();
        expectations.push(Expectation { flake, held });
    }
    expectations
}

/// Who uses the nixpkgs that a wrapper is built on, besides the wrapper and its followers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    None,
    /// One flake. If that flake holds the wrapper, it may have the nixpkgs only for that.
    Only(NodeId),
    Many,
}

/// For each wrapper, who else uses the nixpkgs that it is built on. One walk for all of them.
fn other_users(ground: Ground<'_, '_, '_>) -> Table<WrapperTag, Others> {
    let Ground { graph, roles, wrappers, slots, .. } = ground;
    let mut others = Table::like(wrappers, Others::None);
    let mut built: Table<NodeTag, Option<WrapperId>> = Table::like(graph.lock().nodes(), None);
    for (id, wrapper) in wrappers.iter() {
        let Some(base) = wrapper.base else { continue };
        // A nixpkgs that two wrappers are built on is pinned for neither alone.
        if let Some(first) = built.at_mut(base).replace(id) {
            *others.at_mut(first) = Others::Many;
            *others.at_mut(id) = Others::Many;
        }
    }
    for &holder in graph.reachable() {
        let inputs = || graph.inputs_of(holder);
        let mut followed: Option<BTreeSet<NodeId>> = None;
        for input in inputs() {
            let Some(id) = graph.end(input).and_then(|end| *built.at(end)) else { continue };
            let wrapper = wrappers.at(id);
            let followed = followed.get_or_insert_with(|| {
                let slots = inputs().filter(|at| matches!(slots.at(*at), Slot::Configured { .. }));
                slots.filter_map(|slot| graph.end(slot)).collect()
            });
            let is_follower =
                followed.contains(&wrapper.node) && !matches!(roles.at(holder), Role::Root);
            if is_follower || graph.is_within(holder, wrapper.node) {
                continue;
            }
            let others = others.at_mut(id);
            *others = match *others {
                Others::None => Others::Only(holder),
                Others::Only(known) if known == holder => Others::Only(holder),
                Others::Only(_) | Others::Many => Others::Many,
            };
        }
    }
    others
}

/// Whether a wrapper's base is asked for in another version than the flake's own nixpkgs.
///
/// If the base is only declared as `nixpkgs`, the branch of the wrapper's own repository decides,
/// provided that it is named like one of nixpkgs (`nixpkgs-unfree/nixos-24.05`).
fn names_another(graph: &Graph<'_, '_>, wrapper: &Wrapper, own: Option<NodeId>) -> bool {
    let version = |node| graph.lock().original(node).map_or(Version::Unnamed, Version::of);
    wrapper.base.zip(own).is_some_and(|(base, own)| {
        let named = match version(base) {
            Version::Unnamed => Some(version(wrapper.node)).filter(is_branch_of_nixpkgs),
            named => Some(named),
        };
        named.is_some_and(|named| named != version(own))
    })
}

/// Whether a version is named like one of nixpkgs' branches.
fn is_branch_of_nixpkgs(version: &Version) -> bool {
    let starts =
        |name: &str| ["nixos-", "nixpkgs-", "release-"].iter().any(|of| name.starts_with(of));
    matches!(version, Version::Branch(name) if starts(name))
}

/// The depth-first ranks of each wrapper's consumers, sorted.
fn followers(ground: Ground<'_, '_, '_>) -> Table<WrapperTag, Vec<u32>> {
    let graph = ground.graph;
    let mut followers = Table::from_fn(ground.wrappers, Vec::new);
    for (input, slot) in ground.slots.iter() {
        if !matches!(slot, Slot::Configured { .. }) {
            continue;
        }
        let wrapper = graph.end(input).and_then(|end| ground.wrapper_at(end));
        let rank = graph.depth_first_rank(graph.edge(input).holder);
        if let (Some(id), Some(rank)) = (wrapper, rank) {
            followers.at_mut(id).push(rank);
        }
    }
    for id in ground.wrappers.ids() {
        followers.at_mut(id).sort_unstable();
    }
    followers
}
