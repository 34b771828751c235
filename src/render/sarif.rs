//! SARIF 2.1.0, for code scanning and for editors.
//!
//! Written a report at a time: a head with the rules, results, and a tail with what could not be
//! audited. Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

mod shrink_to_fit;
mod uri;
mod view;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Remark, RunOutcome};
use crate::audit::Report;
use crate::text::write_json;
pub use shrink_to_fit::Room;
use view::{Folders, Invocation, SarifResult, Tool};

/// The schema, as the standard names it.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes what comes before the results.
///
/// # Errors
/// Those of the sink.
pub fn write_head(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":")?;
    write_json(&Tool::this(), out)?;
    out.write_all(b",\n\"originalUriBaseIds\":")?;
    write_json(&Folders::new(), out)?;
    out.write_all(b",\"columnKind\":\"unicodeCodePoints\",\"results\":[\n")
}

/// Writes the findings of a report, with commas between them; nothing where there is none.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    // Findings about what is missing in the lock can share a fingerprint.
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, finding) in report.findings.iter().enumerate() {
        if number > 0 {
            out.write_all(b",\n")?;
        }
        let nth = seen.entry(&finding.fingerprint).or_default();
        *nth += 1;
        write_json(&SarifResult::new(&report.lock_file, finding, *nth), out)?;
    }
    Ok(())
}

/// Writes what comes after the results. `failed` are the locks that could not be audited, `in_part`
/// those with outputs that were not fully read; `room` knows which results did not fit.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(
    outcome: RunOutcome<'_>,
    failed: &[Remark],
    in_part: &[Remark],
    room: &Room,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(b"\n],\"invocations\":[")?;
    write_json(&Invocation::new(outcome, failed, in_part, room), out)?;
    out.write_all(b"]}]}\n")
}
