//! A follows path with a step that does not exist.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::graph::{End, InputPath};
use crate::instance::Analysis;
use crate::lock::{InputId, Target};

pub(super) static RULE: Rule = Rule {
    id: "dangling-follows",
    level: Level::Deny,
    light: Level::Deny,
    summary: "a follows path ends nowhere",
    page: include_str!("../../docs/rules/dangling-follows.md"),
    judges: Judges::Graph,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let broken = words::broken(graph, |end| match end {
        End::Dangling { cause, .. } => Some(cause),
        _ => None,
    });
    for (cause, affects) in broken {
        let (End::Dangling { step, .. }, Target::Follows(path)) =
            (graph.edge(cause).end, graph.target(cause))
        else {
            continue;
        };
        let step = step as usize;
        let before = path.get(..step).unwrap_or_default();
        let missing = path.get(step).copied().unwrap_or_default();
        let holder = match before {
            [] => Some(graph.lock().root()),
            names => graph.find_input(names.iter().copied()).and_then(|input| graph.end(input)),
        };
        let names = holder.into_iter().flat_map(|holder| graph.inputs_of(holder));
        let step = words::MissingStep::new(
            before,
            missing,
            names.map(|input| graph.lock().input(input).name),
        );
        let message = format!(
            "{} follows `{}`, but {}",
            words::input(graph, cause),
            InputPath::new(path).names().join("/"),
            step.told()
        );
        let finding = Finding::new(&RULE, Subject::Input(cause), message).affects(affects);
        let finding = step.complete(finding);
        findings.push(match is_corrected(analysis, cause, path) {
            true => finding
                .why("flake.nix says otherwise, and was changed after flake.lock was written")
                .fix(Fix::relock_by_hand("run `nix flake lock`")),
            false => finding,
        });
    }
}

/// Whether flake.nix wants something else of an input than to follow this path.
fn is_corrected(analysis: &Analysis<'_, '_, '_>, input: InputId, path: &[&str]) -> bool {
    let graph = analysis.graph();
    let declared = analysis
        .declarations()
        .and_then(|declarations| declarations.input_at(graph.input_path(input).names()));
    declared.is_some_and(|declared| match &declared.follows {
        Some(follows) => !follows.path.iter().eq(path),
        None => declared.overrides(),
    })
}
