//! Follows that lead to each other and to no node.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::graph::End;
use crate::instance::Analysis;

pub(super) static RULE: Rule = Rule {
    id: "follows-cycle",
    level: Level::Deny,
    light: Level::Deny,
    summary: "a follows path leads back to itself",
    page: include_str!("../../docs/rules/follows-cycle.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let broken = words::broken(graph, |end| match end {
        End::Cycle { cause } => Some(cause),
        _ => None,
    });
    for (cause, affects) in broken {
        let members: Vec<_> = graph.chain(cause).collect();
        let shown = members.iter().take(SHOWN).map(|member| words::input(graph, *member));
        let shown: Vec<_> = shown.collect();
        let more = members.len() - shown.len();
        let gap = if more > 0 { format!(" → … {more} more …") } else { String::new() };
        let name = words::input(graph, cause);
        let message = format!("{name} follows itself: {}{gap} → {name}", shown.join(" → "));
        findings.push(
            Finding::new(&RULE, Subject::Input(cause), message)
                .affects(affects)
                .label("leads back to itself")
                .fix(Fix::manual(
                    "let one of them follow something else in flake.nix, then run `nix flake lock`",
                ))
                .why("recent Nix refuses to lock it; Nix 2.8 locks it, and evaluation never ends"),
        );
    }
}

/// How many members of a cycle the message names.
const SHOWN: usize = 8;
