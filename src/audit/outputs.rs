//! The outputs of the root in a report: what each is built from, what it takes in, and how much of
//! it was read.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Lack, Report, ReportedOutput, ReportedPackage, ReportedUse};
use crate::graph::InputPath;
use crate::instance::{
    Analysis, InstanceOrigin, LackedSetting, Mismatch, Role, Seen, output_order,
};
use crate::lock::InputId;
use crate::source::evaluate::facts::{
    InstanceId, Output, OutputId, PackageKind, Reading, SettingState, Taking, What,
};
use crate::source::evaluate::world::FlakeInput;
use crate::source::gpu_packages::Gpu;

/// Whether some outputs were not fully understood. Sources that are not on disk are a matter of
/// findings.
pub(super) fn any_in_part(analysis: &Analysis<'_, '_, '_>) -> bool {
    analysis.sources().evaluated_root().is_some_and(is_in_part)
}

fn is_in_part(reading: &Reading) -> bool {
    reading.outputs.iter().any(|output| !output.not_read.is_empty())
}

/// The paths of outputs.
pub(super) fn output_paths(analysis: &Analysis<'_, '_, '_>, ids: &[OutputId]) -> Vec<Vec<String>> {
    let Some(reading) = analysis.sources().evaluated_root() else { return Vec::new() };
    let found = ids.iter().take(Report::LONGEST).filter_map(|id| reading.output(*id));
    found.map(|output| output.path.clone()).collect()
}

/// Indices in the list of outputs, by their order in the evaluation.
pub(super) fn report_indices(analysis: &Analysis<'_, '_, '_>) -> Vec<usize> {
    let Some(reading) = analysis.sources().evaluated_root() else { return Vec::new() };
    let mut places = vec![0; reading.outputs.len()];
    for (place, at) in in_order(reading).into_iter().enumerate() {
        if let Some(of) = places.get_mut(at) {
            *of = place;
        }
    }
    places
}

fn in_order(reading: &Reading) -> Vec<usize> {
    output_order(reading.outputs.iter().map(|output| output.path.as_slice()))
}

/// The outputs, in the order in which people look for them.
pub(super) fn reported_outputs<'a>(analysis: &Analysis<'_, '_, 'a>) -> Vec<ReportedOutput<'a>> {
    // If a flake seems to build nothing, list outputs only if that may be because they were not
    // understood.
    let reading = analysis.sources().evaluated_root();
    let reading = reading.filter(|reading| !reading.builds_nothing || is_in_part(reading));
    let Some(reading) = reading else { return Vec::new() };
    let tell = DescribeOutput {
        analysis,
        reading,
        numbers: instance_numbers(analysis, reading),
        lacking: differing_settings(analysis),
    };
    let outputs =
        in_order(reading).into_iter().filter_map(|at| Some((at, reading.outputs.get(at)?)));
    outputs.map(|(at, output)| tell.output(at, output)).collect()
}

/// The numbers of instances in the report, by their ids in the evaluation.
fn instance_numbers(
    analysis: &Analysis<'_, '_, '_>,
    reading: &Reading,
) -> BTreeMap<InstanceId, usize> {
    let listed = analysis.instances();
    let mut numbers = BTreeMap::new();
    for (id, made) in reading.instances_with_ids() {
        let node = analysis.base_of(made);
        let own = listed.iter().position(|known| known.made_by == InstanceOrigin::Root(id));
        // Without settings of its own it counts as its node's instance, whatever overlays a host
        // adds.
        let plain = || {
            let of_node = |known: &crate::instance::Instance| {
                !matches!(known.made_by, InstanceOrigin::Root(_)) && Some(known.node) == node
            };
            listed.iter().position(of_node).filter(|_| made.settings.is_empty())
        };
        // Of several that are made alike, one is listed.
        let alike = || {
            listed.iter().position(|known| match known.made_by {
                InstanceOrigin::Root(other) => {
                    reading.instances.get(other.index()).is_some_and(|other| {
                        other.base == made.base
                            && other.made_by == made.made_by
                            && other.settings == made.settings
                    })
                }
                InstanceOrigin::Raw | InstanceOrigin::Wrapper(_) => false,
            })
        };
        if let Some(number) = own.or_else(alike).or_else(plain) {
            numbers.insert(id, number + 1);
        }
    }
    numbers
}

/// Identifies a package in an output: the index of the output, the instance or the input that was
/// not read, and the name.
type Package = (usize, Result<InstanceId, InputId>, String);

/// The settings in which packages differ from their builders.
fn differing_settings(analysis: &Analysis<'_, '_, '_>) -> BTreeMap<Package, Lack> {
    let mut lacking: BTreeMap<Package, Lack> = BTreeMap::new();
    let verdicts = analysis.verdicts().into_iter();
    let mismatches = verdicts.flat_map(|verdicts| verdicts.mismatches.as_slice());
    for mismatch in mismatches.filter(|mismatch| mismatch.beside().is_none()) {
        let (of, name) = match (&mismatch.seen, mismatch.instance) {
            (Seen::Package(name, _), Some(instance)) => (Ok(instance), name),
            (Seen::Opaque(_, input, name), _) => (Err(*input), name),
            (Seen::Package(..), None) => continue,
        };
        lacking
            .entry((mismatch.output.index(), of, name.clone()))
            .or_insert_with(|| lack(mismatch));
    }
    lacking
}

fn lack(mismatch: &Mismatch) -> Lack {
    let named = mismatch.settings().iter().filter_map(|setting| match setting {
        LackedSetting::Named(name) => Some(name.clone()),
        LackedSetting::Other(name) => Some(format!("the same {name}")),
        LackedSetting::Override(package) => Some(format!("an override of {package}")),
        LackedSetting::Unknown => None,
    });
    let settings = named.collect();
    if mismatch.has_more() { Lack::OfBuilder(settings) } else { Lack::OfPackage(settings) }
}

/// What the descriptions of outputs need.
struct DescribeOutput<'t, 'g, 'l, 'a> {
    analysis: &'t Analysis<'g, 'l, 'a>,
    reading: &'t Reading,
    numbers: BTreeMap<InstanceId, usize>,
    lacking: BTreeMap<Package, Lack>,
}

impl<'a> DescribeOutput<'_, '_, '_, 'a> {
    fn output(&self, at: usize, output: &Output) -> ReportedOutput<'a> {
        let outer = output.builders.iter().filter(|builder| builder.outer.is_none());
        let outer: BTreeSet<InstanceId> = outer.map(|builder| builder.instance).collect();
        let inner = output.builders.iter().map(|builder| builder.instance);
        let inner: BTreeSet<InstanceId> = inner.filter(|id| !outer.contains(id)).collect();
        let main: BTreeSet<usize> =
            outer.iter().filter_map(|id| self.numbers.get(id).copied()).collect();
        ReportedOutput {
            path: output.path.clone(),
            systems: output.systems.clone(),
            main: main.into_iter().collect(),
            outer: outer.into_iter().collect(),
            inner: inner.into_iter().collect(),
            read: output.read,
            not_read: output.not_read.clone(),
            place: output.place,
            uses: self.uses(at, output),
            redundant: output
                .uses
                .iter()
                .filter_map(|taking| redundant(self.reading, taking))
                .collect(),
        }
    }

    /// What it takes in, grouped by origin: an instance, or an input that was not read.
    fn uses(&self, at: usize, output: &Output) -> Vec<ReportedUse<'a>> {
        let graph = self.analysis.graph();
        let mut by: BTreeMap<(Option<InstanceId>, Option<FlakeInput>), TakenThere> =
            BTreeMap::new();
        for taking in &output.uses {
            let (instance, slot, name, kind) = match &taking.what {
                What::Package { instance, name, kind } => {
                    (Some(*instance), None, name, Some(*kind))
                }
                What::Opaque { slot, name, .. } => (None, Some(*slot), name, None),
            };
            let of = match (
                instance,
                slot.and_then(|slot| self.analysis.sources().input(graph, slot)),
            ) {
                (Some(instance), _) => Some(Ok(instance)),
                (None, input) => input.map(Err),
            };
            let lack = of.and_then(|of| self.lacking.get(&(at, of, name.clone())));
            let taken = by.entry((instance, slot)).or_default();
            let is_told = kind.is_none_or(PackageKind::is_changed) || lack.is_some();
            if !is_told {
                taken.others.insert(name);
            } else if taken.known.insert(name) {
                taken.packages.push(ReportedPackage {
                    name: name.clone(),
                    place: taking.place,
                    conditional: taking.conditional,
                    lack: lack.cloned(),
                });
            }
        }
        let mut uses: Vec<_> = by
            .into_iter()
            .map(|((made, slot), taken)| self.reported_use(made, slot, taken))
            .collect();
        // Mismatches first, then what came from elsewhere.
        uses.sort_by_key(|used| (!used.is_mismatch(), used.is_own));
        uses
    }

    fn reported_use(
        &self,
        made: Option<InstanceId>,
        slot: Option<FlakeInput>,
        mut taken: TakenThere<'_>,
    ) -> ReportedUse<'a> {
        let graph = self.analysis.graph();
        let base = made.and_then(|id| self.reading.instances.get(id.index())?.base).or(slot);
        let input = base.and_then(|slot| self.analysis.sources().input(graph, slot));
        let is_own = input.is_some_and(|input| {
            made.is_some() && self.analysis.role(graph.edge(input).holder) == Role::Root
        });
        let through = input.filter(|_| !is_own);
        let route: Vec<InputPath<'a>> =
            through.map(|input| graph.input_path(input)).into_iter().collect();
        taken.packages.sort_by_key(|package| package.lack.is_none());
        // For what was not read it is unknown which settings change it.
        let seen = taken.packages.iter().filter(|_| made.is_some());
        let changed_by: BTreeSet<&String> = seen
            .filter_map(|package| match &package.lack {
                Some(Lack::OfPackage(settings)) => Some(settings),
                _ => None,
            })
            .flatten()
            .collect();
        ReportedUse {
            instance: made.and_then(|id| self.numbers.get(&id).copied()),
            made,
            input,
            is_own,
            route,
            changed_by: changed_by.into_iter().cloned().collect(),
            packages: taken.packages,
            others: taken.others.len(),
        }
    }
}

/// What is taken from one origin.
#[derive(Default)]
struct TakenThere<'o> {
    packages: Vec<ReportedPackage>,
    known: BTreeSet<&'o str>,
    others: BTreeSet<&'o str>,
}

/// A package that switches on a setting for itself which its nixpkgs has on for everything, and
/// that setting.
fn redundant(reading: &Reading, taking: &Taking) -> Option<(String, &'static str)> {
    let What::Package { instance, name, kind: PackageKind::Switched(gpu) } = &taking.what else {
        return None;
    };
    let setting = match gpu {
        Gpu::Cuda => "cudaSupport",
        Gpu::Rocm => "rocmSupport",
        // Which of the two applies was not read.
        Gpu::Both => return None,
    };
    let made = reading.instance(*instance)?;
    let mut on = made.settings.iter().filter(|of| of.state == SettingState::On);
    on.any(|of| of.key.as_deref() == Some(setting)).then(|| (name.clone(), setting))
}
