//! Follows in the lock that nothing explains.

use std::collections::BTreeSet;

use super::noticed::RelockDifferences;
use super::{RULE, words};
use crate::change::Fix;
use crate::finding::{Finding, Subject};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table, Target};
use crate::source::declare::{Declarations, DeclaredInput};

/// A follows below a root's input that nothing explains.
#[derive(Debug)]
pub(super) struct LeftoverFollows<'l, 'a> {
    /// The input that follows.
    pub(super) input: InputId,
    /// The root's input above it.
    top: InputId,
    /// The path that it follows.
    to: &'l [&'a str],
    /// Its input path.
    pub(super) names: Vec<&'a str>,
}

impl<'a> LeftoverFollows<'_, 'a> {
    /// The finding about it.
    pub(super) fn finding(&self, noticed: &RelockDifferences<'_, '_, 'a>) -> Finding<'a> {
        let (graph, input) = (noticed.graph, self.input);
        let message = format!(
            "{} follows {} in flake.lock, but nothing in flake.nix says so",
            words::input(graph, input),
            words::followed(self.to)
        );
        let finding = Finding::new(&RULE, Subject::Input(input), message).node(graph.end(input));
        if noticed.has(input) {
            let holder = words::node(graph, graph.edge(input).holder);
            let note = match noticed.is_mended {
                true => "Nix notices, and fetches nothing for it".to_owned(),
                false => format!("Nix notices, and fetches an input of its own for {holder}"),
            };
            return finding.note(note).fix(noticed.fix());
        }
        let dependency = graph.lock().input(self.top).name;
        finding.note("Nix does not notice, and keeps it").fix(Fix::manual(format!(
            "declare it, or run `nix flake update {dependency}`, which drops it and updates \
             `{dependency}`"
        )))
    }
}

/// What is known about the path from the root down to a node.
#[derive(Debug, Clone, Copy)]
struct NodeHistory {
    /// The root's input at its start.
    top: InputId,
    /// The latest change of the sources on it: the lock cannot be older.
    since: u64,
}

/// From this time on, no Nix was in use that stored the overrides of a dependency as if the root
/// had written them; that ended with Nix 2.7 in March 2022 (Nix, commit 169ea0b83f).
const PREFIXED: u64 = 1_672_531_200;

/// Follows below the root's inputs that nothing explains: flake.nix does not declare them, and
/// follows that a dependency declares are stored with the dependency's own path in front.
pub(super) fn find_leftovers<'l, 'a>(
    graph: &Graph<'l, 'a>,
    declarations: &Declarations,
    outdated: &BTreeSet<NodeId>,
) -> Vec<LeftoverFollows<'l, 'a>> {
    let lock = graph.lock();
    let mut found = Vec::new();
    // Older lock versions store follows differently.
    if lock.version() < 7 {
        return found;
    }
    // Shared nodes have several paths; Nix splits them into several nodes first.
    let shared: BTreeSet<NodeId> =
        graph.extra_owners().iter().filter_map(|input| graph.end(*input)).collect();
    // Skip nodes below one that is locked again anyway.
    let is_passed_over = |node: &NodeId| outdated.contains(node) || shared.contains(node);
    let mut lines: Table<NodeTag, Option<NodeHistory>> = Table::like(lock.nodes(), None);
    for &holder in graph.reachable() {
        let Some(place) = graph.place(holder) else { continue };
        let Some(owner) = place.owner.filter(|_| !is_passed_over(&holder)) else { continue };
        let date = lock.locked(holder).and_then(|locked| locked.number("lastModified"));
        let date = date.unwrap_or_default();
        let line = match *lines.at(place.parent) {
            Some(above) => NodeHistory { since: above.since.max(date), ..above },
            None if place.parent == lock.root() => NodeHistory { top: owner, since: date },
            None => continue,
        };
        *lines.at_mut(holder) = Some(line);
        for input in graph.inputs_of(holder) {
            let Target::Follows(to) = graph.target(input) else { continue };
            if to.first() == Some(&lock.input(line.top).name) {
                continue;
            }
            let path = graph.input_path(input);
            let Some(names) = path.whole() else { continue };
            if declarations.input_at(names).is_some_and(DeclaredInput::overrides)
                || (line.since < PREFIXED && may_be_of_a_dependency(graph, holder, to))
            {
                continue;
            }
            let (names, top) = (names.to_vec(), line.top);
            found.push(LeftoverFollows { input, top, to, names });
        }
    }
    found
}

/// Whether a flake on the way from the root's input to the holder has an input that the path may
/// have meant. Follows of the root's input itself were always stored with its path in front.
fn may_be_of_a_dependency(graph: &Graph<'_, '_>, holder: NodeId, to: &[&str]) -> bool {
    let lock = graph.lock();
    let mut at = holder;
    while let Some(place) = graph.place(at).filter(|place| place.owner.is_some()) {
        let is_top_alone = at == holder && place.parent == lock.root();
        let has_it = to.first().is_none_or(|name| lock.input_named(at, name).is_some());
        if has_it && !is_top_alone {
            return true;
        }
        at = place.parent;
    }
    false
}
