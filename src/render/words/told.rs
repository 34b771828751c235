//! Findings that are told as one: what is said of them, in the order in which it is said.

use super::help::{Help, help};
use super::{TOO_DEEP, affects, chain, path};
use crate::audit::{Group, Report, Reported};
use crate::change::{Applicability, FileDiff};
use crate::finding::Lists;
use crate::text::Visible;

/// Inputs of a group that are named; the rest is counted.
const INPUTS_SHOWN: usize = 40;
/// Messages, likewise.
const MESSAGES_SHOWN: usize = 20;

/// One or more findings, as they are told.
#[derive(Debug)]
pub(crate) struct Told<'r, 'a> {
    /// The first of them: its rule and level are those of all.
    pub(crate) first: &'r Reported<'a>,
    /// All of them.
    pub(crate) members: Vec<&'r Reported<'a>>,
    message: &'r str,
    diff: Option<&'r FileDiff>,
}

impl<'r, 'a> Told<'r, 'a> {
    /// The groups of a report, exempted findings among them.
    pub(crate) fn all(report: &'r Report<'a>) -> impl Iterator<Item = Self> {
        let findings: Vec<&Reported<'a>> = report.findings.iter().collect();
        report.groups.iter().filter_map(move |group| Self::new(group, &findings))
    }

    /// A group of these findings.
    pub(crate) fn new(group: &'r Group, findings: &[&'r Reported<'a>]) -> Option<Self> {
        let members = group.members.iter().filter_map(|at| findings.get(*at).copied());
        let members: Vec<&Reported<'a>> = members.collect();
        let first = *members.first()?;
        Some(Self { first, members, message: &group.message, diff: group.diff.as_ref() })
    }

    /// A finding that stands alone.
    pub(crate) fn alone(finding: &'r Reported<'a>) -> Self {
        let diff = finding.fix.as_ref().and_then(|fix| fix.diff.as_ref());
        Self { first: finding, members: vec![finding], message: &finding.message, diff }
    }

    /// What is the case.
    pub(crate) fn message(&self) -> String {
        Visible(self.message).to_string()
    }

    /// What each of several findings says, where that tells them apart; else nothing.
    pub(crate) fn messages(&self) -> Vec<String> {
        let shown = self.members.iter().filter(|_| self.lists(Lists::Messages));
        let mut shown: Vec<_> =
            shown.take(MESSAGES_SHOWN).map(|f| Visible(&f.message).to_string()).collect();
        let more = self.members.len() - shown.len();
        if more > 0 && !shown.is_empty() {
            shown.push(format!("and {more} more"));
        }
        shown
    }

    fn lists(&self, what: Lists) -> bool {
        let together = self.first.together.as_ref();
        self.members.len() > 1 && together.is_some_and(|together| together.lists == what)
    }

    /// The inputs that it is about, where these tell several findings apart.
    pub(crate) fn inputs(&self) -> Option<String> {
        if !self.lists(Lists::Inputs) {
            return None;
        }
        let shown: Vec<_> =
            self.members.iter().take(INPUTS_SHOWN).map(|f| path(&f.input_path)).collect();
        let more = self.members.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("{}{more}", shown.join(", ")))
    }

    /// What to do.
    pub(crate) fn help(&self) -> Option<Help<'r>> {
        help(&self.members, self.diff)
    }

    /// Why it matters; of several findings what is so of all.
    pub(crate) fn why(&self) -> Option<String> {
        let why = self.first.why.as_ref()?;
        let is_shared = self.members.iter().all(|finding| finding.why.as_ref() == Some(why));
        is_shared.then(|| Visible(why).to_string())
    }

    /// What was not read of what a fix does, and which Nix it needs: a name, and a sentence.
    pub(crate) fn reservations(&self) -> Vec<(&'static str, String)> {
        let fixes = self.members.iter().filter_map(|finding| finding.fix.as_ref());
        let mut all = Vec::new();
        for fix in fixes {
            if fix.applicability == Applicability::Unverified {
                all.push(("unverified", Visible(&fix.reason).to_string()));
            }
            if fix.is_deep {
                all.push(("note", TOO_DEEP.to_owned()));
            }
        }
        all.sort_unstable_by_key(|(name, _)| *name != "unverified");
        all.dedup();
        all
    }

    /// What shows it, each line once: chains, and what else is known.
    pub(crate) fn evidence(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let has_why = self.why().is_some();
        for finding in &self.members {
            let of = if self.members.len() > 1 && finding.chain_total <= 1 {
                format!("{}: ", path(&finding.input_path))
            } else {
                String::new()
            };
            if finding.chain_total > 1 {
                all.push(format!("chain: {}", chain(finding)));
            }
            let why = finding.why.iter().filter(|_| !has_why);
            let notes = why.chain(&finding.notes).map(|note| Visible(note).to_string());
            all.extend(notes);
            if finding.affects_total > 0 {
                all.push(format!("{of}{}", affects(finding)));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|line| seen.insert(line.clone()));
        all
    }

    /// A paragraph each, for formats that have no look of their own.
    pub(crate) fn paragraphs(&self, with_evidence: bool) -> Vec<String> {
        let mut all = vec![self.message()];
        all.extend(self.inputs().map(|inputs| format!("inputs: {inputs}")));
        all.extend(self.messages());
        all.extend(self.help().map(|help| format!("help: {}", help.text())));
        all.extend(self.why().map(|why| format!("why: {why}")));
        all.extend(self.reservations().into_iter().map(|(name, text)| format!("{name}: {text}")));
        if with_evidence {
            all.extend(self.evidence());
        }
        all
    }
}
