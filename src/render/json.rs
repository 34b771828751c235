//! Reports as JSON, schema version 1.
//!
//! The structs here are the interface: fields and enum values may be added within the version, none
//! is removed, renamed or retyped. They are separate from the report, so that the report can
//! change.

mod document;
#[cfg(test)]
pub(crate) mod schema;
mod view;
mod why;

use std::io::{self, Write};

use super::RunOutcome;
use crate::audit::Report;
use crate::text::write_json;
pub use document::{Head, SCHEMA_VERSION, write_document};
use view::V1Report;
pub use why::{TakenPackage, WhyAnswer, WhySubject, write_why};

/// Writes one element of `reports`, without a line break. `fixable` of its findings can be
/// repaired.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, fixable: usize, out: &mut impl Write) -> io::Result<()> {
    write_json(&V1Report::new(report, fixable), out)
}

/// Writes what comes before the first report.
///
/// # Errors
/// Those of the sink.
pub fn write_head(out: &mut impl Write) -> io::Result<()> {
    let version = document::VERSION;
    writeln!(out, "{{\"schema_version\":{SCHEMA_VERSION},\"version\":\"{version}\",\"reports\":[")
}

/// Writes what comes after the last report.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(outcome: RunOutcome<'_>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"],\"summary\":")?;
    write_json(&outcome.summary, out)?;
    out.write_all(b",\"warnings\":")?;
    write_json(&outcome.warnings, out)?;
    out.write_all(b"}\n")
}
