//! Nix's results compared with the findings, in a table with required limits.

use std::collections::BTreeMap;
use std::fmt;

use super::findings::{Loudness, Way};
use super::traits::{ALL, traits};
use super::trial::{Case, Judged};

/// The required limits in hundredths. These are the current figures; the goals are in brackets.
struct Held {
    /// Of what is wrong, with all sources on disk, at least so much is found firm (100).
    found: usize,
    /// Of what is right, with all sources on disk, at most so much is reported (0).
    accused: usize,
    /// Of what is right, with the root's source only and without a wrapper, at most so much is firm
    /// (0).
    unconfirmed: usize,
    /// Of worlds, at most so many break monotony (0).
    broken: usize,
}

const HELD: Held = Held { found: 99, accused: 0, unconfirmed: 0, broken: 0 };

/// Firm, light, silent.
type Row = [usize; 3];

/// How often, by the available knowledge and whether it is wrong.
#[derive(Debug, Default)]
pub(super) struct Table {
    worlds: BTreeMap<(Way, bool), Row>,
    outputs: BTreeMap<(Way, bool), Row>,
    /// Outputs with two of a package: right ones, wrong ones.
    two: [usize; 2],
    /// Outputs of each kind: right ones, wrong ones.
    kinds: BTreeMap<String, [usize; 2]>,
    /// In how many worlds something occurs.
    traits: BTreeMap<String, usize>,
    arguable: usize,
    /// Right worlds or outputs without a wrapper; and those reported firmly nevertheless, with the
    /// root's source only.
    unconfirmed: [usize; 2],
    count: usize,
    broken: usize,
}

impl Table {
    pub(super) fn add(&mut self, judged: &Judged) {
        for (at, way) in Way::ALL.into_iter().enumerate() {
            if let Some(case) = judged.world(at) {
                count(&mut self.worlds, way, case);
            }
            for case in judged.outputs(at) {
                count(&mut self.outputs, way, case);
            }
            let mut cases = judged.outputs(at);
            if cases.is_empty() {
                cases.extend(judged.world(at));
            }
            for (is_wrong, loudness) in cases {
                if way == Way::Root && judged.shape.wrapper.is_none() && !is_wrong {
                    self.unconfirmed[0] += 1;
                    self.unconfirmed[1] += usize::from(loudness == Loudness::Firm);
                }
            }
        }
        for it in traits(&judged.shape) {
            *self.traits.entry(it).or_default() += 1;
        }
        for (output, truth) in judged.shape.outputs.iter().zip(&judged.truths) {
            let wrong = usize::from(truth.wrong);
            self.kinds.entry(format!("{:?}", output.kind)).or_default()[wrong] += 1;
            self.two[wrong] += usize::from(truth.two);
            self.arguable += usize::from(truth.arguable);
        }
        self.count += 1;
        self.broken += usize::from(!judged.broken.is_empty());
    }

    /// Asserts the limits.
    pub(super) fn assert(&self) {
        if self.count < 40 {
            return;
        }
        assert!(self.kinds.len() > 8, "{self}");
        let [right, wrong] = self
            .kinds
            .values()
            .fold([0, 0], |all, [right, wrong]| [all[0] + right, all[1] + wrong]);
        assert!(right * 5 > wrong && wrong * 10 > right, "of both there are enough: {self}");
        for (kind, [right, wrong]) in self.kinds.iter().filter(|_| self.count >= 500) {
            // What is picked is right by itself.
            assert!(*right > 0 && (*wrong > 0 || kind == "Picked"), "{kind}: {self}");
        }
        let rows = if self.outputs.contains_key(&(Way::Sources, true)) {
            &self.outputs
        } else {
            &self.worlds
        };
        let [firm, light, silent] = rows[&(Way::Sources, true)];
        assert!(firm * 100 >= HELD.found * (firm + light + silent), "found: {self}");
        let [firm, light, silent] = rows[&(Way::Sources, false)];
        assert!((firm + light) * 100 <= HELD.accused * (firm + light + silent), "accused: {self}");
        let [right, firm] = self.unconfirmed;
        assert!(firm * 100 <= HELD.unconfirmed * right, "unconfirmed: {self}");
        for it in ALL.iter().filter(|_| self.count >= 500) {
            assert!(self.traits.contains_key(*it), "no world has {it}: {self}");
        }
        assert!(self.broken * 100 <= HELD.broken * self.count, "monotony: {self}");
    }
}

fn count(rows: &mut BTreeMap<(Way, bool), Row>, way: Way, (is_wrong, loudness): Case) {
    let column = match loudness {
        Loudness::Firm => 0,
        Loudness::Light => 1,
        Loudness::Silent => 2,
    };
    rows.entry((way, is_wrong)).or_default()[column] += 1;
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, rows) in [("worlds", &self.worlds), ("outputs", &self.outputs)] {
            if rows.is_empty() {
                writeln!(f, "(no report says which outputs its findings are about)")?;
                continue;
            }
            writeln!(f, "{:<32}{:>8}{:>8}{:>8}", what, "firm", "light", "silent")?;
            for ((way, is_wrong), [firm, light, silent]) in rows {
                let what = format!("{}, {}", way.name(), if *is_wrong { "wrong" } else { "right" });
                writeln!(f, "{what:<32}{firm:>8}{light:>8}{silent:>8}")?;
            }
        }
        write!(f, "outputs, right/wrong:")?;
        for (kind, [right, wrong]) in &self.kinds {
            write!(f, " {kind} {right}/{wrong}")?;
        }
        let [right, wrong] = self.two;
        write!(f, "\nworlds with:")?;
        for (name, count) in &self.traits {
            write!(f, " {name} {count},")?;
        }
        writeln!(f, "\noutputs with two of one package: {wrong} wrong, {right} right")?;
        writeln!(f, "outputs that are arguable, and counted nowhere: {}", self.arguable)?;
        let [right, firm] = self.unconfirmed;
        writeln!(
            f,
            "right and firm by the root's source only, without a wrapper: {firm} of {right}"
        )?;
        writeln!(f, "worlds that break monotony: {} of {}", self.broken, self.count)
    }
}
