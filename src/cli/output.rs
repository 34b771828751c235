//! Where results go: standard output, buffered, with colours if they are wanted.

use std::io::{self, BufWriter, StdoutLock, Write};

use clap::ColorChoice;

use super::args::Screen;

/// Standard output for the results of a run.
#[derive(Debug)]
pub(super) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    /// Whether escape sequences for colours may be written.
    pub(super) color: bool,
}

impl Output {
    pub(super) fn new(screen: &Screen) -> Self {
        let stdout = io::stdout();
        let color = match screen.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // Heeds NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM, and whether it is a terminal.
            ColorChoice::Auto => {
                anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never
            }
        };
        Self { out: BufWriter::with_capacity(1 << 16, stdout.lock()), color }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
