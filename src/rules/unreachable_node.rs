//! Nodes in the file that no input reaches.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::Analysis;

pub(super) static RULE: Rule = Rule {
    id: "unreachable-node",
    level: Level::Warn,
    light: Level::Warn,
    summary: "nodes that no input reaches",
    page: include_str!("../../docs/rules/unreachable-node.md"),
    judges: Judges::Spelling,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    let mut unreachable = lock.nodes().ids().filter(|node| !graph.is_reachable(*node));
    let Some(first) = unreachable.next() else { return };
    let others = unreachable.count();
    let name = words::node(graph, first);
    let message = match others {
        0 => format!("no input reaches the node {name}"),
        1 => format!("no input reaches the nodes {name} and 1 other"),
        more => format!("no input reaches the nodes {name} and {more} others"),
    };
    findings.push(
        Finding::new(&RULE, Subject::Flake(Some(first)), message)
            .label("nothing leads here")
            .why("Nix ignores them")
            .fix(Fix::manual(
                "nothing has to be done: Nix drops them when it next writes the lock",
            )),
    );
}
