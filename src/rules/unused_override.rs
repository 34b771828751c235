//! An override in flake.nix that has no effect.

use super::declared::{DeclaredAndLocked, LockedThere, attribute_path, compare_with_lock};
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
    for compared in compare_with_lock(graph, declarations) {
        if compared.path.len() < 2 || !compared.input.overrides() {
            continue;
        }
        match compared.locked {
            LockedThere::Absent { holder, depth } => {
                findings.push(absent(graph, &compared, holder, depth))
            }
            LockedThere::Followed { depth } => {
                findings.extend(below_follows(graph, &compared, depth))
            }
            LockedThere::Input(..) | LockedThere::Unsure => {}
        }
    }
}

fn absent<'a>(
    graph: &Graph<'_, 'a>,
    compared: &DeclaredAndLocked<'_>,
    holder: NodeId,
    depth: usize,
) -> Finding<'a> {
    let lock = graph.lock();
    let name = compared.path.get(depth).copied().unwrap_or_default();
    let problem = if lock.node(holder).flake {
        format!("has no input `{name}`")
    } else {
        "is no flake and has no inputs".into()
    };
    let message = format!(
        "flake.nix overrides `{}`, but {} {problem}",
        compared.path.join("/"),
        words::node(graph, holder)
    );
    let inputs = graph.inputs_of(holder).map(|input| lock.input(input).name);
    let finding = finding(compared, Subject::Node(holder), message).node(Some(holder));
    match nearest(name, inputs) {
        // A suggestion of what was meant has to be confirmed by a person.
        Some(meant) => {
            let fix = Fix::manual(format!("write `{meant}`, or {}", remove(compared)));
            finding.note(format!("it has an input `{meant}`")).fix(fix)
        }
        None => finding,
    }
}

fn below_follows<'a>(
    graph: &Graph<'_, 'a>,
    compared: &DeclaredAndLocked<'_>,
    depth: usize,
) -> Option<Finding<'a>> {
    let (above, below) = compared.path.split_at_checked(depth + 1)?;
    let input = graph.find_input(above.iter().copied())?;
    let Target::Follows(to) = graph.target(input) else { return None };
    let message = format!(
        "flake.nix overrides `{}`, but {} is not used: it follows {}",
        compared.path.join("/"),
        words::input(graph, input),
        words::followed(to)
    );
    let finding = finding(compared, Subject::Input(input), message).node(graph.end(input));
    let instead: Vec<&str> = to.iter().copied().chain(below.iter().copied()).collect();
    Some(match to {
        [] => finding,
        _ => finding.note(format!("what is used is `{}`", instead.join("/"))),
    })
}

fn finding<'a>(compared: &DeclaredAndLocked<'_>, subject: Subject, message: String) -> Finding<'a> {
    let follows = compared.input.follows.as_ref().map(|follows| follows.binding);
    let fix = match compared.input.reference {
        // A reference by attributes takes several lines, which somebody may want to keep.
        Some(Reference::Attributes(_)) => Fix::manual(remove(compared)),
        _ => Fix::remove(
            compared.path.iter().map(|&name| name.to_owned()).collect(),
            remove(compared),
        ),
    };
    Finding::new(&RULE, subject, message)
        .label("has no effect")
        .listed_together("overrides in flake.nix have no effect")
        .why("Nix ignores such an override, so what it should change stays as it is")
        .discriminator(Discriminator::Override(compared.path.join("/")))
        .at(follows.or(Some(compared.input.span())))
        .fix(fix)
}

fn remove(compared: &DeclaredAndLocked<'_>) -> String {
    let attribute = compared.input.follows.as_ref().map(|_| "follows");
    format!("remove `{}`", AttrPath(&attribute_path(&compared.path, attribute)))
}

#[cfg(test)]
mod tests;
