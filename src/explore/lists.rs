//! The lists of the left pane.

use super::label;
use super::outputs::Outputs;
use super::row::{Fold, Row, Rows, Spot};
use super::scene::Scene;
use super::search::{Matches, SearchPattern};
use super::tree::{self, InputTree};
use super::users::Users;
use crate::lock::NodeId;

/// Kinds of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// The inputs as a tree from the root.
    Tree,
    /// The users of a node.
    Users,
    /// The instances of nixpkgs.
    Instances,
    /// The findings.
    Findings,
    /// The outputs, and what each takes in.
    Outputs,
}

/// A selection in a list, to return to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPosition {
    list: ListKind,
    spot: Spot,
    /// The node whose users are listed.
    used: NodeId,
}

/// The current search: `n` continues it, and its matches are marked.
#[derive(Debug, Clone)]
pub struct Search {
    /// What is searched for.
    pub pattern: SearchPattern,
    pub(super) list: ListKind,
    pub(super) found: Matches,
}

/// All lists. Each keeps its own selection.
#[derive(Debug)]
pub struct Lists {
    /// The current one.
    pub shown: ListKind,
    tree: InputTree,
    users: Users,
    instances: Rows,
    findings: Rows,
    outputs: Outputs,
}

impl Lists {
    pub(super) fn new(scene: &Scene<'_, '_, '_, '_>) -> Self {
        let plain = |count, spot: fn(usize) -> Spot| {
            Rows::new((0..count).map(|at| Row::plain(spot(at))).collect())
        };
        Self {
            shown: ListKind::Tree,
            tree: InputTree::new(scene.graph()),
            users: Users::new(scene.graph(), scene.graph().lock().root()),
            instances: plain(scene.report.instances.len(), Spot::Instance),
            findings: plain(scene.report.findings.len(), Spot::Finding),
            outputs: Outputs::new(&scene.context, &scene.report.outputs),
        }
    }

    /// The rows of the current list.
    pub fn rows(&self) -> &Rows {
        match self.shown {
            ListKind::Tree => &self.tree.rows,
            ListKind::Users => &self.users.rows,
            ListKind::Instances => &self.instances,
            ListKind::Findings => &self.findings,
            ListKind::Outputs => &self.outputs.rows,
        }
    }

    pub(super) fn rows_mut(&mut self) -> &mut Rows {
        match self.shown {
            ListKind::Tree => &mut self.tree.rows,
            ListKind::Users => &mut self.users.rows,
            ListKind::Instances => &mut self.instances,
            ListKind::Findings => &mut self.findings,
            ListKind::Outputs => &mut self.outputs.rows,
        }
    }

    /// The selection; `None` in an empty list.
    pub fn spot(&self) -> Option<Spot> {
        self.rows().selected().map(|row| row.spot)
    }

    /// The node whose users are listed.
    pub(super) fn used(&self) -> NodeId {
        self.users.node
    }

    /// The current selection, to return to.
    pub(super) fn position(&self, scene: &Scene<'_, '_, '_, '_>) -> ListPosition {
        let spot = self.spot().unwrap_or(scene.root());
        ListPosition { list: self.shown, spot, used: self.users.node }
    }

    /// Returns to a position.
    pub(super) fn restore(&mut self, scene: &Scene<'_, '_, '_, '_>, position: ListPosition) {
        match position.list {
            ListKind::Tree => self.reveal(scene, position.spot),
            ListKind::Users => {
                if self.users.node != position.used {
                    self.users = Users::new(scene.graph(), position.used);
                }
                self.shown = ListKind::Users;
                self.users.rows.select_spot(position.spot);
            }
            ListKind::Outputs => {
                self.shown = ListKind::Outputs;
                self.outputs.select(Some(position.spot));
            }
            other => {
                self.shown = other;
                self.rows_mut().select_spot(position.spot);
            }
        }
    }

    /// Selects something in the tree, opening what is above it.
    pub(super) fn reveal(&mut self, scene: &Scene<'_, '_, '_, '_>, spot: Spot) {
        self.shown = ListKind::Tree;
        self.tree.reveal(scene.graph(), scene.place(spot));
    }

    /// Lists the users of a node.
    pub(super) fn show_users(&mut self, scene: &Scene<'_, '_, '_, '_>, node: NodeId) {
        self.users = Users::new(scene.graph(), node);
        self.shown = ListKind::Users;
    }

    /// Opens or closes the selected row.
    pub(super) fn set_open(&mut self, scene: &Scene<'_, '_, '_, '_>, open: bool) {
        let Some(row) = self.rows().selected().copied() else { return };
        match (self.shown, row.fold) {
            (_, Fold::Leaf) | (ListKind::Tree, Fold::Elsewhere) => {}
            (ListKind::Tree, _) => {
                if let Some(node) = tree::node_below(scene.graph(), row.spot) {
                    self.tree.set_open(scene.graph(), node, open);
                }
            }
            (ListKind::Users, _) => self.users.set_open(scene.graph(), row.spot, open),
            (ListKind::Outputs, _) => {
                self.outputs.set_open(&scene.context, &scene.report.outputs, row.spot, open);
            }
            (ListKind::Instances | ListKind::Findings, _) => {}
        }
    }

    /// Opens or closes the whole tree.
    pub(super) fn set_all_open(&mut self, scene: &Scene<'_, '_, '_, '_>, open: bool) {
        match self.shown {
            ListKind::Tree => self.tree.set_all_open(scene.graph(), open),
            ListKind::Users => self.users.set_all_open(scene.graph(), open),
            ListKind::Outputs => {
                self.outputs.set_all_open(&scene.context, &scene.report.outputs, open);
            }
            ListKind::Instances | ListKind::Findings => {}
        }
    }

    /// What matches a pattern: in the tree everything, open or not; in other lists their rows.
    pub(super) fn search(&self, scene: &Scene<'_, '_, '_, '_>, pattern: &SearchPattern) -> Matches {
        if self.shown == ListKind::Tree {
            return scene.search(pattern);
        }
        let is_backwards = self.shown == ListKind::Users;
        let rows = self.rows().all().iter().enumerate();
        let matches = rows.filter(|(_, row)| {
            let label = label::label(scene, row, is_backwards);
            pattern.is_in(&label.name) || label.mark.is_some_and(|mark| pattern.is_in(&mark.text))
        });
        Matches::new(matches.map(|(at, row)| (at, row.spot)).collect())
    }

    /// The index of the selected row among what is searched.
    pub(super) fn searched_position(&self, scene: &Scene<'_, '_, '_, '_>) -> usize {
        match self.spot() {
            Some(spot) if self.shown == ListKind::Tree => scene.position(spot),
            _ => self.rows().position(),
        }
    }

    /// Selects a match.
    pub(super) fn select_match(&mut self, scene: &Scene<'_, '_, '_, '_>, spot: Spot) {
        if self.shown == ListKind::Tree {
            self.reveal(scene, spot);
        } else {
            self.rows_mut().select_spot(spot);
        }
    }
}
