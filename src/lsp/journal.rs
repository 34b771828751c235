//! A log of what the server did, one line each, for finding faults.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use crate::text::Visible;

/// A log, or none.
#[derive(Debug)]
pub struct Journal {
    file: Option<File>,
    start: Instant,
}

impl Journal {
    /// Appends to a file, which is created if it does not exist; without a file nothing is written.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(path: Option<&Path>) -> io::Result<Self> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        Ok(Self { file: path.map(open).transpose()?, start: Instant::now() })
    }

    /// Writes a line, with the milliseconds since the start.
    pub(super) fn note(&mut self, line: &str) {
        let passed = self.start.elapsed().as_millis();
        if let Some(file) = &mut self.file {
            // A failing log is no reason to stop.
            let _ = writeln!(file, "{passed:>9} ms  {}", Visible(line));
        }
    }
}
