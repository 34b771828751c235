//! Rows of a list, and the selection.

use crate::lock::{InputId, NodeId};

/// What a row stands for, and what the details are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// A node.
    Node(NodeId),
    /// An input.
    Input(InputId),
    /// An instance of nixpkgs, by its index in the list.
    Instance(usize),
    /// A finding, by its index in the report.
    Finding(usize),
    /// An output, by its index in the report.
    Output(usize),
    /// Something that an output takes in, by both indices.
    Use(usize, usize),
    /// A step on the path of a use, by all three indices.
    Step(usize, usize, usize),
}

/// Whether a row has rows below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// There are none.
    Leaf,
    /// They are not shown.
    Closed,
    /// They are shown.
    Open,
    /// They are shown, or would be, below another row for the same node.
    Elsewhere,
}

impl Fold {
    /// For a row that can be closed if it has rows below it.
    pub(super) fn of(has_rows: bool, is_open: bool) -> Self {
        match (has_rows, is_open) {
            (false, _) => Fold::Leaf,
            (true, true) => Fold::Open,
            (true, false) => Fold::Closed,
        }
    }
}

/// A row of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub spot: Spot,
    /// Number of rows above it in the tree; 0 in a plain list.
    pub depth: u32,
    /// The index of its parent.
    pub parent: Option<usize>,
    /// Whether it is the last row of its parent.
    pub is_last: bool,
    /// Whether it has rows below it.
    pub fold: Fold,
}

impl Row {
    /// A row of a plain list.
    pub(super) fn plain(spot: Spot) -> Self {
        Self { spot, depth: 0, parent: None, is_last: true, fold: Fold::Leaf }
    }
}

/// A row and all rows below it that are open, in order: `fold` says whether an input's row is open,
/// and `below` which inputs are below it. Costs what is open, not what is in the lock.
pub(super) fn laid_out<I: Iterator<Item = InputId>>(
    top: Row,
    fold: impl Fn(InputId) -> Fold,
    below: impl Fn(Spot) -> I,
) -> Vec<Row> {
    let mut rows = vec![top];
    let mut levels = Vec::new();
    if top.fold == Fold::Open {
        levels.push((0, below(top.spot).peekable()));
    }
    while let Some((parent, inputs)) = levels.last_mut() {
        let Some(input) = inputs.next() else {
            levels.pop();
            continue;
        };
        let (parent, is_last) = (Some(*parent), inputs.peek().is_none());
        let (spot, depth) = (Spot::Input(input), u32::try_from(levels.len()).unwrap_or(u32::MAX));
        let fold = fold(input);
        rows.push(Row { spot, depth, parent, is_last, fold });
        if fold == Fold::Open {
            levels.push((rows.len() - 1, below(spot).peekable()));
        }
    }
    rows
}

/// The rows of a list, the selection, and the scroll position.
///
/// There is always a selected row, unless there are no rows.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    selected: usize,
    top: usize,
}

impl Rows {
    /// Rows with the first one selected.
    pub(super) fn new(rows: Vec<Row>) -> Self {
        Self { rows, selected: 0, top: 0 }
    }

    /// All rows.
    pub fn all(&self) -> &[Row] {
        &self.rows
    }

    /// The index of the selected row.
    pub fn position(&self) -> usize {
        self.selected
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.selected)
    }

    /// The index of the first row on the screen.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Selects the row at an index, or the last one.
    pub(super) fn select(&mut self, position: usize) {
        self.selected = position.min(self.rows.len().saturating_sub(1));
    }

    /// Moves the selection down by so many rows, or up if negative.
    pub(super) fn step(&mut self, by: isize) {
        self.select(self.selected.saturating_add_signed(by));
    }

    /// Selects the row that stands for this; false if there is none.
    pub(super) fn select_spot(&mut self, spot: Spot) -> bool {
        let found = self.rows.iter().position(|row| row.spot == spot);
        self.selected = found.unwrap_or(self.selected);
        found.is_some()
    }

    /// Replaces the rows and keeps the selection. Rows before the selected one must be the same.
    pub(super) fn replace(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.select(self.selected);
    }

    /// Scrolls as little as possible to show the selected row on a screen of this many rows,
    /// without leaving empty rows at the end.
    pub(super) fn scroll(&mut self, height: usize) {
        let lowest = self.rows.len().saturating_sub(height);
        let fits = self.selected.saturating_sub(height.saturating_sub(1))..=self.selected;
        self.top = self.top.clamp(*fits.start(), *fits.end()).min(lowest);
    }
}
