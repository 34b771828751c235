//! The fix that `y` copies.

use super::row::Spot;
use super::scene::Scene;
use crate::audit::{Reported, ReportedFix};
use crate::change::FileDiff;
use crate::detail::{Destination, findings_about, findings_of_output};
use crate::finding::Subject;
use crate::text::is_hidden;

/// Terminals drop longer texts, some of them silently.
const LONGEST: usize = 48 << 10;

/// The fix for a row: of a finding its own; of an input or node, that of the most severe finding
/// about it.
pub(super) fn fix_for<'f>(
    scene: &Scene<'f, '_, '_, '_>,
    spot: Spot,
) -> Option<&'f ReportedFix<'f>> {
    let has_lines = |finding: &'f Reported<'f>| {
        let fix = finding.fix.as_ref().filter(|fix| !fix.nix.trim().is_empty());
        fix.filter(|_| finding.exempted.is_none())
    };
    let report = scene.report;
    match (spot, scene.place(spot)) {
        (Spot::Finding(position), _) => report.findings.get(position)?.fix.as_ref(),
        (Spot::Output(at), _) => findings_of_output(report, at).find_map(has_lines),
        (spot, _) if spot == scene.root() => {
            let of_flake = |finding: &&Reported<'_>| matches!(finding.subject, Subject::Flake(_));
            report.findings.iter().filter(of_flake).find_map(has_lines)
        }
        (_, Spot::Input(input)) => {
            findings_about(&scene.context, report, Destination::Input(input)).find_map(has_lines)
        }
        (_, Spot::Node(node)) => {
            findings_about(&scene.context, report, Destination::Node(node)).find_map(has_lines)
        }
        _ => None,
    }
}

/// The lines of a fix for copying.
///
/// # Errors
/// Why they must not be copied, in words: a pasted text must not do more than it shows.
pub(super) fn copied(fix: &ReportedFix<'_>) -> Result<String, &'static str> {
    // Lines for their place in flake.nix if it was read; else lines for its top level.
    let added = fix.diff.iter().flat_map(FileDiff::lines).filter(|line| line.sign == '+');
    let added: Vec<&str> = added.map(|line| line.text).collect();
    let lines = if added.is_empty() { fix.nix.trim_end().to_owned() } else { added.join("\n") };
    if lines.is_empty() {
        return Err("this fix has no lines to copy");
    }
    if lines.chars().any(|c| is_hidden(c) && c != '\n' && c != '\t') {
        return Err("not copied: a name in it has hidden characters");
    }
    if lines.len() > LONGEST {
        return Err("not copied: it is too long for a terminal's clipboard");
    }
    Ok(format!("{lines}\n"))
}
