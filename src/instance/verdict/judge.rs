//! The walk over all that outputs take in.

use std::collections::BTreeSet;

use super::builders;
use super::comparison::Comparison;
use super::main_instance::{Shared, main_wrappers};
use super::mismatch::{Main, Mismatch, Seen, Setting, SettingsDifference, Verdicts};
use super::profile::Profiles;
use super::{opaque, target};
use crate::instance::ground::Ground;
use crate::instance::known_flakes::{self, Age, Answer, KnownFlake};
use crate::instance::settings::Effect;
use crate::instance::slot::Slot;
use crate::instance::wrapper::WrapperId;
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{
    Builder, BuilderId, InstanceId, Output, OutputId, PackageKind, Reading, Taking, What,
};

/// All mismatches; `None` where nothing was read, or there is no output to be judged.
pub(in crate::instance) fn judge_outputs(ground: Ground<'_, '_, '_>) -> Option<Verdicts> {
    let reading = ground.sources.outputs()?;
    let profiles = Profiles::of(ground, reading);
    let mains = main_wrappers(reading, &profiles);
    let shared = Shared::of(ground, reading, &profiles, &mains);
    let mut verdicts = Verdicts { mains, ..Verdicts::default() };
    let judge = Judge { ground, reading, profiles, shared };
    let mut found = Vec::new();
    for (id, output) in reading.outputs_with_ids() {
        for taking in &output.uses {
            judge.write_down(id, output, taking, &mut verdicts);
            judge.judge(id, output, taking, &mut found);
        }
    }
    let mut held: Vec<WrapperId> = ground.held_by(ground.root()).collect();
    held.sort();
    for mismatch in &mut found {
        mismatch.target = target::of(ground, &held, mismatch);
    }
    verdicts.mismatches = found.into();
    Some(verdicts)
}

/// Holds what outputs take in against what takes it.
struct Judge<'j, 'l, 'a> {
    ground: Ground<'j, 'l, 'a>,
    reading: &'j Reading,
    profiles: Profiles,
    shared: Shared,
}

/// What a package is held against.
struct Against {
    main: Main,
    /// The builder that it is the main instance of; `None` for what stands for all outputs.
    builder: Option<BuilderId>,
    conditional: bool,
}

/// A package that is taken in.
struct Package<'p> {
    instance: InstanceId,
    name: &'p str,
    kind: PackageKind,
}

impl Judge<'_, '_, '_> {
    fn main(&self, instance: InstanceId) -> Main {
        Main::of(self.reading, &self.profiles, instance)
    }

    /// Writes down through which slots something is taken, and by whom.
    fn write_down(&self, id: OutputId, output: &Output, taking: &Taking, verdicts: &mut Verdicts) {
        let (slots, counts): (BTreeSet<InputId>, bool) = match &taking.what {
            What::Package { instance, kind, .. } => {
                let slot = self.ground.input_of(self.reading, *instance);
                (slot.into_iter().collect(), kind.is_changed())
            }
            What::Opaque { slot, name, .. } => {
                let graph = self.ground.graph;
                let input = self.ground.sources.input(graph, *slot);
                let of = input.and_then(|input| graph.end(input)).filter(|of| {
                    let known = known_flakes::answer(graph.lock(), *of, name);
                    known != Answer::Unchanged(Age::Near)
                });
                let slots = of.map(|of| opaque::slots(self.ground, true, of));
                (slots.into_iter().flatten().collect(), true)
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

    fn judge(&self, id: OutputId, output: &Output, taking: &Taking, found: &mut Vec<Mismatch>) {
        let around = builders::around(output, taking.builder);
        // What a Mac gets of a dependency is no matter of the GPU either.
        if around.is_empty() && (builders::is_for_macs(output) || !taking.is_outright) {
            return;
        }
        match &taking.what {
            What::Package { instance, name, kind } => {
                let package = Package { instance: *instance, name, kind: *kind };
                found.extend(self.package(id, output, taking, &around, &package));
            }
            What::Opaque { slot, name, .. } => {
                let Some(input) = self.ground.sources.input(self.ground.graph, *slot) else {
                    return;
                };
                let Some(of) = self.ground.graph.end(input) else { return };
                if let Some((innermost, builder)) = around.first() {
                    found.extend(self.beside(id, output, (*innermost, builder), of, input));
                }
                let seen = Seen::Opaque(of, input, name.clone());
                self.opaque(id, taking, around.first().map(|(_, builder)| *builder), seen, found);
            }
        }
    }

    /// A package held against the builders around it, the innermost first: the first mismatch.
    fn package(
        &self,
        output_id: OutputId,
        output: &Output,
        taking: &Taking,
        around: &[(BuilderId, &Builder)],
        package: &Package<'_>,
    ) -> Option<Mismatch> {
        let ground = self.ground;
        let input = ground.input_of(self.reading, package.instance);
        // One of the root's own came through none.
        let slot = input.filter(|input| ground.graph.edge(*input).holder != ground.root());
        let is_own = input.is_some() && slot.is_none();
        let against: Vec<Against> = match (&self.shared, around) {
            // A package that is picked as it is counts as of the root's own making.
            (Shared::One(main), []) if !is_own => {
                vec![Against { main: main.clone(), builder: None, conditional: false }]
            }
            (_, around) => builders::around_use(output, around, slot)
                .iter()
                .map(|(id, builder)| Against {
                    main: self.main(builder.instance),
                    builder: Some(*id),
                    conditional: builder.conditional,
                })
                .collect(),
        };
        against.into_iter().find_map(|against| {
            let Against { main, builder, conditional } = against;
            let compared = Comparison::new(ground, &self.profiles, &main, package.instance)?;
            let conditional = taking.conditional || conditional;
            let lack = compared.lack(package.name, package.kind);
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
            if compared.matters(&lack, package.kind) {
                let holds = main.certain || main.configuration.settings.is_empty();
                let conditional = conditional || lack.uncertain || !holds;
                // An overlay counts by a package that is seen.
                let is_override = |of: &Setting| matches!(of, Setting::Override(_));
                if conditional && lack.settings.iter().all(is_override) {
                    return None;
                }
                return Some(mismatch(SettingsDifference::Lacks(lack.settings), slot, conditional));
            }
            let differs = |more: &[Setting]| match package.kind {
                PackageKind::Switched(_) => true,
                kind => more.iter().any(|setting| match setting {
                    Setting::Named(key) => kind.is_changed_by(key),
                    Setting::Unknown | Setting::Override(_) => kind.is_changed(),
                }),
            };
            // What has more than its builder is a second one of what both are seen to hold.
            let builder = builder.filter(|_| lack.settings.is_empty())?;
            let more = compared.more().filter(|more| differs(more))?;
            let holds =
                builders::holds_without(output, builder, &self.profiles, &more, package.name);
            // What follows a wrapper is right: the root's own is not.
            let slot =
                slot.filter(|slot| !matches!(ground.slots.at(*slot), Slot::Configured { .. }));
            holds.then(|| mismatch(SettingsDifference::HasMore(more), slot, conditional))
        })
    }

    /// Something that was not read, held against the innermost builder: each slot that it may be
    /// built from.
    fn opaque(
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
        let known = known_flakes::held_against(self.ground.graph.lock(), *of, name, settings);
        let (of, deep, seen) = match known {
            Answer::Unchanged(Age::Near) => return,
            // Its source was read as far as it goes, and showed no package that contradicts the list.
            Answer::Unchanged(Age::Other) if self.ground.sources.done_by(*of).is_some() => return,
            // As its source would show it, which names no other flake's slots.
            Answer::Changed(package, _) => (*of, false, Seen::Package(package.to_owned(), None)),
            Answer::Unchanged(Age::Other) | Answer::NotKnown => {
                (*of, main.configuration.wrapper.is_some(), seen)
            }
        };
        found.extend(opaque::slots(self.ground, deep, of).into_iter().map(|slot| Mismatch {
            difference: SettingsDifference::Lacks(Setting::named(&main.configuration.settings)),
            slot: Some(slot),
            instance: None,
            seen: seen.clone(),
            conditional: conditional || !main.certain || known.is_of_another_time(),
            output,
            target: None,
            main: main.clone(),
        }));
    }

    /// A package that a plain builder is seen to hold, beside something that was not read and
    /// follows a configured nixpkgs: perhaps that has a second one.
    fn beside(
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
        let known = known_flakes::known_flake(ground.graph.lock(), of);
        if known.is_some_and(KnownFlake::adds_nothing) {
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
