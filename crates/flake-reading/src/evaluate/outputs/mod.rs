//! From a flake to facts: the outputs that people build or run, one after the other, and what each
//! of them takes in.

mod accelerated;
mod checks;
mod contexts;
mod defaults;
mod earlier;
mod exports;
mod handed;
mod handed_files;
mod inner_systems;
mod list;
mod merge;
mod module_lists;
mod named;
mod overlays;
mod package;
mod pending;
mod reasons;
mod shared;
mod systems;
mod takings;
mod values;
mod walk;

use std::collections::BTreeSet;

pub use earlier::Earlier;

use super::evaluator::Evaluator;
use super::facts::{LiveFile, Output, Overlay, Read, Reading, What};
use super::remains;
use super::sight::Sight;
use super::world::{FlakeId, World};
use crate::Problem;
use crate::syntax::Name;

/// What the outputs of a flake do, and those of other flakes as far as they are taken.
///
/// # Errors
/// Why its `flake.nix` cannot be read.
pub fn read(world: &World<'_>, flake: FlakeId) -> Result<Reading, Problem> {
    read_with_sight(world, flake, Wanted::All).map(|(reading, _)| reading)
}

/// The same for those outputs of the root that its partitions make with the inputs of another lock of
/// this world.
///
/// # Errors
/// Why its `flake.nix` cannot be read.
pub fn read_partitions(world: &World<'_>) -> Result<Reading, Problem> {
    read_with_sight(world, FlakeId::ROOT, Wanted::OfPartitions).map(|(reading, _)| reading)
}

/// Which outputs are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    OfPartitions,
}

/// The same, with what was looked at.
fn read_with_sight(
    world: &World<'_>,
    flake: FlakeId,
    wanted: Wanted,
) -> Result<(Reading, Sight), Problem> {
    remains::free();
    let mut evaluator = Evaluator::new(world, u64::MAX);
    check(&evaluator, flake)?;
    // The flake whose lock is audited comes first.
    for folder in evaluator.world.partition_folders() {
        let file = folder.child("flake.nix");
        file.map(|file| evaluator.imported(flake, &file));
    }
    let undivided = evaluator.budget.meter.divide(2);
    evaluator.budget.meter.leave(1);
    let mut listed = evaluator.list_outputs(flake);
    evaluator.budget.meter.rejoin(undivided);
    if wanted == Wanted::OfPartitions {
        let made = &evaluator.recorder.reading.partitions;
        listed.outputs.retain(|output| output.path.first().is_some_and(|of| made.contains(&**of)));
    }
    let all = listed.outputs.len();
    let mut perhaps: Vec<usize> = Vec::new();
    let mut found: Vec<(usize, list::FoundOutput)> =
        listed.outputs.into_iter().enumerate().collect();
    // What outputs leave of their shares goes to later ones.
    found.sort_by_key(|(at, found)| (found.share(), *at));
    let mut behind: usize = found.iter().map(|(_, found)| found.share().weight()).sum();
    let undivided = evaluator.budget.meter.divide(behind);
    let mut outputs: Vec<(usize, Output)> = Vec::with_capacity(all);
    for (at, found) in found {
        behind -= found.share().weight();
        evaluator.budget.meter.leave(behind);
        if found.may_be_none {
            perhaps.push(at);
        }
        let before = std::mem::take(&mut evaluator.budget.cut_short);
        evaluator.calls.next_output();
        let mut output = evaluator.walk_output(flake, found);
        if std::mem::replace(&mut evaluator.budget.cut_short, before) {
            if output.read == Read::Whole {
                output.read = Read::Part;
            }
            output.not_read.push("it is too much to be looked at whole".into());
        }
        outputs.push((at, output));
    }
    evaluator.budget.meter.rejoin(undivided);
    outputs.sort_by_key(|(at, _)| *at);
    perhaps.sort_unstable();
    let outputs: Vec<Output> = outputs.into_iter().map(|(_, output)| output).collect();
    // An output that only passes inputs to unread code is taken by that code's users.
    let says_nothing = |output: &Output| {
        output.read == Read::Nothing && output.builders.is_empty() && output.uses.is_empty()
    };
    evaluator.recorder.reading.builds_nothing = outputs.iter().all(says_nothing);
    let outputs = named::those_that_build(outputs, &perhaps);
    evaluator.recorder.reading.defines_for_others = listed.defines_for_others;
    evaluator.recorder.reading.exports = evaluator.exports_of(flake);
    let (mut reading, sight) = evaluator.finish(outputs);
    // Limits in the code of others are reported for their flakes.
    reading.cut_short =
        reading.too_much.contains(&flake) || (reading.too_much.is_empty() && reading.cut_short);
    Ok((reading, sight))
}

/// What a flake exports, within a budget, and the cost.
pub fn exports(world: &World<'_>, flake: FlakeId, limit: u64) -> (Result<Reading, Problem>, u64) {
    let (reading, _, cost) = exports_with_sight(world, flake, limit);
    (reading, cost)
}

/// The same, with what was looked at.
fn exports_with_sight(
    world: &World<'_>,
    flake: FlakeId,
    limit: u64,
) -> (Result<Reading, Problem>, Sight, u64) {
    let mut evaluator = Evaluator::new(world, limit);
    if let Err(problem) = check(&evaluator, flake) {
        return (Err(problem), Sight::default(), evaluator.budget.meter.cost());
    }
    evaluator.recorder.reading.exports = evaluator.exports_of(flake);
    let cost = evaluator.budget.meter.cost();
    let (reading, sight) = evaluator.finish(Vec::new());
    (Ok(reading), sight, cost)
}

/// The overlays that a flake exports and that build from the nixpkgs they are given, within a
/// budget, and the cost. Empty if that is too expensive.
pub fn overlays(world: &World<'_>, flake: FlakeId, limit: u64) -> (Vec<Overlay>, u64) {
    let (overlays, _, cost) = overlays_with_sight(world, flake, limit);
    (overlays, cost)
}

/// The same, with what was looked at.
fn overlays_with_sight(
    world: &World<'_>,
    flake: FlakeId,
    limit: u64,
) -> (Vec<Overlay>, Sight, u64) {
    let mut evaluator = Evaluator::new(world, limit);
    if check(&evaluator, flake).is_err() {
        return (Vec::new(), Sight::default(), evaluator.budget.meter.cost());
    }
    let mut overlays = evaluator.overlays_of(flake);
    // What was not examined may use another nixpkgs.
    if evaluator.budget.cut_short {
        overlays.clear();
    }
    let cost = evaluator.budget.meter.cost();
    (overlays, evaluator.seen(), cost)
}

/// Why a `flake.nix` cannot be read.
fn check(evaluator: &Evaluator<'_>, flake: FlakeId) -> Result<(), Problem> {
    match evaluator.files(flake) {
        Some(files) => files.get(&files.flake_file()).map(drop),
        None => Err(("there is no such file".into(), None)),
    }
}

impl Evaluator<'_> {
    /// The facts, at the end of the evaluation.
    fn finish(mut self, outputs: Vec<Output>) -> (Reading, Sight) {
        let uses = outputs.iter().flat_map(|output| &output.uses);
        let names = uses.filter_map(|taking| match &taking.what {
            What::Package { name, .. } => Some(Name::from(name.as_str())),
            What::Opaque { .. } => None,
        });
        let names: BTreeSet<Name> = names.collect();
        for at in 0..self.recorder.reading.instances.len() {
            let id = super::facts::InstanceId::new(at);
            if self.recorder.reading.instances.get(at).is_some_and(|made| made.used) {
                self.settle(id);
                self.note_changed(id, &names);
            }
        }
        for file in self.budget.too_much() {
            let flake = self.recorder.flake_of(file);
            self.recorder.too_much(flake);
        }
        self.recorder.reading.cut_short |= self.budget.cut_short;
        self.recorder.reading.steps = self.budget.meter.steps();
        self.recorder.reading.outputs = outputs;
        merge::merge(&mut self.recorder.reading);
        let sight = self.seen();
        remains::keep(self.heap, self.calls, self.classes);
        (self.recorder.reading, sight)
    }

    /// What was looked at.
    fn seen(&mut self) -> Sight {
        let mut sight = std::mem::take(&mut self.sight);
        let files = self.loaded.take_files();
        for ((file, looked), LiveFile { flake, path, .. }) in
            files.into_iter().zip(&self.recorder.reading.files)
        {
            sight.evaluated((*flake, path.clone()), file, looked);
        }
        (sight.lines, sight.texts) = self.recorder.told();
        (sight.asked, sight.flakes) = (self.world.said(), self.world.len());
        sight.slack = self.budget.meter.slack();
        sight
    }
}
