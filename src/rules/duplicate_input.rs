//! One identity and branch, locked more than once. nixpkgs and wrappers have rules of their own.

use std::collections::BTreeMap;

use super::{Judges, Rule, duplicates, words};
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{Identity, Version};
use crate::instance::{Analysis, Role};
use crate::lock::NodeId;

pub(super) static RULE: Rule = Rule {
    id: "duplicate-input",
    level: Level::Allow,
    light: Level::Allow,
    summary: "one source and branch is locked more than once",
    page: include_str!("../../docs/rules/duplicate-input.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    let mut copies: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
    for &node in graph.reachable() {
        // A flake and the same source with `flake = false` are not interchangeable.
        let is_source = match analysis.role(node) {
            Role::Flake | Role::NixpkgsLib => false,
            Role::Source => true,
            _ => continue,
        };
        if let Some(identity) = Identity::of(lock, node) {
            let version = lock.original(node).map(Version::of);
            copies.entry((identity, version, is_source)).or_default().push(node);
        }
    }
    for ((identity, ..), nodes) in copies {
        let Some(kept) = duplicates::copy_to_keep(graph, &nodes) else { continue };
        for copy in nodes.into_iter().filter(|node| *node != kept) {
            let message = format!(
                "{} locks {identity} again, as {} does",
                words::node(graph, copy),
                words::node(graph, kept)
            );
            findings.push(
                Finding::new(&RULE, Subject::Node(copy), message)
                    .node(Some(copy))
                    .label("locked again")
                    .together(format!(
                        "inputs lock {identity} again, as {} does",
                        words::node(graph, kept)
                    ))
                    .why("each copy is fetched, evaluated and updated by itself")
                    .fix(duplicates::follow(graph, copy, kept)),
            );
        }
    }
}
