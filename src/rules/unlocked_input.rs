//! A locked reference that Nix does not count as locked.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{FlakeRef, RefKind, is_locked, refusals};
use crate::instance::Analysis;

pub(super) static RULE: Rule = Rule {
    id: "unlocked-input",
    level: Level::Deny,
    light: Level::Deny,
    summary: "a locked reference that does not pin its source",
    page: include_str!("../../docs/rules/unlocked-input.md"),
    judges: Judges::References,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    for &node in graph.reachable().iter().skip(1) {
        let Some(locked) = lock.locked(node).filter(|locked| !is_locked(*locked)) else { continue };
        // `refused-lock` reports references that Nix cannot even read.
        if !refusals(locked, RefKind::Locked).is_empty() {
            continue;
        }
        let message = format!(
            "{} is not locked: `{}` can change",
            words::node(graph, node),
            FlakeRef::new(locked)
        );
        let why = if locked.text("narHash").is_some() {
            "its contents are checked by hash, but it may be impossible to fetch them again: Nix 2.34 \
             warns, Nix 2.26 refuses"
        } else {
            "Nix refuses such a lock (`contains unlocked input`)"
        };
        let top = graph.owner_path(node);
        let top = top.names().first().copied().unwrap_or_default();
        findings.push(
            Finding::new(&RULE, Subject::Node(node), message)
                .node(Some(node))
                .label("not locked")
                .together("inputs are not locked and can change")
                .why(why)
                .fix(Fix::manual(format!(
                    "commit the changes in it, or name a source that can be locked, then run \
                     `nix flake update {top}`"
                ))),
        );
    }
}
