//! Shared by the three rules about unconfigured slots: turns a cause into a finding.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, mismatches, remedies, words};
use crate::change::{Fix, Override};
use crate::finding::{Finding, Strength, Subject};
use crate::flake_ref::Version;
use crate::instance::{
    Analysis, Cause, CauseKind, Effect, EvidenceKind, Expectation, Lacks, Light, Mismatch, Seen,
    UseLight, Wrapper, input_index,
};
use crate::lock::{InputId, Target};
use crate::source::evaluate::facts::{Importable, Use};

/// Pushes a finding for every cause of one kind.
pub(super) fn push<'a>(
    rule: &'static Rule,
    kind: CauseKind,
    analysis: &Analysis<'_, '_, 'a>,
    findings: &mut Vec<Finding<'a>>,
) {
    let mismatches = MismatchesBySlot::of(analysis);
    for cause in analysis.causes().iter().filter(|cause| cause.kind == kind) {
        let explained = mismatches.explained_by(cause);
        let expectation = analysis.expectation(cause.expectation);
        findings.push(finding(rule, analysis, cause, &explained, expectation));
    }
}

fn finding<'a>(
    rule: &'static Rule,
    analysis: &Analysis<'_, '_, 'a>,
    cause: &Cause,
    mismatches: &[&Mismatch],
    expectation: &Expectation,
) -> Finding<'a> {
    let graph = analysis.graph();
    let wrapper = analysis.wrapper(cause.target.wrapper);
    let slot = words::input(graph, cause.slot);
    let flake = words::node(graph, expectation.flake);
    let name = words::node(graph, wrapper.node);
    let message = match cause.kind {
        CauseKind::ThroughWrapper => {
            format!(
                "{slot} takes the plain nixpkgs inside a wrapper, while {flake} uses the configured {name}"
            )
        }
        CauseKind::Primary | CauseKind::Secondary => {
            let consumer = words::node(graph, graph.edge(cause.slot).holder);
            match mismatches::who_takes_what(analysis, mismatches, &consumer) {
                Some(taking) if mismatches::has_own_settings(analysis, mismatches) => {
                    let lacking = mismatches::settings(mismatches);
                    format!(
                        "{taking}, built from an import of its own without {lacking}, and not {name}"
                    )
                }
                Some(taking) => format!("{taking}, built from plain nixpkgs and not {name}"),
                None => {
                    let who = mismatches::user(analysis, mismatches)
                        .unwrap_or_else(|| format!("{flake} uses"));
                    format!("{slot} is plain nixpkgs, while {who} the configured {name}")
                }
            }
        }
    };
    let label = match graph.target(cause.slot) {
        Target::Follows(_) => "leads to plain nixpkgs",
        Target::Direct(_) => "has a plain nixpkgs of its own",
    };
    let together = match cause.kind {
        CauseKind::ThroughWrapper => {
            format!("inputs take the plain nixpkgs inside a wrapper, not the configured {name}")
        }
        CauseKind::Primary | CauseKind::Secondary => {
            format!("inputs are plain nixpkgs, while {flake} uses the configured {name}")
        }
    };
    let end = graph.end(cause.slot);
    let mut finding = Finding::new(rule, Subject::Input(cause.slot), message)
        .node(end)
        .affects(cause.affects.clone())
        .label(label)
        .together(together)
        .why(consequence(wrapper, &name))
        .fix(fix(analysis, cause, mismatches, wrapper, &name));
    if cause.kind == CauseKind::Primary {
        let strength = if cause.light.is_some() { Strength::Light } else { Strength::Firm };
        finding = finding.strength(strength);
    }
    if !mismatches.is_empty() {
        let packages = mismatches::packages(mismatches);
        finding.notes.extend(mismatches::where_seen(analysis, mismatches));
        finding.notes.extend(mismatches::listed_as(analysis, mismatches));
        finding.notes.extend(mismatches::in_outputs(analysis, mismatches));
        finding = finding.in_outputs(mismatches::outputs(mismatches), packages);
    }
    finding.notes.extend(remedies::caches_lost(analysis, cause.overrides.iter().copied()));
    finding.notes.extend(cause.light.and_then(|light| lightness(analysis, light)));
    if let (Some(end), Some(base)) = (end, wrapper.base) {
        let of = |node| graph.lock().original(node).map(Version::of);
        if end != base && of(end) != of(base) {
            let differ = format!(
                "the versions differ too: {slot} is {}, {name} is built on {}",
                words::source(graph, end),
                words::source(graph, base)
            );
            if let Some(fix) = &mut finding.fix {
                fix.new_version = Some(differ.clone());
            }
            finding = finding.note(differ);
        }
    }
    if wrapper.evidence.kind == EvidenceKind::Name {
        finding = finding.note(format!(
            "that {name} is configured is a guess by its name and inputs: to settle it, list it under \
             `configured` in flake-audit.toml"
        ));
    }
    finding
}

/// What happens if nothing is done; the same for all slots that lack one wrapper.
fn consequence(wrapper: &Wrapper, name: &str) -> String {
    let name = match wrapper.evidence.kind {
        EvidenceKind::Name => format!("{name} (a guess by its name)"),
        _ => name.to_owned(),
    };
    match wrapper.effect {
        Effect::PermissionsOnly => format!(
            "the settings of {name} only permit packages: nothing is built twice, but packages that \
             need them are refused"
        ),
        Effect::Build => format!(
            "plain nixpkgs lacks the settings of {name}: any torch that is built from it is a second copy"
        ),
        Effect::Unknown => {
            format!(
                "plain nixpkgs lacks the settings of {name}: what is built from it may exist twice"
            )
        }
    }
}

fn lightness(analysis: &Analysis<'_, '_, '_>, light: Light) -> Option<String> {
    match light {
        Light::HeldByDependency => {
            Some("this flake does not use the wrapper itself: a dependency holds it".into())
        }
        // The consequence says it already.
        Light::PermissionsOnly => None,
        Light::Use(UseLight::Known(known, node)) => Some(format!(
            "{} is {}, which {}",
            words::node(analysis.graph(), node),
            known.repository,
            known.words()
        )),
        Light::Use(UseLight::Uncertain(id)) => {
            let mismatch = analysis.verdicts()?.mismatches.at(id);
            let why = match (&mismatch.seen, mismatch.main.certain) {
                (_, false) => "the output that uses it is configured under a condition",
                (Seen::Package(..), true) => {
                    "it is used under a condition that could not be decided"
                }
                (Seen::Opaque(..), true) => {
                    "its code was not read, and it is not certain that the output that uses it is built from a wrapper"
                }
            };
            Some(why.into())
        }
        Light::Use(UseLight::ForOthers) => {
            Some("this flake builds nothing itself: it defines outputs for other flakes".into())
        }
    }
}

fn fix<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    cause: &Cause,
    mismatches: &[&Mismatch],
    wrapper: &Wrapper,
    name: &str,
) -> Fix<'a> {
    let graph = analysis.graph();
    let consumer = words::node(graph, graph.edge(cause.slot).holder);
    let overrides = Override::all(graph, &cause.overrides, wrapper.node);
    let fix = match check_behind_wrapper(analysis, cause, wrapper) {
        BehindWrapper::Works => Fix::safe(overrides),
        BehindWrapper::Breaks(what) => Fix::unverified(overrides, String::new()).to_manual(format!(
            "{consumer} would break: it uses {what}, which {name} does not export; export it there first \
             (`inherit (nixpkgs) lib nixosModules htmlDocs;`)"
        )),
        BehindWrapper::TakesFiles(what) => Fix::unverified(overrides, String::new()).to_manual(format!(
            "{consumer} would break: it uses {what}, and no wrapper has the files of nixpkgs; \
             change {consumer} to take packages from `legacyPackages`"
        )),
        BehindWrapper::Imports => Fix::unverified(overrides, String::new()).to_manual(format!(
            "{consumer} imports nixpkgs itself, so following {name} would fail or lose its settings: \
             change {consumer} to use `legacyPackages`"
        )),
        BehindWrapper::WrapperUnknown => Fix::unverified(
            overrides,
            format!(
                "the wrapper's source is not on disk: the dependency breaks if it uses what {name} \
                 does not export"
            ),
        ),
        BehindWrapper::Unknown(what) => Fix::unverified(
            overrides,
            format!(
                "{what}: it breaks if it imports nixpkgs itself, or uses what {name} does not export"
            ),
        ),
    };
    if let Some(pin) = cause.pin {
        return fix.to_manual(pinned(analysis, cause, pin));
    }
    if let Some(passing) = cause.passing {
        return fix.to_manual(format!(
            "{} follows a path that leads through this input: give it another path first",
            words::input(graph, passing)
        ));
    }
    let end = graph.end(cause.slot);
    if end.is_some_and(|end| !graph.lock().node(end).flake) {
        return fix.to_manual(format!(
            "it has `flake = false`: {consumer} imports the source itself and cannot follow a \
             wrapper; change {consumer}"
        ));
    }
    if mismatches::are_switched_off(analysis, mismatches) {
        return Fix::manual(format!(
            "{consumer} takes it from a variant of nixpkgs without these settings (`pkgsCuda`, `pkgsRocm`), whatever \
             it follows: change {consumer}"
        ));
    }
    if !cause.target.unique {
        return fix.to_manual(format!(
            "there is more than one configured nixpkgs; {name} is the one most used. List the right \
             one first in `configured`, in flake-audit.toml"
        ));
    }
    let slots = cause.affects.iter().chain(&cause.overrides).chain([&cause.slot]);
    let others = mismatches::other_takers(analysis, slots, mismatches);
    if !others.is_empty() {
        return fix.to_manual(format!(
            "{} also {} something through this input, and {} not built from {name}: an override \
             applies to the whole flake. Use an overlay of {consumer} instead, or a second input of it",
            mismatches::first_names(&others),
            if others.len() == 1 { "takes" } else { "take" },
            if others.len() == 1 { "is" } else { "are" },
        ));
    }
    if cause.kind == CauseKind::ThroughWrapper {
        return fix.to_manual(format!(
            "this path was chosen on purpose, and is right if {consumer} imports nixpkgs itself; if it \
             does not, let it follow {name}"
        ));
    }
    fix
}

/// What happens to a consumer that follows a wrapper.
enum BehindWrapper {
    /// Both were read, and it uses only what the wrapper exports.
    Works,
    /// It uses this, which the wrapper does not export.
    Breaks(String),
    /// It uses files of nixpkgs, in words, which no wrapper has.
    TakesFiles(&'static str),
    /// It makes its own instance.
    Imports,
    /// Not known, and why.
    Unknown(&'static str),
    /// Unknown, because what the wrapper exports was not read.
    WrapperUnknown,
}

fn check_behind_wrapper(
    analysis: &Analysis<'_, '_, '_>,
    cause: &Cause,
    wrapper: &Wrapper,
) -> BehindWrapper {
    let graph = analysis.graph();
    let sources = analysis.sources();
    if sources.root().is_none() && sources.read == 0 {
        return BehindWrapper::Unknown("no source was read");
    }
    let mut unknown = None;
    for &slot in &cause.overrides {
        let holder = graph.edge(slot).holder;
        let at = input_index(graph, slot);
        if sources.flake(holder).is_none() {
            unknown.get_or_insert(BehindWrapper::Unknown("the dependency's source is not on disk"));
        }
        let Some(done) = sources.flake_facts(holder) else {
            unknown.get_or_insert(BehindWrapper::Unknown("the dependency was not read completely"));
            continue;
        };
        let imports = done.uses.contains_key(&(at, Use::Import));
        // Such a wrapper can be imported, in Nix 2.26 and later.
        let serves = sources.importable(wrapper.node) == Some(Importable::ToString);
        let Some(lacks) = Lacks::behind_wrapper(sources, done, at, wrapper.node) else {
            if imports {
                return BehindWrapper::Imports;
            }
            unknown.get_or_insert(BehindWrapper::WrapperUnknown);
            continue;
        };
        if let Some(files) = lacks.files() {
            return BehindWrapper::TakesFiles(files);
        }
        if !lacks.outputs.is_empty() {
            let all: Vec<_> = lacks.outputs.into_iter().collect();
            return BehindWrapper::Breaks(format!("`{}`", all.join("`, `")));
        }
        if imports && !serves {
            return BehindWrapper::Imports;
        }
        if imports {
            let needs = "the dependency imports nixpkgs, which needs Nix 2.26";
            unknown.get_or_insert(BehindWrapper::Unknown(needs));
        } else if lacks.unknown {
            unknown.get_or_insert(BehindWrapper::Unknown("the dependency was not read completely"));
        }
    }
    unknown.unwrap_or(BehindWrapper::Works)
}

/// The mismatches that causes can explain, with their places in the list of all, by slot.
struct MismatchesBySlot<'f>(BTreeMap<InputId, Vec<(usize, &'f Mismatch)>>);

impl<'f> MismatchesBySlot<'f> {
    fn of(analysis: &'f Analysis<'_, '_, '_>) -> Self {
        let mut by_slot: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let all = analysis.verdicts().into_iter().flat_map(|all| all.mismatches.as_slice());
        for (at, mismatch) in all.enumerate().filter(|(_, one)| one.target.is_some()) {
            if let Some(slot) = mismatch.slot {
                by_slot.entry(slot).or_default().push((at, mismatch));
            }
        }
        Self(by_slot)
    }

    /// Those that a cause explains, in the order in which they were found.
    fn explained_by(&self, cause: &Cause) -> Vec<&'f Mismatch> {
        let slots: BTreeSet<InputId> = cause.affects.iter().copied().chain([cause.slot]).collect();
        let mut explained: Vec<_> =
            slots.iter().filter_map(|slot| self.0.get(slot)).flatten().copied().collect();
        explained.sort_by_key(|(at, _)| *at);
        explained.into_iter().map(|(_, mismatch)| mismatch).collect()
    }
}

/// Why a slot cannot be redirected: something else takes its version from it.
fn pinned(analysis: &Analysis<'_, '_, '_>, cause: &Cause, pin: InputId) -> String {
    let graph = analysis.graph();
    let mut reason = format!(
        "{} takes its version through this input: pin it elsewhere first",
        words::input(graph, pin)
    );
    let holder = graph.edge(pin).holder;
    let original = graph.end(cause.slot).and_then(|end| graph.lock().original(end));
    if let (true, Some(original)) = (holder == graph.lock().root(), original) {
        let name = ["inputs", graph.lock().input(pin).name, "url"];
        reason += &format!(
            " (`{} = {};`)",
            crate::text::AttrPath(&name),
            crate::text::NixString(&crate::flake_ref::FlakeRef::new(original).to_string())
        );
    }
    reason
}
