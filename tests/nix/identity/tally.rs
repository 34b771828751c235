//! Pairs, one after the other, and what was met.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;

use super::dice::Dice;
use super::pair::Files;
use crate::program::Nix;

/// What was met, and how often.
#[derive(Debug)]
pub(super) struct Tally {
    title: String,
    counts: BTreeMap<String, usize>,
    /// Files to be shown if this pair fails.
    kept: String,
}

fn number(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}: {text} is no number")),
        Err(_) => default,
    }
}

impl Tally {
    pub(super) fn new(nix: &Nix, title: &str) -> Self {
        let title = format!("{}: {title}", nix.name);
        Self { title, counts: BTreeMap::new(), kept: String::new() }
    }

    /// Runs all pairs, and fails where one did.
    pub(super) fn run(mut self, property: impl Fn(&mut Dice, &mut Self) -> Result<(), String>) -> Self {
        let first = number("FLAKE_AUDIT_TEST_SEED", 1);
        let pairs = number("FLAKE_AUDIT_TEST_PAIRS", 60);
        let mut failed = 0;
        for seed in first..first + pairs {
            self.kept.clear();
            if let Err(reason) = property(&mut Dice::new(seed), &mut self) {
                failed += 1;
                println!("--- FLAKE_AUDIT_TEST_SEED={seed} FLAKE_AUDIT_TEST_PAIRS=1\n{reason}\n{}", self.kept);
            }
        }
        println!("{}, {pairs} pairs from seed {first}:", self.title);
        for (what, count) in &self.counts {
            println!("{count:>6} {what}");
        }
        assert_eq!(failed, 0, "{} of {pairs} pairs fail", failed);
        self
    }

    pub(super) fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    pub(super) fn counted(&mut self, what: &str) -> Result<(), String> {
        self.count(what);
        Ok(())
    }

    /// How often something was met.
    pub(super) fn of(&self, what: &str) -> usize {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// Shows files if this pair fails.
    pub(super) fn keep(&mut self, title: &str, files: &Files) {
        for (path, text) in files {
            write!(self.kept, "--- {title}: {path}\n{text}\n").unwrap();
        }
    }
}
