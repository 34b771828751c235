//! Two instances of the root's own stand in one output and disagree.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, mismatches, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Level, Strength, Subject};
use crate::instance::{Analysis, Mismatch};
use crate::source::evaluate::facts::{InstanceId, MadeBy, MadeInstance};
use crate::source::evaluate::world::FlakeInput;

pub(super) static RULE: Rule = Rule {
    id: "root-unconfigured",
    level: Level::Deny,
    light: Level::Warn,
    summary: "an output takes a package from a nixpkgs that lacks the settings of what it is built from",
    page: include_str!("../../docs/rules/root-unconfigured.md"),
    judges: Judges::Source,
    hidden_by_wrapper: true,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(verdicts) = analysis.verdicts() else { return };
    let own = verdicts.mismatches.as_slice().iter().filter(|mismatch| mismatch.slot.is_none());
    for group in mismatches::by_configuration(own) {
        let mut by_instance: BTreeMap<Option<Kind<'_>>, Vec<&Mismatch>> = BTreeMap::new();
        for mismatch in group {
            let made = mismatch.instance.and_then(|id| made_by(analysis, id));
            by_instance.entry(made.map(Kind::of)).or_default().push(mismatch);
        }
        for of in by_instance.into_values() {
            let instance = of.first().and_then(|mismatch| mismatch.instance);
            findings.push(tell(analysis, instance, &of));
        }
    }
}

/// What tells instances apart: the same nixpkgs with the same settings is the same one, wherever it
/// is imported, and the homes of two users differ in nothing else.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind<'m> {
    base: Option<FlakeInput>,
    made_by: MadeBy,
    settings: BTreeSet<&'m str>,
}

impl<'m> Kind<'m> {
    fn of(made: &'m MadeInstance) -> Self {
        let settings = made.settings.iter().filter_map(|setting| setting.key.as_deref()).collect();
        Self { base: made.base, made_by: made.made_by, settings }
    }
}

fn made_by<'m>(analysis: &Analysis<'m, '_, '_>, instance: InstanceId) -> Option<&'m MadeInstance> {
    analysis.sources().evaluated_root()?.instances.get(instance.index())
}

fn tell<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    instance: Option<InstanceId>,
    of: &[&Mismatch],
) -> Finding<'a> {
    let graph = analysis.graph();
    let made = instance.and_then(|id| made_by(analysis, id));
    let base = made.and_then(|made| analysis.base_of(made));
    let input = made.and_then(|made| analysis.sources().input(graph, made.base?));
    let firm: Vec<&Mismatch> = of.iter().copied().filter(|mismatch| mismatch.is_firm()).collect();
    let of = if firm.is_empty() { of } else { &firm };
    let packages = mismatches::packages(of);
    // Whoever imports it gets its source, and not what it sets.
    let import = made.filter(|made| !made.keeps_settings).map(|made| match made.made_by {
        MadeBy::HomeManager => "the home's own import of ",
        MadeBy::Nixos => "a system's own import of ",
        _ => "another import of ",
    });
    let from = match input {
        Some(input) => format!("{}{}", import.unwrap_or_default(), words::whose(graph, input)),
        None => "another nixpkgs".into(),
    };
    let settings = mismatches::settings(of);
    let names = mismatches::listed(&packages);
    let is = mismatches::is_or_are(&packages);
    let has_more = of.iter().all(|mismatch| mismatch.has_more());
    let wrapper = of.iter().find_map(|mismatch| mismatch.main.configuration.wrapper);
    let beside = of.iter().find_map(|mismatch| mismatch.beside());
    let message = match (beside, has_more) {
        (Some(other), _) => format!(
            "{names} {is} taken from {from}, and {} beside it is built with the settings of {}",
            words::input(graph, other),
            wrapper.map_or_else(
                || "another".into(),
                |id| words::node(graph, analysis.wrapper(id).node)
            ),
        ),
        (None, true) => {
            format!("{names} {is} taken from {from} with {settings}, beside one without")
        }
        (None, false) => {
            let lacking = mismatches::built_with(analysis, of);
            format!("{names} {is} taken from {from}, without {lacking}")
        }
    };
    let strength = if firm.is_empty() { Strength::Light } else { Strength::Firm };
    let place = of.iter().find_map(|mismatch| match &mismatch.seen {
        crate::instance::Seen::Package(_, place) => *place,
        crate::instance::Seen::Opaque(..) => None,
    });
    let own_place = place.filter(|place| analysis.sources().is_of_root(*place));
    // Not the instance's number: another import before it is no other finding.
    let base_path = input.map(|input| graph.input_path(input).names().join("/"));
    let own: BTreeSet<&str> = made
        .iter()
        .flat_map(|made| &made.settings)
        .filter_map(|setting| setting.key.as_deref())
        .collect();
    let own: Vec<&str> = own.into_iter().collect();
    let told_apart =
        format!("{} {} {}", mismatches::key(of), base_path.unwrap_or_default(), own.join(" "));
    let mut finding = Finding::new(&RULE, Subject::Flake(None), message)
        .discriminator(Discriminator::Settings(told_apart))
        .strength(strength)
        .node(base)
        .placed(own_place.or(mismatches::place(of)))
        .in_outputs(mismatches::outputs(of), packages)
        .why("packages of the two are not the same: what is in both exists twice")
        .label(if own_place.is_some() { "taken here" } else { "set here" })
        .fix(Fix::manual(match wrapper {
            Some(id) if made.is_none_or(|made| made.made_by != MadeBy::HomeManager) => format!(
                "take it from `legacyPackages` of {}",
                words::node(graph, analysis.wrapper(id).node)
            ),
            _ => remedy(analysis, made),
        }));
    finding.notes.extend(mismatches::in_outputs(analysis, of));
    finding
}

/// Where to take the package from, or where the settings of the other nixpkgs are to be written.
fn remedy(analysis: &Analysis<'_, '_, '_>, made: Option<&MadeInstance>) -> String {
    let take = "take it from the packages of what it is built into";
    let at = made.and_then(|made| mismatches::place_in_words(analysis, made.made_at?));
    let at = at.map_or(String::new(), |at| format!(" ({at})"));
    match made.map(|made| made.made_by) {
        Some(MadeBy::Import) => {
            format!("{take}, or give the other nixpkgs the same settings, where it is imported{at}")
        }
        Some(MadeBy::HomeManager) => format!(
            "`home-manager.useGlobalPkgs = true` builds the home with the packages of its host; \
             without it, the same settings belong into the home's own `nixpkgs.config`{at}"
        ),
        _ => format!("{take}, or give the other nixpkgs the same settings"),
    }
}
