//! A progress line on standard error: on a terminal, and only for runs that take long.
//!
//! Written here because indicatif needs libm, and loading that cost every run 0.17 of its 1.5 ms
//! (40 nodes; `benches/README.md`).

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// The time between two changes of the line.
const PAUSE: Duration = Duration::from_millis(100);

/// Counts finished locks.
#[derive(Debug)]
pub(super) struct Progress {
    done: AtomicUsize,
    /// When to draw the line next; `None` if nobody would see it.
    next: Option<Mutex<Instant>>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let is_seen = io::stderr().is_terminal();
        let next = is_seen.then(|| Mutex::new(Instant::now() + PATIENCE));
        Self { done: AtomicUsize::new(0), next }
    }

    /// Counts one more.
    pub(super) fn tick(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // If another thread is drawing, leave it to that one.
        let Some(mut next) = self.next.as_ref().and_then(|next| next.try_lock().ok()) else {
            return;
        };
        let now = Instant::now();
        if now >= *next {
            *next = now + PAUSE;
            // A line that cannot be drawn does not matter.
            let _ = write!(io::stderr(), "\r{done} locks");
        }
    }

    /// Removes the line, before anything else is printed and at the end.
    pub(super) fn clear(&self) {
        if self.next.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
