//! What an evaluation has cost so far, and when it is too much.
//!
//! Everything is counted, nothing is timed: files and folders cost the same whether they were read
//! before or not, so that what is found never depends on who came first.

use std::cell::{Cell, RefCell};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Steps of evaluation for one source.
const STEPS: u64 = 1_500_000;
/// What reading may cost for one source, in steps.
const READING: u64 = 16_000_000;
/// Bytes of parsed files that one evaluation holds.
const MOST_HELD: usize = 128 << 20;
/// Opening a file, in steps.
const FILE: u64 = 200;
/// A look at a path, or a name in a folder.
const LOOK: u64 = 8;
/// Bytes of text that are read in a step.
const BYTES: usize = 4;
/// Bytes of memory that parsing fills in a step.
const PARSED: usize = 32;

/// From here on an evaluation is large: one at a time, or all would need their memory at once.
const LARGE: u64 = 150_000;
const LARGE_HELD: usize = 16 << 20;

/// Held by the large evaluation that runs.
static ALONE: Mutex<()> = Mutex::new(());

/// The cost of one evaluation.
#[derive(Debug)]
pub(super) struct Meter {
    /// All that it may cost.
    limit: u64,
    steps: Cell<u64>,
    reading: Cell<u64>,
    /// What had to be left for the file that needed most.
    needed: Cell<u64>,
    held: Cell<usize>,
    alone: RefCell<Option<MutexGuard<'static, ()>>>,
}

impl Meter {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            steps: Cell::new(0),
            reading: Cell::new(0),
            needed: Cell::new(0),
            held: Cell::new(0),
            alone: RefCell::default(),
        }
    }

    /// Counts steps; false where there were too many.
    pub(super) fn step(&self, steps: u64) -> bool {
        self.steps.set(self.steps.get().saturating_add(steps));
        self.goes_on()
    }

    /// Counts looks at paths and at names in folders.
    pub(super) fn look(&self, paths: usize) -> bool {
        self.read(LOOK.saturating_mul(paths as u64))
    }

    /// Counts a file of so much text that is to be parsed. False where that is too much already:
    /// what parsing costs is known when it is done, and for each byte a step has to be left.
    pub(super) fn text(&self, bytes: usize) -> bool {
        self.hold(bytes);
        self.needed.set(self.needed.get().max(self.spent().saturating_add(bytes as u64)));
        self.read(FILE.saturating_add((bytes / BYTES) as u64))
    }

    /// Counts what a parsed file takes.
    pub(super) fn parsed(&self, bytes: usize) -> bool {
        self.hold(bytes);
        self.read((bytes / PARSED) as u64)
    }

    fn hold(&self, bytes: usize) {
        self.held.set(self.held.get().saturating_add(bytes));
    }

    fn read(&self, cost: u64) -> bool {
        self.reading.set(self.reading.get().saturating_add(cost));
        self.goes_on()
    }

    /// Whether more may be done.
    pub(super) fn goes_on(&self) -> bool {
        let (cost, held) = (self.cost(), self.held.get());
        if (cost > LARGE || held > LARGE_HELD) && self.alone.borrow().is_none() {
            *self.alone.borrow_mut() = Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.steps.get() <= STEPS
            && self.reading.get() <= READING
            && held <= MOST_HELD
            && cost <= self.limit
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// All that was done, or needed, in steps.
    pub(super) fn cost(&self) -> u64 {
        self.spent().max(self.needed.get())
    }

    fn spent(&self) -> u64 {
        self.steps.get().saturating_add(self.reading.get())
    }
}
