//! A progress bar on standard error: on a terminal, and only once a run takes long.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

/// Runs that are over by then show no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Counts what is done.
#[derive(Debug)]
pub(super) struct Progress {
    begun: Instant,
    total: u64,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(super) fn new(total: usize) -> Self {
        Self { begun: Instant::now(), total: total as u64, bar: OnceLock::new() }
    }

    /// One more is done, so many in all.
    pub(super) fn tick(&self, done: usize) {
        if self.total > 1 && self.begun.elapsed() > PATIENCE {
            // Draws on standard error, and nothing where that is no terminal.
            self.bar.get_or_init(|| ProgressBar::new(self.total)).set_position(done as u64);
        }
    }

    /// Prints something without the bar in its way.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match self.bar.get() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
