//! Overrides that flake.nix already has, though the lock is behind: only `stale-lock` reports
//! those.

use std::collections::BTreeSet;

use crate::change::Override;
use crate::finding::{Finding, Subject};
use crate::instance::Analysis;
use crate::lock::InputId;

/// Removes findings whose overrides are all in flake.nix, if another finding says that the lock is
/// behind for the same input.
pub(super) fn drop_declared_overrides<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    findings: &mut Vec<Finding<'a>>,
) {
    let behind = findings
        .iter()
        .filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.remedy.is_relock()));
    let behind: BTreeSet<InputId> = behind
        .filter_map(|finding| match finding.subject {
            Subject::Input(input) => Some(input),
            Subject::Flake(_) | Subject::Node(_) => None,
        })
        .collect();
    if behind.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let overrides = finding.fix.iter().flat_map(|fix| fix.remedy.overrides());
        let mut overrides = overrides.peekable();
        overrides.peek().is_none()
            || !overrides
                .all(|change| behind.contains(&change.input) && is_declared(analysis, change))
    });
}

/// Whether flake.nix has an override, or makes its input follow another configured nixpkgs.
fn is_declared(analysis: &Analysis<'_, '_, '_>, change: &Override<'_>) -> bool {
    let declared = analysis.declarations().and_then(|all| all.input_at(&change.path));
    let Some(follows) = declared.and_then(|declared| declared.follows.as_ref()) else {
        return false;
    };
    let graph = analysis.graph();
    let found = graph.find_input(follows.path.iter().map(String::as_str));
    let end = found.and_then(|found| graph.end(found));
    follows.path.iter().eq(&change.follows)
        || end.is_some_and(|end| analysis.wrapper_of(end).is_some())
}
