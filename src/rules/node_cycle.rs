//! Nodes that own each other.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::Analysis;

pub(super) static RULE: Rule = Rule {
    id: "node-cycle",
    level: Level::Deny,
    light: Level::Deny,
    summary: "direct inputs form a loop, on which Nix eats all memory",
    page: include_str!("../../docs/rules/node-cycle.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    for cycle in graph.node_cycles() {
        let keys = cycle
            .nodes
            .iter()
            .take(SHOWN)
            .map(|node| format!("`{}`", graph.lock().node(*node).key));
        let keys: Vec<_> = keys.collect();
        let more = cycle.nodes.len() - keys.len();
        let gap = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!(
            "{} leads back to a node that owns it: {}{gap} form a loop",
            words::input(graph, cycle.closes),
            keys.join(", ")
        );
        findings.push(
            Finding::new(&RULE, Subject::Input(cycle.closes), message)
                .node(graph.end(cycle.closes))
                .fix(Fix::manual(
                    "restore the last flake.lock that worked, or delete it and run `nix flake lock`",
                ))
                .why("no Nix writes such a lock, and every Nix that reads it runs out of memory"),
        );
    }
}

/// How many nodes of a loop the message names.
const SHOWN: usize = 8;
