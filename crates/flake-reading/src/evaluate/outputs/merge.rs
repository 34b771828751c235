//! Merges outputs that differ only in their system, and instances that are the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::facts::{BuilderId, InstanceId, MadeBy, Output, Reading, Setting, What};
use crate::evaluate::flakes::is_system;
use crate::evaluate::world::FlakeInput;

/// What tells instances apart.
type Instance = (
    Option<FlakeInput>,
    Option<InstanceId>,
    MadeBy,
    Vec<Setting>,
    (Option<u32>, BTreeSet<String>),
    bool,
);

pub(super) fn merge(reading: &mut Reading) {
    let same = same_instances(reading);
    let of = |id: InstanceId| same.get(id.index()).copied().unwrap_or(id);
    for output in &mut reading.outputs {
        for builder in &mut output.builders {
            builder.instance = of(builder.instance);
        }
        for taking in &mut output.uses {
            if let What::Package { instance, .. } = &mut taking.what {
                *instance = of(*instance);
            }
        }
    }
    // Settings without effect do not tell them apart; they are added to the remaining one.
    for (at, into) in same.iter().enumerate().filter(|(at, into)| into.index() != *at) {
        let beside = reading.instances.get_mut(at).map(|made| std::mem::take(&mut made.beside));
        if let Some(made) = reading.instances.get_mut(into.index()) {
            made.beside.extend(beside.into_iter().flatten());
        }
    }
    // Only the remaining one counts as used.
    for (at, made) in reading.instances.iter_mut().enumerate() {
        let id = InstanceId::new(at);
        made.used &= of(id) == id;
        made.same_as = made.same_as.map(of);
        made.from = made.from.map(of);
    }
    merge_systems(&mut reading.outputs);
}

/// For each instance the first one that is the same.
fn same_instances(reading: &Reading) -> Vec<InstanceId> {
    let mut first: Vec<(Instance, InstanceId)> = Vec::new();
    let mut same = Vec::with_capacity(reading.instances.len());
    for (at, made) in reading.instances.iter().enumerate() {
        let id = InstanceId::new(at);
        if !made.used {
            same.push(id);
            continue;
        }
        let is_mac = made.system.as_ref().is_some_and(|system| system.ends_with("-darwin"));
        let from = made.from.map(|from| same.get(from.index()).copied().unwrap_or(from));
        let overlaid = (made.overlays, made.changed.clone());
        let key = (made.base, from, made.made_by, made.settings.clone(), overlaid, is_mac);
        match first.iter().find(|(known, _)| *known == key) {
            Some((_, known)) => same.push(*known),
            None => {
                first.push((key, id));
                same.push(id);
            }
        }
    }
    same
}

/// What tells outputs apart besides their system.
type Content = (
    Vec<(InstanceId, Option<BuilderId>, bool, bool)>,
    Vec<(Option<BuilderId>, String, bool)>,
    Vec<String>,
);

/// Outputs with different contents, with their indices.
type Same = Vec<(Content, usize)>;

fn content(output: &Output) -> Content {
    let builders = output.builders.iter();
    let builders = builders.map(|b| (b.instance, b.outer, b.conditional, b.is_system)).collect();
    let uses = output.uses.iter().map(|taking| {
        let what = match &taking.what {
            What::Package { instance, name, kind } => {
                format!("{} {name} {kind:?} {}", instance.index(), taking.is_override)
            }
            What::Opaque { slot, name, .. } => {
                let name = without_system(name);
                format!("{} {} {name}", slot.flake.index(), slot.input.index())
            }
        };
        (taking.builder, what, taking.conditional)
    });
    (builders, uses.collect(), output.not_read.clone())
}

fn merge_systems(outputs: &mut Vec<Output>) {
    let mut kept: Vec<Output> = Vec::with_capacity(outputs.len());
    let mut known: BTreeMap<(Vec<String>, usize), Same> = BTreeMap::new();
    for output in std::mem::take(outputs) {
        let at = output.path.iter().position(|name| is_system(name));
        let Some(at) = at else {
            kept.push(output);
            continue;
        };
        let mut path = output.path.clone();
        let system = path.remove(at);
        let content = content(&output);
        let same = known.entry((path, at)).or_default();
        match same.iter().find(|(known, _)| *known == content) {
            Some((_, first)) => {
                if let Some(first) = kept.get_mut(*first) {
                    // The most common system gives the name.
                    if system == "x86_64-linux" {
                        let other = first.path.get(at).cloned().unwrap_or_default();
                        first.systems.push(other);
                        first.path = output.path;
                        first.place = output.place;
                    } else {
                        first.systems.push(system);
                    }
                }
            }
            None => {
                same.push((content, kept.len()));
                kept.push(output);
            }
        }
    }
    *outputs = kept;
}

fn without_system(name: &str) -> String {
    let names = name.split('.').filter(|name| !is_system(name) && *name != "*");
    names.collect::<Vec<_>>().join(".")
}
