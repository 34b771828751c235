//! What Nix a flake and its lock need, and why.

use std::io::{self, Write};

use crate::audit::{Report, ReportedNeed};
use crate::text::Visible;

/// Inputs that are named; the rest is counted.
const NAMED: usize = 3;

/// Writes the list, or nothing where every Nix with flakes will do.
pub(super) fn write(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if report.needs.is_empty() {
        return Ok(());
    }
    writeln!(out, "Nix that {} needs:", Visible(&report.lock_file))?;
    for need in &report.needs {
        let ReportedNeed { nix, reason, location, .. } = need;
        let at = location.as_ref().map(|at| format!(" ({}:{})", at.file, at.start.line));
        let text = format!("{}: {}{}", reason.words(), inputs(need), at.unwrap_or_default());
        writeln!(out, "  {nix}  {}", Visible(&text))?;
        writeln!(out, "      {}", reason.otherwise())?;
    }
    writeln!(out)
}

fn inputs(need: &ReportedNeed) -> String {
    let name = |path: &Vec<String>| match path.as_slice() {
        [] => "this flake".to_owned(),
        path => path.join("/"),
    };
    let named: Vec<String> = need.inputs.iter().take(NAMED).map(name).collect();
    let more = need.inputs_total - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}
