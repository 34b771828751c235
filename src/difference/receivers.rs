//! Who gets another nixpkgs: inputs of dependencies and of the flake itself, and outputs.
//!
//! If a nixpkgs itself moved, that is reported once, with the nixpkgs; this is about who gets
//! another one.

use std::collections::{BTreeMap, BTreeSet};

use super::FlakeState;
use super::instances::{Instances, owned};
use super::pairs::MatchedPlaces;
use super::report::Receivers;
use crate::audit::{Report, ReportedOutput};
use crate::lock::InputId;
use crate::source::evaluate::facts::Read;

/// Inputs that end at another nixpkgs than before.
pub(super) fn dependencies(
    instances: &Instances<'_, '_, '_, '_, '_>,
    pairs: &MatchedPlaces,
) -> Vec<Receivers> {
    let (old, new) = (instances.old, instances.new);
    let before: BTreeMap<InputId, usize> = receivers(old).collect();
    let mut changes = Changes::default();
    let mut now: Vec<(InputId, usize)> = receivers(new).collect();
    let graph = new.analysis.graph();
    now.sort_by_key(|(input, _)| graph.input_order(*input));
    for (input, after) in now {
        let was = pairs.input_before(input).and_then(|was| before.get(&was));
        if let Some(&was) = was.filter(|was| !instances.is_same(**was, after)) {
            changes.add((vec![was], vec![after]), owned(graph.input_path(input).names()));
        }
    }
    changes.into_receivers(instances)
}

/// The inputs that end at an instance, and which instance.
fn receivers<'s>(
    state: &'s FlakeState<'_, '_, '_, '_>,
) -> impl Iterator<Item = (InputId, usize)> + use<'s> {
    state.instances.iter().enumerate().flat_map(|(at, instance)| {
        let all = instance.consumers.iter().chain(&instance.held_by_root);
        all.map(move |input| (*input, at))
    })
}

/// Outputs that are built from another nixpkgs, or take packages of another one.
pub(super) fn outputs(instances: &Instances<'_, '_, '_, '_, '_>) -> Vec<Receivers> {
    let outputs = |report: &'_ Report<'_>| -> BTreeMap<Vec<String>, usize> {
        let all = report.outputs.iter().enumerate();
        all.map(|(at, output)| (output.path.clone(), at)).collect()
    };
    let before = outputs(instances.old.report);
    let mut changes = Changes::default();
    for now in &instances.new.report.outputs {
        let was = before.get(&now.path).and_then(|at| instances.old.report.outputs.get(*at));
        let Some((was, after)) = was.and_then(|was| Some((built_of(was)?, built_of(now)?))) else {
            continue;
        };
        let left = |some: &BTreeSet<usize>, is_there: &dyn Fn(usize) -> bool| -> Vec<usize> {
            some.iter().copied().filter(|at| !is_there(*at)).collect()
        };
        let gone = left(&was, &|was| after.iter().any(|now| instances.is_same(was, *now)));
        let new = left(&after, &|now| was.iter().any(|was| instances.is_same(*was, now)));
        if !gone.is_empty() || !new.is_empty() {
            changes.add((gone, new), now.path.clone());
        }
    }
    changes.into_receivers(instances)
}

/// Each nixpkgs that an output is built from or takes packages of; `None` if some are not known.
fn built_of(output: &ReportedOutput<'_>) -> Option<BTreeSet<usize>> {
    let taken: Option<Vec<usize>> = output.uses.iter().map(|used| used.instance).collect();
    let is_whole = output.read == Read::Whole && !output.main.is_empty();
    let all = output.main.iter().copied().chain(taken.filter(|_| is_whole)?);
    // They are numbered from 1.
    all.map(|number| number.checked_sub(1)).collect()
}

/// The earlier instances that something no longer gets, and those that replace them.
type Change = (Vec<usize>, Vec<usize>);

/// Equal changes together, in the order of the first of each.
#[derive(Default)]
struct Changes {
    places: BTreeMap<Change, usize>,
    all: Vec<(Change, Vec<Vec<String>>)>,
}

impl Changes {
    fn add(&mut self, change: Change, path: Vec<String>) {
        let next = self.all.len();
        let at = *self.places.entry(change.clone()).or_insert(next);
        match self.all.get_mut(at) {
            Some((_, paths)) => paths.push(path),
            None => self.all.push((change, vec![path])),
        }
    }

    fn into_receivers(self, instances: &Instances<'_, '_, '_, '_, '_>) -> Vec<Receivers> {
        let tell = |state: &FlakeState<'_, '_, '_, '_>, all: Vec<usize>| {
            all.into_iter().filter_map(|at| state.nixpkgs(at)).collect()
        };
        let all = self.all.into_iter().map(|((before, after), paths)| Receivers {
            paths,
            before: tell(instances.old, before),
            after: tell(instances.new, after),
        });
        all.collect()
    }
}
