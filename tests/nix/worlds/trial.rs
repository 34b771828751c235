//! Worlds, what Nix says of them, and what we say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::judge::{self, Caller, Truth};
use super::monotony;
use super::shape::Shape;
use super::shrink;
use super::told::{self, Loudness, Told, Way};
use super::yard::Yard;
use crate::program::Nix;

/// A world, what Nix says of each output, and what we say of it in each way of knowing.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) shape: Shape,
    pub(super) truths: Vec<Truth>,
    /// By the way of knowing.
    pub(super) told: Vec<Told>,
    /// How it breaks monotony, if it was asked.
    pub(super) broken: Vec<String>,
    /// All its files.
    pub(super) shown: String,
}

/// What is right or wrong, and how loud it is accused.
pub(super) type Case = (bool, Loudness);

/// What is arguable is neither.
fn case(truth: Truth, loudness: Loudness) -> Option<Case> {
    (!truth.arguable).then_some((truth.wrong, loudness))
}

impl Judged {
    /// Whether a report says which outputs it is about, in a way of knowing.
    fn is_per_output(&self, way: usize) -> bool {
        self.told[way].is_per_output()
    }

    /// The whole world, in a way of knowing.
    pub(super) fn world(&self, way: usize) -> Option<Case> {
        let wrong = self.truths.iter().any(|it| it.wrong);
        let arguable = !wrong && self.truths.iter().any(|it| it.arguable);
        case(Truth { wrong, arguable, two: false }, self.told[way].loudest())
    }

    /// Each output, in a way of knowing that says which outputs it is about.
    pub(super) fn outputs(&self, way: usize) -> Vec<Case> {
        if !self.is_per_output(way) {
            return Vec::new();
        }
        let outputs = self.shape.outputs.iter().zip(&self.truths);
        outputs.filter_map(|(output, truth)| case(*truth, self.told[way].of(output))).collect()
    }

    /// Where Nix does not agree: all sources are on disk, so what is wrong is to be found firm, and
    /// nothing else is to be accused.
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

/// All of these worlds, in these ways of knowing. An error where Nix does not evaluate one.
pub(super) fn judged(
    nix: &Nix,
    shapes: &[Shape],
    ways: &[Way],
    asks_monotony: bool,
) -> Result<Vec<Judged>, String> {
    let yard = Yard::new(shapes);
    let nodes = judge::ask(nix, &yard, shapes, Caller::Judge)?;
    let folders: Vec<PathBuf> = (0..shapes.len()).map(|at| yard.root(at)).collect();
    let told: Vec<Vec<Told>> = ways.iter().map(|way| told::ask(&yard, &folders, *way)).collect();
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

/// A smallest world that is as this one in what `keeps` looks at.
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
        // Nix says nothing of any where it does not evaluate one.
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
