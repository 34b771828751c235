//! One identity and branch, locked more than once; nixpkgs and wrappers have rules of their own.

use std::collections::BTreeMap;

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{Identity, Version};
use crate::instance::{Facts, Role};
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

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = facts.graph();
    let lock = graph.lock();
    let mut copies: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
    for &node in graph.reachable() {
        if !matches!(facts.role(node), Role::Flake | Role::Source | Role::NixpkgsLib) {
            continue;
        }
        if let Some(identity) = Identity::of(lock, node) {
            let version = lock.original(node).map(Version::of);
            copies.entry((identity, version)).or_default().push(node);
        }
    }
    for ((identity, _), nodes) in copies {
        let [first, second, further @ ..] = nodes.as_slice() else { continue };
        let message = format!(
            "{} is locked {} times: {} and {}{}",
            identity,
            nodes.len(),
            words::node(graph, *first),
            words::node(graph, *second),
            if further.is_empty() { "" } else { ", …" }
        );
        findings.push(
            Finding::new(&RULE, Subject::Node(*second), message)
                .node(Some(*second))
                .affects(further.iter().filter_map(|node| graph.place(*node)?.owner).collect())
                .fix(Fix::manual(format!(
                    "let {} follow {}, if the same revision will do",
                    words::node(graph, *second),
                    words::node(graph, *first)
                ))),
        );
    }
}
