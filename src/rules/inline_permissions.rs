//! A flake's permissions for its own nixpkgs do not reach the nixpkgs that a dependency is built
//! from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, mismatches, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Level, Part, Subject};
use crate::instance::{Analysis, Role, Slot};
use crate::lock::InputId;
use crate::source::evaluate::facts::{
    InstanceId, Output, OutputId, Place, Reading, SettingState, Taking, What,
};
use crate::source::nixpkgs_config::{self, KeyKind};

pub(super) static RULE: Rule = Rule {
    id: "inline-permissions",
    level: Level::Allow,
    light: Level::Allow,
    summary: "what the flake permits for its own nixpkgs does not reach a dependency's",
    page: include_str!("../../docs/rules/inline-permissions.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

/// What lacks the same permissions: inputs, and the outputs that take something through them.
#[derive(Default)]
struct Lacking {
    slots: BTreeSet<(u32, InputId)>,
    outputs: BTreeSet<OutputId>,
    /// The first place that sets them.
    place: Option<Place>,
}

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(reading) = analysis.sources().outputs() else { return };
    // What lacks more than permissions has a finding for that, whose fix cures both.
    let mismatches =
        analysis.verdicts().into_iter().flat_map(|verdicts| verdicts.mismatches.iter());
    let reported: BTreeSet<InputId> =
        mismatches.filter_map(|(_, mismatch)| mismatch.slot).collect();
    let mut lacking: BTreeMap<Vec<String>, Lacking> = BTreeMap::new();
    for (at, output) in reading.outputs_with_ids() {
        for taking in &output.uses {
            let Some(main) = builder(output, taking) else { continue };
            let permitted = permissions(analysis, reading, main);
            if permitted.is_empty() {
                continue;
            }
            for (slot, own) in slots(analysis, reading, taking) {
                let missing: Vec<String> = permitted.difference(&own).cloned().collect();
                if !missing.is_empty() && !reported.contains(&slot) {
                    let of = lacking.entry(missing.clone()).or_default();
                    of.slots.insert(analysis.graph().input_order(slot));
                    of.outputs.insert(at);
                    of.place = of.place.or_else(|| settings_place(reading, main, &missing));
                }
            }
        }
    }
    for (missing, of) in lacking {
        findings.push(finding(analysis, &missing, &of));
    }
}

fn builder(output: &Output, taking: &Taking) -> Option<InstanceId> {
    output.builders.get(taking.builder?.index()).map(|builder| builder.instance)
}

/// The certain permissions of an instance: its own, and those of its wrapper.
fn permissions(
    analysis: &Analysis<'_, '_, '_>,
    reading: &Reading,
    id: InstanceId,
) -> BTreeSet<String> {
    let Some(made) = reading.instance(id) else { return BTreeSet::new() };
    let permits = |key: &str| nixpkgs_config::kind(key) == Some(KeyKind::Permission);
    let own = made.settings.iter().filter(|setting| setting.state == SettingState::On);
    let own = own.filter_map(|setting| setting.key.clone());
    let input = made.base.and_then(|slot| analysis.sources().input(analysis.graph(), slot));
    let end = input.and_then(|input| analysis.graph().end(input));
    let wrapper = end.and_then(|end| analysis.wrapper_of(end)).map(|id| analysis.wrapper(id));
    let wrapped = wrapper.and_then(|wrapper| wrapper.config.as_ref()).into_iter().flatten();
    let wrapped = wrapped.filter(|(_, on)| *on).map(|(key, _)| key.clone());
    own.chain(wrapped).filter(|key| permits(key)).collect()
}

fn settings_place(reading: &Reading, id: InstanceId, keys: &[String]) -> Option<Place> {
    let settings = reading.instance(id)?.settings.iter();
    let mut of = settings.filter(|of| of.key.as_ref().is_some_and(|key| keys.contains(key)));
    of.next().map(|setting| setting.place)
}

/// The inputs of dependencies that something is built from, and what is permitted there.
fn slots(
    analysis: &Analysis<'_, '_, '_>,
    reading: &Reading,
    taking: &Taking,
) -> Vec<(InputId, BTreeSet<String>)> {
    let graph = analysis.graph();
    match &taking.what {
        What::Package { instance, .. } => {
            let base = reading.instance(*instance).and_then(|made| made.base);
            let input = base.and_then(|slot| analysis.sources().input(graph, slot));
            let of_dependency =
                input.filter(|input| analysis.role(graph.edge(*input).holder) != Role::Root);
            of_dependency
                .map(|input| (input, permissions(analysis, reading, *instance)))
                .into_iter()
                .collect()
        }
        What::Opaque { slot, .. } => {
            let of = analysis.sources().input(graph, *slot).and_then(|input| graph.end(input));
            let inputs = of.into_iter().flat_map(|of| graph.inputs_of(of));
            let plain = inputs.filter(|input| analysis.slot(*input) == Slot::Raw { primary: true });
            plain.map(|input| (input, BTreeSet::new())).collect()
        }
    }
}

fn finding<'a>(analysis: &Analysis<'_, '_, 'a>, missing: &[String], of: &Lacking) -> Finding<'a> {
    let graph = analysis.graph();
    let slots: Vec<InputId> = of.slots.iter().map(|(_, slot)| *slot).collect();
    let outputs: Vec<OutputId> = of.outputs.iter().copied().collect();
    let names = mismatches::names_of(analysis, &outputs);
    let whose = match slots.as_slice() {
        [only] => words::input(graph, *only),
        more => format!("the nixpkgs of {} dependencies", more.len()),
    };
    let message = format!(
        "{} does not reach {whose}: packages that need it are refused there",
        mismatches::first_names(missing)
    );
    Finding::new(&RULE, Subject::Flake(None), message)
        .discriminator(Discriminator::Settings(missing.join(" ")))
        .of_parts(slots.iter().map(|slot| Part {
            input: Some(*slot),
            discriminator: Discriminator::Settings(missing.join(" ")),
        }))
        .placed(of.place.filter(|place| analysis.sources().is_of_root(*place)))
        .affects(slots)
        .in_outputs(outputs, Vec::new())
        .note(format!("used by {}", mismatches::first_names(&names)))
        .label("set here, for this flake's own nixpkgs")
        .why(
            "settings belong to one import of nixpkgs: a dependency's nixpkgs has its own; nothing is \
             built twice",
        )
        .fix(Fix::manual(
            "let it follow a wrapper flake that permits the same (numtide/nixpkgs-unfree, or \
             `flake-audit init`), or take its overlay, which is built with your nixpkgs",
        ))
}
