//! flake.nix and flake.lock say different things of inputs or follows.

use std::collections::BTreeSet;

use super::declared::{Agreement, Held, Met, hold};
use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::FlakeRef;
use crate::graph::Graph;
use crate::instance::Facts;
use crate::lock::{Attributes, InputId, NodeId, NodeTag, Table, Target};
use crate::relock::relock;
use crate::source::declare::{Declarations, DeclaredInput, Reference};
use crate::source::evaluate::Files;

pub(super) static RULE: Rule = Rule {
    id: "stale-lock",
    level: Level::Deny,
    light: Level::Deny,
    summary: "flake.nix and flake.lock disagree on inputs or follows",
    page: include_str!("../../docs/rules/stale-lock.md"),
    judges: Judges::Source,
    check,
};

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    if let Some(declarations) = facts.declarations() {
        let files = facts.code().root().map(|root| &root.source.files);
        check_with(facts.graph(), declarations, files, findings);
    }
}

pub(super) fn check_with<'a>(
    graph: &Graph<'_, 'a>,
    declarations: &Declarations,
    files: Option<&Files>,
    findings: &mut Vec<Finding<'a>>,
) {
    let first = findings.len();
    // Nodes that go with the next locking: one finding for each is enough.
    let mut outdated: BTreeSet<NodeId> = BTreeSet::new();
    let root = graph.lock().root();
    for held in hold(graph, declarations) {
        match held.met {
            Met::Input(input, Agreement::Differs) => {
                outdated.extend(graph.end(input).filter(|_| graph.is_direct(input)));
                findings.push(differs(graph, &held, input));
            }
            Met::Absent { depth: 0, .. } if held.path.len() == 1 => {
                findings.push(missing(root, held.input));
            }
            _ => {}
        }
    }
    for input in graph.inputs_of(root) {
        if declarations.input(graph.lock().input(input).name).is_none() {
            outdated.extend(graph.end(input).filter(|_| graph.is_direct(input)));
            let message = format!(
                "flake.lock has an input {}, which flake.nix does not declare",
                words::input(graph, input)
            );
            findings.push(
                Finding::new(RULE.id, Subject::Input(input), message)
                    .node(graph.end(input))
                    .fix(lock_again()),
            );
        }
    }
    // What Nix would do without fetching anything can be done here.
    let stale = findings.get_mut(first..).unwrap_or_default();
    if !stale.is_empty() && matches!(relock(graph, declarations, files), Ok(Some(_))) {
        for finding in stale {
            finding.fix = Some(Fix::relock(LOCK_AGAIN));
        }
    }
    leftovers(graph, declarations, &outdated, findings);
}

fn missing<'a>(root: NodeId, input: &DeclaredInput) -> Finding<'a> {
    let name = &input.name;
    let message = match input.implied_by {
        None => format!("flake.nix declares the input `{name}`, which flake.lock does not have"),
        Some(_) => format!(
            "`outputs` takes the input `{name}`, which nothing declares and flake.lock does not have"
        ),
    };
    Finding::new(RULE.id, Subject::Flake(Some(root)), message)
        .at(Some(input.span()))
        .fix(lock_again())
}

fn differs<'a>(graph: &Graph<'_, 'a>, held: &Held<'_>, input: InputId) -> Finding<'a> {
    let name = words::input(graph, input);
    let locked = match graph.target(input) {
        Target::Follows(path) => format!("follows {}", words::followed(path)),
        Target::Direct(_) => {
            let original = graph.end(input).and_then(|node| graph.lock().original(node));
            let original = original.map(|original| FlakeRef::new(original).to_string());
            format!("is `{}`", original.unwrap_or_default())
        }
    };
    let declared = match &held.input.follows {
        Some(follows) => format!("follow {}", words::followed(&follows.path)),
        None => format!("be `{}`", told(held.input)),
    };
    let message = format!("flake.nix wants {name} to {declared}, but in flake.lock it {locked}");
    let finding = Finding::new(RULE.id, Subject::Input(input), message)
        .node(graph.end(input))
        .at(held.input.follows.as_ref().map(|follows| follows.binding).or(Some(held.input.span())))
        .fix(lock_again());
    match held.path.len() {
        0..=2 => finding,
        _ => finding.note("Nix before 2.30 does not lock overrides two or more levels deep"),
    }
}

/// What an input refers to, as flake.nix writes it.
fn told(input: &DeclaredInput) -> String {
    match &input.reference {
        Some(Reference::Url { text, .. }) => text.clone(),
        _ => match input.spelled() {
            Some(reference) => FlakeRef::new(Attributes::of(&reference.list())).to_string(),
            None => "another reference".into(),
        },
    }
}

/// What is known of a node on the way down from the root.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// The root's input above it.
    top: InputId,
    /// The youngest of the sources from there to the node: it was not locked before.
    since: u64,
}

/// When the last Nix was gone that stored the overrides of a dependency as if the root had written
/// them: that ended with Nix 2.7 in March 2022 (Nix, commit 169ea0b83f).
const PREFIXED: u64 = 1_672_531_200;

/// Follows below the root's inputs that nothing explains: flake.nix does not declare them, and
/// what a dependency declares is stored with the dependency's own path in front.
fn leftovers<'a>(
    graph: &Graph<'_, 'a>,
    declarations: &Declarations,
    outdated: &BTreeSet<NodeId>,
    findings: &mut Vec<Finding<'a>>,
) {
    let lock = graph.lock();
    // Other locks store follows in other ways, or nodes with several paths.
    if lock.version() < 7 || !graph.extra_owners().is_empty() {
        return;
    }
    // Nothing for nodes below one that is to be locked anew in any case.
    let mut lines: Table<NodeTag, Option<Line>> = Table::like(lock.nodes(), None);
    for &holder in graph.reachable() {
        let Some(place) = graph.place(holder) else { continue };
        let Some(owner) = place.owner.filter(|_| !outdated.contains(&holder)) else { continue };
        let date = lock.locked(holder).and_then(|locked| locked.number("lastModified"));
        let date = date.unwrap_or_default();
        let line = match *lines.at(place.parent) {
            Some(above) => Line { since: above.since.max(date), ..above },
            None if place.parent == lock.root() => Line { top: owner, since: date },
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
            if declarations.find(names).is_some_and(DeclaredInput::overrides)
                || (line.since < PREFIXED && may_be_of_a_dependency(graph, holder, to))
            {
                continue;
            }
            findings.push(leftover(graph, input, line.top, to).at(declarations.place(names)));
        }
    }
}

/// Whether a flake on the way from the root's input to the holder has an input that the path may
/// have meant. What the root's input itself follows was always stored with its path in front.
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

fn leftover<'a>(
    graph: &Graph<'_, 'a>,
    input: InputId,
    top: InputId,
    to: &[&'a str],
) -> Finding<'a> {
    let message = format!(
        "{} follows {} in flake.lock, but nothing in flake.nix says so",
        words::input(graph, input),
        words::followed(to)
    );
    let finding = Finding::new(RULE.id, Subject::Input(input), message).node(graph.end(input));
    let dependency = graph.lock().input(top).name;
    if graph.end(top) == Some(graph.edge(input).holder) {
        return finding
            .note(format!("Nix notices, and fetches an input of its own for `{dependency}`"))
            .fix(lock_again());
    }
    finding.note("Nix does not notice, and keeps it").fix(Fix::manual(format!(
        "declare it, or run `nix flake update {dependency}`, which drops it and updates \
         `{dependency}`"
    )))
}

fn lock_again<'a>() -> Fix<'a> {
    Fix::manual(LOCK_AGAIN)
}

const LOCK_AGAIN: &str = "run `nix flake lock`";

#[cfg(test)]
mod tests;
