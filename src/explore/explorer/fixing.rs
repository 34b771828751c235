//! Moving between findings, and acting on one.

use super::super::keys::Action;
use super::super::lists::ListKind;
use super::super::row::Spot;
use super::{Explorer, ExplorerEffect, Mode};
use crate::audit::Reported;
use crate::change::Applicability;
use crate::detail::{Destination, findings_about, findings_of_output};

impl<'f> Explorer<'f, '_, '_, '_> {
    /// Selects the first finding, if there is one.
    pub fn to_first_finding(&mut self) {
        if self.open_findings().next().is_some() {
            self.step_findings(1);
            self.history.clear();
            self.update_details();
        }
    }

    /// Findings that are not exempted, by index.
    fn open_findings(&self) -> impl DoubleEndedIterator<Item = usize> {
        let findings = self.scene.report.findings.iter().enumerate();
        findings.filter(|(_, finding)| finding.exempted.is_none()).map(|(at, _)| at)
    }

    /// The selected finding, or the one about the selected row.
    fn selected_finding(&self) -> Option<usize> {
        let report = self.scene.report;
        let spot = self.lists.spot()?;
        let position = |finding: &Reported<'_>| {
            report.findings.iter().position(|known| std::ptr::eq(known, finding))
        };
        let known = &self.scene.context;
        let marked = match spot {
            Spot::Finding(at) => Some(at),
            Spot::Input(input) => *self.scene.findings.at(input),
            _ => None,
        };
        marked.or_else(|| match self.scene.place(spot) {
            _ if matches!(spot, Spot::Output(_)) => {
                let Spot::Output(at) = spot else { return None };
                findings_of_output(report, at).find_map(position)
            }
            place if place == self.scene.root() => None,
            Spot::Input(input) => {
                findings_about(known, report, Destination::Input(input)).find_map(position)
            }
            Spot::Node(node) => {
                findings_about(known, report, Destination::Node(node)).find_map(position)
            }
            _ => None,
        })
    }

    pub(super) fn step_findings(&mut self, by: isize) {
        let all: Vec<usize> = self.open_findings().collect();
        // Several findings may be about one row: prefer the one that was last jumped to.
        let is_here = |at: &usize| {
            self.lists.spot() == Some(Spot::Finding(*at))
                || self.lists.spot() == Some(self.tree_spot(*at))
        };
        let here = self.finding.filter(is_here).or_else(|| self.selected_finding());
        let position = |finding| all.iter().position(|at| *at == finding);
        let next = match here.and_then(position) {
            // From another row, continue at the one that was last jumped to.
            None => match self.finding.and_then(position) {
                Some(before) => all.get(before),
                None if by < 0 => all.last(),
                None => all.first(),
            },
            Some(here) => here.checked_add_signed(by).and_then(|next| all.get(next)),
        };
        let Some(next) = next.copied() else {
            self.say(match (all.is_empty(), by < 0) {
                (true, _) => "nothing was found",
                (false, true) => "this is the first finding",
                (false, false) => "this is the last finding",
            });
            return;
        };
        self.finding = Some(next);
        let from = self.lists.position(&self.scene);
        self.in_details = false;
        if self.lists.shown == ListKind::Findings {
            self.lists.rows_mut().select_spot(Spot::Finding(next));
        } else {
            self.lists.reveal(&self.scene, Spot::Finding(next));
        }
        self.remember(from);
    }

    /// The row of a finding in the tree.
    fn tree_spot(&self, finding: usize) -> Spot {
        match self.scene.place(Spot::Finding(finding)) {
            Spot::Node(node) => super::super::tree::row_of(self.scene.graph(), node),
            other => other,
        }
    }

    /// Asks whether to apply the fix of the selection.
    pub(super) fn ask_to_fix(&mut self) {
        let Some(at) = self.selected_finding() else { return self.follow() };
        let finding = self.scene.report.findings.get(at).filter(|f| f.exempted.is_none());
        let fix = finding.and_then(|finding| finding.fix.as_ref());
        match fix {
            Some(fix) if fix.applicability != Applicability::Manual => {
                self.mode = Mode::Fix(at, 0);
            }
            Some(_) => self.say("this one is repaired by hand: see the details"),
            None => self.say("no fix is known for this"),
        }
    }

    /// The finding whose fix is asked about.
    pub(in super::super) fn to_be_fixed(&self) -> Option<&'f Reported<'f>> {
        let Mode::Fix(at, _) = self.mode else { return None };
        self.scene.report.findings.get(at)
    }

    /// Applies the fix on yes, and on nothing else.
    pub(super) fn answer(&mut self, action: &Action) -> ExplorerEffect {
        let Mode::Fix(at, top) = &mut self.mode else { return ExplorerEffect::None };
        match action {
            Action::Down | Action::PageDown | Action::HalfDown => *top += 1,
            Action::Up | Action::PageUp | Action::HalfUp => *top = top.saturating_sub(1),
            Action::Scroll(_, by) => *top = top.saturating_add_signed(*by),
            // In other modes, the key for yes copies.
            Action::Copy => {
                let at = *at;
                self.mode = Mode::Browse;
                return ExplorerEffect::Fix(at);
            }
            Action::Click(..) => {}
            _ => {
                self.mode = Mode::Browse;
                self.say("nothing was changed");
            }
        }
        ExplorerEffect::None
    }

    /// Opens the editor at the place of the finding.
    pub(super) fn edit(&mut self) -> ExplorerEffect {
        let finding = self.selected_finding();
        let finding = finding.and_then(|at| self.scene.report.findings.get(at));
        match finding.and_then(|finding| finding.location.as_ref()) {
            Some(place) => ExplorerEffect::Edit(place.file.clone(), place.start.line),
            None => {
                self.say("no line of a file is known for this");
                ExplorerEffect::None
            }
        }
    }

    /// What identifies the finding at an index in another report.
    pub fn fingerprint(&self, finding: usize) -> Option<String> {
        Some(self.scene.report.findings.get(finding)?.fingerprint.clone())
    }

    /// The current list and the selected input, in a form that is valid for another report.
    pub fn bookmark(&self) -> (ListKind, Option<Vec<String>>) {
        let input = self.lists.spot().and_then(|spot| match self.scene.place(spot) {
            Spot::Input(input) => Some(input),
            _ => None,
        });
        let path = input.map(|input| {
            let path = self.scene.graph().input_path(input);
            path.names().iter().map(|name| (*name).to_owned()).collect()
        });
        (self.lists.shown, path)
    }

    /// Returns to a bookmark, if what it marks still exists.
    pub fn return_to(&mut self, (list, path): &(ListKind, Option<Vec<String>>)) {
        let path = path.as_ref().map(|path| path.iter().map(String::as_str));
        if let Some(input) = path.and_then(|path| self.scene.graph().find_input(path)) {
            self.lists.reveal(&self.scene, Spot::Input(input));
        }
        if *list != ListKind::Users {
            self.lists.shown = *list;
        }
        self.update_details();
    }
}
