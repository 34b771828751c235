//! Sentences about findings that several formats share. Everything is escaped for people's eyes.

mod group;
mod help;
mod instance;
mod output;

pub(crate) use group::FindingGroup;
pub(crate) use help::{Help, HelpLines, help_of, visible_line};
pub(crate) use instance::{Origin, origin};
pub(super) use output::{NotReadReasons, first_in_part, in_part, not_read};

use crate::audit::{Reported, Step, StepTarget};
use crate::finding::Level;
use crate::graph::InputPath;
use crate::text::Visible;

/// How many affected inputs are named; the rest is counted.
const AFFECTS_SHOWN: usize = 6;
/// How many steps of a chain are named.
const STEPS_SHOWN: usize = 12;

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

/// Other inputs that it explains; `None` if its message names all of them.
pub(crate) fn affects(finding: &Reported<'_>) -> Option<String> {
    let is_named =
        |path: &InputPath<'_>| finding.message.contains(&format!("`{}`", path.names().join("/")));
    let are_named = finding.affects.iter().all(is_named);
    if are_named && finding.affects_total == finding.affects.len() {
        return None;
    }
    let shown: Vec<_> = finding.affects.iter().take(AFFECTS_SHOWN).map(path).collect();
    let more = finding.affects_total - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let also = if finding.input_path.names().is_empty() { "" } else { "also " };
    Some(format!("{also}affected: {}{more}", shown.join(", ")))
}

/// The word for findings at a level.
pub(crate) fn loudness(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "info",
    }
}

/// Source: Nix pull request 13400.
pub(crate) const TOO_DEEP: &str = "Nix before 2.30 cannot lock an override that deep";

/// An input path as people write it.
pub(super) fn path(path: &InputPath<'_>) -> String {
    Visible(&path.names().join("/")).to_string()
}
