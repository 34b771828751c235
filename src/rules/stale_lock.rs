//! flake.nix and flake.lock disagree about inputs or follows.

mod leftover;
mod noticed;
mod nowhere;

use std::collections::BTreeSet;

use super::declared::{Agreement, DeclaredAndLocked, LockedThere, compare_with_lock, is_folder};
use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, ListedBy, Subject, Together};
use crate::flake_ref::FlakeRef;
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::lock::{InputId, NodeId, Target};
use crate::relock::relock;
use crate::source::Files;
use crate::source::Stores;
use crate::source::declare::{Declarations, DeclaredInput};

pub(super) static RULE: Rule = Rule {
    id: "stale-lock",
    level: Level::Deny,
    light: Level::Deny,
    summary: "flake.nix and flake.lock disagree on inputs or follows",
    page: include_str!("../../docs/rules/stale-lock.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    if let Some(declarations) = analysis.declarations() {
        let files = analysis.sources().root().map(|root| &root.source.files);
        let stores = analysis.sources().stores();
        check_with(analysis.graph(), declarations, files, stores, findings);
    }
}

pub(super) fn check_with<'a>(
    graph: &Graph<'_, 'a>,
    declarations: &Declarations,
    files: Option<&Files>,
    stores: &Stores,
    findings: &mut Vec<Finding<'a>>,
) {
    let all = findings.len();
    // Nodes that the next locking removes: one finding for each is enough.
    let mut outdated: BTreeSet<NodeId> = BTreeSet::new();
    let root = graph.lock().root();
    let compared = compare_with_lock(graph, declarations);
    let followed = nowhere::Followed::new(graph, declarations, &compared);
    let mut lockable = Vec::new();
    for compared in &compared {
        let finding = match compared.locked {
            LockedThere::Input(input, Agreement::Differs) => {
                outdated.extend(graph.end(input).filter(|_| graph.is_direct(input)));
                differs(graph, compared, input)
            }
            LockedThere::Absent { depth: 0, .. } if compared.path.len() == 1 => {
                missing(root, compared.input)
            }
            _ => continue,
        };
        match followed.missing_step(compared.input) {
            Some(step) => findings.push(nowhere::finding(finding, compared, &step)),
            None => lockable.push(finding),
        }
    }
    let first = findings.len();
    findings.append(&mut lockable);
    for input in graph.inputs_of(root) {
        if declarations.input(graph.lock().input(input).name).is_none() {
            outdated.extend(graph.end(input).filter(|_| graph.is_direct(input)));
            let message = format!(
                "flake.lock has an input {}, which flake.nix does not declare",
                words::input(graph, input)
            );
            findings.push(
                Finding::new(&RULE, Subject::Input(input), message)
                    .node(graph.end(input))
                    .fix(lock_again()),
            );
        }
    }
    let left = leftover::find_leftovers(graph, declarations, &outdated);
    let is_in_step = findings.len() == first && left.is_empty();
    if is_in_step && !looks_further(graph, declarations) {
        return;
    }
    let mut relocked = relock(graph, declarations, files, stores);
    let differences = std::mem::take(&mut relocked.differences);
    if is_in_step && differences.is_empty() {
        return;
    }
    // What Nix would do without fetching can be done here.
    let is_mended = matches!(relocked.lock(), Ok(Some(_)));
    if is_mended {
        for finding in findings.get_mut(first..).unwrap_or_default() {
            finding.fix = Some(Fix::relock(LOCK_AGAIN));
        }
    }
    let reported = findings.get(all..).unwrap_or_default().iter().map(|finding| finding.subject);
    let reported: BTreeSet<Subject> =
        reported.chain(left.iter().map(|left| Subject::Input(left.input))).collect();
    let noticed = noticed::RelockDifferences::new(graph, &differences, is_mended);
    for left in left {
        findings.push(left.finding(&noticed).at(declarations.best_place(&left.names)));
    }
    noticed.push_findings(&reported, &outdated, findings);
    for finding in findings.get_mut(first..).unwrap_or_default() {
        let what = match finding.fix.as_ref().is_some_and(|fix| fix.remedy.is_relock()) {
            true => DISAGREE,
            false => "inputs have follows in flake.lock that flake.nix does not explain",
        };
        finding.together = Some(Together { what: what.to_owned(), member: ListedBy::Message });
        finding.why.get_or_insert_with(|| WHY.to_owned());
    }
}

/// Whether Nix reads more than flake.nix and the lock: a folder, or a dependency that has follows
/// which flake.nix does not explain.
fn looks_further(graph: &Graph<'_, '_>, declarations: &Declarations) -> bool {
    let lock = graph.lock();
    let has_follows = |top: InputId| {
        let declared = declarations.input(lock.input(top).name);
        let holder = graph.end(top).filter(|_| graph.is_direct(top));
        let mut inputs = holder.into_iter().flat_map(|holder| graph.inputs_of(holder));
        inputs.any(|input| {
            let nested = declared.and_then(|declared| declared.override_of(lock.input(input).name));
            !graph.is_direct(input) && !nested.is_some_and(DeclaredInput::overrides)
        })
    };
    graph.reachable().iter().any(|node| is_folder(graph, *node))
        || graph.inputs_of(lock.root()).any(has_follows)
}

fn missing<'a>(root: NodeId, input: &DeclaredInput) -> Finding<'a> {
    let name = &input.name;
    let message = match input.implied_by {
        None => format!("flake.nix declares the input `{name}`, which flake.lock does not have"),
        Some(_) => format!(
            "`outputs` takes the input `{name}`, which nothing declares and flake.lock does not have"
        ),
    };
    Finding::new(&RULE, Subject::Flake(Some(root)), message)
        .at(Some(input.span()))
        .fix(lock_again())
}

fn differs<'a>(
    graph: &Graph<'_, 'a>,
    compared: &DeclaredAndLocked<'_>,
    input: InputId,
) -> Finding<'a> {
    let name = words::input(graph, input);
    let locked = match graph.target(input) {
        Target::Follows(path) => format!("follows {}", words::followed(path)),
        Target::Direct(_) => {
            let original = graph.end(input).and_then(|node| graph.lock().original(node));
            let original = original.map(|original| FlakeRef::new(original).to_string());
            format!("is `{}`", original.unwrap_or_default())
        }
    };
    let declared = match &compared.input.follows {
        Some(follows) => format!("follow {}", words::followed(&follows.path)),
        None => format!("be `{}`", compared.input.reference_text()),
    };
    let message = format!("flake.nix wants {name} to {declared}, but in flake.lock it {locked}");
    let finding = Finding::new(&RULE, Subject::Input(input), message)
        .node(graph.end(input))
        .at(Some(compared.input.defining_span()))
        .fix(lock_again());
    match compared.path.len() {
        0..=2 => finding,
        _ => finding.note("Nix before 2.30 does not lock overrides two or more levels deep"),
    }
}

fn lock_again<'a>() -> Fix<'a> {
    Fix::relock_by_hand(LOCK_AGAIN)
}

/// Why it matters, unless a finding has a better reason.
const WHY: &str = "the next `nix build` locks again and may bring other versions; with \
                   `--no-update-lock-file`, as in CI, it fails";

/// The words for a group of these findings.
const DISAGREE: &str = "inputs differ between flake.nix and flake.lock";

const LOCK_AGAIN: &str = "run `nix flake lock`";

#[cfg(test)]
mod tests;
