//! Which findings are new, gone, or count differently.
//!
//! A finding is recognized by its keys, as in `check --since` ([`KnownFindings`]), which do not
//! depend on lines, node keys, revisions or strength.

use std::collections::BTreeMap;

use super::FlakeState;
use super::instances::owned;
use super::report::{Difference, FindingGroupChange, FindingStanding, FoundChange, SourcesRead};
use crate::audit::{Report, Reported, gather};
use crate::baseline::KnownFindings;
use crate::finding::Level;
use crate::render::words;

/// A finding, its standing before and after, and the parts of it that are concerned, if not all.
struct ChangedFinding<'r, 'a> {
    finding: &'r Reported<'a>,
    before: FindingStanding,
    after: FindingStanding,
    parts: Vec<String>,
}

pub(super) fn fill(
    old: &FlakeState<'_, '_, '_, '_>,
    new: &FlakeState<'_, '_, '_, '_>,
    difference: &mut Difference,
) {
    let (before, after) = (old.report, new.report);
    let came = missing(after, before).map(|(finding, parts)| ChangedFinding {
        finding,
        before: FindingStanding::Absent,
        after: standing(finding),
        parts,
    });
    let went = missing(before, after).map(|(finding, parts)| ChangedFinding {
        finding,
        before: standing(finding),
        after: FindingStanding::Absent,
        parts,
    });
    let (came, went): (Vec<_>, Vec<_>) = (came.collect(), went.collect());
    let read = |report: &Report<'_>| (report.sources.read, report.sources.total);
    let is_read_alike = {
        let ((some, of), (other, of_other)) = (read(before), read(after));
        some * of_other == other * of && before.sources.root == after.sources.root
    };
    let is_found_alike = came.is_empty() && went.is_empty();
    if !is_read_alike && !is_found_alike {
        difference.sources = Some(SourcesRead { before: read(before), after: read(after) });
    }
    for changes in [came, went, counted_differently(before, after)] {
        difference.finding_groups.extend(together(&changes));
        difference.findings.extend(changes.iter().map(found));
    }
}

/// The findings of one report that count there and are not in the other one; for a list only some
/// of whose parts are missing, those parts.
fn missing<'r, 'a>(
    own: &'r Report<'a>,
    other: &Report<'_>,
) -> impl Iterator<Item = (&'r Reported<'a>, Vec<String>)> + use<'r, 'a> {
    let mut known = KnownFindings::of(other);
    own.findings.iter().filter_map(move |finding| {
        let missing = known.missing(&finding.keys);
        let is_all = missing.len() == finding.keys.len();
        let is_told = !missing.is_empty() && finding.is_open();
        let parts = missing.into_iter().filter(|_| !is_all).map(|key| key.input.clone());
        let parts = parts.collect();
        is_told.then_some((finding, parts))
    })
}

/// Findings in both reports that count differently now: at another level, or exempted. A mere
/// change of strength is left out, because sources may be on disk for one side only.
fn counted_differently<'r, 'a>(
    before: &'r Report<'a>,
    after: &'r Report<'a>,
) -> Vec<ChangedFinding<'r, 'a>> {
    let old = before.findings.iter().flat_map(|finding| {
        finding.keys.iter().map(move |key| (key.fingerprint.as_str(), finding))
    });
    let old: BTreeMap<&str, &Reported<'_>> = old.collect();
    let changed = after.findings.iter().filter_map(|finding| {
        let mut was = finding.keys.iter().map(|key| old.get(key.fingerprint.as_str()));
        let was = was.next().flatten().filter(|_| was.all(|other| other.is_some()))?;
        let (before, after) = (standing(was), standing(finding));
        let counted = was.is_open() || finding.is_open();
        let is_exempt = before == FindingStanding::Exempted || after == FindingStanding::Exempted;
        let is_told = counted && before != after && (is_exempt || was.strength == finding.strength);
        is_told.then_some(ChangedFinding { finding, before, after, parts: Vec::new() })
    });
    changed.collect()
}

fn standing(finding: &Reported<'_>) -> FindingStanding {
    match finding.exempted {
        Some(_) => FindingStanding::Exempted,
        None => FindingStanding::Level(finding.level),
    }
}

fn found(changed: &ChangedFinding<'_, '_>) -> FoundChange {
    let ChangedFinding { finding, before, after, parts } = changed;
    FoundChange {
        rule: finding.rule.id,
        before: *before,
        after: *after,
        strength: finding.strength,
        path: owned(finding.input_path.names()),
        message: finding.message.clone(),
        fingerprint: finding.fingerprint.clone(),
        parts: parts.clone(),
    }
}

/// Groups findings that say the same, as everywhere.
fn together(changes: &[ChangedFinding<'_, '_>]) -> Vec<FindingGroupChange> {
    let findings: Vec<&Reported<'_>> = changes.iter().map(|change| change.finding).collect();
    let groups = gather(findings.iter().copied());
    let merged = groups.iter().filter_map(|group| {
        let words = words::FindingGroup::new(group, &findings)?;
        let change = changes.get(*group.members.first()?)?;
        let members = group.members.iter().filter_map(|at| findings.get(*at));
        let paths = members.map(|finding| finding.input_path.names().join("/"));
        let paths: Vec<String> = paths.filter(|path| !path.is_empty()).collect();
        Some(FindingGroupChange {
            rule: change.finding.rule.id,
            before: change.before,
            after: change.after,
            message: words.message(),
            inputs: if change.parts.is_empty() { paths } else { change.parts.clone() },
        })
    });
    merged.collect()
}

impl FindingStanding {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Level(level) => level.as_str(),
            Self::Exempted => "exempted",
        }
    }

    /// Its words for people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Absent => "gone",
            Self::Level(Level::Deny) => "error",
            Self::Level(Level::Warn) => "warning",
            Self::Level(Level::Allow) => "silent",
            Self::Exempted => "exempted",
        }
    }
}
