//! The earlier findings of one flake.

use std::collections::BTreeMap;

use crate::audit::{Key, Report, Reported};

/// Keys of findings and how often each occurs: something that is missing in the lock can be missing
/// twice under one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownFindings(BTreeMap<String, usize>);

impl KnownFindings {
    /// The findings of a report, exempted or not.
    pub fn of(report: &Report<'_>) -> Self {
        let keys = report.findings.iter().flat_map(|finding| &finding.keys);
        keys.map(|key| key.fingerprint.clone()).collect()
    }

    /// Adds those of another flake.
    pub fn extend(&mut self, other: Self) {
        for (fingerprint, count) in other.0 {
            *self.0.entry(fingerprint).or_default() += count;
        }
    }

    /// Marks each finding of a report as new or older; a list is older if all its parts are. Each
    /// earlier finding can only match once.
    pub fn compare(mut self, report: &mut Report<'_>) {
        report.compare(|finding| self.has(finding));
    }

    fn has(&mut self, finding: &Reported<'_>) -> bool {
        self.missing(&finding.keys).is_empty()
    }

    /// The keys of a finding that were not there before. Keys that were are consumed.
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
