//! Compares an outcome's findings with those of the flake before.

use std::collections::BTreeSet;

use crate::audit::{Report, Reported};
use crate::change::Applicability;
use crate::finding::Discriminator;

/// Identifies a finding.
pub(super) type FindingKey = (&'static str, Vec<String>, String);

/// Identifies a finding in its own report and in other ones.
pub(super) fn finding_key(finding: &Reported<'_>) -> FindingKey {
    let names = finding.input_path.names();
    // Several findings may be about one input, or about none.
    let more = match &finding.discriminator {
        Some(Discriminator::Override(path)) => path.clone(),
        _ if names.is_empty() => finding.message.clone(),
        _ => String::new(),
    };
    (finding.rule.id, names.iter().map(|&name| name.to_owned()).collect(), more)
}

/// The open findings of an outcome that were not there before.
pub(super) fn new_findings<'r, 'a>(
    before: &Report<'_>,
    after: &'r Report<'a>,
) -> impl Iterator<Item = &'r Reported<'a>> {
    let known: BTreeSet<_> = before.findings.iter().map(finding_key).collect();
    let is_new = move |finding: &&Reported<'_>| !known.contains(&finding_key(finding));
    after.findings.iter().filter(|finding| finding.is_open()).filter(is_new)
}

/// Whether the repair of a finding has no effect on the lock: it removes an override that has none.
pub(super) fn is_leftover(finding: &Reported<'_>) -> bool {
    let fix = finding.fix.as_ref();
    fix.is_some_and(|fix| {
        fix.applicability > Applicability::Manual && fix.remedy.removed().is_some()
    })
}
