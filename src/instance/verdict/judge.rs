//! Compares everything that outputs take in with what takes it in.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::builders;
use super::comparison::{Comparison, TakenPackage};
use super::main_instance::{Shared, main_wrappers};
use super::mismatch::{LackedSetting, Main, Mismatch, Seen, SettingsDifference, Verdicts};
use super::profile::Profiles;
use super::{opaque, target};
use crate::instance::ground::Ground;
use crate::instance::known_flakes::{self, Age, KnownAnswer, KnownFlake};
use crate::instance::settings::Effect;
use crate::instance::slot::Slot;
use crate::instance::wrapper::WrapperId;
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{
    Builder, BuilderId, InstanceId, Output, OutputId, PackageKind, Reading, Taking, What,
};

/// All mismatches; `None` if no output was read.
pub(in crate::instance) fn judge_outputs(ground: Ground<'_, '_, '_>) -> Option<Verdicts> {
    let reading = ground.sources.outputs()?;
    let profiles = Profiles::of(ground, reading);
    let mains = main_wrappers(ground, reading, &profiles);
    let shared = Shared::of(ground, reading, &profiles, &mains);
    let mut verdicts = Verdicts { mains, ..Verdicts::default() };
    let judge = Judge { ground, reading, profiles, shared, last_slots: RefCell::default() };
    let mut found = Vec::new();
    for (id, output) in reading.outputs_with_ids() {
        let reported = judge.systems_that_differ(id, output);
        let mut of_output = Vec::new();
        for taking in &output.uses {
            judge.record_use(id, output, taking, &mut verdicts);
            judge.judge_use((id, output), taking, &reported, &mut of_output);
        }
        found.extend(told_once(of_output));
    }
    let mut held_by_root: Vec<WrapperId> = ground.held_by(ground.root()).collect();
    held_by_root.sort();
    for mismatch in &mut found {
        mismatch.target = target::choose(ground, &held_by_root, mismatch);
    }
    verdicts.mismatches = found.into();
    Some(verdicts)
}

/// Two copies of a package in one output are told by the one that lacks settings, if it is told, and not
/// again by the one that has more.
fn told_once(mut mismatches: Vec<Mismatch>) -> Vec<Mismatch> {
    let name = |of: &Mismatch| match &of.seen {
        Seen::Package(name, _) => Some(builders::last(name).to_owned()),
        Seen::Opaque(..) => None,
    };
    let lacks = |of: &&Mismatch| matches!(of.difference, SettingsDifference::Lacks(_));
    let told: BTreeSet<String> = mismatches.iter().filter(lacks).filter_map(name).collect();
    mismatches.retain(|of| {
        !matches!(of.difference, SettingsDifference::HasMore(_))
            || name(of).is_none_or(|name| !told.contains(&name))
    });
    mismatches
}

/// Compares uses with their builders.
struct Judge<'j, 'l, 'a> {
    ground: Ground<'j, 'l, 'a>,
    reading: &'j Reading,
    profiles: Profiles,
    shared: Shared,
    /// The slots that were last asked for: each use asks twice.
    last_slots: RefCell<Option<OpaqueSlots>>,
}

/// The slots that something of an unread flake may be built from, if asked for in depth.
struct OpaqueSlots {
    asked: (bool, NodeId),
    slots: Rc<[InputId]>,
}

/// What a package is compared with.
struct Standard {
    main: Main,
    /// The builder that `main` belongs to; `None` if it stands for all outputs.
    builder: Option<BuilderId>,
    conditional: bool,
}

impl Judge<'_, '_, '_> {
    fn main(&self, instance: InstanceId) -> Main {
        Main::of(self.reading, &self.profiles, instance)
    }

    fn known_flake(&self, node: NodeId) -> Option<&'static KnownFlake> {
        self.ground.sources.known_flake(self.ground.graph.lock(), node)
    }

    fn opaque_slots(&self, deep: bool, flake: NodeId) -> Rc<[InputId]> {
        let mut last = self.last_slots.borrow_mut();
        let asked = (deep, flake);
        if let Some(known) = last.as_ref().filter(|known| known.asked == asked) {
            return known.slots.clone();
        }
        let slots: Rc<[InputId]> = opaque::slots(self.ground, deep, flake).into();
        *last = Some(OpaqueSlots { asked, slots: slots.clone() });
        slots
    }

    /// Records through which slots something is taken, and by whom.
    fn record_use(&self, id: OutputId, output: &Output, taking: &Taking, verdicts: &mut Verdicts) {
        let (slots, counts): (BTreeSet<InputId>, bool) = match &taking.what {
            What::Package { instance, kind, .. } => {
                let slot = self.ground.input_of(self.reading, *instance);
                (slot.into_iter().collect(), kind.is_changed())
            }
            What::Opaque { slot, name, .. } => {
                let graph = self.ground.graph;
                let input = self.ground.sources.input(graph, *slot);
                let of = input.and_then(|input| graph.end(input)).filter(|of| {
                    let last_modified = graph.lock().last_modified(*of);
                    let known = known_flakes::answer(self.known_flake(*of), name, last_modified);
                    known != KnownAnswer::Unchanged(Age::Near)
                });
                let slots = of.map(|of| self.opaque_slots(true, of));
                (slots.iter().flat_map(|slots| slots.iter().copied()).collect(), true)
            }
        };
        let builder = taking.builder.and_then(|id| output.builders.get(id.index()));
        let configuration = builder.map(|builder| self.main(builder.instance).configuration);
        for slot in slots {
            verdicts.reached.insert(slot);
            if counts {
                verdicts.changed.insert(slot);
            }
            if let Some(configuration) = &configuration {
                verdicts.takers.entry(slot).or_default().insert((id, configuration.clone()));
            }
        }
    }

    /// The homes and containers whose nixpkgs lacks something of their host's, by a package of their
    /// own that this changes. That is a mismatch by itself, and what they take through the slots of
    /// dependencies is right where it is as they are.
    fn systems_that_differ(&self, id: OutputId, output: &Output) -> BTreeSet<BuilderId> {
        let mut differ = BTreeSet::new();
        if !output.builders.iter().any(|builder| builder.is_system && builder.outer.is_some()) {
            return differ;
        }
        for taking in &output.uses {
            let Some(package) = TakenPackage::of(taking) else { continue };
            let around = builders::enclosing(output, taking.builder);
            let system = around.iter().find(|(_, builder)| builder.is_system);
            let Some((system, _)) = system.filter(|(_, of)| of.instance == package.instance) else {
                continue;
            };
            if !differ.contains(system)
                && self.judge_package((id, output), taking, &around, &package).is_some()
            {
                differ.insert(*system);
            }
        }
        differ
    }

    fn judge_use(
        &self,
        (id, output): (OutputId, &Output),
        taking: &Taking,
        reported: &BTreeSet<BuilderId>,
        found: &mut Vec<Mismatch>,
    ) {
        let around = builders::enclosing(output, taking.builder);
        // GPU settings change nothing on a Mac.
        if around.is_empty() && (builders::is_for_macs(output) || !taking.is_outright) {
            return;
        }
        if let Some(package) = TakenPackage::of(taking) {
            let around = match self.slot_of(package.instance) {
                Some(_) => builders::up_to_reported(&around, reported),
                None => &around,
            };
            found.extend(self.judge_package((id, output), taking, around, &package));
            return;
        }
        let What::Opaque { slot, name, .. } = &taking.what else { return };
        let Some(input) = self.ground.sources.input(self.ground.graph, *slot) else { return };
        let Some(of) = self.ground.graph.end(input) else { return };
        let innermost = around.first();
        if let Some((id_of, builder)) = innermost {
            found.extend(self.judge_beside(id, output, (*id_of, builder), of, input));
        }
        let seen = Seen::Opaque(of, input, name.clone());
        self.judge_opaque(id, taking, innermost.map(|(_, builder)| *builder), seen, found);
    }

    /// The dependency's slot that an instance is made from. A slot of the root itself is no slot that
    /// can follow something.
    fn slot_of(&self, instance: InstanceId) -> Option<InputId> {
        let input = self.ground.input_of(self.reading, instance)?;
        (self.ground.graph.edge(input).holder != self.ground.root()).then_some(input)
    }

    /// Compares a package with the builders around it, the innermost first, and returns the first
    /// mismatch.
    fn judge_package(
        &self,
        (output_id, output): (OutputId, &Output),
        taking: &Taking,
        around: &[(BuilderId, &Builder)],
        package: &TakenPackage<'_>,
    ) -> Option<Mismatch> {
        let ground = self.ground;
        let slot = self.slot_of(package.instance);
        let is_own = slot.is_none() && ground.input_of(self.reading, package.instance).is_some();
        let against: Vec<Standard> = match (&self.shared, around) {
            // A package of the root's own that is a whole output is compared with nothing.
            (Shared::One(main), []) if !is_own => {
                vec![Standard { main: main.clone(), builder: None, conditional: false }]
            }
            (_, around) => around
                .iter()
                .map(|(id, builder)| Standard {
                    main: self.main(builder.instance),
                    builder: Some(*id),
                    conditional: builder.conditional,
                })
                .collect(),
        };
        against.into_iter().find_map(|against| {
            let Standard { main, builder, conditional } = against;
            let compared = Comparison::new(ground, &self.profiles, &main, package.instance)?;
            let conditional = taking.conditional || conditional;
            let lack = compared.lack(package);
            let mismatch = |difference, slot, conditional| Mismatch {
                main: main.clone(),
                difference,
                slot,
                instance: Some(package.instance),
                seen: Seen::Package(package.name.to_owned(), taking.place),
                conditional,
                output: output_id,
                target: None,
            };
            if compared.matters(&lack, package) {
                let holds = main.certain || main.configuration.settings.is_empty();
                let is_certain = compared.certainly_matters(&lack, package);
                let conditional = conditional || lack.uncertain || !holds || !is_certain;
                let mut lacked = lack.settings;
                let is_override = |of: &LackedSetting| matches!(of, LackedSetting::Override(_));
                // Settings that do not change the package are not what it lacks.
                if lacked.iter().all(|of| is_override(of) || !compared.changes(of, package)) {
                    lacked.retain(is_override);
                }
                // An overlay counts only by a package that certainly is there.
                if conditional && lacked.iter().all(is_override) {
                    return None;
                }
                return Some(mismatch(SettingsDifference::Lacks(lacked), slot, conditional));
            }
            let differs = |more: &[LackedSetting]| match package.kind {
                PackageKind::Switched(_) => true,
                kind => more.iter().any(|setting| match setting {
                    LackedSetting::Named(key) | LackedSetting::Other(key) => {
                        kind.is_changed_by(key)
                    }
                    LackedSetting::Unknown | LackedSetting::Override(_) => kind.is_changed(),
                }),
            };
            // With more settings than its builder, it is a second copy if both are seen to hold the
            // package. What it lacks does not change the package.
            let lacks = lack.settings.iter().any(|of| compared.changes(of, package));
            let builder = builder.filter(|_| !lacks)?;
            let more = compared.more().filter(|more| differs(more))?;
            let holds =
                builders::holds_without(output, builder, &self.profiles, &more, package.name);
            // A dependency that follows a wrapper is right: the root's instance is what differs.
            let slot =
                slot.filter(|slot| !matches!(ground.slots.at(*slot), Slot::Configured { .. }));
            holds.then(|| mismatch(SettingsDifference::HasMore(more), slot, conditional))
        })
    }

    /// Compares something that was not read with the innermost builder: one mismatch for each slot
    /// that it may be built from.
    fn judge_opaque(
        &self,
        output: OutputId,
        taking: &Taking,
        innermost: Option<&Builder>,
        seen: Seen,
        found: &mut Vec<Mismatch>,
    ) {
        let Seen::Opaque(of, _, name) = &seen else { return };
        let (main, conditional) = match (innermost, &self.shared) {
            (Some(builder), _) => {
                (self.main(builder.instance), taking.conditional || builder.conditional)
            }
            (None, Shared::One(main)) => (main.clone(), taking.conditional),
            (None, Shared::Perhaps(id)) => {
                (Main::of_wrapper(*id, self.ground.wrappers.at(*id), Vec::new()), true)
            }
            (None, Shared::None) => return,
        };
        if !self.profiles.expects(&main) || self.profiles.is_mac(main.instance) {
            return;
        }
        let settings = &main.configuration.settings;
        let last_modified = self.ground.graph.lock().last_modified(*of);
        let line = self.known_flake(*of);
        let known = known_flakes::answer_for_settings(line, name, last_modified, settings);
        let (of, deep, seen) = match known {
            KnownAnswer::Unchanged(Age::Near) => return,
            // Its source was read as far as possible, and shows no package that contradicts the list.
            KnownAnswer::Unchanged(Age::Other)
                if self.ground.sources.flake_facts(*of).is_some() =>
            {
                return;
            }
            // Treated as if its source had been read: then only its own slots count.
            KnownAnswer::Changed(package, _) => {
                (*of, false, Seen::Package(package.to_owned(), None))
            }
            KnownAnswer::Unchanged(Age::Other) | KnownAnswer::NotKnown => {
                (*of, main.configuration.wrapper.is_some(), seen)
            }
        };
        found.extend(self.opaque_slots(deep, of).iter().map(|slot| Mismatch {
            difference: SettingsDifference::Lacks(LackedSetting::named(
                &main.configuration.settings,
            )),
            slot: Some(*slot),
            instance: None,
            seen: seen.clone(),
            conditional: conditional || !main.certain || known.is_of_another_time(),
            output,
            target: None,
            main: main.clone(),
        }));
    }

    /// A package seen in a plain builder, beside something that was not read and follows a
    /// configured nixpkgs, which may contain a second copy.
    fn judge_beside(
        &self,
        output_id: OutputId,
        output: &Output,
        (builder_id, builder): (BuilderId, &Builder),
        of: NodeId,
        input: InputId,
    ) -> Option<Mismatch> {
        let ground = self.ground;
        let own = builder.instance;
        if self.profiles.get(own)?.expects || self.profiles.is_mac(Some(own)) {
            return None;
        }
        if self.known_flake(of).is_some_and(KnownFlake::adds_nothing) {
            return None;
        }
        let id = ground.graph.inputs_of(of).find_map(|slot| match ground.slots.at(slot) {
            Slot::Configured { primary: true } => ground.wrapper_at(ground.graph.end(slot)?),
            Slot::Configured { primary: false } | Slot::Raw { .. } | Slot::No => None,
        })?;
        let wrapper = ground.wrappers.at(id);
        if wrapper.effect != Effect::Build {
            return None;
        }
        let (name, place) = builders::first_changed(output, builder_id, own)?;
        Some(Mismatch {
            main: Main::of_wrapper(id, wrapper, Vec::new()),
            difference: SettingsDifference::Beside(input),
            slot: None,
            instance: Some(own),
            seen: Seen::Package(name.to_owned(), place),
            conditional: true,
            output: output_id,
            target: None,
        })
    }
}
