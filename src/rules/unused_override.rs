//! An override in flake.nix that has no effect.

use super::declared::{Held, Met, attribute_path, hold};
use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Level, Subject};
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::lock::{NodeId, Target};
use crate::source::declare::{Declarations, Reference};
use crate::text::{AttrPath, nearest};

pub(super) static RULE: Rule = Rule {
    id: "unused-override",
    level: Level::Warn,
    light: Level::Warn,
    summary: "an override in flake.nix has no effect",
    page: include_str!("../../docs/rules/unused-override.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    if let Some(declarations) = analysis.declarations() {
        check_with(analysis.graph(), declarations, findings);
    }
}

pub(super) fn check_with<'a>(
    graph: &Graph<'_, 'a>,
    declarations: &Declarations,
    findings: &mut Vec<Finding<'a>>,
) {
    for held in hold(graph, declarations) {
        if held.path.len() < 2 || !held.input.overrides() {
            continue;
        }
        match held.met {
            Met::Absent { holder, depth } => findings.push(absent(graph, &held, holder, depth)),
            Met::Followed { depth } => findings.extend(below_follows(graph, &held, depth)),
            Met::Input(..) | Met::Unsure => {}
        }
    }
}

fn absent<'a>(graph: &Graph<'_, 'a>, held: &Held<'_>, holder: NodeId, depth: usize) -> Finding<'a> {
    let lock = graph.lock();
    let name = held.path.get(depth).copied().unwrap_or_default();
    let has = if lock.node(holder).flake {
        format!("has no input `{name}`")
    } else {
        "is no flake and has no inputs".into()
    };
    let message = format!(
        "flake.nix overrides `{}`, but {} {has}",
        held.path.join("/"),
        words::node(graph, holder)
    );
    let inputs = graph.inputs_of(holder).map(|input| lock.input(input).name);
    let finding = finding(held, Subject::Node(holder), message).node(Some(holder));
    match nearest(name, inputs) {
        // What was meant is better than nothing: that is for a person to say.
        Some(meant) => {
            let fix = Fix::manual(format!("say `{meant}`, or {}", remove(held)));
            finding.note(format!("it has an input `{meant}`")).fix(fix)
        }
        None => finding,
    }
}

fn below_follows<'a>(graph: &Graph<'_, 'a>, held: &Held<'_>, depth: usize) -> Option<Finding<'a>> {
    let (above, below) = held.path.split_at_checked(depth + 1)?;
    let input = graph.find_input(above.iter().copied())?;
    let Target::Follows(to) = graph.target(input) else { return None };
    let message = format!(
        "flake.nix overrides `{}`, but {} is not used: it follows {}",
        held.path.join("/"),
        words::input(graph, input),
        words::followed(to)
    );
    let finding = finding(held, Subject::Input(input), message).node(graph.end(input));
    let instead: Vec<&str> = to.iter().copied().chain(below.iter().copied()).collect();
    Some(match to {
        [] => finding,
        _ => finding.note(format!("what is used is `{}`", instead.join("/"))),
    })
}

fn finding<'a>(held: &Held<'_>, subject: Subject, message: String) -> Finding<'a> {
    let follows = held.input.follows.as_ref().map(|follows| follows.binding);
    let fix = match held.input.reference {
        // Attributes are more than one line, and somebody may want to keep what they say.
        Some(Reference::Attributes(_)) => Fix::manual(remove(held)),
        _ => Fix::remove(held.path.iter().map(|&name| name.to_owned()).collect(), remove(held)),
    };
    Finding::new(&RULE, subject, message)
        .label("has no effect")
        .listed_together("overrides in flake.nix have no effect")
        .why("Nix ignores such an override, and what it was to change stays as it is")
        .discriminator(Discriminator::Override(held.path.join("/")))
        .at(follows.or(Some(held.input.span())))
        .fix(fix)
}

fn remove(held: &Held<'_>) -> String {
    let attribute = held.input.follows.as_ref().map(|_| "follows");
    format!("remove `{}`", AttrPath(&attribute_path(&held.path, attribute)))
}

#[cfg(test)]
mod tests;
