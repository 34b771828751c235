//! Several revisions of nixpkgs: in most locks meant.

use std::collections::BTreeSet;

use super::{Judges, Rule, words};
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::revision;
use crate::instance::{Facts, Role};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-nixpkgs",
    level: Level::Allow,
    light: Level::Allow,
    summary: "more than one revision of nixpkgs is reachable",
    page: include_str!("../../docs/rules/duplicate-nixpkgs.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = facts.graph();
    let lock = graph.lock();
    let nodes = graph.reachable().iter().copied().filter(|node| facts.role(*node) == Role::Nixpkgs);
    let nodes: Vec<_> = nodes.collect();
    let revisions: BTreeSet<_> =
        nodes.iter().map(|node| lock.locked(*node).and_then(revision)).collect();
    if revisions.len() < 2 {
        return;
    }
    let own = facts.own_nixpkgs(lock.root()).and_then(|input| graph.end(input));
    let others = nodes.iter().copied().filter(|node| Some(*node) != own);
    let affects = others.filter_map(|node| graph.place(node)?.owner).collect();
    let shown = nodes.iter().take(SHOWN).map(|node| words::node(graph, *node));
    let shown: Vec<_> = shown.collect();
    let more = nodes.len() - shown.len();
    let gap = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "{} revisions of nixpkgs are locked, in {} nodes: {}{gap}",
        revisions.len(),
        nodes.len(),
        shown.join(", ")
    );
    findings.push(
        Finding::new(&RULE, Subject::Flake(nodes.first().copied()), message)
            .affects(affects)
            .note("where a dependency need not have its own, its nixpkgs can follow yours"),
    );
}

/// Nodes that the message names.
const SHOWN: usize = 5;
