//! The difference as Markdown for a comment on a pull request; empty if there is none.

use std::io::{self, Write};

use super::report::Difference;
use super::words::sections;
use crate::render::markdown::Plain;

/// Writes a heading with the name of the lock, and a list for each kind of change.
///
/// # Errors
/// Those of the sink.
pub fn write(
    lock_file: &str,
    difference: &Difference,
    all: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    if difference.is_empty() {
        return Ok(());
    }
    writeln!(out, "### {}: what changes\n", Plain(lock_file))?;
    for section in sections(difference, all) {
        writeln!(out, "**{}**\n", section.title)?;
        for line in &section.lines {
            writeln!(out, "- {}: {}", line.word, Plain(&line.text))?;
        }
        if section.more > 0 {
            writeln!(out, "- and {} more", section.more)?;
        }
        writeln!(out)?;
        if let Some(note) = &section.note {
            writeln!(out, "({})\n", Plain(note))?;
        }
    }
    Ok(())
}
