//! A line on the terminal that says what Nix is being asked, because that takes time for a real
//! nixpkgs.

use std::io::{self, IsTerminal, Write};

use super::args::Screen;
use super::output::errors;
use crate::text::Visible;

/// The line, on standard error.
pub(super) struct Evaluating {
    shows: bool,
}

impl Evaluating {
    /// Nothing is asked yet. Without a terminal, nothing is shown.
    pub(super) fn new(screen: &Screen) -> Self {
        Self { shows: io::stderr().is_terminal() && !screen.quiet }
    }

    /// Shows what is asked now.
    pub(super) fn asking(&self, what: &str) {
        if self.shows {
            let what = format!("evaluating {what}");
            // A line that cannot be drawn does not matter.
            let _ = write!(errors(), "\r\u{1b}[K{}", Visible(&what));
        }
    }

    /// Removes the line.
    pub(super) fn end(&self) {
        if self.shows {
            let _ = write!(errors(), "\r\u{1b}[K");
        }
    }
}
