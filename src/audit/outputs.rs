//! Outputs of the root, told: what each is built from, what it takes in, and what of it was read.

use std::collections::BTreeMap;

use super::report::{Report, ReportedOutput, ReportedUse};
use crate::graph::InputPath;
use crate::instance::{Facts, MadeBy, Role};
use crate::source::evaluate::facts::{
    InstanceId, Output, OutputId, PackageKind, Reading, SettingState, Taking, What,
};
use crate::source::gpu_packages::Gpu;

/// How many outputs there are.
pub(super) fn count(facts: &Facts<'_, '_, '_>) -> usize {
    facts.code().outputs().map_or(0, |reading| reading.outputs.len())
}

/// How many of them were not understood wholly. What is not on disk is told by findings.
pub(super) fn count_in_part(facts: &Facts<'_, '_, '_>) -> usize {
    let outputs = facts.code().outputs().into_iter().flat_map(|reading| &reading.outputs);
    outputs.filter(|output| !output.not_read.is_empty()).count()
}

/// The paths of outputs.
pub(super) fn paths(facts: &Facts<'_, '_, '_>, ids: &[OutputId]) -> Vec<Vec<String>> {
    let Some(reading) = facts.code().evaluated_root() else { return Vec::new() };
    let found = ids.iter().take(Report::LONGEST).filter_map(|id| reading.output(*id));
    found.map(|output| output.path.clone()).collect()
}

/// The outputs, in the order in which they are found.
pub(super) fn told<'a>(facts: &Facts<'_, '_, 'a>) -> Vec<ReportedOutput<'a>> {
    let Some(reading) = facts.code().outputs() else { return Vec::new() };
    let numbers = numbers(facts, reading);
    let outputs = reading.outputs.iter().take(Report::LONGEST);
    outputs.map(|output| tell(facts, reading, &numbers, output)).collect()
}

/// The numbers of instances in the report, by what evaluation knows them by.
fn numbers(facts: &Facts<'_, '_, '_>, reading: &Reading) -> BTreeMap<InstanceId, usize> {
    let listed = facts.instances();
    let mut numbers = BTreeMap::new();
    for (id, made) in reading.instances_with_ids() {
        let node = facts.base_of(made);
        let own = listed.iter().position(|known| known.made_by == MadeBy::Root(id));
        // With no settings of its own it is what its node is, whatever overlays a host adds.
        let plain = || {
            let of_node = |known: &crate::instance::Instance| {
                !matches!(known.made_by, MadeBy::Root(_)) && Some(known.node) == node
            };
            listed.iter().position(of_node).filter(|_| made.settings.is_empty())
        };
        // Of several that are made alike one is listed.
        let alike = || {
            listed.iter().position(|known| match known.made_by {
                MadeBy::Root(other) => reading.instances.get(other.index()).is_some_and(|other| {
                    other.base == made.base
                        && other.made_by == made.made_by
                        && other.settings == made.settings
                }),
                MadeBy::Raw | MadeBy::Wrapper(_) => false,
            })
        };
        if let Some(number) = own.or_else(alike).or_else(plain) {
            numbers.insert(id, number + 1);
        }
    }
    numbers
}

fn tell<'a>(
    facts: &Facts<'_, '_, 'a>,
    reading: &Reading,
    numbers: &BTreeMap<InstanceId, usize>,
    output: &Output,
) -> ReportedOutput<'a> {
    let graph = facts.graph();
    let outer = output.builders.iter().filter(|builder| builder.outer.is_none());
    let mut main: Vec<usize> =
        outer.filter_map(|builder| numbers.get(&builder.instance).copied()).collect();
    main.sort_unstable();
    main.dedup();
    let mut by: BTreeMap<(Option<InstanceId>, Option<_>), Vec<String>> = BTreeMap::new();
    for taking in &output.uses {
        match &taking.what {
            What::Package { instance, name, kind } => {
                let packages = by.entry((Some(*instance), None)).or_default();
                if kind.is_changed() && !packages.contains(name) {
                    packages.push(name.clone());
                }
            }
            What::Opaque { slot, name, .. } => {
                by.entry((None, Some(*slot))).or_default().push(name.clone());
            }
        }
    }
    let uses = by.into_iter().take(Report::LONGEST).map(|((instance, slot), packages)| {
        let base = instance.and_then(|id| reading.instances.get(id.index())?.base).or(slot);
        let input = base.and_then(|slot| facts.code().input(graph, slot));
        let is_own = input.is_some_and(|input| {
            instance.is_some() && facts.role(graph.edge(input).holder) == Role::Root
        });
        let route: Vec<InputPath<'a>> =
            input.filter(|_| !is_own).map(|input| graph.input_path(input)).into_iter().collect();
        let instance = instance.and_then(|id| numbers.get(&id).copied());
        ReportedUse { instance, route, packages }
    });
    ReportedOutput {
        path: output.path.clone(),
        systems: output.systems.clone(),
        main,
        read: output.read,
        not_read: output.not_read.clone(),
        uses: uses.collect(),
        redundant: output.uses.iter().filter_map(|taking| redundant(reading, taking)).collect(),
    }
}

/// A package with a switch of its own that changes nothing: its nixpkgs has it on for all.
fn redundant(reading: &Reading, taking: &Taking) -> Option<(String, &'static str)> {
    let What::Package { instance, name, kind: PackageKind::Switched(gpu) } = &taking.what else {
        return None;
    };
    let setting = match gpu {
        Gpu::Cuda => "cudaSupport",
        Gpu::Rocm => "rocmSupport",
        // Which of them it is was not read.
        Gpu::Both => return None,
    };
    let made = reading.instance(*instance)?;
    let mut on = made.settings.iter().filter(|of| of.state == SettingState::On);
    on.any(|of| of.key.as_deref() == Some(setting)).then(|| (name.clone(), setting))
}
