//! What an evaluation has cost so far, and when it is too much.
//!
//! Everything is counted, nothing is timed: files and folders cost the same whether they were read
//! before or not, so that what is found never depends on who came first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All that one evaluation may cost, in halves of a step: a second, and mostly less than 200 MB.
pub(super) const MOST: u64 = 5_000_000;
/// A step of evaluation.
const STEP: u64 = 2;
/// Bytes of parsed files that one evaluation holds.
const MOST_HELD: usize = 64 << 20;
/// A thunk, with what it holds: some 200 bytes. Those made are held to the end, so that all may take
/// 330 MB, however few steps made them.
const THUNK: u64 = 3;
/// Opening a file.
const FILE: u64 = 200;
/// A look at a path, or a name in a folder.
const LOOK: u64 = 8;
/// Bytes of text that are read for one.
const BYTES: usize = 4;
/// Bytes of memory that parsing fills for one.
const PARSED: usize = 32;
/// What parsing and keeping a byte of text takes at most: `[][][]`.
const MOST_OF_A_BYTE: u64 = 3;

/// From here on an evaluation is large: one at a time, or all would need their memory at once.
const LARGE: u64 = 300_000;
const LARGE_HELD: usize = 16 << 20;

/// Held by the large evaluation that runs.
static ALONE: Mutex<()> = Mutex::new(());

/// Whether nobody waits any more for what is being evaluated.
static ABANDONED: AtomicBool = AtomicBool::new(false);

/// Lets all evaluations of this process end as if they had cost too much, until it is taken back. What
/// they bring is not what they would have brought: whoever abandons them has to drop it.
pub fn abandon(is_abandoned: bool) {
    ABANDONED.store(is_abandoned, Ordering::Relaxed);
}

/// Whether evaluations are abandoned.
pub fn is_abandoned() -> bool {
    ABANDONED.load(Ordering::Relaxed)
}

/// The cost of one evaluation.
#[derive(Debug)]
pub(super) struct Meter {
    /// What it may have cost when it ends, and by what is done now.
    whole: u64,
    limit: u64,
    /// What is kept for each piece of work that is to come.
    each: u64,
    steps: u64,
    reading: u64,
    made: u64,
    /// What had to be left for the file that needed most.
    needed: u64,
    held: usize,
    /// How far it was from what it might cost when it was closest to that.
    slack: u64,
    alone: Option<MutexGuard<'static, ()>>,
}

/// What there was to be spent before it was divided.
pub(super) struct Undivided {
    whole: u64,
    limit: u64,
    each: u64,
}

impl Meter {
    pub(super) fn new(whole: u64) -> Self {
        let whole = whole.min(MOST);
        Self {
            whole,
            limit: whole,
            each: 0,
            steps: 0,
            reading: 0,
            made: 0,
            needed: 0,
            held: 0,
            slack: u64::MAX,
            alone: None,
        }
    }

    /// Divides what may still be spent among so many pieces of work: half of it is kept for all of
    /// them alike, so that whoever takes too much leaves the others their share.
    pub(super) fn divide(&mut self, pieces: usize) -> Undivided {
        /// One part in so many is kept.
        const KEPT: u64 = 2;
        let before = Undivided { whole: self.whole, limit: self.limit, each: self.each };
        self.whole = self.limit;
        let left = self.whole.saturating_sub(self.spent());
        self.each = left / KEPT / (pieces as u64).max(1);
        before
    }

    /// Leaves their shares to so many pieces of work that are still to come, and what is left
    /// besides to the one that is to be done now.
    pub(super) fn leave(&mut self, behind: usize) {
        let kept = self.each.saturating_mul(behind as u64);
        self.limit = self.whole.saturating_sub(kept);
    }

    /// What was divided is done.
    pub(super) fn rejoin(&mut self, before: Undivided) {
        let Undivided { whole, limit, each } = before;
        (self.whole, self.limit, self.each) = (whole, limit, each);
    }

    /// Counts steps; false where there were too many.
    pub(super) fn step(&mut self, steps: u64) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.goes_on()
    }

    /// Remembers how many thunks there are by now. They cost no time beside that of the steps that
    /// make them, so that whichever is more counts.
    pub(super) fn made(&mut self, thunks: usize) {
        self.made = thunks as u64;
    }

    /// Counts looks at paths and at names in folders.
    pub(super) fn look(&mut self, paths: usize) -> bool {
        self.read(LOOK.saturating_mul(paths as u64))
    }

    /// Counts a file of so much text that is to be parsed. False where that is too much already:
    /// what parsing costs is known when it is done, and so the most that it can cost has to be left.
    pub(super) fn text(&mut self, bytes: usize) -> bool {
        let needed = self.spent().saturating_add((bytes as u64).saturating_mul(MOST_OF_A_BYTE));
        self.needed = self.needed.max(needed);
        self.come_to(needed, self.held.saturating_add(bytes));
        // One that is not read costs no more than a look at it.
        let fits = needed <= self.limit && self.held.saturating_add(bytes) <= MOST_HELD;
        let cost = if fits { FILE.saturating_add((bytes / BYTES) as u64) } else { FILE };
        self.read(cost) && fits
    }

    /// Counts what a parsed file takes, with its text. False where it is not to be kept.
    pub(super) fn parsed(&mut self, bytes: usize, text: usize) -> bool {
        let held = self.held.saturating_add(bytes).saturating_add(text);
        let goes_on = self.read((bytes / PARSED) as u64);
        let fits = held <= MOST_HELD;
        self.come_to(0, held);
        if fits {
            self.held = held;
        }
        goes_on && fits
    }

    fn read(&mut self, cost: u64) -> bool {
        self.reading = self.reading.saturating_add(cost);
        self.goes_on()
    }

    /// Whether more may be done.
    pub(super) fn goes_on(&mut self) -> bool {
        let spent = self.spent();
        if (spent > LARGE || self.held > LARGE_HELD) && self.alone.is_none() {
            self.alone = Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.come_to(spent, 0);
        spent <= self.limit && !is_abandoned()
    }

    /// So much was spent, or had to be left, and so many bytes were held.
    fn come_to(&mut self, spent: u64, held: usize) {
        let left = self.limit.saturating_sub(spent).min(MOST_HELD.saturating_sub(held) as u64);
        self.slack = self.slack.min(left);
    }

    /// How much more it might have cost at any time without being too much.
    pub(super) fn slack(&self) -> u64 {
        self.slack
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// All that was done, or needed.
    pub(super) fn cost(&self) -> u64 {
        self.spent().max(self.needed)
    }

    fn spent(&self) -> u64 {
        let time = self.steps.saturating_mul(STEP).saturating_add(self.reading);
        time.max(self.made.saturating_mul(THUNK))
    }
}
