//! The findings of one flake that were there before.

use std::collections::BTreeMap;

use crate::audit::{Key, Report, Reported};

/// Keys of findings, each as often as it was there: what the lock does not have can be missing
/// twice under one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownFindings(BTreeMap<String, usize>);

impl KnownFindings {
    /// Those of a report, whatever is exempted in it.
    pub fn of(report: &Report<'_>) -> Self {
        let keys = report.findings.iter().flat_map(|finding| &finding.keys);
        keys.map(|key| key.fingerprint.clone()).collect()
    }

    /// Those of another flake, too.
    pub fn extend(&mut self, other: Self) {
        for (fingerprint, count) in other.0 {
            *self.0.entry(fingerprint).or_default() += count;
        }
    }

    /// Says of each finding of a report whether it was there: of a list, whether all of its parts
    /// were. Those are used up by it.
    pub fn compare(mut self, report: &mut Report<'_>) {
        report.compare(|finding| self.has(finding));
    }

    fn has(&mut self, finding: &Reported<'_>) -> bool {
        self.missing(&finding.keys).is_empty()
    }

    /// Those of a finding's keys that were not there. The others are used up by it.
    pub fn missing<'k>(&mut self, keys: &'k [Key]) -> Vec<&'k Key> {
        let is_missing = |key: &&Key| match self.0.get_mut(&key.fingerprint) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        };
        keys.iter().filter(is_missing).collect()
    }
}

impl FromIterator<String> for KnownFindings {
    fn from_iter<T: IntoIterator<Item = String>>(fingerprints: T) -> Self {
        let mut known = Self::default();
        for fingerprint in fingerprints {
            *known.0.entry(fingerprint).or_default() += 1;
        }
        known
    }
}
