//! Findings that say the same about several inputs are reported as one.

use std::collections::BTreeMap;

use super::report::{Group, Report, Reported, Standing};
use crate::change::Applicability;

/// Groups findings, in the order of the first of each group. Exempted ones stay alone.
pub fn gather<'r, 'a: 'r>(findings: impl IntoIterator<Item = &'r Reported<'a>>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known = BTreeMap::new();
    for (position, finding) in findings.into_iter().enumerate() {
        let next = groups.len();
        let at = match (&finding.together, &finding.exempted) {
            (Some(together), None) => {
                let is_manual = finding
                    .fix
                    .as_ref()
                    .is_none_or(|fix| fix.applicability == Applicability::Manual);
                let key = (
                    finding.rule.id,
                    finding.level,
                    is_manual,
                    finding.is_older(),
                    together.what.as_str(),
                );
                *known.entry(key).or_insert(next)
            }
            _ => next,
        };
        match (groups.get_mut(at), &finding.together) {
            (Some(group), Some(together)) => {
                group.members.push(position);
                group.message = format!("{} {}", group.members.len(), together.what);
            }
            _ => groups.push(Group {
                members: vec![position],
                message: finding.message.clone(),
                diff: None,
            }),
        }
    }
    groups
}

impl Report<'_> {
    /// Compares the findings that are not exempted with another state of the flake; `is_known` says
    /// whether that state has a finding. Groups are split into new and older findings.
    pub fn compare(&mut self, mut is_known: impl FnMut(&Reported<'_>) -> bool) {
        for finding in self.findings.iter_mut().filter(|finding| finding.exempted.is_none()) {
            let known = is_known(finding);
            finding.standing = Some(if known { Standing::Older } else { Standing::New });
        }
        self.groups = gather(&self.findings);
    }
}
