//! Runs pairs one after the other, and counts what occurred.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;

use super::dice::Dice;
use super::pair::Files;
use crate::program::Nix;

/// What occurred, and how often.
#[derive(Debug)]
pub(super) struct Tally {
    title: String,
    counts: BTreeMap<String, usize>,
    /// Files to show if this pair fails.
    kept: String,
    pairs: usize,
}

/// A number from the environment.
pub(crate) fn number(name: &str, default: usize) -> usize {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}: {text} is no number")),
        Err(_) => default,
    }
}

impl Tally {
    pub(super) fn new(nix: &Nix, title: &str) -> Self {
        let title = format!("{}: {title}", nix.name);
        let pairs = number("FLAKE_AUDIT_TEST_PAIRS", 60);
        Self { title, counts: BTreeMap::new(), kept: String::new(), pairs }
    }

    /// Runs all pairs, and fails if one does.
    pub(super) fn run(
        mut self,
        property: impl Fn(&mut Dice, &mut Self) -> Result<(), String>,
    ) -> Self {
        let first = number("FLAKE_AUDIT_TEST_SEED", 1);
        let mut failed = 0;
        for seed in first..first + self.pairs {
            self.kept.clear();
            let mut dice = Dice::new(u64::try_from(seed).unwrap());
            if let Err(reason) = property(&mut dice, &mut self) {
                failed += 1;
                let run = format!("FLAKE_AUDIT_TEST_SEED={seed} FLAKE_AUDIT_TEST_PAIRS=1");
                println!("--- {run}\n{reason}\n{}", self.kept);
            }
        }
        println!("{}, {} pairs from seed {first}:", self.title, self.pairs);
        for (what, count) in &self.counts {
            println!("{count:>6} {what}");
        }
        assert!(failed == 0, "{}: {failed} of {} pairs fail", self.title, self.pairs);
        self
    }

    pub(super) fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// Counts the successful outcome of a pair.
    pub(super) fn met(&mut self, what: &str) -> Result<(), String> {
        self.count(what);
        Ok(())
    }

    /// Asserts that something occurred so often in a hundred pairs; else nothing would be tested.
    pub(super) fn assert_often(&self, what: &str, percent: usize) {
        let count = self.counts.get(what).copied().unwrap_or_default();
        let is_enough = count * 100 >= percent * self.pairs;
        assert!(self.pairs < 40 || is_enough, "{}: {what}: {count} of {}", self.title, self.pairs);
    }

    /// Shows files if this pair fails.
    pub(super) fn keep(&mut self, title: &str, files: &Files) {
        for (path, text) in files {
            write!(self.kept, "--- {title}: {path}\n{text}\n").unwrap();
        }
    }
}
