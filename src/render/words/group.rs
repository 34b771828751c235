//! Findings that are reported as one: what is said of them, in the order in which it is said.

use super::help::{Help, help};
use super::{TOO_DEEP, affects, chain, path};
use crate::audit::{Group, Report, Reported};
use crate::change::{Applicability, FileDiff};
use crate::finding::{ListedBy, Together};
use crate::text::{Excerpt, Visible};

/// How many findings of a group are named in a list; the rest is counted.
const MEMBERS_SHOWN: usize = 40;
/// The same for those with a line each.
const MESSAGES_SHOWN: usize = 20;

/// One or more findings that are reported as one.
#[derive(Debug)]
pub(crate) struct FindingGroup<'r, 'a> {
    /// The first of them; its rule and level are those of all.
    pub(crate) first: &'r Reported<'a>,
    /// All of them.
    pub(crate) members: Vec<&'r Reported<'a>>,
    message: &'r str,
    diff: Option<&'r FileDiff>,
}

impl<'r, 'a> FindingGroup<'r, 'a> {
    /// The groups of a report, including exempted findings.
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

    /// A group of one finding.
    pub(crate) fn alone(finding: &'r Reported<'a>) -> Self {
        let diff = finding.fix.as_ref().and_then(|fix| fix.diff.as_ref());
        Self { first: finding, members: vec![finding], message: &finding.message, diff }
    }

    /// The message.
    pub(crate) fn message(&self) -> String {
        Visible(self.message).to_string()
    }

    /// What distinguishes the findings, a line each, if they are listed by message.
    pub(crate) fn messages(&self) -> Vec<String> {
        match self.listed_by() {
            None | Some(ListedBy::Input) => Vec::new(),
            Some(ListedBy::Words(_)) => vec![self.listed(|finding| match &finding.together {
                Some(Together { member: ListedBy::Words(words), .. }) => Visible(words).to_string(),
                _ => path(&finding.input_path),
            })],
            Some(ListedBy::Message) => {
                let shown = self.members.iter().take(MESSAGES_SHOWN);
                let mut shown: Vec<_> = shown.map(|f| Visible(&f.message).to_string()).collect();
                let more = self.members.len() - shown.len();
                shown.extend((more > 0).then(|| format!("and {more} more")));
                shown
            }
        }
    }

    /// The inputs of the findings, if there are several and each is about one.
    pub(crate) fn inputs(&self) -> Option<String> {
        let has_one = matches!(self.listed_by()?, ListedBy::Input | ListedBy::Words(_));
        has_one.then(|| self.listed(|finding| path(&finding.input_path)))
    }

    /// How several findings are listed; `None` for one.
    fn listed_by(&self) -> Option<&ListedBy> {
        let together = self.first.together.as_ref().filter(|_| self.members.len() > 1);
        together.map(|together| &together.member)
    }

    fn listed(&self, member: impl Fn(&Reported<'_>) -> String) -> String {
        let shown: Vec<_> = self.members.iter().take(MEMBERS_SHOWN).map(|f| member(f)).collect();
        let more = self.members.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", shown.join(", "))
    }

    /// The line that all of them are about, if it is the same.
    pub(in crate::render) fn excerpt(&self) -> Option<&'r Excerpt> {
        let is_shared = |finding: &&Reported<'_>| finding.location == self.first.location;
        self.first.excerpt.as_ref().filter(|_| self.members.iter().all(is_shared))
    }

    /// What to do.
    pub(crate) fn help(&self) -> Option<Help<'r>> {
        help(&self.members, self.diff)
    }

    /// Why it matters; for several findings, what applies to all.
    pub(crate) fn why(&self) -> Option<String> {
        let why = self.first.why.as_ref()?;
        let is_shared = self.members.iter().all(|finding| finding.why.as_ref() == Some(why));
        is_shared.then(|| Visible(why).to_string())
    }

    /// What was not read about the effect of a fix, and which Nix it needs: a heading and a
    /// sentence.
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

    /// The evidence, each line once: chains, and further facts.
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
            all.extend(affects(finding).map(|affects| format!("{of}{affects}")));
        }
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|line| seen.insert(line.clone()));
        all
    }

    /// One paragraph each, for formats without a layout of their own.
    pub(crate) fn paragraphs(&self, with_evidence: bool) -> Vec<String> {
        let mut all = vec![self.message()];
        let messages = self.messages();
        let inputs = self.inputs().filter(|_| messages.is_empty());
        all.extend(inputs.map(|inputs| format!("inputs: {inputs}")));
        all.extend(messages);
        all.extend(self.help().map(|help| format!("help: {}", help.text())));
        all.extend(self.why().map(|why| format!("why: {why}")));
        all.extend(self.reservations().into_iter().map(|(name, text)| format!("{name}: {text}")));
        if with_evidence {
            all.extend(self.evidence());
        }
        all
    }
}
