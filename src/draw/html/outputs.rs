//! The outputs on the page: what each is built from, what it takes in, and through which inputs.

use serde::Serialize;

use super::super::escaped::visible;
use super::super::tone::InputTone;
use super::super::view::View;
use crate::audit::{Report, ReportedOutput, ReportedUse};
use crate::detail::{
    Destination, DetailContext, DetailLine, built_from, findings_of_output, lacks, of_output,
    packages,
};
use crate::finding::Level;
use crate::lock::{InputId, InputTag, Table};
use crate::source::evaluate::facts::Read;

/// Something that people build or run.
#[derive(Serialize)]
pub(super) struct PageOutput {
    name: String,
    /// What it is built from, in a few words.
    from: Vec<String>,
    /// The level of the most severe finding about it.
    level: Option<&'static str>,
    /// Whether part of it was not read, not counting sources that are not on disk.
    in_part: bool,
    details: Vec<Detail>,
    uses: Vec<PageUse>,
}

/// A line of the details.
#[derive(Serialize)]
struct Detail {
    /// Empty if the heading is that of the line above.
    name: &'static str,
    text: String,
    /// The number of the input or node that it links to.
    input: Option<u32>,
    node: Option<u32>,
}

/// What an output takes of one nixpkgs, or of something that was not read.
#[derive(Serialize)]
struct PageUse {
    name: String,
    /// What it lacks compared with the output.
    lacks: Option<String>,
    tone: &'static str,
    /// The inputs that lead to it from the root, by number; empty if they are not drawn.
    way: Vec<u32>,
}

/// The outputs of a report.
pub(super) fn outputs(
    view: &View<'_, '_, '_, '_>,
    numbers: &Table<InputTag, Option<u32>>,
    report: &Report<'_>,
) -> Vec<PageOutput> {
    /// How many uses of an output are listed; the rest is counted.
    const SHOWN: usize = 20;
    let known = DetailContext::new(view.analysis(), SHOWN);
    let tell = |(at, output): (usize, &ReportedOutput<'_>)| {
        let counted = findings_of_output(report, at).filter(|finding| finding.exempted.is_none());
        let level = counted.map(|finding| finding.level).max();
        let uses = output.uses.iter().take(SHOWN);
        let details = of_output(&known, report, output);
        let from = built_from(view.analysis(), output);
        PageOutput {
            name: visible(output.name()).to_string(),
            from: from.iter().map(|named| visible(named).to_string()).collect(),
            level: level.map(Level::as_str),
            in_part: !output.not_read.is_empty() || output.read == Read::Nothing,
            details: details.iter().map(|line| detail(view, numbers, line)).collect(),
            uses: uses.map(|used| self::used(view, numbers, used, level.is_some())).collect(),
        }
    };
    report.outputs.iter().enumerate().map(tell).collect()
}

fn detail(
    view: &View<'_, '_, '_, '_>,
    numbers: &Table<InputTag, Option<u32>>,
    line: &DetailLine,
) -> Detail {
    let (input, node) = match line.leads_to {
        Some(Destination::Input(input)) => (*numbers.at(input), None),
        Some(Destination::Node(node)) => (None, view.number(node)),
        None => (None, None),
    };
    Detail { name: line.name, text: visible(&line.text).to_string(), input, node }
}

fn used(
    view: &View<'_, '_, '_, '_>,
    numbers: &Table<InputTag, Option<u32>>,
    used: &ReportedUse<'_>,
    is_found: bool,
) -> PageUse {
    let lacking = used.packages.iter().find_map(|package| lacks(package, used.made.is_some()));
    let name = packages(used);
    let tone = match (&lacking, is_found) {
        (Some(_), true) if used.made.is_some() => InputTone::Unconfigured,
        (Some(_), _) => InputTone::Quiet,
        (None, _) => InputTone::Plain,
    };
    let way = used.input.and_then(|input| path_from_root(view, numbers, input));
    PageUse {
        name: visible(&name).to_string(),
        lacks: lacking.map(|lacking| visible(&lacking).to_string()),
        tone: tone.class(),
        way: way.unwrap_or_default(),
    }
}

/// The inputs from the root to one, inclusive; empty if one of them is not drawn.
fn path_from_root(
    view: &View<'_, '_, '_, '_>,
    numbers: &Table<InputTag, Option<u32>>,
    input: InputId,
) -> Option<Vec<u32>> {
    /// The most inputs on such a path.
    const LONGEST: usize = 100;
    let graph = view.graph();
    let mut steps = Vec::new();
    let mut at = Some(input);
    while let Some(step) = at {
        if steps.len() == LONGEST {
            return None;
        }
        steps.push((*numbers.at(step))?);
        at = graph.place(graph.edge(step).holder)?.owner;
    }
    steps.reverse();
    Some(steps)
}
