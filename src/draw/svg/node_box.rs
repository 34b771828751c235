//! A node as a box: its caption, and a row for each of its inputs.

use std::collections::{BTreeMap, BTreeSet};

use super::super::caption;
use super::super::legend::NodeKind;
use super::super::tone::InputTone;
use super::super::view::View;
use super::text::{CELL, LINE, clipped, width, wrapped};
use crate::lock::{InputId, NodeId};

/// The most rows of a box; further inputs share the last one.
const MOST_ROWS: usize = 24;
/// The most boxes in a picture that shows all text.
const FEW: usize = 40;
/// The fewest flakes that share a box.
const ALIKE: usize = 3;
/// How much text a box has. All of it is in its tooltip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    /// The cells of a line.
    cells: usize,
    /// Whether flakes are shown by name only, to keep layers from getting too high.
    is_short: bool,
}

impl Measure {
    /// Three boxes side by side can be read in a column of 800 pixels.
    pub(super) const WIDE: Self = Self { cells: 36, is_short: false };
    /// For more layers.
    pub(super) const NARROW: Self = Self { cells: 26, is_short: false };

    /// The cells for many boxes, where two parts are side by side.
    const MANY: usize = 24;

    /// The measure for a picture with this many boxes.
    pub(super) fn of(self, sheets: usize) -> Self {
        match sheets > FEW {
            true => Self { cells: Self::MANY, is_short: true },
            false => self,
        }
    }
}

/// The most lines of a text.
const LINES: usize = 3;
/// Pixels around the text.
pub(super) const PADDING: f64 = 8.0;

/// A node, or flakes that differ only in their names.
#[derive(Debug)]
pub(super) struct NodeBox {
    pub(super) node: NodeId,
    /// The other nodes, if it stands for several.
    pub(super) others: Vec<NodeId>,
    pub(super) kind: NodeKind,
    /// The caption, clipped.
    pub(super) lines: Vec<String>,
    pub(super) rows: Vec<BoxRow>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// An input, or all inputs that had no room.
#[derive(Debug)]
pub(super) struct BoxRow {
    /// The inputs whose arrows start here.
    pub(super) inputs: Vec<(InputId, InputTone)>,
    /// Its name, and what it follows.
    pub(super) text: String,
    /// The verdict and more, in lines.
    pub(super) lines: Vec<String>,
    pub(super) tone: InputTone,
    /// Where its arrow starts, from the top of the box.
    pub(super) middle: f64,
}

/// The boxes of all nodes in view, in their order. If there are many, flakes to which nothing leads
/// and whose only input ends at the same node share one, because the picture would only be a list
/// of them.
pub(super) fn all(view: &View<'_, '_, '_, '_>, measure: Measure) -> Vec<NodeBox> {
    let sheets = view.nodes().iter().map(|node| node_box(view, *node, measure));
    if !measure.is_short {
        return sheets.collect();
    }
    let sheets: Vec<NodeBox> = sheets.collect();
    let inputs = sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.inputs);
    let ends: BTreeSet<NodeId> = inputs.filter_map(|(input, _)| view.graph().end(*input)).collect();
    let mut all: Vec<NodeBox> = Vec::new();
    let mut alike: BTreeMap<(NodeId, InputTone, Vec<String>), Vec<NodeBox>> = BTreeMap::new();
    for sheet in sheets {
        let only = match sheet.rows.as_slice() {
            [row] if sheet.kind == NodeKind::Flake && !view.is_focus(sheet.node) => {
                row.inputs.first().filter(|_| row.inputs.len() == 1 && !ends.contains(&sheet.node))
            }
            _ => None,
        };
        match only.and_then(|(input, _)| view.graph().end(*input)).zip(sheet.rows.first()) {
            Some((end, row)) => {
                alike.entry((end, row.tone, row.lines.clone())).or_default().push(sheet);
            }
            None => all.push(sheet),
        }
    }
    for sheets in alike.into_values() {
        match sheets.len() {
            0..ALIKE => all.extend(sheets),
            _ => all.extend(shared(sheets, measure.cells)),
        }
    }
    all.sort_by_key(|sheet| view.number(sheet.node));
    all
}

/// One box for several: their names, and their common row.
fn shared(sheets: Vec<NodeBox>, cells: usize) -> Option<NodeBox> {
    let mut names: Vec<&str> =
        sheets.iter().filter_map(|sheet| sheet.lines.first()).map(String::as_str).collect();
    names.sort_unstable();
    let mut lines = vec![format!("{} flakes", sheets.len())];
    lines.extend(wrapped(names.join(", "), cells, names.len()));
    let nodes: Vec<NodeId> = sheets.iter().map(|sheet| sheet.node).collect();
    let mut rows = sheets.into_iter().flat_map(|sheet| sheet.rows);
    let mut row = rows.next()?;
    for other in rows {
        row.inputs.extend(other.inputs);
        if row.text != other.text {
            "the nixpkgs of each".clone_into(&mut row.text);
        }
    }
    let (node, others) = nodes.split_first()?;
    let (rows, kind) = (vec![row], NodeKind::Flake);
    Some(NodeBox::new(*node, others.to_vec(), kind, lines, rows))
}

fn node_box(view: &View<'_, '_, '_, '_>, node: NodeId, measure: Measure) -> NodeBox {
    let kind = NodeKind::of(view.analysis().role(node));
    let caption = caption::lines(view, node);
    let shown = if measure.is_short && kind == NodeKind::Flake { 1 } else { caption.len() };
    // Its arrows show who has it.
    let is_owner = |line: &&String| measure.is_short && line.starts_with("in ");
    let caption = caption.iter().take(shown).filter(|line| !is_owner(line));
    let mut lines: Vec<_> = caption.flat_map(|line| wrapped(line, measure.cells, LINES)).collect();
    if !matches!(kind, NodeKind::Root | NodeKind::Flake | NodeKind::Configured) {
        lines.insert(lines.len().min(1), kind.words().to_owned());
    }
    let inputs = view.graph().inputs_of(node).filter(|input| view.has_input(*input));
    let mut rows: Vec<BoxRow> = Vec::new();
    for (number, input) in inputs.enumerate() {
        let row = row(view, input, measure.cells);
        match rows.last_mut().filter(|_| number >= MOST_ROWS) {
            Some(last) => {
                last.inputs.extend(row.inputs);
                last.tone = last.tone.max(row.tone);
                last.text = format!("and {} more inputs", number + 2 - MOST_ROWS);
                last.lines.clear();
            }
            None => rows.push(row),
        }
    }
    NodeBox::new(node, Vec::new(), kind, lines, rows)
}

/// Places rows below a caption with this many lines, and returns where they end.
fn stack(lines: usize, rows: &mut [BoxRow]) -> f64 {
    let mut bottom = PADDING + LINE * count(lines);
    if !rows.is_empty() {
        bottom += PADDING;
    }
    for row in rows {
        row.middle = bottom + LINE / 2.0;
        bottom += LINE * (1.0 + count(row.lines.len()));
    }
    bottom
}

impl NodeBox {
    fn new(
        node: NodeId,
        others: Vec<NodeId>,
        kind: NodeKind,
        lines: Vec<String>,
        mut rows: Vec<BoxRow>,
    ) -> Self {
        let rows_texts = rows.iter().flat_map(|row| [&row.text].into_iter().chain(&row.lines));
        let texts = lines.iter().chain(rows_texts);
        let widest = texts.map(|text| width(text)).fold(0.0, f64::max);
        let height = stack(lines.len(), &mut rows) + PADDING;
        // Verdicts are indented, and each row has a mark.
        let width = widest + 4.0 * CELL + 2.0 * PADDING;
        Self { node, others, kind, lines, rows, width, height }
    }

    /// Sorts the rows by where their arrows lead, so that these do not cross. `heights` has the height
    /// to which a row's arrow goes; rows without one stay in place. Returns the old indices in the
    /// new order.
    pub(super) fn sort_rows(&mut self, heights: &[Option<f64>]) -> Vec<usize> {
        let height = |row: usize| heights.get(row).copied().flatten();
        let mut going: Vec<usize> =
            (0..self.rows.len()).filter(|row| height(*row).is_some()).collect();
        going.sort_by(|a, b| {
            height(*a).unwrap_or_default().total_cmp(&height(*b).unwrap_or_default())
        });
        let mut going = going.into_iter();
        let order: Vec<usize> = (0..self.rows.len())
            .map(|row| if height(row).is_some() { going.next().unwrap_or(row) } else { row })
            .collect();
        let mut rows: Vec<Option<BoxRow>> = self.rows.drain(..).map(Some).collect();
        let taken = order.iter().filter_map(|row| rows.get_mut(*row).and_then(Option::take));
        self.rows = taken.collect();
        stack(self.lines.len(), &mut self.rows);
        order
    }
}

fn row(view: &View<'_, '_, '_, '_>, input: InputId, cells: usize) -> BoxRow {
    let verdict = view.verdict(input);
    let tone = InputTone::of(verdict.kind);
    let lines = match tone {
        // The mark shows it already.
        InputTone::Plain | InputTone::Configured => Vec::new(),
        _ => verdict.words().map(|words| wrapped(words, cells - 4, LINES)).unwrap_or_default(),
    };
    BoxRow {
        inputs: vec![(input, tone)],
        text: clipped(caption::ArrowCaption(view, input), cells),
        lines,
        tone,
        middle: 0.0,
    }
}

/// A small number as a coordinate.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, said: usize) -> BoxRow {
        let said = vec!["said".to_owned(); said];
        BoxRow {
            inputs: Vec::new(),
            text: text.into(),
            lines: said,
            tone: InputTone::Plain,
            middle: 0.0,
        }
    }

    #[test]
    fn rows_stand_in_the_order_of_where_their_arrows_go() {
        let rows = vec![row("low", 2), row("nowhere", 0), row("high", 0), row("middle", 1)];
        let lines = vec!["name".to_owned()];
        let (kind, node) = (NodeKind::Flake, NodeId::new(0));
        let mut sheet = NodeBox::new(node, Vec::new(), kind, lines, rows);
        let order = sheet.sort_rows(&[Some(90.0), None, Some(-5.0), Some(7.0)]);
        assert_eq!(order, [2, 1, 3, 0]);
        let texts: Vec<&str> = sheet.rows.iter().map(|row| &*row.text).collect();
        assert_eq!(texts, ["high", "nowhere", "middle", "low"]);
        // What is below a row moves with it.
        let middles: Vec<f64> = sheet.rows.iter().map(|row| row.middle).collect();
        let gaps: Vec<f64> = middles.windows(2).map(|pair| (pair[1] - pair[0]) / LINE).collect();
        assert_eq!(gaps, [1.0, 1.0, 2.0]);
        assert_eq!(sheet.sort_rows(&[]), [0, 1, 2, 3]);
    }
}
