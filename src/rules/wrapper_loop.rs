//! A wrapper whose nixpkgs ends at itself, its holder or an ancestor, or at nothing.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::{Analysis, Role};

pub(super) static RULE: Rule = Rule {
    id: "wrapper-loop",
    level: Level::Deny,
    light: Level::Deny,
    summary: "a wrapper's own nixpkgs leads back to the wrapper",
    page: include_str!("../../docs/rules/wrapper-loop.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    for (_, wrapper) in analysis.wrappers() {
        let Some(input) = wrapper.base_input.filter(|input| analysis.is_disabled(*input)) else {
            continue;
        };
        let Some(end) = graph.end(input) else { continue };
        let name = words::node(graph, wrapper.node);
        let message = if end == wrapper.node {
            format!("the nixpkgs of {name} is {name} itself")
        } else if analysis.role(end) == Role::Null {
            format!("the nixpkgs of {name} is disabled")
        } else {
            format!("the nixpkgs of {name} is {}, which holds it", words::node(graph, end))
        };
        findings.push(
            Finding::new(&RULE, Subject::Input(input), message)
                .node(Some(end))
                .why("Nix locks this without a warning, but nothing that needs the wrapper evaluates")
                .fix(Fix::manual(format!(
                    "let {} follow a plain nixpkgs that does not follow {name}",
                    words::input(graph, input)
                ))),
        );
    }
}
