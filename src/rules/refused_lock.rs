//! A reference for which Nix refuses the whole lock.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{RefKind, Refusal, RefusedBy, refusals};
use crate::instance::Analysis;
use crate::lock::{Lock, NodeId, Site};

pub(super) static RULE: Rule = Rule {
    id: "refused-lock",
    level: Level::Deny,
    light: Level::Deny,
    summary: "a reference for which Nix refuses the whole lock",
    page: include_str!("../../docs/rules/refused-lock.md"),
    judges: Judges::References,
    hidden_by_wrapper: false,
    check,
};

/// How many further problems of one input are named: whoever repairs one looks at the others.
const NAMED: usize = 5;

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    for &node in graph.reachable().iter().skip(1) {
        let refused = refused(lock, node);
        let Some(((kind, first), others)) = refused.split_first() else { continue };
        let message = format!(
            "Nix refuses the {} reference of {}: {}",
            words_of(*kind),
            words::node(graph, node),
            first.problem
        );
        let mut finding = Finding::new(&RULE, Subject::Node(node), message)
            .node(Some(node))
            .in_lock(site(*kind, first))
            .label("refused")
            .why(told_by(first.by));
        for (kind, other) in others.iter().take(NAMED) {
            finding =
                finding.note(format!("in its {} reference, {}", words_of(*kind), other.problem));
        }
        if let Some(more) = others.len().checked_sub(NAMED + 1) {
            finding = finding.note(format!("and {} more", more + 1));
        }
        findings.push(finding.fix(Fix::manual(
            "correct the entry by hand, or restore the last flake.lock that worked: Nix reads the whole \
             lock first, so `nix flake update` stops here too",
        )));
    }
}

/// Everything that is refused in a node, `locked` first, because Nix reads that first.
fn refused<'a>(lock: &Lock<'a>, node: NodeId) -> Vec<(RefKind, Refusal<'a>)> {
    let mut all = Vec::new();
    let references =
        [(RefKind::Locked, lock.locked(node)), (RefKind::Original, lock.original(node))];
    for (kind, reference) in references {
        let found = reference.map(|reference| refusals(reference, kind)).unwrap_or_default();
        all.extend(found.into_iter().map(|refusal| (kind, refusal)));
    }
    all
}

fn site<'a>(kind: RefKind, refusal: &Refusal<'a>) -> Site<'a> {
    let member = match kind {
        RefKind::Locked => "locked",
        RefKind::Original => "original",
    };
    refusal.attribute.map_or(Site::Member(member), |attribute| Site::Inner(member, attribute))
}

fn words_of(kind: RefKind) -> &'static str {
    match kind {
        RefKind::Locked => "locked",
        RefKind::Original => "original",
    }
}

fn told_by(by: RefusedBy) -> &'static str {
    match by {
        RefusedBy::All => "Nix 2.8, 2.26 and 2.34 refuse it",
        RefusedBy::AllBut226 => "Nix 2.8 and 2.34 refuse it; 2.26 takes it",
        RefusedBy::AllBut28 => "Nix 2.26 and 2.34 refuse it; 2.8 takes it",
        RefusedBy::Newest => "Nix 2.34 refuses it; 2.8 and 2.26 take it",
        RefusedBy::AllWithCrash => {
            "Nix 2.8 refuses it; 2.26 and 2.34 abort on it, without a message"
        }
        RefusedBy::Crash => "Nix 2.26 and 2.34 abort on it, without a message; 2.8 takes it",
    }
}
