//! A node as a sheet: its caption, and a row for each of its inputs.

use super::super::caption;
use super::super::legend::NodeKind;
use super::super::tone::Tone;
use super::super::view::View;
use super::text::{CELL, LINE, clipped, width};
use crate::lock::{InputId, NodeId};

/// Rows that a sheet has; further inputs share a last one.
const MOST_ROWS: usize = 24;
/// Cells that a line has; all of it is in the title that a pointer brings up.
const CELLS: usize = 46;
/// Pixels around the text.
pub(super) const PADDING: f64 = 8.0;

/// A node.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) node: NodeId,
    pub(super) kind: NodeKind,
    /// The caption, clipped.
    pub(super) lines: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// An input, or all that had no room.
#[derive(Debug)]
pub(super) struct Row {
    /// The inputs whose arrows start here.
    pub(super) inputs: Vec<(InputId, Tone)>,
    /// Its name, and what it follows.
    pub(super) text: String,
    /// What is said of it.
    pub(super) said: Option<String>,
    pub(super) tone: Tone,
    /// Where its arrow starts, from the top of the sheet.
    pub(super) middle: f64,
}

/// The sheets of all nodes in view, in their order.
pub(super) fn all(view: &View<'_, '_, '_, '_>) -> Vec<Sheet> {
    view.nodes().iter().map(|node| sheet(view, *node)).collect()
}

fn sheet(view: &View<'_, '_, '_, '_>, node: NodeId) -> Sheet {
    let kind = NodeKind::of(view.facts().role(node));
    let mut lines: Vec<_> =
        caption::lines(view, node).iter().map(|line| clipped(line, CELLS)).collect();
    if !matches!(kind, NodeKind::Root | NodeKind::Flake | NodeKind::Configured) {
        lines.insert(lines.len().min(1), kind.words().to_owned());
    }
    let inputs = view.graph().inputs_of(node).filter(|input| view.has_input(*input));
    let mut rows: Vec<Row> = Vec::new();
    for (number, input) in inputs.enumerate() {
        let row = row(view, input);
        match rows.last_mut().filter(|_| number >= MOST_ROWS) {
            Some(last) => {
                last.inputs.extend(row.inputs);
                last.tone = last.tone.max(row.tone);
                last.text = format!("and {} more inputs", number + 2 - MOST_ROWS);
                last.said = None;
            }
            None => rows.push(row),
        }
    }
    let texts =
        lines.iter().chain(rows.iter().flat_map(|row| [&row.text].into_iter().chain(&row.said)));
    let widest = texts.map(|text| width(text)).fold(0.0, f64::max);
    let mut bottom = PADDING + LINE * count(lines.len());
    if !rows.is_empty() {
        bottom += PADDING;
    }
    for row in &mut rows {
        row.middle = bottom + LINE / 2.0;
        bottom += LINE * if row.said.is_some() { 2.0 } else { 1.0 };
    }
    Sheet {
        node,
        kind,
        lines,
        rows,
        // What is said of an input stands a little to the right, and so does each row of its mark.
        width: widest + 4.0 * CELL + 2.0 * PADDING,
        height: bottom + PADDING,
    }
}

fn row(view: &View<'_, '_, '_, '_>, input: InputId) -> Row {
    let verdict = view.verdict(input);
    let tone = Tone::of(verdict.kind);
    let said = match tone {
        // The mark says it.
        Tone::Plain | Tone::Configured => None,
        _ => verdict.words().map(|words| clipped(words, CELLS)),
    };
    Row {
        inputs: vec![(input, tone)],
        text: clipped(caption::Arrow(view, input), CELLS),
        said,
        tone,
        middle: 0.0,
    }
}

/// A small number, as a measure.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
