//! A follows path with a step that does not exist.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::graph::{End, InputPath};
use crate::instance::Analysis;
use crate::lock::Target;
use crate::text::{did_you_mean, nearest};

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
        let place = match before {
            [] => "this flake".to_owned(),
            names => format!("`{}`", InputPath::new(names).names().join("/")),
        };
        let holder = match before {
            [] => Some(graph.lock().root()),
            names => graph.find_input(names.iter().copied()).and_then(|input| graph.end(input)),
        };
        let names = holder.into_iter().flat_map(|holder| graph.inputs_of(holder));
        let meant = nearest(missing, names.map(|input| graph.lock().input(input).name));
        let message = format!(
            "{} follows `{}`, but {place} has no input `{missing}`{}",
            words::input(graph, cause),
            InputPath::new(path).names().join("/"),
            did_you_mean(meant)
        );
        findings.push(
            Finding::new(&RULE, Subject::Input(cause), message)
                .affects(affects)
                .label("leads nowhere")
                .why("Nix refuses to lock it: `follows a non-existent input`")
                .fix(Fix::manual(match meant {
                    Some(meant) => format!(
                        "write `{meant}` instead of `{missing}` in flake.nix, then run `nix flake lock`"
                    ),
                    None => "let it follow an input that exists, then run `nix flake lock`".into(),
                })),
        );
    }
}
