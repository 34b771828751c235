//! Reports as JSON, schema version 1.
//!
//! The structs here are the interface: fields and enum values may be added within the version,
//! none is removed, renamed or retyped. They are apart from the report on purpose, so that it can
//! change.

mod view;

use std::io::{self, Write};

use serde::Serialize;

use crate::audit::Report;
use crate::text::write_json;
use view::V1Report;

/// The version of what is written here.
pub const SCHEMA_VERSION: u32 = 1;

/// Counts over all locks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Locks that were looked at.
    pub locks: usize,
    /// Locks that could not be audited.
    pub errors: usize,
    /// Findings at level deny.
    pub deny: usize,
    /// Findings at level warn.
    pub warn: usize,
    /// Findings that are exempted.
    pub exempted: usize,
    /// Findings of flakes that `fix` can repair.
    pub fixable: usize,
}

/// A warning about the run itself: an exemption that is due or useless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// One line.
    pub message: String,
    /// The file it is about.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// Writes one element of `reports`, without a line break.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    write_json(&V1Report::new(report), out)
}

/// Writes what comes before the first report.
///
/// # Errors
/// Those of the sink.
pub fn write_head(out: &mut impl Write) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    writeln!(out, "{{\"schema_version\":{SCHEMA_VERSION},\"version\":\"{version}\",\"reports\":[")
}

/// Writes what comes after the last report.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(summary: Summary, warnings: &[Warning], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"],\"summary\":")?;
    write_json(&summary, out)?;
    out.write_all(b",\"warnings\":")?;
    write_json(&warnings, out)?;
    out.write_all(b"}\n")
}
