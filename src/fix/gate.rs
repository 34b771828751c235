//! The outcome looked at before anything is written: a plan that does not do what it promises, or
//! does more, is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use crate::audit::{Report, Reported};
use crate::finding::Level;
use crate::flake_ref::FlakeRef;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, LockError, Unescaped};

/// What a flake's own inputs are locked to, by name.
pub(super) type Pins = BTreeMap<String, String>;

/// The pins of a lock.
///
/// # Errors
/// The lock cannot be read.
pub(super) fn pins(lock: &[u8]) -> Result<Pins, LockError> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(lock, &unescaped)?;
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides)?;
    let own = graph.inputs_of(lock.root()).filter_map(|input| {
        let locked = lock.locked(graph.end(input)?)?;
        // Of a folder of the flake itself, older versions of Nix wrote the hash.
        let is_folder = locked.text("path").is_some_and(|path| !path.starts_with('/'));
        let hash = locked.text("narHash").filter(|_| !is_folder).unwrap_or_default();
        Some((lock.input(input).name.to_owned(), format!("{} {hash}", FlakeRef::new(locked))))
    });
    Ok(own.collect())
}

/// What tells a finding from others.
type Told<'r> = (&'static str, &'r [&'r str], &'r str);

fn told<'r>(finding: &'r Reported<'_>) -> Told<'r> {
    // Several findings may be about one input, or about none.
    let message = if finding.input_path.names().is_empty() { &*finding.message } else { "" };
    (finding.rule, finding.input_path.names(), message)
}

/// Why a plan is refused, if it is. The reports are of the flake before and after it;
/// `is_introduced` tells whether its wrapper is new.
pub(super) fn refusal(
    plan: &Plan<'_, '_>,
    is_introduced: bool,
    before: (&Report<'_>, &Pins),
    after: (&Report<'_>, &Pins),
) -> Option<String> {
    let (before, pins) = before;
    let (after, moved) = after;
    if let Some(error) = &after.error {
        return Some(format!("the outcome could not be audited: {}", error.message));
    }
    let open = |finding: &&Reported<'_>| finding.exempted.is_none() && finding.level > Level::Allow;
    let reveals = plan.moves_pins() || is_introduced;
    let known: BTreeSet<Told<'_>> = before.findings.iter().map(told).collect();
    let chosen: BTreeSet<Told<'_>> = plan.chosen.iter().map(|finding| told(finding)).collect();
    for finding in after.findings.iter().filter(open) {
        if chosen.contains(&told(finding)) {
            return Some(format!("it would not cure it: {}", finding.message));
        }
        // A wrapper on another nixpkgs, or none, had hidden what the root builds from.
        let was_hidden = finding.rule == "root-unconfigured" && reveals;
        if !known.contains(&told(finding)) && !was_hidden {
            return Some(format!("it would bring a new finding: {}", finding.message));
        }
    }
    if plan.moves_pins() {
        return None;
    }
    if let Some((name, _)) = pins.iter().find(|(name, pin)| moved.get(*name) != Some(pin)) {
        return Some(format!("it would change what `{name}` is"));
    }
    moved_wrapper(before, after).map(|name| format!("it would change the nixpkgs of `{name}`"))
}

/// A wrapper that is built on another nixpkgs than before.
fn moved_wrapper(before: &Report<'_>, after: &Report<'_>) -> Option<String> {
    let bases = |report: &Report<'_>| -> BTreeMap<String, Option<String>> {
        let wrappers = report.instances.iter().filter(|instance| instance.evidence.is_some());
        wrappers.map(|w| (w.path.names().join("/"), w.base_reference.clone())).collect()
    };
    let after = bases(after);
    bases(before).into_iter().find_map(|(name, base)| {
        // One that nothing reaches any more has no pin to move.
        after.get(&name).is_some_and(|now| *now != base).then_some(name)
    })
}
