//! What several formats say of a finding, in the same words. All of it is escaped for people's
//! eyes.

mod instance;
mod output;

pub(crate) use instance::made;
pub(super) use output::{in_part, not_read};

use crate::audit::{Reported, ReportedFix, Step, StepTarget};
use crate::change::Applicability;
use crate::graph::InputPath;
use crate::text::Visible;

/// Affected inputs that are named; the rest is counted.
const AFFECTS_SHOWN: usize = 6;
/// Steps of a chain that are named.
const STEPS_SHOWN: usize = 12;

/// All that is said of a finding, for formats that have no look of their own: a paragraph each.
pub(super) fn paragraphs(finding: &Reported<'_>) -> Vec<String> {
    let mut all = vec![Visible(&finding.message).to_string()];
    if finding.chain_total > 1 {
        all.push(format!("chain: {}", chain(finding)));
    }
    all.extend(finding.notes.iter().map(|note| Visible(note).to_string()));
    if finding.affects_total > 0 {
        all.push(affects(finding));
    }
    if let Some(fix) = &finding.fix {
        all.push(format!("help: {}", help(fix)));
        if fix.applicability == Applicability::Unverified {
            all.push(format!("unverified: {}", Visible(&fix.reason)));
        }
        if fix.is_deep {
            all.push(TOO_DEEP.to_owned());
        }
    }
    all
}

/// `dep/nixpkgs → nixpkgs = github:…`
pub(super) fn chain(finding: &Reported<'_>) -> String {
    let mut text = String::new();
    for Step { input_path, target } in finding.chain.iter().take(STEPS_SHOWN) {
        text += &match target {
            _ if input_path.names().is_empty() => "this flake".to_owned(),
            StepTarget::Follows(_) => format!("{} → ", path(input_path)),
            StepTarget::Node(_) => path(input_path),
        };
    }
    if finding.chain_total > STEPS_SHOWN {
        text += &format!("… {} more steps", finding.chain_total - STEPS_SHOWN);
    }
    match &finding.node_source {
        Some(source) => format!("{text} = {}", Visible(source)),
        None => text,
    }
}

/// Other inputs that it explains.
pub(crate) fn affects(finding: &Reported<'_>) -> String {
    let shown: Vec<_> = finding.affects.iter().take(AFFECTS_SHOWN).map(path).collect();
    let more = finding.affects_total - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let also = if finding.input_path.names().is_empty() { "" } else { "also " };
    format!("{also}affected: {}{more}", shown.join(", "))
}

/// What to do, with the lines to paste.
pub(crate) fn help(fix: &ReportedFix<'_>) -> String {
    let reason = Visible(&fix.reason);
    let lines: String = fix.nix.lines().map(|line| format!("\n    {}", Visible(line))).collect();
    match (fix.applicability, lines.is_empty()) {
        (_, true) => reason.to_string(),
        (Applicability::Manual, false) => format!("{reason}; the override would be:{lines}"),
        _ if fix.replaces => format!(
            "set in flake.nix, in place of the follows that stands there, then run `nix flake \
             lock`:{lines}"
        ),
        _ => format!("add to flake.nix, then run `nix flake lock`:{lines}"),
    }
}

/// Source: Nix pull request 13400.
pub(crate) const TOO_DEEP: &str = "Nix before 2.30 cannot lock an override that deep";

/// An input path as people write it.
pub(super) fn path(path: &InputPath<'_>) -> String {
    Visible(&path.names().join("/")).to_string()
}
