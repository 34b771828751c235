//! The mouse: a click selects a row, or opens the selected one; the wheel scrolls.

use ratatui::layout::{Position, Rect};

use super::super::lists::ListKind;
use super::super::row::Fold;
use super::Explorer;

/// Where things are on the screen, as last drawn; empty if they are not shown.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Areas {
    /// The rows of the list.
    pub(in super::super) list: Rect,
    /// The rows of the details.
    pub(in super::super) details: Rect,
    /// The line of the details in each row.
    pub(in super::super) lines: Vec<usize>,
}

impl Explorer<'_, '_, '_, '_> {
    pub(super) fn click(&mut self, column: u16, row: u16) {
        let at = Position { x: column, y: row };
        if self.areas.list.contains(at) {
            let clicked = self.lists.rows().top() + usize::from(row - self.areas.list.y);
            self.in_details = false;
            if clicked >= self.lists.rows().all().len() {
                return;
            }
            if clicked == self.lists.rows().position() {
                // A click never leaves the list, so it only opens rows with rows below them.
                let has_rows = |row: &super::super::row::Row| {
                    matches!(row.fold, Fold::Open | Fold::Closed)
                        && !matches!(self.lists.shown, ListKind::Instances | ListKind::Findings)
                };
                if self.lists.rows().selected().is_some_and(has_rows) {
                    self.enter();
                }
            } else {
                self.lists.rows_mut().select(clicked);
            }
        } else if self.areas.details.contains(at) {
            let line = self.areas.lines.get(usize::from(row - self.areas.details.y)).copied();
            if let Some(line) = line {
                let again = self.in_details && line == self.details.position();
                self.in_details = true;
                self.details.select(line);
                if again && self.details.leads_to().is_some() {
                    self.enter();
                }
            }
        }
    }

    pub(super) fn scroll(&mut self, column: u16, by: isize) {
        let details = self.areas.details;
        if details.width > 0 && column >= details.x {
            self.details.step(by);
        } else {
            self.lists.rows_mut().step(by);
        }
    }
}
