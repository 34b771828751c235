//! The root configures nixpkgs in place, and its dependencies get the plain one.

use std::collections::BTreeSet;

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Strength, Subject};
use crate::graph::Graph;
use crate::instance::{
    Facts, Reach, Slot, UseLight, build_settings, changes_builds, covers, first_build_setting,
    position,
};
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{MadeBy, MadeInstance, SettingState, Taken};
use crate::source::nixpkgs_config;

pub(super) static RULE: Rule = Rule {
    id: "inline-configuration",
    level: Level::Deny,
    light: Level::Warn,
    summary: "the flake configures nixpkgs in place, and its dependencies get the plain one",
    page: include_str!("../../docs/rules/inline-configuration.md"),
    judges: Judges::Source,
    check,
};

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(code) = facts.code().evaluated_root() else { return };
    if facts.is_wrapper_itself() {
        return;
    }
    let mut told = BTreeSet::new();
    let mut slots: Option<Slots> = None;
    for made in code.instances.iter().filter(|made| is_inline(made)) {
        let Some(first) = first_build_setting(made) else { continue };
        let base = facts.base_of(made);
        // One configuration may be evaluated in several places, such as for several hosts.
        let key = (base, build_settings(made).map(|s| (s.place, s.state)).collect::<Vec<_>>());
        if is_wrapped(facts, made, base) || !told.insert(key) {
            continue;
        }
        let slots = slots.get_or_insert_with(|| Slots::find(facts));
        if slots.counts {
            findings.push(tell(facts, made, base, first.place, slots));
        }
    }
}

/// Whether an instance is configured in place, for the flake's own use.
fn is_inline(made: &MadeInstance) -> bool {
    let made_here = matches!(
        made.made_by,
        MadeBy::Import | MadeBy::Nixos | MadeBy::HomeManager | MadeBy::Variant
    );
    made_here && made.own && made.used && changes_builds(made)
}

/// Whether the root holds a wrapper with these settings on this nixpkgs: then the dependencies can
/// follow it, and other rules see to that.
fn is_wrapped(facts: &Facts<'_, '_, '_>, made: &MadeInstance, base: Option<NodeId>) -> bool {
    let root = facts.graph().lock().root();
    let held = facts.expectations().iter().filter(|e| e.flake == root).flat_map(|e| &e.held);
    let mut wrappers = held.map(|held| facts.wrapper(held.wrapper));
    wrappers.any(|wrapper| {
        let same_base = base.is_none() || wrapper.base == base || Some(wrapper.node) == base;
        same_base && covers(made, wrapper.config.as_ref())
    })
}

/// The slots that get plain nixpkgs though something that uses them is taken.
#[derive(Default)]
struct Slots {
    affected: Vec<InputId>,
    /// Whether any of them is reached for all that is known.
    counts: bool,
    /// Packages that a GPU setting changes, as dependencies are seen to build them.
    seen: Vec<(InputId, String, String)>,
}

impl Slots {
    fn find(facts: &Facts<'_, '_, '_>) -> Self {
        let mut slots = Self::default();
        for &holder in facts.graph().reachable() {
            for slot in facts.graph().inputs_of(holder) {
                slots.add(facts, slot);
            }
        }
        slots
    }

    fn add(&mut self, facts: &Facts<'_, '_, '_>, slot: InputId) {
        let (Slot::Raw { primary: true }, graph) = (facts.slot(slot), facts.graph()) else {
            return;
        };
        let code = facts.code();
        match code.reach(graph, slot) {
            Some(Reach::Firm) => self.counts = true,
            // Most modules use the packages of whoever takes them: they alone raise no alarm.
            Some(Reach::Light(UseLight::Soft(_, kinds))) => {
                let only_modules =
                    kinds.iter().all(|kind| matches!(kind, Taken::Modules | Taken::Source));
                if only_modules {
                    return;
                }
                self.counts = true;
            }
            _ => return,
        }
        self.affected.push(slot);
        let holder = graph.edge(slot).holder;
        let at = position(graph, slot);
        for run in code.demands().into_iter().flat_map(|demands| demands.runs(code, holder)) {
            for built in &run.built {
                let made = run.instances.get(built.instance as usize);
                if made.is_some_and(|made| made.base == Some(at)) {
                    let file = run.files.get(built.place.file as usize);
                    let line = file.map(|file| {
                        let before = file.text.get(..built.place.span.start).unwrap_or_default();
                        format!("{}:{}", file.path, before.matches('\n').count() + 1)
                    });
                    self.seen.push((slot, built.name.clone(), line.unwrap_or_default()));
                }
            }
        }
    }
}

fn tell<'a>(
    facts: &Facts<'_, '_, 'a>,
    made: &MadeInstance,
    base: Option<NodeId>,
    place: crate::source::evaluate::facts::Place,
    slots: &Slots,
) -> Finding<'a> {
    let graph = facts.graph();
    let settings: Vec<_> = build_settings(made).map(|setting| setting.key.as_str()).collect();
    let certain = build_settings(made).any(|setting| setting.state == SettingState::On);
    let is_gpu = settings.iter().any(|key| nixpkgs_config::is_gpu(key));
    let message = format!(
        "this flake sets {} for its own nixpkgs{}, and {} plain nixpkgs",
        list(&settings),
        if certain { "" } else { ", on a condition" },
        count(graph, &slots.affected),
    );
    let mut finding = Finding::new(RULE.id, Subject::Flake(None), message)
        .apart(settings.join(" "))
        .strength(Strength::Light)
        .node(base)
        .placed(Some(place))
        .note("what those dependencies build from it lacks these settings, and may exist twice");
    if let (true, Some((slot, name, line))) = (is_gpu && certain, slots.seen.first()) {
        let holder = words::node(graph, graph.edge(*slot).holder);
        let more = slots.seen.len() - 1;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        finding = finding
            .strength(Strength::Firm)
            .note(format!("{holder} builds `{name}`{more} ({line}), which such a setting changes"));
    }
    finding.affects(slots.affected.clone()).fix(Fix::manual(
        "put these settings into a wrapper flake that takes this nixpkgs as input and re-exports \
         it as `legacyPackages`, build from that, and let the dependencies follow it (`flake-audit fix \
         --init DIR`)",
    ))
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().take(4).map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn count(graph: &Graph<'_, '_>, slots: &[InputId]) -> String {
    match slots {
        [only] => format!("{} gets", words::input(graph, *only)),
        more => format!("{} inputs of its dependencies get", more.len()),
    }
}
