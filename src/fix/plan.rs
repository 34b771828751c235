//! What to do: the fixes of a report that were asked for, as edits.

use std::collections::BTreeSet;

use super::edit::Edit;
use super::introduce::Introduced;
use super::outcome::{is_leftover, new_findings};
use crate::audit::{Report, Reported, ReportedFix};
use crate::change::{Applicability, Remedy};
use crate::config::PathPattern;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, Unescaped};
use crate::text::nearest;

/// Which findings to repair.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Findings of these rules; of all if empty.
    pub rules: Vec<String>,
    /// Findings at or below inputs that match, or whose fixes change such inputs; all if empty.
    pub inputs: Vec<PathPattern>,
    /// Only the finding with this fingerprint.
    pub fingerprint: Option<String>,
    /// Excludes fixes whose effect was not read from sources.
    pub safe_only: bool,
    /// Only fixes that make flake.lock match flake.nix.
    pub relocks_only: bool,
}

/// A pattern that matches nothing.
#[derive(Debug)]
pub struct Unmatched {
    /// Its index in the choice.
    pub number: usize,
    /// The paths that could match.
    paths: Vec<String>,
}

impl Unmatched {
    /// The path that this text probably means.
    pub fn nearest(&self, text: &str) -> Option<&str> {
        nearest(text, self.paths.iter().map(String::as_str))
    }
}

/// The chosen fixes.
#[derive(Debug, Clone, Default)]
pub struct Plan<'r, 'a> {
    /// The findings that they should cure.
    pub chosen: Vec<&'r Reported<'a>>,
    /// How many findings were skipped because their fixes are not safe.
    pub left_unsafe: usize,
}

impl<'r, 'a> Plan<'r, 'a> {
    /// The fixes of a report that can be applied and were asked for.
    pub fn new(report: &'r Report<'a>, choice: &Choice) -> Self {
        let mut plan = Self { chosen: Vec::new(), left_unsafe: 0 };
        for finding in &report.findings {
            let Some(fix) = &finding.fix else { continue };
            if !finding.is_open()
                || fix.applicability == Applicability::Manual
                || !choice.asks_for(finding)
            {
                continue;
            }
            if choice.safe_only && fix.applicability < Applicability::Safe {
                plan.left_unsafe += 1;
            } else {
                plan.chosen.push(finding);
            }
        }
        plan
    }

    /// The fixes for an outcome: those that were asked for, and those of findings that are new in
    /// it.
    pub(super) fn follow_up(report: &'r Report<'a>, choice: &Choice, before: &Report<'_>) -> Self {
        let mut plan = Self::new(report, choice);
        let leftovers = new_findings(before, report).filter(|finding| is_leftover(finding));
        let chosen: BTreeSet<_> = plan.chosen.iter().map(|finding| id_of(finding)).collect();
        let new: Vec<_> = leftovers.filter(|finding| !chosen.contains(&id_of(finding))).collect();
        plan.chosen.extend(new);
        plan
    }

    /// For a new wrapper: without fixes that make others follow it than those that lack the
    /// settings.
    pub(super) fn for_wrapper(mut self, introduced: &Introduced) -> Self {
        self.chosen.retain(|finding| introduced.allows(finding));
        self
    }

    /// The findings of a report that will not be repaired.
    pub fn remaining<'f, 'a2>(&self, report: &'f Report<'a2>) -> Vec<&'f Reported<'a2>> {
        let chosen: BTreeSet<_> = self.chosen.iter().map(|finding| id_of(finding)).collect();
        report.findings.iter().filter(|finding| !chosen.contains(&id_of(finding))).collect()
    }

    fn fixes(&self) -> impl Iterator<Item = &'r ReportedFix<'a>> {
        self.chosen.iter().filter_map(|finding| finding.fix.as_ref())
    }

    /// The edits of flake.nix, each once.
    pub fn edits(&self) -> Vec<Edit> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let overrides = self.fixes().flat_map(|fix| fix.remedy.overrides());
        let mut seen = BTreeSet::new();
        let new = overrides.filter(|change| seen.insert((&change.input_path, &change.follows)));
        let follows = new.map(|change| Edit::Follow {
            path: owned(&change.input_path),
            follows: owned(&change.follows),
        });
        let removes = self.fixes().filter_map(|fix| fix.remedy.removed());
        let removes = removes.map(|path| Edit::Remove { path: path.clone() });
        let moved = self.fixes().filter_map(|fix| fix.remedy.moved());
        let moves = moved.flat_map(|setting| &setting.splices);
        let moves = moves.map(|(span, text)| Edit::Replace { span: *span, text: text.clone() });
        follows.chain(removes).chain(moves).collect()
    }

    /// How many fixes have an effect on other flakes that was not read from sources.
    pub fn unverified(&self) -> usize {
        let is_open = |fix: &&ReportedFix<'_>| {
            fix.applicability == Applicability::Unverified && fix.remedy.moved().is_none()
        };
        self.fixes().filter(is_open).count()
    }

    /// Whether it only moves settings to where they take effect.
    pub(super) fn only_moves_settings(&self) -> bool {
        let moves = |fix: &ReportedFix<'_>| fix.remedy.moved().is_some();
        self.fixes().any(moves) && self.fixes().all(|fix| moves(fix) || fix.remedy.is_relock())
    }

    /// Only the fixes that move settings, if there are any: what these reveal was there before, and
    /// is for the next round.
    pub(super) fn settings_first(self) -> Self {
        let left_unsafe = self.left_unsafe;
        let (moves, others) = self.split(|fix| fix.remedy.moved().is_some());
        let first = if moves.chosen.is_empty() { others } else { moves };
        Self { left_unsafe, ..first }
    }

    /// Whether the outcome needs Nix 2.30 to be locked.
    pub fn is_deep(&self) -> bool {
        self.fixes().any(|fix| fix.is_deep)
    }

    /// Whether an input gets another source, so that its binary cache no longer matches.
    pub fn redirects(&self) -> bool {
        self.fixes().any(|fix| !fix.remedy.overrides().is_empty())
    }

    /// Whether the base of a wrapper is changed on purpose.
    pub fn moves_pins(&self) -> bool {
        self.fixes().any(|fix| matches!(fix.remedy, Remedy::Repin(_)))
    }

    /// The fixes for which this holds, and the others.
    pub(super) fn split(self, is_first: impl Fn(&ReportedFix<'_>) -> bool) -> (Self, Self) {
        let is_first = |finding: &&Reported<'_>| finding.fix.as_ref().is_some_and(&is_first);
        let (first, others) = self.chosen.into_iter().partition(is_first);
        (Self { chosen: first, left_unsafe: 0 }, Self { chosen: others, ..self })
    }

    /// The same together with an earlier plan.
    pub(super) fn with_earlier(mut self, earlier: Self) -> Self {
        self.chosen.splice(0..0, earlier.chosen);
        self
    }
}

impl Choice {
    /// The first pattern that matches neither an input of the lock nor a finding.
    pub fn unmatched(&self, lock: &[u8], report: &Report<'_>) -> Option<Unmatched> {
        // Building the paths of all inputs is expensive.
        if self.inputs.is_empty() {
            return None;
        }
        let unescaped = Unescaped::new();
        let lock = Lock::parse(lock, &unescaped).ok()?;
        let overrides = Overrides::new();
        let graph = Graph::build(&lock, &overrides).ok()?;
        let inputs = graph.reachable().iter().flat_map(|&holder| graph.inputs_of(holder));
        let paths: Vec<_> = inputs
            .filter_map(|input| graph.input_path(input).whole().map(<[&str]>::to_vec))
            .chain(report.findings.iter().flat_map(paths))
            .collect();
        let is_unmatched = |pattern| !paths.iter().any(|path| is_above(pattern, path));
        let number = self.inputs.iter().position(is_unmatched)?;
        Some(Unmatched { number, paths: paths.iter().map(|path| path.join("/")).collect() })
    }

    fn asks_for(&self, finding: &Reported<'_>) -> bool {
        let by_rule =
            self.rules.is_empty() || self.rules.iter().any(|rule| rule == finding.rule.id);
        let relocks = finding.fix.as_ref().is_some_and(|fix| fix.remedy.is_relock());
        by_rule
            && self.fingerprint.as_ref().is_none_or(|wanted| *wanted == finding.fingerprint)
            && (relocks || !self.relocks_only)
            && (self.inputs.is_empty() || self.has_input(finding))
    }

    fn has_input(&self, finding: &Reported<'_>) -> bool {
        paths(finding).any(|path| self.inputs.iter().any(|pattern| is_above(pattern, &path)))
    }
}

/// Identifies a finding within its report.
fn id_of(finding: &Reported<'_>) -> *const () {
    std::ptr::from_ref(finding).cast()
}

/// The paths of a finding: its input, and the inputs that its fix changes.
fn paths<'f>(finding: &'f Reported<'_>) -> impl Iterator<Item = Vec<&'f str>> {
    let fixes = finding.fix.iter();
    let removes = fixes.clone().filter_map(|fix| fix.remedy.removed());
    let removes = removes.map(|path| path.iter().map(String::as_str).collect());
    let overrides =
        fixes.flat_map(|fix| fix.remedy.overrides()).map(|change| change.input_path.clone());
    removes.chain(overrides).chain([finding.input_path.names().to_vec()])
}

/// Whether a pattern matches an input, or one above it.
fn is_above(pattern: &PathPattern, path: &[&str]) -> bool {
    let mut starts = (1..=path.len()).filter_map(|length| path.get(..length));
    starts.any(|start| pattern.matches(start))
}
