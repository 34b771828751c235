//! Which Nix a flake and its lock need, and why.

use owo_colors::Style;

use super::layout::Layout;
use crate::audit::{Report, ReportedNeed};
use crate::text::Visible;

/// How many inputs are named; the rest is counted.
const NAMED: usize = 3;

/// The list; empty if every Nix with flakes will do.
pub(super) fn needs_list(report: &Report<'_>, layout: &Layout) -> String {
    let [_, ..] = report.needs.as_slice() else { return String::new() };
    let title = format!("{} needs:", Visible(&report.lock_file));
    let mut text = layout.entry(0, "Nix that ", Style::new().bold(), &title);
    for need in &report.needs {
        let ReportedNeed { nix, reason, location, .. } = need;
        let at = location.as_ref().map(|at| format!(" ({}:{})", at.file, at.start.line));
        let why = format!("{}: {}{}", reason.words(), inputs(need), at.unwrap_or_default());
        let why = Visible(&why).to_string();
        text += &layout.entry(2, &format!("{nix}  "), Style::new(), &why);
        text += &layout.entry(6, "", Style::new(), reason.otherwise());
    }
    text + "\n"
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
