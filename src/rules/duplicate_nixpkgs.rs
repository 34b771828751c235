//! Several revisions of nixpkgs, which most locks have on purpose.

use super::{Judges, Rule, duplicates, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{Identity, Version, revision};
use crate::instance::{Analysis, Role};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-nixpkgs",
    level: Level::Allow,
    light: Level::Allow,
    summary: "more than one revision of nixpkgs is reachable",
    page: include_str!("../../docs/rules/duplicate-nixpkgs.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    let nodes =
        graph.reachable().iter().copied().filter(|node| analysis.role(*node) == Role::Nixpkgs);
    let nodes: Vec<_> = nodes.collect();
    let own = analysis.own_nixpkgs(lock.root()).and_then(|input| graph.end(input));
    let own = own.filter(|node| nodes.contains(node));
    let Some(kept) = own.or_else(|| duplicates::copy_to_keep(graph, &nodes)) else { return };
    let revision = |node| lock.locked(node).and_then(revision);
    let branch = |node| (Identity::of(lock, node), lock.original(node).map(Version::of));
    for copy in nodes.into_iter().filter(|node| revision(*node) != revision(kept)) {
        let (this, other) = (words::node(graph, copy), words::node(graph, kept));
        let message = format!("{this} is another revision of nixpkgs than {other}");
        let holder = graph.place(copy).map(|place| place.parent);
        let fix =
            if let Some(wrapper) = holder.filter(|holder| analysis.wrapper_of(*holder).is_some()) {
                let wrapper = words::node(graph, wrapper);
                Fix::manual(format!("{wrapper} is built on it: see `wrapper-skew`"))
            } else if branch(copy) == branch(kept) {
                duplicates::follow(graph, copy, kept)
            } else {
                Fix::manual(format!("if it need not be another branch, let it follow {other}"))
            };
        findings.push(
            Finding::new(&RULE, Subject::Node(copy), message)
                .node(Some(copy))
                .label("another revision of nixpkgs")
                .together(format!(
                    "inputs are other revisions of nixpkgs than {}",
                    words::node(graph, kept)
                ))
                .why("each revision is fetched and evaluated, and what both build exists twice")
                .note(format!("{} is {}", words::node(graph, kept), words::source(graph, kept)))
                .fix(fix),
        );
    }
}
