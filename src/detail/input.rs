//! An input: what it gets and why, its chain, how sources use it, and where it ends.

use super::{Destination, DetailContext, DetailLine, node, slashed, words};
use crate::graph::{End, InputPath};
use crate::instance::{Cause, Expectation, Slot};
use crate::lock::{InputId, Target};
use crate::source::evaluate::facts::{Taken, Use};

/// The details of an input, and of the node where it ends.
pub fn of_input(context: &DetailContext<'_, '_, '_, '_>, input: InputId) -> Vec<DetailLine> {
    let graph = context.graph();
    let mut lines = vec![DetailLine::new("is", role_in_words(context, input))];
    lines.extend(chain(context, input));
    lines.extend(context.needs(Destination::Input(input)));
    lines.extend(by_source(context, input));
    let nowhere = |cause, why| {
        let text = format!("nowhere: {} {why}", slashed(&graph.input_path(cause)));
        DetailLine::new("ends", text).to(Destination::Input(cause))
    };
    match graph.edge(input).end {
        End::Node(end) => lines.extend(node::of_node(context, end)),
        End::Dangling { cause, .. } => lines.push(nowhere(cause, "dangles")),
        End::Cycle { cause } => lines.push(nowhere(cause, "follows itself")),
    }
    lines
}

/// The follows from an input to its end, step by step.
fn chain(context: &DetailContext<'_, '_, '_, '_>, input: InputId) -> Vec<DetailLine> {
    let graph = context.graph();
    let steps = graph.chain(input).take(context.shown).map(|step| {
        let line = DetailLine::new("", self::step(context, step));
        if step == input { line } else { line.to(Destination::Input(step)) }
    });
    let mut lines: Vec<_> = DetailLine::list("chain", steps).collect();
    let more = (graph.chain_length(input) as usize).saturating_sub(context.shown);
    if more > 0 {
        lines.push(DetailLine::new("", format!("and {more} more steps")));
    }
    lines
}

fn step(context: &DetailContext<'_, '_, '_, '_>, step: InputId) -> String {
    let graph = context.graph();
    let name = slashed(&graph.input_path(step));
    match graph.target(step) {
        Target::Direct(key) => format!("{name} is the node {key}"),
        Target::Follows([]) => format!("{name} follows this flake itself"),
        Target::Follows(follows) => {
            format!("{name} follows {}", slashed(&InputPath::new(follows)))
        }
    }
}

/// How sources use an input, if they were read.
fn by_source(context: &DetailContext<'_, '_, '_, '_>, input: InputId) -> Vec<DetailLine> {
    let (analysis, graph) = (context.analysis, context.graph());
    let mut lines = Vec::new();
    if let Some(taken) = analysis.taken_by_root(input) {
        let taken: Vec<_> = taken.into_iter().map(Taken::as_str).collect();
        lines.push(DetailLine::new("taken", words(&taken)));
    }
    if let Some(uses) = analysis.uses(input) {
        let uses: Vec<_> = uses.into_iter().map(Use::as_str).collect();
        lines.push(DetailLine::new("used as", words(&uses)));
    }
    let settings = analysis.settings_of_root();
    let is_of_root = graph.edge(input).holder == graph.lock().root();
    let end = graph.end(input).filter(|_| is_of_root);
    if let Some(settings) = end.and_then(|end| settings.get(&end)) {
        let settings: Vec<_> = settings.iter().map(String::as_str).collect();
        lines.push(DetailLine::new("settings", words(&settings)));
    }
    lines
}

/// The role of an input for its holder, and whether it is as expected.
fn role_in_words(context: &DetailContext<'_, '_, '_, '_>, input: InputId) -> String {
    let (analysis, graph) = (context.analysis, context.graph());
    let kind = match analysis.slot(input) {
        Slot::Raw { primary: true } => "gets plain nixpkgs",
        Slot::Raw { primary: false } => "gets plain nixpkgs, as a second one",
        Slot::Configured { .. } => "gets a configured nixpkgs",
        Slot::No if analysis.is_disabled(input) => "disabled",
        Slot::No if graph.place(graph.edge(input).holder).is_some_and(|p| p.owner.is_none()) => {
            "an input of this flake"
        }
        Slot::No => "an input",
    };
    match cause(context, input) {
        None => kind.to_owned(),
        Some((cause, expectation)) => {
            let wrapper = analysis.wrapper(cause.target.wrapper).node;
            let flake = match slashed(&graph.owner_path(expectation.flake)) {
                root if root.is_empty() => "this flake".to_owned(),
                other => other,
            };
            let through = if cause.slot == input {
                String::new()
            } else {
                format!(", because of {}", slashed(&graph.input_path(cause.slot)))
            };
            let wrapper = slashed(&graph.owner_path(wrapper));
            format!("{kind}, while {flake} uses the configured {wrapper}{through}")
        }
    }
}

/// Why an input is unconfigured, if it is.
fn cause<'f>(
    context: &DetailContext<'f, '_, '_, '_>,
    input: InputId,
) -> Option<(&'f Cause, &'f Expectation)> {
    let (cause, _) = context.explained.cause(context.analysis, input)?;
    Some((cause, context.analysis.expectation(cause.expectation)))
}
