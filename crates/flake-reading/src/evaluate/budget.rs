//! What an evaluation may still cost, how deep it nests, and whose code was too much.

use std::collections::BTreeSet;

use super::facts::FileId;
use super::meter::Meter;
use super::value::Set;

/// How deep evaluation may nest. Each level takes some kilobytes of stack: see `STACK`.
const DEEPEST: u32 = 1_500;

/// The budget of an evaluation.
pub(super) struct Budget {
    pub(super) meter: Meter,
    /// Whether something of the output that is looked at was too much.
    pub(super) cut_short: bool,
    /// The file whose code is evaluated: whose it is when it is too much.
    at: Option<FileId>,
    depth: u32,
    too_much: BTreeSet<FileId>,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        let meter = Meter::new(limit);
        Self { meter, cut_short: false, at: None, depth: 0, too_much: BTreeSet::new() }
    }

    /// Counts steps for what takes more than one: copying long lists, sets and texts. True where
    /// there were too many.
    pub(super) fn weigh(&mut self, size: usize) -> bool {
        let goes_on = self.meter.step(size as u64 / 32);
        !self.within(goes_on)
    }

    /// The same for attributes, each of which takes as much memory as sixteen items of a list: what
    /// is copied of sets and lists stays below some 200 MB.
    pub(super) fn weigh_sets(&mut self, left: &Set, right: &Set) -> bool {
        self.weigh(16 * (left.attrs.len() + right.attrs.len()))
    }

    /// Counts a step; false where there were too many.
    pub(super) fn step(&mut self) -> bool {
        let goes_on = self.meter.step(1);
        self.within(goes_on)
    }

    /// Counts looks at paths and at names in folders; false where there were too many.
    pub(super) fn look(&mut self, paths: usize) -> bool {
        let goes_on = self.meter.look(paths);
        self.within(goes_on)
    }

    /// Remembers where there was too much.
    pub(super) fn within(&mut self, goes_on: bool) -> bool {
        if !goes_on && !self.cut_short {
            self.cut_short = true;
            self.too_much.extend(self.at);
        }
        goes_on
    }

    /// One level deeper, with so many thunks made; false where that is too deep.
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

    /// The code of a file is evaluated from now on; gives that which was before.
    pub(super) fn go_to(&mut self, file: Option<FileId>) -> Option<FileId> {
        std::mem::replace(&mut self.at, file)
    }

    /// The files whose code was too much.
    pub(super) fn too_much(&self) -> impl Iterator<Item = FileId> {
        self.too_much.iter().copied()
    }
}
