//! Where output goes: standard output, buffered, with optional colours; and standard error.

use std::io::{self, BufWriter, IsTerminal, StderrLock, StdoutLock, Write};

use clap::ColorChoice;

use super::args::Screen;
use super::inert::{Inert, ReadBy};

/// Bytes that are written at once.
const BUFFER: usize = 1 << 16;

/// Standard output for the results of a run.
#[derive(Debug)]
pub(super) struct ResultOutput {
    /// The inner buffer is for what is written byte by byte; standard output would send each line by
    /// itself.
    out: BufWriter<Inert<BufWriter<StdoutLock<'static>>>>,
    /// Whether escape sequences for colours may be written.
    pub(super) color: bool,
}

impl ResultOutput {
    pub(super) fn new(screen: &Screen) -> Self {
        let stdout = io::stdout();
        let color = match screen.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // Respects NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM, and checks for a terminal.
            ColorChoice::Auto => {
                anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never
            }
        };
        let whole = BufWriter::with_capacity(BUFFER, stdout.lock());
        Self { out: BufWriter::with_capacity(BUFFER, Inert::new(whole)), color }
    }

    /// Sets the reader, before anything is written.
    pub(super) fn is_read_by(&mut self, reader: ReadBy) {
        self.out.get_mut().is_read_by(reader);
    }
}

impl Write for ResultOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The width of the terminal: `COLUMNS`, else its own. `None` elsewhere, where text is not wrapped.
pub(super) fn width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.filter(|columns| *columns > 0).or_else(|| {
        let terminal = io::stdout().is_terminal().then(crossterm::terminal::size)?;
        terminal.ok().map(|(columns, _)| columns.into()).filter(|columns| *columns > 0)
    })
}

/// Standard error, for everything that is no result.
pub(super) fn errors() -> Inert<StderrLock<'static>> {
    Inert::new(io::stderr().lock())
}
