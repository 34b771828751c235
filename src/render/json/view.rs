//! The shape of a report in JSON, described in `docs/output.md`. Doc comments of the fields become
//! `docs/report.schema.json`, which a test generates from these structs.

mod finding;
mod instance;
mod location;
mod need;
mod output;

use serde::Serialize;

use crate::audit::{Error, Report};
pub(super) use finding::V1Finding;
pub(super) use instance::V1Instance;
pub(super) use location::V1Location;
use need::V1Need;
pub(super) use output::V1Output;

/// What was found in one lock, or why it could not be audited.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Report"))]
pub(super) struct V1Report<'r> {
    /// The lock, as it was named and what the search added, with `/`; `-` for standard input.
    lock_file: &'r str,
    /// What came of it.
    #[cfg_attr(test, schemars(extend("examples" = ["clean", "findings", "error"])))]
    status: &'static str,
    /// Why it could not be audited.
    error: Option<V1Error<'r>>,
    /// Sources of locked flakes.
    sources: V1Sources,
    /// Each nixpkgs in use.
    instances: Vec<V1Instance<'r>>,
    /// What people build or run of the flake, where that was read: the first 100.
    outputs: Vec<V1Output<'r>>,
    /// How many there are.
    outputs_total: usize,
    /// How many of all of them were not fully read; only where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs_in_part: Option<usize>,
    /// What not every Nix can read, the newest first; only where there is something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<V1Need<'r>>,
    /// The findings, loudest first.
    findings: Vec<V1Finding<'r>>,
    /// How many of them `fix` would say that it repairs.
    fixable: usize,
}

/// Why a lock could not be audited.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Error"))]
struct V1Error<'r> {
    /// One line.
    message: &'r str,
    /// The file that is wrong, where it is not the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Line, from 1, where there is a place.
    line: Option<usize>,
    /// Column in characters, from 1.
    column: Option<usize>,
}

/// Sources of locked flakes. nixpkgs itself and inputs that are no flakes are not counted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Sources"))]
struct V1Sources {
    /// Read.
    read: usize,
    /// Those that could be read.
    total: usize,
    /// Of how many, the root's counted, not all was looked at, because it is too much; only where
    /// there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_short: Option<usize>,
}

impl<'r> V1Report<'r> {
    pub(super) fn new(report: &'r Report<'_>, fixable: usize) -> Self {
        Self {
            lock_file: &report.lock_file,
            status: match (&report.error, report.findings.is_empty()) {
                (Some(_), _) => "error",
                (None, true) => "clean",
                (None, false) => "findings",
            },
            error: report.error.as_ref().map(V1Error::new),
            sources: V1Sources {
                read: report.sources.read,
                total: report.sources.total,
                cut_short: Some(report.sources.cut_short).filter(|sources| *sources > 0),
            },
            instances: V1Instance::all(report),
            outputs: report.outputs.iter().take(Report::LONGEST).map(V1Output::new).collect(),
            outputs_total: report.outputs.len(),
            outputs_in_part: Some(report.outputs_in_part().count()).filter(|outputs| *outputs > 0),
            needs: report.needs.iter().map(V1Need::new).collect(),
            findings: report.findings.iter().map(V1Finding::new).collect(),
            fixable,
        }
    }
}

impl<'r> V1Error<'r> {
    fn new(error: &'r Error) -> Self {
        Self {
            message: &error.message,
            file: error.file.as_ref().map(|file| file.to_string_lossy().into_owned()),
            line: error.position.map(|position| position.line),
            column: error.position.map(|position| position.column),
        }
    }
}
