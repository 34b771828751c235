//! What an evaluation has cost so far, and its limits.
//!
//! Everything is counted, nothing is timed: files and folders cost the same whether they were read
//! before or not, so that the results never depend on who came first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most that one evaluation may cost, in halves of a step: about a second, and usually less
/// than 200 MB.
pub(super) const MOST: u64 = 5_000_000;
/// The cost of a step of evaluation.
const STEP: u64 = 2;
/// The most bytes of parsed files that one evaluation keeps.
const MOST_HELD: usize = 64 << 20;
/// The cost of a thunk with its contents, some 130 bytes. Thunks are kept to the end, so that all
/// may take some 300 MB with everything else, however few steps made them (measured on flakes made
/// for that).
const THUNK: u64 = 3;
/// The cost of opening a file.
const FILE: u64 = 200;
/// The cost of a look at a path, or of a name in a folder.
const LOOK: u64 = 8;
/// How many bytes of text are read at a cost of 1.
const BYTES: usize = 4;
/// How many bytes of memory are filled by parsing at a cost of 1.
const PARSED: usize = 32;
/// The most that parsing and keeping a byte of text costs: `[][][]`.
const MOST_OF_A_BYTE: u64 = 3;

/// A more expensive evaluation is large: one runs at a time, because together they would need too
/// much memory.
const LARGE: u64 = 300_000;
const LARGE_HELD: usize = 16 << 20;

/// Locked by the large evaluation that runs.
static ALONE: Mutex<()> = Mutex::new(());

/// Whether the results of the current evaluations are no longer needed.
static ABANDONED: AtomicBool = AtomicBool::new(false);

/// Ends all evaluations of this process as if they had cost too much, until it is revoked. Their
/// results are incomplete: the caller has to drop them.
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
    /// The limit at the end, and the limit for the current piece of work.
    whole: u64,
    limit: u64,
    /// What is reserved for each piece of work to come.
    each: u64,
    /// What is left to later work, but may be taken for the most that a file can cost.
    lent: u64,
    steps: u64,
    reading: u64,
    made: u64,
    /// The largest amount that a file needed to be available.
    needed: u64,
    held: usize,
    /// The smallest distance from a limit so far.
    slack: u64,
    alone: Option<MutexGuard<'static, ()>>,
}

/// The limits before they were divided.
pub(super) struct Undivided {
    whole: u64,
    limit: u64,
    each: u64,
    lent: u64,
}

impl Meter {
    pub(super) fn new(whole: u64) -> Self {
        let whole = whole.min(MOST);
        Self {
            whole,
            limit: whole,
            each: 0,
            lent: 0,
            steps: 0,
            reading: 0,
            made: 0,
            needed: 0,
            held: 0,
            slack: u64::MAX,
            alone: None,
        }
    }

    /// Divides what may still be spent among pieces of work: half of it is reserved in equal
    /// shares, so that an expensive piece leaves the others their share.
    pub(super) fn divide(&mut self, pieces: usize) -> Undivided {
        /// The share that is reserved: one part in this many.
        const KEPT: u64 = 2;
        let before = self.limits();
        (self.whole, self.lent) = (self.limit, 0);
        let left = self.whole.saturating_sub(self.spent());
        self.each = left / KEPT / (pieces as u64).max(1);
        before
    }

    /// Reserves the shares of `behind` pieces that are still to come, and allows the rest to the
    /// current one.
    pub(super) fn leave(&mut self, behind: usize) {
        let kept = self.each.saturating_mul(behind as u64);
        self.limit = self.whole.saturating_sub(kept);
    }

    /// Leaves one part in this many of what may still be spent to what comes after the next piece of
    /// work. Most files cost much less than they could, so this part is `lent` to a file's worst case.
    pub(super) fn leave_part(&mut self, one_in: u64, is_lent: bool) -> Undivided {
        let before = self.limits();
        let part = self.limit.saturating_sub(self.spent()) / one_in.max(1);
        self.limit -= part;
        self.lent = if is_lent { self.lent + part } else { 0 };
        (self.whole, self.each) = (self.limit, 0);
        before
    }

    fn limits(&self) -> Undivided {
        Undivided { whole: self.whole, limit: self.limit, each: self.each, lent: self.lent }
    }

    /// Restores the limits after the divided work is done.
    pub(super) fn rejoin(&mut self, before: Undivided) {
        let Undivided { whole, limit, each, lent } = before;
        (self.whole, self.limit, self.each, self.lent) = (whole, limit, each, lent);
    }

    /// Counts steps; false if there were too many.
    pub(super) fn step(&mut self, steps: u64) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.goes_on()
    }

    /// Notes the number of thunks. They take no time beside the steps that make them, so the larger
    /// cost of the two counts.
    pub(super) fn made(&mut self, thunks: usize) {
        self.made = thunks as u64;
    }

    /// Counts looks at paths and at names in folders.
    pub(super) fn look(&mut self, paths: usize) -> bool {
        self.read(LOOK.saturating_mul(paths as u64))
    }

    /// Counts a file that is to be parsed, by its length. False if that is too expensive: the cost
    /// of parsing is known only afterwards, so the most that it can be has to be available.
    pub(super) fn text(&mut self, bytes: usize) -> bool {
        let needed = self.spent().saturating_add((bytes as u64).saturating_mul(MOST_OF_A_BYTE));
        self.needed = self.needed.max(needed);
        self.come_to(needed.saturating_sub(self.lent), self.held.saturating_add(bytes));
        // A file that is not read costs no more than a look at it.
        let limit = self.limit.saturating_add(self.lent);
        let fits = needed <= limit && self.held.saturating_add(bytes) <= MOST_HELD;
        let cost = if fits { FILE.saturating_add((bytes / BYTES) as u64) } else { FILE };
        self.read(cost) && fits
    }

    /// Counts what a parsed file takes, with its text. False if it must not be kept.
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

    /// Whether more may be spent.
    pub(super) fn goes_on(&mut self) -> bool {
        let spent = self.spent();
        if (spent > LARGE || self.held > LARGE_HELD) && self.alone.is_none() {
            self.alone = Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.come_to(spent, 0);
        spent <= self.limit && !is_abandoned()
    }

    /// Notes what was spent, or had to be available, and the bytes that were kept.
    fn come_to(&mut self, spent: u64, held: usize) {
        let left = self.limit.saturating_sub(spent).min(MOST_HELD.saturating_sub(held) as u64);
        self.slack = self.slack.min(left);
    }

    /// How much more it could have cost at every moment without reaching a limit.
    pub(super) fn slack(&self) -> u64 {
        self.slack
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// The cost so far, including what had to be available.
    pub(super) fn cost(&self) -> u64 {
        self.spent().max(self.needed)
    }

    fn spent(&self) -> u64 {
        let time = self.steps.saturating_mul(STEP).saturating_add(self.reading);
        time.max(self.made.saturating_mul(THUNK))
    }
}
