//! One wrapper, by identity, in several copies; or another wrapper than the root's on the same
//! nixpkgs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, words};
use crate::change::{Fix, Override};
use crate::finding::{Finding, Level, Strength, Subject};
use crate::flake_ref::{Identity, same_source};
use crate::instance::{Analysis, Effect, EvidenceKind, Wrapper};
use crate::lock::NodeId;

pub(super) static RULE: Rule = Rule {
    id: "split-configuration",
    level: Level::Deny,
    light: Level::Warn,
    summary: "one wrapper is locked more than once, or another one stands beside this flake's",
    page: include_str!("../../docs/rules/split-configuration.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let rank = |wrapper: &Wrapper| graph.place(wrapper.node).map(|place| place.rank);
    let held_by_root: BTreeSet<NodeId> = analysis
        .expectations()
        .iter()
        .filter(|expectation| expectation.flake == graph.lock().root())
        .flat_map(|expectation| &expectation.held)
        .map(|held| analysis.wrapper(held.wrapper).node)
        .collect();
    let mut copies: BTreeMap<Identity<'_>, Vec<&Wrapper>> = BTreeMap::new();
    for (_, wrapper) in analysis.wrappers().filter(|(_, wrapper)| is_meant(wrapper)) {
        if let Some(identity) =
            Identity::of(graph.lock(), wrapper.node).filter(|_| rank(wrapper).is_some())
        {
            copies.entry(identity).or_default().push(wrapper);
        }
    }
    for group in copies.values_mut() {
        // The first is the copy that the others should follow: the root's if it holds one.
        group.sort_by_key(|wrapper| (!held_by_root.contains(&wrapper.node), rank(wrapper)));
        if let Some((kept, others)) = group.split_first() {
            let is_held = held_by_root.contains(&kept.node);
            findings.extend(others.iter().map(|copy| copy_finding(analysis, kept, copy, is_held)));
        }
    }
    let mut by_base: BTreeMap<NodeId, &Wrapper> = BTreeMap::new();
    for (_, wrapper) in
        analysis.wrappers().filter(|(_, wrapper)| held_by_root.contains(&wrapper.node))
    {
        if let Some(base) = wrapper.base {
            by_base.entry(base).or_insert(wrapper);
        }
    }
    let inner: BTreeSet<NodeId> =
        analysis.wrappers().filter_map(|(_, wrapper)| graph.end(wrapper.base_input?)).collect();
    for group in copies.values() {
        // Wrappers that the root holds come first; if the first is one, the others are copies of
        // it.
        if group.first().is_some_and(|wrapper| held_by_root.contains(&wrapper.node)) {
            continue;
        }
        for other in group.iter().filter(|other| !inner.contains(&other.node)) {
            if let Some(own) = other.base.and_then(|base| by_base.get(&base)) {
                findings.push(other_wrapper_finding(analysis, own, other));
            }
        }
    }
}

/// Whether a wrapper is there for its settings. Many flakes export the nixpkgs that they build with:
/// where its source shows no setting that changes a build, copies of it are only other nixpkgs.
fn is_meant(wrapper: &Wrapper) -> bool {
    wrapper.evidence.kind != EvidenceKind::Source || wrapper.effect == Effect::Build
}

fn copy_finding<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    kept: &Wrapper,
    copy: &Wrapper,
    is_held: bool,
) -> Finding<'a> {
    let graph = analysis.graph();
    let (name, first) = (words::node(graph, copy.node), words::node(graph, kept.node));
    let same = |a: Option<NodeId>, b: Option<NodeId>| match (a, b) {
        (Some(a), Some(b)) => {
            a == b
                || graph
                    .lock()
                    .locked(a)
                    .zip(graph.lock().locked(b))
                    .is_some_and(|(a, b)| same_source(a, b))
        }
        (a, b) => a == b,
    };
    let same_wrapper = same(Some(copy.node), Some(kept.node));
    let same_base = same(copy.base, kept.base);
    let message = format!("{name} is a second copy of the wrapper {first}");
    let finding = Finding::new(&RULE, Subject::Node(copy.node), message).node(Some(copy.node));
    let finding = if same_wrapper && same_base {
        finding
            .strength(Strength::Light)
            .why("both are the same today: one instance, which Nix evaluates twice")
            .together(format!("inputs are further copies of the wrapper {first}, the same today"))
    } else {
        let sources = [kept, copy].map(|wrapper| words::source(graph, wrapper.node));
        let bases = [kept, copy].map(|wrapper| {
            wrapper.base.map_or_else(|| "unknown".into(), |base| words::source(graph, base))
        });
        let mut differences = Vec::new();
        if !same_wrapper {
            differences.push(format!("their sources differ: {}", sources.join(" and ")));
        }
        if !same_base {
            differences
                .push(format!("they are built on different nixpkgs: {}", bases.join(" and ")));
        }
        let mut finding = finding.strength(Strength::Firm);
        finding.notes.extend(differences);
        finding
            .why("what is built from both exists twice")
            .together(format!("inputs are further copies of the wrapper {first}"))
    };
    let finding = finding.label("brings a copy of its own");
    let owner = graph.place(copy.node).and_then(|place| place.owner);
    let Some(owner) = owner.filter(|_| is_held) else {
        return finding.fix(Fix::manual(format!(
            "add the wrapper to the inputs of this flake, and let both {first} and {name} follow it"
        )));
    };
    let overrides = Override::all(graph, &[owner], kept.node);
    finding.fix(Fix::unverified(
        overrides,
        format!(
            "the two were not compared: the flake that has it gets the revision that {first} is locked to"
        ),
    ))
}

fn other_wrapper_finding<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    own: &Wrapper,
    other: &Wrapper,
) -> Finding<'a> {
    let graph = analysis.graph();
    let (name, own) = (words::node(graph, other.node), words::node(graph, own.node));
    let message = format!("{name} is another wrapper than {own}, on the same nixpkgs");
    Finding::new(&RULE, Subject::Node(other.node), message)
        .strength(Strength::Light)
        .node(Some(other.node))
        .why("unless both have the same settings, what is built from both exists twice")
        .fix(Fix::manual(format!("compare their settings: if {own} will do, let {name} follow it")))
}
