//! A code quality report of GitLab.
//!
//! Source: GitLab's documentation, "Code Quality report format".

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::Remark;
use crate::audit::{Report, Reported};
use crate::finding::Level;
use crate::text::{Visible, write_json};

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'r str,
    /// Must be unique in a report.
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes the findings of a report that count, separated by commas, or its error; nothing if there
/// is none.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if let Some(error) = &report.error {
        let remark = Remark::error(&report.lock_file, error);
        return write_json(&Issue::of_error(&report.lock_file, &remark), out);
    }
    // Findings about what is missing in the lock can share a fingerprint.
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let counted = report.findings.iter().filter(|finding| finding.counts());
    for (number, finding) in counted.enumerate() {
        if number > 0 {
            out.write_all(b",\n")?;
        }
        let nth = seen.entry(&finding.fingerprint).or_default();
        *nth += 1;
        write_json(&Issue::new(&report.lock_file, finding, *nth), out)?;
    }
    Ok(())
}

/// Writes what comes before the first report.
///
/// # Errors
/// Those of the sink.
pub fn write_head(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"[\n")
}

/// Writes what comes after the last one.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\n]\n")
}

impl<'r> Issue<'r> {
    fn new(lock_file: &'r str, finding: &'r Reported<'_>, nth: usize) -> Self {
        let location = finding.location.as_ref();
        let nth = if nth > 1 { format!(":{nth}") } else { String::new() };
        Self {
            description: Visible(&finding.message).to_string(),
            check_name: finding.rule.id,
            fingerprint: format!("{}:{}{nth}", plain(lock_file), finding.fingerprint),
            severity: match finding.level {
                Level::Deny => "major",
                Level::Warn => "minor",
                Level::Allow => "info",
            },
            location: Location::new(
                location.map_or(lock_file, |location| &location.file),
                location.map_or(1, |location| location.start.line),
            ),
        }
    }

    /// `remark.message` must be escaped already.
    fn of_error(lock_file: &str, remark: &'r Remark) -> Self {
        Self {
            description: remark.message.clone(),
            check_name: "not-audited",
            fingerprint: format!("{}:not-audited", plain(lock_file)),
            severity: "blocker",
            location: Location::new(&remark.file, remark.line.max(1)),
        }
    }
}

impl<'r> Location<'r> {
    fn new(file: &'r str, line: usize) -> Self {
        Self { path: plain(file), lines: Lines { begin: line } }
    }
}

/// GitLab wants paths from the top of the repository, without `./`.
fn plain(file: &str) -> &str {
    file.strip_prefix("./").unwrap_or(file)
}
