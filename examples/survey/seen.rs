//! What outputs of a flake show, as the evaluator reads them.

use std::collections::{BTreeMap, BTreeSet};

use flake_audit::instance::{
    Analysis, Built, KnownAnswer, OfferKind, build_settings, known_flake, usual_path,
};
use flake_audit::source::evaluate::facts::{
    InstanceId, MadeBy, MadeInstance, Output, Reading, What,
};
use flake_audit::source::nixpkgs_config;

/// What is told of outputs.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) built: BTreeMap<OfferKind, BTreeSet<Built>>,
    pub(crate) changed: BTreeMap<String, String>,
    pub(crate) not_known: BTreeSet<String>,
    pub(crate) sets: BTreeSet<String>,
    /// What people build of it, without systems.
    pub(crate) paths: BTreeSet<String>,
    /// Its overlays, each with what it adds and builds by the nixpkgs that it is given.
    pub(crate) overlays: BTreeMap<String, BTreeSet<String>>,
    pub(crate) not_seen: BTreeSet<String>,
    /// Names of its outputs.
    pub(crate) names: BTreeSet<String>,
    /// Whether it may have outputs of other names.
    pub(crate) has_more: bool,
    /// Packages that a GPU setting changes, as far as its files name any.
    pub(crate) named: BTreeSet<String>,
}

/// Whether an instance is made of an input of the flake under evaluation itself.
pub(crate) fn base(
    analysis: &Analysis<'_, '_, '_>,
    reading: &Reading,
    id: InstanceId,
) -> Option<bool> {
    let made = reading.instance(id)?;
    let input = analysis.sources().input(analysis.graph(), made.base?)?;
    Some(analysis.graph().edge(input).holder == analysis.graph().lock().root())
}

/// What an output of the flake shows.
pub(crate) fn look_at(
    analysis: &Analysis<'_, '_, '_>,
    reading: &Reading,
    output: &Output,
    seen: &mut Seen,
) {
    let path = usual_path(&output.path.join("."));
    let path: String = path.split('.').take(2).collect::<Vec<_>>().join(".");
    let kind = match path.split('.').next().unwrap_or_default() {
        "packages" | "legacyPackages" => OfferKind::Packages,
        "apps" => OfferKind::Apps,
        "devShells" => OfferKind::Shells,
        _ => return,
    };
    seen.paths.insert(path.clone());
    let mut built = BTreeSet::new();
    for builder in &output.builders {
        built.extend(reading.instance(builder.instance).map(|made| how(made, seen)));
    }
    for taking in &output.uses {
        match &taking.what {
            What::Package { instance, name, kind } => {
                // What has no name of its own is called as the output is.
                let output = path.rsplit('.').next().unwrap_or_default();
                let name = if name == "a package" { output } else { name.as_str() };
                built.extend(reading.instance(*instance).map(|made| how(made, seen)));
                if kind.is_changed() && taking.conditional {
                    seen.not_seen.insert(format!("{path}: {name}, on a condition"));
                    seen.not_known.insert(path.clone());
                } else if kind.is_changed() {
                    seen.changed.entry(path.clone()).or_insert_with(|| name.to_owned());
                }
            }
            What::Opaque { slot, name, .. } => {
                let graph = analysis.graph();
                let end = analysis.sources().input(graph, *slot).and_then(|input| graph.end(input));
                let of = end.and_then(|end| known_flake(graph.lock(), end));
                match of.map(|known| (known.repository, known.answer(name, None))) {
                    Some((_, KnownAnswer::Unchanged(_))) => {}
                    Some((_, KnownAnswer::Changed(package, _))) => {
                        seen.changed.entry(path.clone()).or_insert_with(|| package.to_owned());
                    }
                    other => {
                        let of = other.map(|(repository, _)| repository).unwrap_or_default();
                        let input = analysis.sources().input(graph, *slot);
                        let input = input.map(|input| graph.lock().input(input).name);
                        let input = input.unwrap_or_default();
                        seen.not_seen.insert(format!("{path}: takes {input}.{name} {of}"));
                        seen.not_known.insert(path.clone());
                    }
                }
            }
        }
    }
    // What could not be followed takes its packages by name all the same: where no file of the flake
    // names one that is changed, there is none in it.
    if !seen.named.is_empty() {
        for why in &output.not_read {
            let named: Vec<_> = seen.named.iter().cloned().collect();
            seen.not_seen.insert(format!("{path}: not read: {why}; named: {}", named.join(" ")));
            seen.not_known.insert(path.clone());
        }
    }
    if built.is_empty() && output.uses.is_empty() && output.not_read.is_empty() {
        seen.not_seen.insert(format!("{path}: nothing is seen in it"));
        seen.not_known.insert(path.clone());
    }
    seen.built.entry(kind).or_default().extend(built);
    seen.not_known.retain(|path| !seen.changed.contains_key(path));
}

/// How an instance is made.
fn how(made: &MadeInstance, seen: &mut Seen) -> Built {
    let gpu: Vec<String> = build_settings(made)
        .filter_map(|setting| setting.key.clone())
        .filter(|key| nixpkgs_config::is_gpu(key))
        .collect();
    if !gpu.is_empty() {
        seen.sets.extend(gpu);
        return Built::Settings;
    }
    match made.made_by {
        MadeBy::Legacy => Built::Legacy,
        MadeBy::Callers => Built::Given,
        _ => Built::Import,
    }
}
