//! Actions that move the selection or switch lists.

use super::super::lists::{ListKind, ListPosition};
use super::super::row::{Fold, Spot};
use super::Explorer;

impl Explorer<'_, '_, '_, '_> {
    pub(super) fn step(&mut self, by: isize) {
        if self.in_details {
            self.details.step(by);
        } else {
            self.lists.rows_mut().step(by);
        }
    }

    pub(super) fn open(&mut self) {
        let Some(row) = self.lists.rows().selected().copied() else { return };
        match row.fold {
            _ if self.in_details => self.follow_line(),
            Fold::Closed | Fold::Elsewhere => self.lists.set_open(&self.scene, true),
            Fold::Open => self.lists.rows_mut().step(1),
            Fold::Leaf => {}
        }
    }

    pub(super) fn close(&mut self) {
        let Some(row) = self.lists.rows().selected().copied() else { return };
        if self.in_details {
            self.in_details = false;
        } else if row.fold == Fold::Open {
            self.lists.set_open(&self.scene, false);
        } else if let Some(parent) = row.parent {
            self.lists.rows_mut().select(parent);
        }
    }

    pub(super) fn enter(&mut self) {
        let Some(row) = self.lists.rows().selected().copied() else { return };
        match (self.lists.shown, row.fold) {
            _ if self.in_details => self.follow_line(),
            (_, Fold::Open) => self.lists.set_open(&self.scene, false),
            (_, Fold::Closed) | (ListKind::Users, Fold::Elsewhere) => {
                self.lists.set_open(&self.scene, true);
            }
            (ListKind::Tree, Fold::Elsewhere) => self.follow(),
            (ListKind::Tree, Fold::Leaf) => match row.spot {
                Spot::Input(input) if !self.scene.graph().is_direct(input) => self.follow(),
                _ => self.in_details = true,
            },
            (ListKind::Outputs, Fold::Leaf) if matches!(row.spot, Spot::Output(_)) => {
                self.in_details = true;
            }
            (_, Fold::Leaf | Fold::Elsewhere) => self.show_in_tree(),
        }
    }

    /// Goes where the selected line of the details leads.
    fn follow_line(&mut self) {
        match self.details.leads_to() {
            Some(spot) => self.go_to(spot),
            None => self.say("this line leads nowhere else"),
        }
    }

    /// Goes to a row of the tree; `backspace` returns.
    fn go_to(&mut self, spot: Spot) {
        let from = self.lists.position(&self.scene);
        self.lists.reveal(&self.scene, spot);
        self.in_details = false;
        self.remember(from);
    }

    pub(super) fn remember(&mut self, from: ListPosition) {
        if from != self.lists.position(&self.scene) {
            self.history.push(from);
        }
    }

    pub(super) fn back(&mut self) {
        match self.history.pop() {
            Some(position) => self.lists.restore(&self.scene, position),
            None => self.say("this is where you began"),
        }
    }

    pub(super) fn show_in_tree(&mut self) {
        match self.lists.spot() {
            Some(spot) => self.go_to(spot),
            None => self.show(ListKind::Tree),
        }
    }

    pub(super) fn show(&mut self, list: ListKind) {
        let from = self.lists.position(&self.scene);
        self.in_details = false;
        self.lists.shown = list;
        self.remember(from);
    }

    pub(super) fn follow(&mut self) {
        let Some(spot) = self.lists.spot() else { return };
        match self.scene.node(spot) {
            Some(node) => {
                let before = self.history.len();
                self.go_to(Spot::Node(node));
                if self.history.len() == before {
                    self.say("this is where it ends");
                }
            }
            None => self.say("this input ends nowhere"),
        }
    }

    /// In the list of users an input stands for its holder.
    pub(super) fn users(&mut self) {
        let Some(spot) = self.lists.spot() else { return };
        let node = match spot {
            Spot::Input(input) if self.lists.shown == ListKind::Users => {
                Some(self.scene.graph().edge(input).holder)
            }
            spot => self.scene.node(spot),
        };
        match node {
            Some(node) => {
                let from = self.lists.position(&self.scene);
                self.lists.show_users(&self.scene, node);
                self.in_details = false;
                self.remember(from);
            }
            None => self.say("this input ends nowhere: nobody uses that"),
        }
    }

    pub(super) fn escape(&mut self) {
        if self.in_details {
            self.in_details = false;
        } else if self.search.take().is_none() {
            self.show(ListKind::Tree);
        }
    }
}
