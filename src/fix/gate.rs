//! Examines the outcome before anything is written: a plan that does not do what it promises, or
//! does more, is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::outcome::{finding_key, is_leftover, new_findings};
use super::pins::Pins;
use crate::audit::{Report, Reported};

/// Why a plan is refused.
pub(super) enum PlanRefusal {
    /// Refused unconditionally.
    Always(String),
    /// Refused unless overrides without effect are removed, too.
    WithLeftovers(String),
}

/// Why a plan is refused, if it is. The reports are those before and after it; `is_introduced`
/// tells whether its wrapper is new.
pub(super) fn refusal(
    plan: &Plan<'_, '_>,
    is_introduced: bool,
    before: (&Report<'_>, &Pins),
    after: (&Report<'_>, &Pins),
) -> Option<PlanRefusal> {
    let (before, pins) = before;
    let (after, moved) = after;
    if let Some(error) = &after.error {
        let reason = format!("the outcome could not be audited: {}", error.message);
        return Some(PlanRefusal::Always(reason));
    }
    let chosen: BTreeSet<_> = plan.chosen.iter().map(|finding| finding_key(finding)).collect();
    let mut open = after.findings.iter().filter(|finding| finding.is_open());
    if let Some(finding) = open.find(|finding| chosen.contains(&finding_key(finding))) {
        return Some(PlanRefusal::Always(format!("it would not cure it: {}", finding.message)));
    }
    // Only settings have changed, so what is found now was hidden before.
    if plan.only_moves_settings() {
        return None;
    }
    // A missing wrapper, or one on another nixpkgs, hid what the root builds from.
    let reveals = plan.moves_pins() || is_introduced;
    let brought: Vec<_> = new_findings(before, after)
        .filter(|finding| !(reveals && finding.rule.hidden_by_wrapper))
        .collect();
    let new = |finding: &Reported<'_>| format!("it would bring a new finding: {}", finding.message);
    if let Some(finding) = brought.iter().find(|finding| !is_leftover(finding)) {
        return Some(PlanRefusal::Always(new(finding)));
    }
    if !plan.moves_pins() {
        // An input that is missing now was not declared in flake.nix any more.
        let is_moved =
            |(name, pin): &(&String, &String)| moved.get(*name).is_some_and(|now| now != *pin);
        if let Some((name, _)) = pins.iter().find(is_moved) {
            return Some(PlanRefusal::Always(format!("it would change what `{name}` is")));
        }
        if let Some(name) = moved_wrapper(before, after) {
            let reason = format!("it would change the nixpkgs of `{name}`");
            return Some(PlanRefusal::Always(reason));
        }
    }
    brought.first().map(|finding| PlanRefusal::WithLeftovers(new(finding)))
}

/// A wrapper that is built on another nixpkgs than before.
fn moved_wrapper(before: &Report<'_>, after: &Report<'_>) -> Option<String> {
    let bases = |report: &Report<'_>| -> BTreeMap<String, Option<String>> {
        let wrappers = report.instances.iter().filter(|instance| instance.evidence.is_some());
        wrappers.map(|w| (w.path.names().join("/"), w.base_reference.clone())).collect()
    };
    let after = bases(after);
    bases(before).into_iter().find_map(|(name, base)| {
        // A wrapper that is no longer reached has no pin to move.
        after.get(&name).is_some_and(|now| *now != base).then_some(name)
    })
}
