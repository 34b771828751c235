//! The root configures nixpkgs inline, and what it takes of its dependencies is built without that.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, mismatches, remedies, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Level, Part, Strength, Subject};
use crate::instance::{Analysis, Mismatch, Seen};
use crate::lock::InputId;

pub(super) static RULE: Rule = Rule {
    id: "inline-configuration",
    level: Level::Deny,
    light: Level::Warn,
    summary: "the flake has inline settings, and its dependencies get plain nixpkgs",
    page: include_str!("../../docs/rules/inline-configuration.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(verdicts) = analysis.verdicts() else { return };
    let counts = |mismatch: &&Mismatch| mismatch.slot.is_some() && mismatch.target.is_none();
    let of = verdicts.mismatches.as_slice().iter().filter(counts);
    for group in mismatches::by_configuration(of) {
        let mut firm: BTreeMap<(u32, InputId), Vec<&Mismatch>> = BTreeMap::new();
        let mut light: Vec<&Mismatch> = Vec::new();
        for mismatch in group {
            let Some(slot) = mismatch.slot else { continue };
            let cause = mismatches::cause(analysis, slot);
            if mismatch.is_firm() {
                firm.entry(analysis.graph().input_order(cause)).or_default().push(mismatch);
            } else {
                light.push(mismatch);
            }
        }
        let reported: BTreeSet<InputId> = firm.keys().map(|(_, slot)| *slot).collect();
        // What is reported firmly is not reported again; a light one only adds its output.
        let (again, light): (Vec<_>, Vec<_>) = light.into_iter().partition(|mismatch| {
            mismatch.slot.is_some_and(|slot| reported.contains(&mismatches::cause(analysis, slot)))
        });
        for ((_, slot), of) in firm {
            let again = again.iter().filter(|mismatch| {
                mismatch.slot.is_some_and(|other| mismatches::cause(analysis, other) == slot)
            });
            let concerned: Vec<&Mismatch> = of.iter().copied().chain(again.copied()).collect();
            findings.push(firm_finding(analysis, slot, &of, &concerned));
        }
        if !light.is_empty() {
            findings.push(light_finding(analysis, &light));
        }
    }
}

/// The slots that its findings are about: that of a firm one, all possible ones of a light one.
pub(super) fn slots(analysis: &Analysis<'_, '_, '_>) -> BTreeSet<InputId> {
    let mut findings = Vec::new();
    check(analysis, &mut findings);
    let slots = findings.iter().flat_map(|finding| {
        let about = match finding.subject {
            Subject::Input(slot) => Some(slot),
            Subject::Flake(_) | Subject::Node(_) => None,
        };
        about.into_iter().chain(finding.affects.iter().copied())
    });
    slots.collect()
}

/// What the place of the settings is.
const SET_HERE: &str = "set here, for this flake's own nixpkgs";

/// Why a dependency does not have the flake's settings.
const IMPORTS: &str =
    "settings belong to one import of nixpkgs: a dependency's nixpkgs has its own";

/// The remedy: move the settings to where dependencies can follow them.
const REMEDY: &str = "`flake-audit fix --init nixpkgs-gpu` puts these settings into a wrapper flake in \
                      that folder and lets the dependencies follow it (`--dry-run` shows how)";

/// The same where flake.nix is generated, so that an edit would be lost.
const REMEDY_IF_GENERATED: &str = "`flake-audit init nixpkgs-gpu --from-inline` puts these settings into a wrapper \
                                   flake in that folder, and prints the lines to add to what flake.nix is \
                                   generated from";

/// Both in fewer words, for after a remedy that is cheaper.
const WRAPPER: &str = "a wrapper: `flake-audit fix --init nixpkgs-gpu` (`--dry-run` shows how)";
const WRAPPER_IF_GENERATED: &str = "a wrapper: `flake-audit init nixpkgs-gpu --from-inline`";

/// What can be done about overrides, which no wrapper takes over.
const OVERRIDES: &str = "an overlay belongs to one set of packages: build what is taken from this flake's own, by \
                         an overlay of the dependency or with `pkgs.callPackage`";

/// What can be done about a dependency that has settings of its own, which no wrapper takes away.
const MORE: &str = "the dependency sets them itself: set the same for what it is built into, or take the package \
                    from there";

fn fix<'a>(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> Fix<'a> {
    if mismatches.iter().all(|mismatch| mismatch.has_more()) {
        return Fix::manual(MORE);
    }
    let by_overlay = remedies::by_overlay(analysis, mismatches);
    if let Some(reason) = only_for_some(analysis, mismatches) {
        return match by_overlay.filter(|by| by.serves_all) {
            Some(by) => Fix::manual(by.what),
            None => Fix::manual(reason),
        };
    }
    match by_overlay {
        Some(by) if mismatches::only_overrides(mismatches) => Fix::manual(by.what),
        Some(by) if by.serves_all && of_another_nixpkgs(analysis, mismatches).is_some() => {
            Fix::manual(by.what)
        }
        None if mismatches::only_overrides(mismatches) => Fix::manual(OVERRIDES),
        _ if let Some(reason) = of_another_nixpkgs(analysis, mismatches) => Fix::manual(reason),
        Some(by) => {
            let or = if by.serves_all { "or" } else { "for the others," };
            let by = format!("{}; {or}", by.what);
            Fix::wrap(format!("{by} {WRAPPER}"), format!("{by} {WRAPPER_IF_GENERATED}"))
        }
        None => Fix::wrap(REMEDY, REMEDY_IF_GENERATED),
    }
}

/// Why no dependency would follow a wrapper: each was told to follow another nixpkgs of this flake
/// than what it is built into has.
fn of_another_nixpkgs(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> Option<String> {
    let graph = analysis.graph();
    let mut first = None;
    for mismatch in mismatches {
        let (slot, base) = (mismatch.slot?, mismatch.main.base?);
        let end = graph.end(slot)?;
        if graph.is_direct(slot) || end == base {
            return None;
        }
        first = first.or(Some((slot, end, base)));
    }
    let (slot, end, base) = first?;
    Some(format!(
        "{} follows {}, and what it is built into is made from {}: let it follow that one \
         first, or build the package with this flake's own packages",
        words::input(graph, slot),
        words::node(graph, end),
        words::node(graph, base)
    ))
}

/// Why no dependency can follow a wrapper: other outputs take something of each of them and should
/// not get the settings, like a server beside a host with a GPU.
fn only_for_some(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> Option<String> {
    let slots: BTreeSet<InputId> = mismatches.iter().filter_map(|mismatch| mismatch.slot).collect();
    let shared = slots.iter().map(|slot| {
        let mut others = mismatches::other_takers(
            analysis,
            [slot, &mismatches::cause(analysis, *slot)],
            mismatches,
        );
        // A Mac has no such GPU: most flakes leave the settings out there by a condition, which a
        // wrapper has, too.
        others.retain(|output| !output.split('.').any(|name| name.ends_with("-darwin")));
        (!others.is_empty()).then_some(others)
    });
    let others: BTreeSet<String> =
        shared.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    let others: Vec<String> = others.into_iter().collect();
    let [_, ..] = others.as_slice() else { return None };
    let the_same = if slots.len() == 1 { "the same dependency" } else { "the same dependencies" };
    let (take, are) = if others.len() == 1 { ("takes", "is") } else { ("take", "are") };
    Some(format!(
        "{} also {take} something of {the_same}, and {are} built without these settings. A `follows` applies to \
         the whole flake, so give the settings only to the outputs that need them: by an overlay of the \
         dependency, or by a second input of it",
        mismatches::first_names(&others),
    ))
}

fn firm_finding<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    slot: InputId,
    mismatches: &[&Mismatch],
    concerned: &[&Mismatch],
) -> Finding<'a> {
    let graph = analysis.graph();
    let packages = mismatches::packages(mismatches);
    let settings = mismatches::settings(mismatches);
    let names = mismatches::first_names(&packages);
    let has_more = mismatches.iter().all(|mismatch| mismatch.has_more());
    let get = words::input(graph, slot);
    let is = mismatches::is_or_are(&packages);
    let consumer = words::node(graph, graph.edge(slot).holder);
    let lacking = mismatches::lacking(analysis, mismatches);
    let message = if has_more {
        format!("{names} through {get} {is} built with {settings}, beside one without")
    } else {
        match mismatches::who_takes_what(analysis, concerned, &consumer) {
            Some(taking) => format!("{taking}, built without {lacking}"),
            None => format!("{get} is without {lacking}"),
        }
    };
    let together = if has_more {
        format!("inputs bring packages that are built with {settings}, beside ones without")
    } else {
        format!("inputs bring packages that are built without {lacking}")
    };
    let which = if packages.is_empty() { get } else { format!("{names} of {consumer}") };
    let slots: BTreeSet<InputId> = mismatches.iter().filter_map(|mismatch| mismatch.slot).collect();
    let affects = slots.into_iter().filter(|other| *other != slot).collect();
    // Settings are not what changes a package that is overridden.
    let place =
        mismatches::settings_place(mismatches).filter(|_| !mismatches::only_overrides(mismatches));
    let mut finding = Finding::new(&RULE, Subject::Input(slot), message)
        .discriminator(Discriminator::Settings(mismatches::settings_key(mismatches)))
        .strength(Strength::Firm)
        .together_as(together, which)
        .node(graph.end(slot))
        .placed(place)
        .in_outputs(mismatches::outputs(concerned), packages)
        .affects(affects)
        .label(match place {
            Some(_) => SET_HERE,
            // An overlay's is not kept: the input is shown.
            None => "built from this one",
        })
        .why(IMPORTS)
        .fix(fix(analysis, mismatches));
    finding.notes.extend(mismatches::where_seen(analysis, mismatches));
    finding.notes.extend(mismatches::listed_as(analysis, mismatches));
    finding.notes.extend(mismatches::in_outputs(analysis, concerned));
    finding.notes.extend(remedies::caches_lost(
        analysis,
        mismatches.iter().filter_map(|mismatch| mismatch.slot),
    ));
    finding
}

fn light_finding<'a>(analysis: &Analysis<'_, '_, 'a>, mismatches: &[&Mismatch]) -> Finding<'a> {
    let graph = analysis.graph();
    let settings = mismatches::settings(mismatches);
    let slots: BTreeSet<(u32, InputId)> = mismatches
        .iter()
        .filter_map(|mismatch| mismatch.slot)
        .map(|slot| graph.input_order(slot))
        .collect();
    let slots: Vec<InputId> = slots.into_iter().map(|(_, slot)| slot).collect();
    let names: Vec<String> =
        slots.iter().map(|slot| graph.input_path(*slot).names().join("/")).collect();
    let causes: BTreeSet<InputId> =
        slots.iter().map(|slot| mismatches::cause(analysis, *slot)).collect();
    let part = |cause| Part {
        input: Some(cause),
        discriminator: Discriminator::Settings(mismatches::settings_key(mismatches)),
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    let certain = mismatches.iter().any(|mismatch| mismatch.main.certain);
    let who = mismatches::builders(analysis, mismatches);
    let message = format!(
        "{who} built with {settings}{}, while {} {are} plain nixpkgs",
        if certain { "" } else { ", under a condition" },
        mismatches::first_names(&names),
    );
    let base = mismatches.iter().find_map(|mismatch| mismatch.main.base);
    let packages = mismatches::packages(mismatches);
    let mut finding = Finding::new(&RULE, Subject::Flake(None), message)
        .discriminator(Discriminator::Settings(mismatches::settings_key(mismatches)))
        .of_parts(causes.into_iter().map(part))
        .strength(Strength::Light)
        .node(base)
        .placed(mismatches::settings_place(mismatches))
        .in_outputs(mismatches::outputs(mismatches), packages.clone())
        .label(SET_HERE);
    let opaque = mismatches.iter().any(|mismatch| matches!(mismatch.seen, Seen::Opaque(..)));
    finding = finding.why(if opaque {
        "the packages taken from those dependencies were not read, and may exist twice: with these \
         settings and without"
    } else {
        IMPORTS
    });
    if !packages.is_empty() {
        finding = finding.note(format!(
            "{} {} built without them, under a condition that could not be decided",
            mismatches::first_names(&packages),
            mismatches::is_or_are(&packages)
        ));
    }
    finding.notes.extend(mismatches::taken_in_words(analysis, mismatches));
    finding.notes.extend(mismatches::listed_as(analysis, mismatches));
    finding.notes.extend(mismatches::in_outputs(analysis, mismatches));
    finding.notes.extend(remedies::caches_lost(analysis, slots.iter().copied()));
    finding.affects(slots).fix(fix(analysis, mismatches))
}
