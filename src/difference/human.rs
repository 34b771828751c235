//! The difference as text for people; empty if there is none.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::report::Difference;
use super::words::{Sign, sections};
use crate::text::Visible;

/// Writes all of it, however long, with optional colours.
///
/// # Errors
/// Those of the sink.
pub fn write(
    difference: &Difference,
    color: bool,
    all: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let styled = |style: Style| if color { style } else { Style::new() };
    for section in sections(difference, all) {
        writeln!(out, "{}", section.title.style(styled(Style::new().bold())))?;
        for line in &section.lines {
            let style = match line.sign {
                Sign::Came => Style::new().green(),
                Sign::Went => Style::new().red(),
                Sign::Changed => Style::new().yellow(),
            };
            let sign = line.sign.as_str();
            writeln!(out, "  {} {}", sign.style(styled(style)), Visible(&line.text))?;
        }
        if section.more > 0 {
            writeln!(out, "    and {} more (--all)", section.more)?;
        }
        if let Some(note) = &section.note {
            writeln!(out, "    ({note})")?;
        }
    }
    Ok(())
}
