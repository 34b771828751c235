//! Outputs, in the same words everywhere.

use crate::audit::{Report, ReportedOutput};
use crate::text::Visible;

/// Outputs and reasons that are named; the rest is counted.
const NAMED: usize = 3;

/// Which outputs were not fully read, and why; nothing where all of them were.
pub(in crate::render) fn in_part(report: &Report<'_>) -> Option<String> {
    told(report, NAMED)
}

/// The same, of the first of them.
pub(in crate::render) fn first_in_part(report: &Report<'_>) -> Option<String> {
    told(report, 1)
}

fn told(report: &Report<'_>, most: usize) -> Option<String> {
    let total = report.outputs_in_part().count();
    let named: Vec<String> = report
        .outputs_in_part()
        .take(most)
        .map(|output| format!("{} ({})", Visible(&output.name()), not_read(output)))
        .collect();
    let more = total.saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (total > 0).then(|| format!("not fully read: {}{more}", named.join(", ")))
}

/// What of an output was not read.
pub(in crate::render) fn not_read(output: &ReportedOutput<'_>) -> String {
    let named: Vec<_> =
        output.not_read.iter().take(NAMED).map(|reason| Visible(reason).to_string()).collect();
    let more = output.not_read.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
}
