//! Nodes that two direct inputs name.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::Analysis;
use crate::lock::{InputId, NodeId};

pub(super) static RULE: Rule = Rule {
    id: "shared-node",
    level: Level::Warn,
    light: Level::Warn,
    summary: "a node with two owners, which Nix will split",
    page: include_str!("../../docs/rules/shared-node.md"),
    judges: Judges::Spelling,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    // `node-cycle` reports inputs that close a loop.
    let loops: BTreeSet<_> =
        graph.node_cycles().into_iter().flat_map(|cycle| cycle.nodes).collect();
    let mut owners: BTreeMap<(u32, NodeId), Vec<InputId>> = BTreeMap::new();
    for &input in graph.extra_owners() {
        let Some(node) = graph.end(input) else { continue };
        let closes = loops.contains(&node) && loops.contains(&graph.edge(input).holder);
        if let Some(place) = graph.place(node).filter(|_| !closes) {
            owners.entry((place.rank, node)).or_default().push(input);
        }
    }
    for ((_, node), inputs) in owners {
        let others = inputs.len();
        let Some(second) = inputs.first() else { continue };
        let (name, second) = (words::node(graph, node), words::input(graph, *second));
        let message = match others {
            1 => format!("{name} and {second} name one node"),
            _ => format!("{name}, {second} and {} more name one node", others - 1),
        };
        findings.push(
            Finding::new(&RULE, Subject::Node(node), message)
                .node(Some(node))
                .why("Nix gives every input a node of its own, and rewrites the lock so when it next checks it")
                .fix(Fix::manual(
                    "to share a source, let one input follow the other in flake.nix; else Nix takes \
                     them apart by itself",
                )),
        );
    }
}
