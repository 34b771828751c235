//! What Nix says against what is said without it, counted.

use std::collections::BTreeMap;
use std::fmt;

use super::Judged;
use super::told::{Loudness, Way};

/// How often, by the way of knowing and whether it is wrong: firm, light, silent.
#[derive(Debug, Default)]
pub(super) struct Table {
    outputs: BTreeMap<(Way, bool), [usize; 3]>,
    worlds: BTreeMap<(Way, bool), [usize; 3]>,
    two: [usize; 2],
}

impl Table {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn add(&mut self, judged: &Judged) {
        let column = |loudness: Loudness| match loudness {
            Loudness::Firm => 0,
            Loudness::Light => 1,
            Loudness::Silent => 2,
        };
        let is_wrong = judged.truths.iter().any(|truth| truth.wrong);
        for (way, told) in Way::ALL.into_iter().zip(&judged.told) {
            self.worlds.entry((way, is_wrong)).or_default()[column(told.loudest())] += 1;
            if told.is_per_output() {
                for (output, truth) in judged.shape.outputs.iter().zip(&judged.truths) {
                    let row = self.outputs.entry((way, truth.wrong)).or_default();
                    row[column(told.of(output))] += 1;
                }
            }
        }
        for truth in judged.truths.iter().filter(|truth| truth.two) {
            self.two[usize::from(truth.wrong)] += 1;
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, rows) in [("worlds", &self.worlds), ("outputs", &self.outputs)] {
            if rows.is_empty() {
                continue;
            }
            writeln!(f, "{:<32}{:>8}{:>8}{:>8}", what, "firm", "light", "silent")?;
            for ((way, is_wrong), [firm, light, silent]) in rows {
                let what = format!("{}, {}", way.name(), if *is_wrong { "wrong" } else { "right" });
                writeln!(f, "{what:<32}{firm:>8}{light:>8}{silent:>8}")?;
            }
        }
        let [right, wrong] = self.two;
        writeln!(f, "outputs with two of one package: {wrong} wrong, {right} right")
    }
}
