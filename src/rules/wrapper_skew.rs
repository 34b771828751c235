//! A wrapper that the root holds is built on another nixpkgs than the root's.

use super::{Judges, Rule, words};
use crate::change::{Fix, Override};
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{Identity, branch, same_source};
use crate::instance::{Expectation, Facts, Role};
use crate::lock::{InputId, NodeId};

pub(super) static RULE: Rule = Rule {
    id: "wrapper-skew",
    level: Level::Warn,
    light: Level::Warn,
    summary: "a wrapper is built on another nixpkgs than the flake's own",
    page: include_str!("../../docs/rules/wrapper-skew.md"),
    judges: Judges::Graph,
    check,
};

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = facts.graph();
    let lock = graph.lock();
    let root = lock.root();
    let own = facts.own_nixpkgs(root).and_then(|input| graph.end(input));
    let Some(own) = own.filter(|own| facts.role(*own) == Role::Nixpkgs) else { return };
    let expectation = facts.expectations().iter().find(|expectation| expectation.flake == root);
    for held in expectation.into_iter().flat_map(Expectation::firm) {
        let wrapper = facts.wrapper(held.wrapper);
        let (Some(input), Some(base)) = (wrapper.base_input, wrapper.base) else { continue };
        let same = lock.locked(own).zip(lock.locked(base)).is_some_and(|(a, b)| same_source(a, b));
        if base == own || same {
            continue;
        }
        let (name, plain) = (words::node(graph, wrapper.node), words::node(graph, own));
        let message = format!("{name} is built on another nixpkgs than {plain}");
        findings.push(
            Finding::new(RULE.id, Subject::Input(input), message)
                .node(Some(base))
                .note(format!(
                    "{name} is built on {}, {plain} is {}: updating one does not update the other",
                    words::source(graph, base),
                    words::source(graph, own)
                ))
                .fix(fix(facts, input, base, own)),
        );
    }
}

fn fix<'a>(facts: &Facts<'_, '_, 'a>, input: InputId, base: NodeId, own: NodeId) -> Fix<'a> {
    let graph = facts.graph();
    let lock = graph.lock();
    let overrides = Override::all(graph, &[input], own);
    let fix = Fix::unverified(overrides, "no source was read: the version of nixpkgs changes");
    let branch_of = |node| lock.original(node).and_then(branch);
    let (wanted, given) = (branch_of(own), branch_of(base));
    if graph.end(input) != Some(base) {
        fix.to_manual("the wrapper is built on another wrapper: decide which of them to change")
    } else if Identity::of(lock, own) != Identity::of(lock, base) {
        fix.to_manual("they are different sources of nixpkgs: decide which of them is right")
    } else if wanted != given && wanted.is_some() && given.is_some() {
        fix.to_manual(
            "they name different branches, a pin on purpose: decide which of them is right",
        )
    } else {
        fix
    }
}
