//! One line for each finding, as compilers write them: `file:line:column: error[rule]: text`.
//! Editors, grep and reviewdog read this.

use std::io::{self, Write};

use super::Remark;
use crate::audit::Report;
use crate::finding::Level;
use crate::text::{Position, Visible};

/// Writes the findings that count, and which outputs were not fully read; or the report's error.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if let Some(error) = &report.error {
        return write_remark("error", &Remark::error(&report.lock_file, error), out);
    }
    for finding in report.findings.iter().filter(|finding| finding.counts()) {
        let level = match finding.level {
            Level::Deny => "error",
            Level::Warn => "warning",
            Level::Allow => "note",
        };
        let (file, start) = match &finding.location {
            Some(location) => (&location.file, location.start),
            None => (&report.lock_file, START),
        };
        write_place(file, start, out)?;
        writeln!(out, "{level}[{}]: {}", finding.rule.id, Visible(&finding.message))?;
    }
    match Remark::in_part(report) {
        Some(remark) => write_remark("note", &remark, out),
        None => Ok(()),
    }
}

/// For findings without a place, because these readers require one.
const START: Position = Position { line: 1, column: 1 };

/// `remark.message` must be escaped already.
fn write_remark(level: &str, remark: &Remark, out: &mut impl Write) -> io::Result<()> {
    write_place(&remark.file, remark.position().unwrap_or(START), out)?;
    writeln!(out, "{level}: {}", remark.message)
}

fn write_place(file: &str, at: Position, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}:{}:{}: ", Visible(file), at.line, at.column)
}
