//! Rows of a list, and which of them is selected.

use crate::lock::{InputId, NodeId};

/// What a row stands for, and what details are shown of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// A node.
    Node(NodeId),
    /// An input.
    Input(InputId),
    /// An instance of nixpkgs, by its position in the list.
    Instance(usize),
    /// A finding, by its position in the report.
    Finding(usize),
    /// An output, by its position in the report.
    Output(usize),
    /// Something that an output takes in, by its position there.
    Use(usize, usize),
    /// A step of a use's way, by its position on it.
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
    /// They are shown, or would be, below another row that stands for the same node.
    Elsewhere,
}

impl Fold {
    /// Of a row that may be closed, where it has rows below it.
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
    /// Rows above it in the tree; 0 in a plain list.
    pub depth: u32,
    /// The row that it is below, by position.
    pub parent: Option<usize>,
    /// Whether no row of the same parent comes after it.
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

/// A row and all that is open below it, in order: `fold` tells of an input's row whether it is, and
/// `below` which inputs stand there. Costs what is open, not what is in the lock.
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

/// The rows of a list, the selected one among them, and how far the list is scrolled.
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

    /// Position of the selected row.
    pub fn position(&self) -> usize {
        self.selected
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.selected)
    }

    /// Position of the first row on the screen.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Selects the row at a position, or the last one.
    pub(super) fn select(&mut self, position: usize) {
        self.selected = position.min(self.rows.len().saturating_sub(1));
    }

    /// Selects a row that is so many rows further down, or up.
    pub(super) fn step(&mut self, by: isize) {
        self.select(self.selected.saturating_add_signed(by));
    }

    /// Selects the row that stands for this; false if there is none.
    pub(super) fn select_spot(&mut self, spot: Spot) -> bool {
        let found = self.rows.iter().position(|row| row.spot == spot);
        self.selected = found.unwrap_or(self.selected);
        found.is_some()
    }

    /// Puts other rows in place; what was selected stays so. Rows before it are those that were.
    pub(super) fn replace(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.select(self.selected);
    }

    /// Scrolls as little as shows the selected row on a screen of this many rows, and no further
    /// than fills it.
    pub(super) fn scroll(&mut self, height: usize) {
        let lowest = self.rows.len().saturating_sub(height);
        let fits = self.selected.saturating_sub(height.saturating_sub(1))..=self.selected;
        self.top = self.top.clamp(*fits.start(), *fits.end()).min(lowest);
    }
}
