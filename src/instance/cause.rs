//! Causes: unconfigured slots told by the one input whose override cures them.
//!
//! A chain is walked once, from its end: the cause of a slot is the last judged slot on its chain
//! before the chain enters an input of the flake that holds the wrapper, or the wrapper itself.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::expectation::Expectation;
use super::known_flakes::{self, KnownFlake};
use super::load_bearing::LoadBearing;
use super::role::Role;
use super::slot::{self, Slot};
use super::target::{TargetChoice, Targets};
use super::verdict::{Seen, Verdicts};
use super::wrapper::{Effect, Wrapper, WrapperId, at};
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// Why one or more slots are unconfigured.
#[derive(Debug)]
pub struct Cause {
    /// The slot whose override cures what it explains.
    pub slot: InputId,
    /// Which rule it is a matter of.
    pub kind: CauseKind,
    /// Index of the expectation that it fails, in [`Facts::expectations`](super::Facts).
    pub expectation: usize,
    /// The instance that is expected.
    pub target: TargetChoice,
    /// The other slots that end at raw nixpkgs because of it, by input path.
    pub affects: Vec<InputId>,
    /// The slots to override: the cause itself, or, where it is a secondary slot that primary
    /// ones pass through, those.
    pub overrides: Vec<InputId>,
    /// `None` where the finding is firm; else why it is light.
    pub light: Option<Light>,
    /// A pin that would move with it.
    pub pin: Option<InputId>,
    /// An input that leads through it to something behind it.
    pub passing: Option<InputId>,
}

/// Which rule a cause is a matter of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseKind {
    /// A primary slot is unconfigured.
    Primary,
    /// The same, through the wrapper on purpose.
    ThroughWrapper,
    /// Only secondary slots are.
    Secondary,
}

/// Why a finding is light.
#[derive(Debug, Clone, Copy)]
pub enum Light {
    /// The wrapper is held by a dependency, not by the root.
    HeldByDependency,
    /// The wrapper's settings only permit packages.
    PermissionsOnly,
    /// What is taken of the consumer, or of one above it, probably does not reach the slot.
    Use(UseLight),
}

/// What is handed down from holder to node.
#[derive(Debug, Clone, Copy, Default)]
struct Inherited {
    /// The outermost firm expectation that the node stands under.
    expectation: Option<u32>,
    /// Whether the node stands inside a wrapper, or is one.
    in_wrapper: bool,
    /// Whether its inputs are where chains are cut: those of flakes that hold a wrapper firmly.
    is_holder: bool,
}

struct Search<'s, 'l, 'a> {
    graph: &'s Graph<'l, 'a>,
    slots: &'s Table<InputTag, Slot>,
    inherited: Table<NodeTag, Inherited>,
    judged: Table<InputTag, Option<u32>>,
}

/// The causes of a lock, by input path.
pub(super) fn find(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    wrappers: &[Wrapper],
    slots: &Table<InputTag, Slot>,
    expectations: &[Expectation],
    code: &Code,
    verdicts: Option<&Verdicts>,
) -> Vec<Cause> {
    if !expectations.iter().any(Expectation::is_firm) {
        return Vec::new();
    }
    let firm = (0..).zip(expectations).filter(|(_, e)| e.is_firm()).map(|(at, e)| (at, e.flake));
    let inherited = inherit(graph, roles, firm);
    let judged = judge(graph, slots, &inherited);
    let search = Search { graph, slots, inherited, judged };
    let groups = search.group();
    if groups.is_empty() {
        return Vec::new();
    }
    let holders = graph.reachable().iter().copied();
    let holders = holders.filter(|node| search.inherited.at(*node).is_holder);
    let bearing = LoadBearing::find(graph, holders, |node| search.inherited.at(node).in_wrapper);
    let popularity = popularity(graph, roles, slots, wrappers.len());
    let reached = Reaches::find(graph, roles, wrappers, slots, code, verdicts);
    let targets: Vec<_> = expectations
        .iter()
        .map(|expectation| {
            let popularity = |id: WrapperId| popularity.get(id.index()).copied().unwrap_or(0);
            Targets::of(expectation, wrappers, popularity)
        })
        .collect();
    let primary_causes = search.causes(|slot| slot.is_primary());
    let through = search.through_wrapper();
    groups
        .into_values()
        .filter_map(|mut group| {
            // What nothing reaches is no matter.
            group.slots.retain(|slot| match reached.of(graph, *slot) {
                Reach::Firm | Reach::Light(_) => true,
                // The root's own expectation is judged by what its outputs take.
                Reach::Below => {
                    let at = search.judged.at(*slot).and_then(|at| usize::try_from(at).ok());
                    let holder = at.and_then(|at| expectations.get(at));
                    holder.is_some_and(|holder| holder.flake != graph.lock().root())
                }
                Reach::Not => false,
            });
            if group.slots.is_empty() {
                return None;
            }
            let expectation = usize::try_from((*search.judged.at(group.cause))?).ok()?;
            let holder = expectations.get(expectation)?;
            let targets = targets.get(expectation)?.as_ref()?;
            let target = targets.choose(graph.end(group.cause));
            // A package that is seen counts through any slot.
            let counts = |slot: &InputId| slots.at(*slot).is_primary() || reached.is_seen(*slot);
            let primaries: Vec<_> = group.slots.iter().copied().filter(counts).collect();
            let kind = match primaries.first() {
                None => CauseKind::Secondary,
                Some(_) if *through.at(group.cause) => CauseKind::ThroughWrapper,
                Some(_) => CauseKind::Primary,
            };
            let mut overrides = vec![group.cause];
            if !primaries.is_empty() && !counts(&group.cause) {
                overrides = primaries.iter().filter_map(|slot| *primary_causes.at(*slot)).collect();
                overrides.sort_by_key(|slot| graph.input_order(*slot));
                overrides.dedup();
            }
            let only_permits = if target.unique {
                at(wrappers, target.wrapper).effect == Effect::PermissionsOnly
            } else {
                targets.only_permit
            };
            let light = lightness(&search, &reached, holder, only_permits, &primaries);
            let pin = overrides.iter().find_map(|slot| bearing.pin(*slot));
            let passing = overrides.iter().find_map(|slot| bearing.passing(*slot));
            let mut affects = group.slots;
            affects.retain(|slot| *slot != group.cause);
            Some(Cause {
                slot: group.cause,
                kind,
                expectation,
                target,
                affects,
                overrides,
                light,
                pin,
                passing,
            })
        })
        .collect()
}

/// Hands expectations (by number, with the flakes that have them) and wrappers down the owner tree.
fn inherit(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    firm: impl Iterator<Item = (u32, NodeId)>,
) -> Table<NodeTag, Inherited> {
    let mut own: Table<NodeTag, Option<u32>> = Table::like(graph.lock().nodes(), None);
    for (number, flake) in firm {
        *own.at_mut(flake) = Some(number);
    }
    let mut inherited = Table::like(graph.lock().nodes(), Inherited::default());
    for &node in graph.reachable() {
        let Some(place) = graph.place(node) else { continue };
        let is_root = place.owner.is_none();
        let above = if is_root { Inherited::default() } else { *inherited.at(place.parent) };
        let from_parent = if is_root { None } else { *own.at(place.parent) };
        let expectation = above.expectation.or(from_parent.filter(|_| !above.in_wrapper));
        let in_wrapper = above.in_wrapper || matches!(roles.at(node), Role::Configured(_));
        let is_holder = is_root || (expectation.is_none() && own.at(node).is_some());
        *inherited.at_mut(node) = Inherited { expectation, in_wrapper, is_holder };
    }
    inherited
}

/// Why something probably does not reach a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseLight {
    /// A flake is known to bring nothing that its own nixpkgs builds.
    Known(&'static KnownFlake, NodeId),
    /// What outputs take through it is not certain: the number of the first such mismatch.
    Uncertain(usize),
    /// The flake under audit builds nothing itself: it defines things for others.
    ForOthers,
}

/// Whether a slot is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It is, or is not known not to be.
    Firm,
    /// Probably not.
    Light(UseLight),
    /// It is, and counts where a dependency holds what is expected of it.
    Below,
    /// It is not.
    Not,
}

/// Whether slots are reached: by what outputs take, else by the list of known flakes.
enum Reaches {
    /// From the lock alone: for each node, the known flake that it is or stands below.
    Expected(Table<NodeTag, Option<UseLight>>),
    Judged {
        slots: Table<InputTag, Reach>,
        /// Slots through which a package is seen.
        seen: BTreeSet<InputId>,
    },
}

impl Reaches {
    fn find(
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        wrappers: &[Wrapper],
        slots: &Table<InputTag, Slot>,
        code: &Code,
        verdicts: Option<&Verdicts>,
    ) -> Self {
        let Some(verdicts) = verdicts else {
            let mut known = known_uses(graph);
            if code.evaluated_root().is_some_and(|reading| reading.defines_for_others) {
                for &node in graph.reachable() {
                    known.at_mut(node).get_or_insert(UseLight::ForOthers);
                }
            }
            return Self::Expected(known);
        };
        let mut reached = Table::like(slots, Reach::Not);
        let mut seen = BTreeSet::new();
        for (number, mismatch) in verdicts.mismatches.iter().enumerate() {
            let Some(slot) = mismatch.slot.filter(|_| mismatch.target.is_some()) else { continue };
            let reach = reached.at_mut(slot);
            if mismatch.is_firm() {
                *reach = Reach::Firm;
            } else if *reach == Reach::Not {
                *reach = Reach::Light(UseLight::Uncertain(number));
            }
            if matches!(mismatch.seen, Seen::Package(..)) {
                seen.insert(slot);
            }
        }
        // What a dependency holds a wrapper for is not held against what the root builds: it counts
        // where anything of it is taken.
        for node in code.taken_nodes(graph, roles) {
            for slot in graph.inputs_of(node) {
                let held = graph.place(node).is_some_and(|place| place.depth > 1);
                let reach = reached.at_mut(slot);
                if held
                    && *reach == Reach::Not
                    && verdicts.changed.contains(&slot)
                    && below_holder(graph, roles, wrappers, node)
                {
                    *reach = Reach::Below;
                }
            }
        }
        Self::Judged { slots: reached, seen }
    }

    fn of(&self, graph: &Graph<'_, '_>, slot: InputId) -> Reach {
        match self {
            Self::Judged { slots, .. } => *slots.at(slot),
            Self::Expected(known) => {
                let light = *known.at(graph.edge(slot).holder);
                light.map_or(Reach::Firm, Reach::Light)
            }
        }
    }

    fn is_seen(&self, slot: InputId) -> bool {
        matches!(self, Self::Judged { seen, .. } if seen.contains(&slot))
    }
}

/// Whether a flake other than the root that holds a nixpkgs which builds otherwise stands above a
/// node.
fn below_holder(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    wrappers: &[Wrapper],
    node: NodeId,
) -> bool {
    let mut below = node;
    while let Some(place) = graph.place(below).filter(|place| place.owner.is_some()) {
        below = place.parent;
        let holds = graph.inputs_of(below).filter_map(|input| graph.end(input)).any(|end| {
            match roles.at(end) {
                Role::Configured(id) => {
                    let wrapper = self::at(wrappers, *id);
                    match wrapper.effect {
                        Effect::Build => true,
                        Effect::PermissionsOnly => false,
                        _ => wrapper.evidence.kind.is_declared(),
                    }
                }
                _ => false,
            }
        });
        if holds {
            return below != graph.lock().root();
        }
    }
    false
}

fn known_uses(graph: &Graph<'_, '_>) -> Table<NodeTag, Option<UseLight>> {
    let mut known = Table::like(graph.lock().nodes(), None);
    for &node in graph.reachable().iter().skip(1) {
        let above = graph.place(node).and_then(|place| *known.at(place.parent));
        let own = || {
            let line = known_flakes::find(graph.lock(), node)?;
            line.brings_nothing().then_some(UseLight::Known(line, node))
        };
        *known.at_mut(node) = above.or_else(own);
    }
    known
}

/// For each input, the expectation by which it is judged and fails.
fn judge(
    graph: &Graph<'_, '_>,
    slots: &Table<InputTag, Slot>,
    inherited: &Table<NodeTag, Inherited>,
) -> Table<InputTag, Option<u32>> {
    let mut judged = Table::like(slots, None);
    for &consumer in graph.reachable() {
        let handed = inherited.at(consumer);
        let Some(expectation) = handed.expectation.filter(|_| !handed.in_wrapper) else { continue };
        // It has chosen, as the root has.
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
pub(super) fn raw_slots_below_root(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    slots: &Table<InputTag, Slot>,
) -> Vec<InputId> {
    let root = graph.lock().root();
    let judged = judge(graph, slots, &inherit(graph, roles, std::iter::once((0, root))));
    let of_consumers = graph.reachable().iter().flat_map(|consumer| graph.inputs_of(*consumer));
    of_consumers.filter(|input| judged.at(*input).is_some()).collect()
}

/// Slots that have one cause.
struct Group {
    cause: InputId,
    /// By input path, the cause among them.
    slots: Vec<InputId>,
}

impl Search<'_, '_, '_> {
    /// The judged slots by cause, in the order of the causes' input paths.
    fn group(&self) -> BTreeMap<(u32, InputId), Group> {
        let causes = self.causes(|_| true);
        let mut groups: BTreeMap<(u32, InputId), Group> = BTreeMap::new();
        for &consumer in self.graph.reachable() {
            for slot in self.graph.inputs_of(consumer) {
                let Some(cause) = *causes.at(slot) else { continue };
                if self.judged.at(slot).is_some() {
                    let order = self.graph.input_order(cause);
                    let group = groups.entry(order);
                    group.or_insert_with(|| Group { cause, slots: Vec::new() }).slots.push(slot);
                }
            }
        }
        groups
    }

    /// Whether chains are cut at this input: those that the root or a flake that holds a wrapper
    /// has itself (they pin the version), and those inside a wrapper.
    fn is_boundary(&self, input: InputId) -> bool {
        let holder = self.inherited.at(self.graph.edge(input).holder);
        holder.is_holder || holder.in_wrapper
    }

    /// For each input, the last slot on its chain, before a boundary, that is judged and counts.
    fn causes(&self, counts: impl Fn(Slot) -> bool) -> Table<InputTag, Option<InputId>> {
        self.along_chains(None, |input, next: Option<Option<InputId>>| {
            if self.is_boundary(input) {
                return None;
            }
            let later = next.flatten();
            let expectation = (*self.judged.at(input)).filter(|_| counts(*self.slots.at(input)));
            match (later, expectation) {
                // Only a cause under the same expectation can be cured the same way.
                (Some(later), Some(_)) if *self.judged.at(later) == expectation => Some(later),
                (_, Some(_)) => Some(input),
                (later, None) => later,
            }
        })
    }

    /// For each input, whether the boundary that its chain meets is a wrapper.
    fn through_wrapper(&self) -> Table<InputTag, bool> {
        self.along_chains(false, |input, next| {
            if self.is_boundary(input) {
                self.inherited.at(self.graph.edge(input).holder).in_wrapper
            } else {
                next.unwrap_or(false)
            }
        })
    }

    /// A value for every input, each from the value of the next input of its chain. Chains are
    /// walked with a memo and a stack, so all of it is one visit an input.
    fn along_chains<T: Copy>(
        &self,
        initial: T,
        step: impl Fn(InputId, Option<T>) -> T,
    ) -> Table<InputTag, T> {
        let mut values = Table::like(self.slots, initial);
        let mut done = Table::like(self.slots, false);
        let mut stack = Vec::new();
        for start in self.graph.lock().inputs().ids() {
            let mut at = Some(start);
            while let Some(input) = at.filter(|input| !*done.at(*input)) {
                // Marked at once, so that a cycle of follows ends here.
                *done.at_mut(input) = true;
                stack.push(input);
                at = self.graph.edge(input).next;
            }
            while let Some(input) = stack.pop() {
                let next = self.graph.edge(input).next.map(|next| *values.at(next));
                *values.at_mut(input) = step(input, next);
            }
        }
        values
    }
}

/// How many consumers follow each wrapper.
fn popularity(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    slots: &Table<InputTag, Slot>,
    wrappers: usize,
) -> Vec<usize> {
    let mut counts = vec![0; wrappers];
    for (input, slot) in slots.iter() {
        if let (Slot::Configured { .. }, Some(end)) = (slot, graph.end(input))
            && let Role::Configured(id) = roles.at(end)
            && let Some(count) = counts.get_mut(id.index())
        {
            *count += 1;
        }
    }
    counts
}

/// `None` if one of the primary slots makes the finding firm.
fn lightness(
    search: &Search<'_, '_, '_>,
    reached: &Reaches,
    holder: &Expectation,
    only_permits: bool,
    primaries: &[InputId],
) -> Option<Light> {
    if holder.flake != search.graph.lock().root() {
        return Some(Light::HeldByDependency);
    }
    if only_permits {
        return Some(Light::PermissionsOnly);
    }
    let mut first = None;
    for &slot in primaries {
        match reached.of(search.graph, slot) {
            Reach::Firm => return None,
            Reach::Light(light) => first = first.or(Some(Light::Use(light))),
            Reach::Below | Reach::Not => {}
        }
    }
    first
}
