//! The remaining cost and depth of an evaluation, and whose code was too expensive.

use std::collections::BTreeSet;

use super::facts::FileId;
use super::meter::Meter;
use super::value::Set;

/// How deep evaluation may nest. Each level takes some kilobytes of stack: see `STACK`.
const DEEPEST: u32 = 1_500;

/// The budget of an evaluation.
pub(super) struct Budget {
    pub(super) meter: Meter,
    /// Whether a part of the current output was too expensive.
    pub(super) cut_short: bool,
    /// The file whose code is being evaluated; it is blamed if that is too expensive.
    at: Option<FileId>,
    depth: u32,
    too_much: BTreeSet<FileId>,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        let meter = Meter::new(limit);
        Self { meter, cut_short: false, at: None, depth: 0, too_much: BTreeSet::new() }
    }

    /// Counts steps for copying long lists, sets and texts. True if there were too many.
    pub(super) fn weigh(&mut self, size: usize) -> bool {
        let goes_on = self.meter.step(size as u64 / 32);
        !self.within(goes_on)
    }

    /// Counts steps for copying sets, each of whose attributes takes as much memory as sixteen
    /// items of a list: copies of sets and lists stay below some 200 MB.
    pub(super) fn weigh_sets(&mut self, left: &Set, right: &Set) -> bool {
        self.weigh(16 * (left.attrs.len() + right.attrs.len()))
    }

    /// Counts a step; false if there were too many.
    pub(super) fn step(&mut self) -> bool {
        let goes_on = self.meter.step(1);
        self.within(goes_on)
    }

    /// Counts looks at paths and names in folders; false if there were too many.
    pub(super) fn look(&mut self, paths: usize) -> bool {
        let goes_on = self.meter.look(paths);
        self.within(goes_on)
    }

    /// Records where a limit was reached, if `goes_on` is false.
    pub(super) fn within(&mut self, goes_on: bool) -> bool {
        if !goes_on && !self.cut_short {
            self.cut_short = true;
            self.too_much.extend(self.at);
        }
        goes_on
    }

    /// Goes one level deeper; `made` is the number of thunks so far. False if that is too deep.
    pub(super) fn enter(&mut self, made: usize) -> bool {
        self.meter.made(made);
        if self.depth >= DEEPEST || !self.step() {
            self.within(false);
            return false;
        }
        self.depth += 1;
        true
    }

    /// One level up again.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Notes that the code of this file is evaluated from now on; returns the one before.
    pub(super) fn go_to(&mut self, file: Option<FileId>) -> Option<FileId> {
        std::mem::replace(&mut self.at, file)
    }

    /// The files whose code was too expensive.
    pub(super) fn too_much(&self) -> impl Iterator<Item = FileId> {
        self.too_much.iter().copied()
    }
}
