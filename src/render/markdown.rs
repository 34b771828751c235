//! Markdown: a short table a lock, for the summary page of a CI job.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use super::{Outcome, Remark, words};
use crate::audit::{Report, Reported};
use crate::change::Applicability;
use crate::finding::Level;
use crate::text::Visible;

/// Findings of a lock that are listed; the rest is counted.
const FINDINGS_SHOWN: usize = 50;

/// Writes the table of a lock with findings that count, or its error; nothing for others.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if let Some(error) = &report.error {
        let remark = Remark::error(&report.lock_file, error);
        writeln!(out, "### {}\n", Plain(&report.lock_file))?;
        return writeln!(out, "Not audited: {}\n", Placed(&remark));
    }
    let mut findings = report.findings.iter().filter(|finding| finding.exempted.is_none());
    let shown: Vec<_> = findings.by_ref().take(FINDINGS_SHOWN).collect();
    if shown.is_empty() {
        return Ok(());
    }
    writeln!(out, "### {}\n", Plain(&report.lock_file))?;
    writeln!(out, "| level | rule | input | place | finding |")?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    shown.iter().try_for_each(|finding| write_row(finding, out))?;
    match findings.count() {
        0 => writeln!(out)?,
        more => writeln!(out, "\nand {more} more\n")?,
    }
    write_fixes(&shown, out)
}

/// Writes the lines that mend what is listed and can be mended without a person, to copy.
fn write_fixes(shown: &[&Reported<'_>], out: &mut impl Write) -> io::Result<()> {
    let fixes = shown.iter().filter_map(|finding| finding.fix.as_ref());
    let automatic = fixes.filter(|fix| fix.applicability > Applicability::Manual);
    let mut lines: Vec<_> = automatic.flat_map(|fix| fix.nix.lines()).collect();
    lines.sort_unstable();
    lines.dedup();
    if lines.is_empty() {
        return Ok(());
    }
    let lines: String = lines.iter().map(|line| format!("{}\n", Visible(line))).collect();
    // A fence is longer than any in what it holds.
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    writeln!(out, "Set in `flake.nix` (`flake-audit fix` does it), then `nix flake lock`:\n")?;
    writeln!(out, "{fence}nix\n{lines}{fence}\n")
}

/// Writes the counts, and what is wrong with the run itself. Of `left_out` locks nothing was
/// written, because it was too much.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(outcome: Outcome<'_>, left_out: usize, out: &mut impl Write) -> io::Result<()> {
    for remark in outcome.warnings {
        writeln!(out, "- warning: {}", Placed(remark))?;
    }
    for message in outcome.unknown {
        writeln!(out, "- error: {}", Plain(message))?;
    }
    if !(outcome.warnings.is_empty() && outcome.unknown.is_empty()) {
        writeln!(out)?;
    }
    if left_out > 0 {
        writeln!(out, "What was found in {left_out} more is left out here: it is too much.\n")?;
    }
    writeln!(out, "flake-audit: {}", outcome.summary)
}

fn write_row(finding: &Reported<'_>, out: &mut impl Write) -> io::Result<()> {
    let level = if finding.level == Level::Deny { "error" } else { "warning" };
    let place = match &finding.location {
        Some(location) => format!("{}:{}", location.file, location.start.line),
        None => String::new(),
    };
    let input = words::path(&finding.input_path);
    writeln!(
        out,
        "| {level} | {} | {} | {} | {} |",
        finding.rule.id,
        Plain(&input),
        Plain(&place),
        Plain(&finding.message)
    )
}

/// A remark, after its place.
struct Placed<'a>(&'a Remark);

impl Display for Placed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Remark { file, message, .. } = self.0;
        match self.0.position() {
            Some(at) => write!(f, "{}:{}:{}: {}", Plain(file), at.line, at.column, Plain(message)),
            None => write!(f, "{}: {}", Plain(file), Plain(message)),
        }
    }
}

/// Text that Markdown shows as it is: no markup, no link, no mention, no formula, and nothing that
/// ends a cell of a table.
///
/// Source: CommonMark, "Backslash escapes": each ASCII punctuation character can be escaped.
#[derive(Debug)]
pub struct Plain<'a>(pub &'a str);

/// What starts something within a line; `.` and `:` make links of bare addresses, `$` is a formula
/// on GitHub.
const MARKUP: &str = "\\`*_[]<>&|~#!:@.$";

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = Visible(self.0).to_string();
        visible.chars().try_for_each(|c| {
            if MARKUP.contains(c) {
                f.write_char('\\')?;
            }
            f.write_char(c)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        let hostile = "a|b\n`c` [x](http://y) @z <b> $1$ \\| www.q";
        assert_eq!(
            Plain(hostile).to_string(),
            "a\\|b\\\\u000a\\`c\\` \\[x\\](http\\://y) \\@z \\<b\\> \\$1\\$ \\\\\\| www\\.q"
        );
    }
}
