//! Whether what is taken from a flake reaches its nixpkgs.
//!
//! From the root on: what it takes from each input, by its source; what those outputs take in
//! turn; and so on. A flake whose source was not read may take anything from all of its inputs.
//! Where only overlays, modules or library functions of such a flake are taken, it counts lightly:
//! most of them use the packages of whoever takes them.

use std::collections::BTreeSet;

use super::code::{Code, is_built};
use super::known_consumers::{self, KnownConsumer};
use super::role::Role;
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table};
use crate::source::evaluate::CodeFacts;
use crate::source::evaluate::Wanted;
use crate::source::evaluate::facts::{Place, Taken, Use};

/// How far something is taken, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Demand {
    /// What is certainly taken, or not known not to be.
    firm: Kinds,
    /// What is taken by way of something that probably does not use it.
    light: Kinds,
    /// Why it is light.
    because: Option<Light>,
}

/// Why something probably does not reach a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// A flake is known to be taken for something else.
    Known(&'static KnownConsumer, NodeId),
    /// Only overlays, modules or library functions of a flake are taken, whose source was not read.
    Soft(NodeId, Kinds),
}

/// A set of [`Taken`], and whether it is only assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u16);

/// Whether a slot is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is, or is not known not to be.
    Firm,
    /// Probably not.
    Light(Light),
    /// It is not.
    Not,
}

const ALL: [Taken; 10] = [
    Taken::Packages,
    Taken::Apps,
    Taken::Shells,
    Taken::Checks,
    Taken::Overlays,
    Taken::Modules,
    Taken::Lib,
    Taken::Templates,
    Taken::Source,
    Taken::Unknown,
];

impl Kinds {
    /// Anything, by code that was not read.
    const ASSUMED: Kinds = Kinds(1 << 15);

    fn one(taken: Taken) -> Self {
        let at = ALL.iter().position(|kind| *kind == taken).unwrap_or(0);
        Kinds(1 << at)
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// The kinds, in order.
    pub fn iter(self) -> impl Iterator<Item = Taken> {
        ALL.into_iter().filter(move |kind| self.0 & Kinds::one(*kind).0 != 0)
    }

    fn is_assumed(self) -> bool {
        self.0 & Self::ASSUMED.0 != 0
    }

    /// Whether it holds something that is built, or may.
    fn builds(self) -> bool {
        self.is_assumed() || self.iter().any(is_built)
    }

    /// Whether it holds overlays, modules or library functions.
    fn is_soft(self) -> bool {
        self.iter().any(|kind| matches!(kind, Taken::Overlays | Taken::Modules | Taken::Lib))
    }

    /// The outputs that provide it.
    fn outputs(self) -> impl Iterator<Item = Wanted> {
        let everything = self.is_assumed() || self.iter().any(|kind| kind == Taken::Unknown);
        let has = move |kind| everything || self.iter().any(|taken| taken == kind);
        [
            (Wanted::Built, self.builds()),
            (Wanted::Overlays, has(Taken::Overlays)),
            (Wanted::Modules, has(Taken::Modules)),
            (Wanted::Lib, has(Taken::Lib)),
        ]
        .into_iter()
        .filter(|(_, wanted)| *wanted)
        .map(|(wanted, _)| wanted)
    }
}

/// What is taken of every node.
#[derive(Debug)]
pub struct Demands(Table<NodeTag, Demand>);

/// Rounds of reading: each goes one flake deeper.
const ROUNDS: usize = 64;

impl Demands {
    /// Follows what is taken through all sources, reading what is needed for it.
    pub(super) fn find(
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        code: &mut Code,
    ) -> Self {
        for _ in 0..ROUNDS {
            let mut wanted = BTreeSet::new();
            let demands = propagate(graph, roles, code, &mut wanted);
            if wanted.is_empty() {
                return demands;
            }
            code.look_through(&wanted);
        }
        propagate(graph, roles, code, &mut BTreeSet::new())
    }

    /// Whether what is taken of a slot's holder reaches the slot.
    pub fn reach(&self, graph: &Graph<'_, '_>, code: &Code, slot: InputId) -> Reach {
        let holder = graph.edge(slot).holder;
        let demand = self.0.at(holder);
        let position = position(graph, slot);
        if let Some(flake) = code.flake(holder) {
            let used = |kinds: Kinds| {
                kinds.outputs().any(|wanted| {
                    flake
                        .run(wanted)
                        .is_none_or(|run| run.is_partial() || uses(run, position).is_some())
                })
            };
            return match (used(demand.firm), demand.because) {
                (true, _) => Reach::Firm,
                (false, Some(light)) if used(demand.light) => Reach::Light(light),
                (false, _) => Reach::Not,
            };
        }
        let known = known_consumers::find(graph.lock(), holder);
        let soft = demand.firm.with(demand.light);
        if soft.is_empty() {
            return Reach::Not;
        }
        if let Some(known) = known {
            return Reach::Light(Light::Known(known, holder));
        }
        if demand.firm.builds() {
            return Reach::Firm;
        }
        match demand.because {
            Some(light) if demand.firm.is_empty() => Reach::Light(light),
            _ if soft.is_soft() || soft.builds() => Reach::Light(Light::Soft(holder, soft)),
            _ => Reach::Not,
        }
    }

    /// Where a flake whose source was read uses a slot, for what is taken of it.
    pub fn use_of(&self, graph: &Graph<'_, '_>, code: &Code, slot: InputId) -> Option<Place> {
        let holder = graph.edge(slot).holder;
        let flake = code.flake(holder)?;
        let demand = self.0.at(holder);
        let outputs = demand.firm.with(demand.light).outputs();
        outputs
            .filter_map(|wanted| flake.run(wanted))
            .find_map(|run| uses(run, position(graph, slot)))
    }

    /// The runs of a flake's source that matter: of outputs that somebody takes.
    pub fn runs<'c>(&self, code: &'c Code, node: NodeId) -> Vec<&'c CodeFacts> {
        let Some(flake) = code.flake(node) else { return Vec::new() };
        let demand = self.0.at(node);
        let outputs = demand.firm.with(demand.light).outputs();
        outputs.filter_map(|wanted| flake.run(wanted)).collect()
    }
}

/// The position of an input among those of its holder: what evaluation knows it by.
pub fn position(graph: &Graph<'_, '_>, input: InputId) -> u32 {
    let holder = graph.edge(input).holder;
    // The inputs of a node are consecutive.
    let first = graph.inputs_of(holder).next().map_or(0, InputId::index);
    u32::try_from(input.index().saturating_sub(first)).unwrap_or(u32::MAX)
}

/// Where packages of an input are used.
fn uses(run: &CodeFacts, input: u32) -> Option<Place> {
    let taken = ALL.into_iter().filter(|kind| is_built(*kind));
    let taken = taken.filter_map(|kind| run.taken.get(&(input, kind)));
    let used = [Use::LegacyPackages, Use::Import, Use::HandedOn].into_iter();
    let used = used.filter_map(|what| run.uses.get(&(input, what)));
    let made = run.instances.iter().filter(|made| made.base == Some(input) && made.used);
    taken.chain(used).copied().chain(made.filter_map(|made| made.made_at)).next()
}

fn propagate(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    code: &Code,
    wanted: &mut BTreeSet<(NodeId, Wanted)>,
) -> Demands {
    let lock = graph.lock();
    let mut demands: Table<NodeTag, Demand> = Table::like(lock.nodes(), Demand::default());
    let mut open: Vec<NodeId> = Vec::new();
    let give = |demands: &mut Table<NodeTag, Demand>,
                open: &mut Vec<NodeId>,
                input: InputId,
                kinds: Kinds,
                light: Option<Light>| {
        let Some(end) = graph.end(input) else { return };
        if end == lock.root() || *roles.at(end) != Role::Flake {
            return;
        }
        let demand = demands.at_mut(end);
        let before = *demand;
        match light {
            None => demand.firm = demand.firm.with(kinds),
            Some(light) => {
                demand.light = demand.light.with(kinds);
                demand.because.get_or_insert(light);
            }
        }
        if *demand != before {
            open.push(end);
        }
    };
    let root = code.evaluated_root();
    for (input, at) in graph.inputs_of(lock.root()).zip(0..) {
        match root {
            None => give(&mut demands, &mut open, input, Kinds::ASSUMED, None),
            Some(facts) => {
                let kinds = ALL.into_iter().filter(|kind| facts.taken.contains_key(&(at, *kind)));
                let kinds = kinds.map(Kinds::one).fold(Kinds::default(), Kinds::with);
                if !kinds.is_empty() {
                    give(&mut demands, &mut open, input, kinds, None);
                } else if facts.is_partial() {
                    // Nobody knows that nothing is taken.
                    give(&mut demands, &mut open, input, Kinds::ASSUMED, None);
                }
            }
        }
    }
    while let Some(node) = open.pop() {
        let demand = *demands.at(node);
        if let Some(flake) = code.flake(node) {
            for (kinds, light) in [(demand.firm, None), (demand.light, demand.because)] {
                for output in kinds.outputs() {
                    let Some(run) = flake.run(output) else {
                        wanted.insert((node, output));
                        continue;
                    };
                    for (input, at) in graph.inputs_of(node).zip(0..) {
                        let taken = ALL.into_iter().filter(|k| run.taken.contains_key(&(at, *k)));
                        let taken = taken.map(Kinds::one).fold(Kinds::default(), Kinds::with);
                        if !taken.is_empty() {
                            give(&mut demands, &mut open, input, taken, light);
                        } else if run.is_partial() {
                            give(&mut demands, &mut open, input, Kinds::ASSUMED, light);
                        }
                    }
                }
            }
            continue;
        }
        // Not read: it may take anything, for whatever is taken of it.
        let known = known_consumers::find(lock, node).map(|known| Light::Known(known, node));
        let soft = (!demand.firm.builds()).then_some(Light::Soft(node, demand.firm));
        let light = known.or(soft.filter(|_| demand.firm.is_soft()));
        for input in graph.inputs_of(node) {
            if demand.firm.builds() || demand.firm.is_soft() {
                give(&mut demands, &mut open, input, Kinds::ASSUMED, light);
            }
            if !demand.light.is_empty() {
                give(&mut demands, &mut open, input, Kinds::ASSUMED, demand.because);
            }
        }
    }
    Demands(demands)
}
