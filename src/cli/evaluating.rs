//! A line on the terminal that says what Nix is being asked: of a real nixpkgs it takes its time.

use std::io::{self, IsTerminal, Write};

use super::args::Screen;
use super::output::errors;
use crate::text::Visible;

/// The line, on standard error.
pub(super) struct Evaluating {
    shows: bool,
}

impl Evaluating {
    /// Nothing is asked yet. Where nobody looks, nothing is shown.
    pub(super) fn new(screen: &Screen) -> Self {
        Self { shows: io::stderr().is_terminal() && !screen.quiet }
    }

    /// This is asked now.
    pub(super) fn asking(&self, what: &str) {
        if self.shows {
            let what = format!("evaluating {what}");
            // A line that cannot be drawn is not missed.
            let _ = write!(errors(), "\r\u{1b}[K{}", Visible(&what));
        }
    }

    /// Nothing is asked any more: the line goes.
    pub(super) fn end(&self) {
        if self.shows {
            let _ = write!(errors(), "\r\u{1b}[K");
        }
    }
}
