//! Worlds, Nix's results, and our findings.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::findings::{self, Loudness, Told, Way};
use super::judge::{self, Caller, Truth};
use super::monotony;
use super::shape::Shape;
use super::shrink;
use super::yard::Yard;
use crate::program::Nix;

/// A world, Nix's result for each output, and our findings with each kind of knowledge.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) shape: Shape,
    pub(super) truths: Vec<Truth>,
    /// By kind of knowledge.
    pub(super) told: Vec<Told>,
    /// How it breaks monotony, if that was tested.
    pub(super) broken: Vec<String>,
    /// All its files.
    pub(super) shown: String,
}

/// Whether it is right, and how strongly it is reported.
pub(super) type Case = (bool, Loudness);

/// `None` for what is arguable.
fn case(truth: Truth, loudness: Loudness) -> Option<Case> {
    (!truth.arguable).then_some((truth.wrong, loudness))
}

impl Judged {
    /// Whether the findings name outputs, with this kind of knowledge.
    fn is_per_output(&self, way: usize) -> bool {
        self.told[way].is_per_output()
    }

    /// The whole world, with this kind of knowledge.
    pub(super) fn world(&self, way: usize) -> Option<Case> {
        let wrong = self.truths.iter().any(|it| it.wrong);
        let arguable = !wrong && self.truths.iter().any(|it| it.arguable);
        case(Truth { wrong, arguable, two: false }, self.told[way].loudest())
    }

    /// Each output, if findings name outputs with this kind of knowledge.
    pub(super) fn outputs(&self, way: usize) -> Vec<Case> {
        if !self.is_per_output(way) {
            return Vec::new();
        }
        let outputs = self.shape.outputs.iter().zip(&self.truths);
        outputs.filter_map(|(output, truth)| case(*truth, self.told[way].of(output))).collect()
    }

    /// Disagreements with Nix: with all sources on disk, what is wrong must be found firm, and
    /// nothing else reported.
    pub(super) fn disagreements(&self) -> BTreeSet<Case> {
        let agrees =
            |case: &Case| matches!(case, (true, Loudness::Firm) | (false, Loudness::Silent));
        let mut all = self.outputs(0);
        if !self.is_per_output(0) {
            all.extend(self.world(0));
        }
        all.into_iter().filter(|case| !agrees(case)).collect()
    }
}

/// Judges all of these worlds, with these kinds of knowledge. An error if Nix does not evaluate
/// one.
pub(super) fn judged(
    nix: &Nix,
    shapes: &[Shape],
    ways: &[Way],
    asks_monotony: bool,
) -> Result<Vec<Judged>, String> {
    let yard = Yard::new(shapes);
    let nodes = judge::ask(nix, &yard, shapes, Caller::Judge)?;
    let folders: Vec<PathBuf> = (0..shapes.len()).map(|at| yard.root(at)).collect();
    let told: Vec<Vec<Told>> =
        ways.iter().map(|way| findings::ask(&yard, &folders, *way)).collect();
    let mut broken = match ways {
        [Way::Sources, ..] if asks_monotony => monotony::broken(&yard, shapes, &told[0]),
        _ => vec![Vec::new(); shapes.len()],
    };
    Ok(shapes
        .iter()
        .enumerate()
        .map(|(at, shape)| Judged {
            shape: shape.clone(),
            truths: judge::truths(shape, &nodes[at]),
            told: told.iter().map(|told| told[at].clone()).collect(),
            broken: std::mem::take(&mut broken[at]),
            shown: yard.worlds[at].shown(),
        })
        .collect())
}

/// A smallest world that agrees with this one in what `keeps` looks at.
pub(super) fn smallest(
    nix: &Nix,
    judged_one: Judged,
    asks_monotony: bool,
    keeps: impl Fn(&Judged) -> bool,
) -> Judged {
    let ways = [Way::Sources];
    let mut least = judged_one;
    loop {
        let candidates = shrink::smaller(&least.shape);
        // If one does not evaluate, Nix gives no result for any.
        let all = judged(nix, &candidates, &ways, asks_monotony).unwrap_or_else(|_| {
            let each = candidates.into_iter();
            each.filter_map(|it| judged(nix, &[it], &ways, asks_monotony).ok()).flatten().collect()
        });
        match all.into_iter().find(|it| keeps(it)) {
            Some(less) => least = less,
            None => return least,
        }
    }
}
