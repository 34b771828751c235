//! A node as a sheet: its caption, and a row for each of its inputs.

use super::super::READABLE;
use super::super::caption;
use super::super::legend::NodeKind;
use super::super::tone::Tone;
use super::super::view::View;
use super::text::{CELL, LINE, clipped, width, wrapped};
use crate::lock::{InputId, NodeId};

/// Rows that a sheet has; further inputs share a last one.
const MOST_ROWS: usize = 24;
/// How much stands on a sheet. All of it is in the title that a pointer brings up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    /// Cells that a line has.
    cells: usize,
    /// Whether of flakes there are only names: a layer of whole ones would be as high as a house.
    is_short: bool,
}

impl Measure {
    /// Three sheets beside each other are read in a column of 800 pixels.
    pub(super) const WIDE: Self = Self { cells: 36, is_short: false };
    /// For what stands in more layers.
    pub(super) const NARROW: Self = Self { cells: 26, is_short: false };

    /// The same for a picture of so many sheets.
    pub(super) fn of(self, sheets: usize) -> Self {
        Self { is_short: sheets > READABLE, ..self }
    }
}

/// Lines that a text has.
const LINES: usize = 3;
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
    /// What is said of it, in lines.
    pub(super) said: Vec<String>,
    pub(super) tone: Tone,
    /// Where its arrow starts, from the top of the sheet.
    pub(super) middle: f64,
}

/// The sheets of all nodes in view, in their order.
pub(super) fn all(view: &View<'_, '_, '_, '_>, measure: Measure) -> Vec<Sheet> {
    view.nodes().iter().map(|node| sheet(view, *node, measure)).collect()
}

fn sheet(view: &View<'_, '_, '_, '_>, node: NodeId, measure: Measure) -> Sheet {
    let kind = NodeKind::of(view.analysis().role(node));
    let caption = caption::lines(view, node);
    let shown = if measure.is_short && kind == NodeKind::Flake { 1 } else { caption.len() };
    let caption = caption.iter().take(shown);
    let mut lines: Vec<_> = caption.flat_map(|line| wrapped(line, measure.cells, LINES)).collect();
    if !matches!(kind, NodeKind::Root | NodeKind::Flake | NodeKind::Configured) {
        lines.insert(lines.len().min(1), kind.words().to_owned());
    }
    let inputs = view.graph().inputs_of(node).filter(|input| view.has_input(*input));
    let mut rows: Vec<Row> = Vec::new();
    for (number, input) in inputs.enumerate() {
        let row = row(view, input, measure.cells);
        match rows.last_mut().filter(|_| number >= MOST_ROWS) {
            Some(last) => {
                last.inputs.extend(row.inputs);
                last.tone = last.tone.max(row.tone);
                last.text = format!("and {} more inputs", number + 2 - MOST_ROWS);
                last.said.clear();
            }
            None => rows.push(row),
        }
    }
    let texts =
        lines.iter().chain(rows.iter().flat_map(|row| [&row.text].into_iter().chain(&row.said)));
    let widest = texts.map(|text| width(text)).fold(0.0, f64::max);
    let bottom = stack(lines.len(), &mut rows);
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

/// Puts rows below a caption of so many lines; where they end.
fn stack(lines: usize, rows: &mut [Row]) -> f64 {
    let mut bottom = PADDING + LINE * count(lines);
    if !rows.is_empty() {
        bottom += PADDING;
    }
    for row in rows {
        row.middle = bottom + LINE / 2.0;
        bottom += LINE * (1.0 + count(row.said.len()));
    }
    bottom
}

impl Sheet {
    /// Brings the rows into the order of where they lead, so that their arrows do not cross. `goes` is
    /// the height to which a row's arrow goes; rows without one stay where they are. Gives the rows as
    /// they were, in their new order.
    pub(super) fn sort_rows(&mut self, goes: &[Option<f64>]) -> Vec<usize> {
        let height = |row: usize| goes.get(row).copied().flatten();
        let mut going: Vec<usize> =
            (0..self.rows.len()).filter(|row| height(*row).is_some()).collect();
        going.sort_by(|a, b| {
            height(*a).unwrap_or_default().total_cmp(&height(*b).unwrap_or_default())
        });
        let mut going = going.into_iter();
        let order: Vec<usize> = (0..self.rows.len())
            .map(|row| if height(row).is_some() { going.next().unwrap_or(row) } else { row })
            .collect();
        let mut rows: Vec<Option<Row>> = self.rows.drain(..).map(Some).collect();
        let taken = order.iter().filter_map(|row| rows.get_mut(*row).and_then(Option::take));
        self.rows = taken.collect();
        stack(self.lines.len(), &mut self.rows);
        order
    }
}

fn row(view: &View<'_, '_, '_, '_>, input: InputId, cells: usize) -> Row {
    let verdict = view.verdict(input);
    let tone = Tone::of(verdict.kind);
    let said = match tone {
        // The mark says it.
        Tone::Plain | Tone::Configured => Vec::new(),
        _ => verdict.words().map(|words| wrapped(words, cells - 4, LINES)).unwrap_or_default(),
    };
    Row {
        inputs: vec![(input, tone)],
        text: clipped(caption::Arrow(view, input), cells),
        said,
        tone,
        middle: 0.0,
    }
}

/// A small number, as a measure.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, said: usize) -> Row {
        let said = vec!["said".to_owned(); said];
        Row { inputs: Vec::new(), text: text.into(), said, tone: Tone::Plain, middle: 0.0 }
    }

    #[test]
    fn rows_stand_in_the_order_of_where_their_arrows_go() {
        let rows = vec![row("low", 2), row("nowhere", 0), row("high", 0), row("middle", 1)];
        let lines = vec!["name".to_owned()];
        let (kind, node) = (NodeKind::Flake, NodeId::new(0));
        let mut sheet = Sheet { node, kind, lines, rows, width: 0.0, height: 0.0 };
        let order = sheet.sort_rows(&[Some(90.0), None, Some(-5.0), Some(7.0)]);
        assert_eq!(order, [2, 1, 3, 0]);
        let texts: Vec<&str> = sheet.rows.iter().map(|row| &*row.text).collect();
        assert_eq!(texts, ["high", "nowhere", "middle", "low"]);
        // What is said below a row goes with it.
        let middles: Vec<f64> = sheet.rows.iter().map(|row| row.middle).collect();
        let gaps: Vec<f64> = middles.windows(2).map(|pair| (pair[1] - pair[0]) / LINE).collect();
        assert_eq!(gaps, [1.0, 1.0, 2.0]);
        assert_eq!(sheet.sort_rows(&[]), [0, 1, 2, 3]);
    }
}
