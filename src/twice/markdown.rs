//! The report on duplicates as Markdown: a table for each output, for a pull request or the summary
//! of a CI job.

use std::io::{self, Write};

use super::report::{OutputReport, TwiceReport};
use super::words::{self, BeginningGroup, bringer};
use crate::render::markdown::Plain;

/// How many groups of an output are listed; the rest is counted.
const GROUPS_SHOWN: usize = 50;

/// Writes a table for each output with duplicates, or of which they are not known; the rest is
/// counted, unless `all` is set.
///
/// # Errors
/// Those of the sink.
pub fn write(
    lock_file: &str,
    report: &TwiceReport,
    all: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "### {}: built twice\n", Plain(lock_file))?;
    let mut clean = 0;
    for output in &report.outputs {
        if output.says_nothing() && !all {
            clean += 1;
            continue;
        }
        write_output(output, out)?;
    }
    for unlisted in &report.unlisted {
        let (kind, reason) = (Plain(&unlisted.kind), Plain(&unlisted.reason));
        writeln!(out, "{kind} could not be listed: {reason}\n")?;
    }
    words::clean(clean).map_or(Ok(()), |text| writeln!(out, "{text}"))
}

fn write_output(output: &OutputReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "**{}**: {}\n", Plain(&output.output), Plain(&words::verdict(output)))?;
    if let Some(text) = words::by_attributes(output) {
        writeln!(out, "{}\n", Plain(&text))?;
    }
    let groups = words::groups(&output.twice);
    if !groups.is_empty() {
        writeln!(out, "| package | begins at | brought |")?;
        writeln!(out, "| --- | --- | --- |")?;
    }
    for group in groups.iter().take(GROUPS_SHOWN) {
        write_row(group, out)?;
    }
    match groups.len().saturating_sub(GROUPS_SHOWN) {
        0 if groups.is_empty() => {}
        0 => writeln!(out)?,
        more => writeln!(out, "\nand {more} more\n")?,
    }
    for text in words::dropped(output) {
        writeln!(out, "{}\n", Plain(&text))?;
    }
    if let Some(with_fix) = &output.with_fix {
        let text = words::with_fix(output.derivations, with_fix);
        writeln!(out, "With the repair (`flake-audit fix`): {}\n", Plain(&text))?;
        let ways = words::through(with_fix);
        for text in &ways {
            writeln!(out, "- left: {}", Plain(text))?;
        }
        if !ways.is_empty() {
            writeln!(out)?;
        }
    }
    Ok(())
}

fn write_row(group: &BeginningGroup<'_>, out: &mut impl Write) -> io::Result<()> {
    let package: Vec<String> = std::iter::once(group.heading()).chain(group.meetings()).collect();
    let variants = group.described().into_iter().flat_map(|package| &package.variants);
    let brought: Vec<String> = variants.map(bringer).collect();
    writeln!(
        out,
        "| {} | {} | {} |",
        Plain(&package.join("; ")),
        Plain(&group.beginnings().join("; ")),
        Plain(&brought.join("; "))
    )
}
