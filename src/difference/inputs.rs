//! Inputs that were added and removed, and by which flake.

use std::collections::BTreeSet;

use super::FlakeState;
use super::instances::owned;
use super::pairs::{self, MatchedPlaces};
use super::report::{InputsChange, NewInput};
use crate::flake_ref::{Archived, Identity, Link, identifying_ref};
use crate::graph::InputPath;
use crate::instance::Role;
use crate::lock::{InputId, NodeId, SourceKind, Target};

/// For each flake that exists before and after, the inputs that were added, removed or replaced.
/// What comes with an input is only counted.
pub(super) fn changes(
    old: &FlakeState<'_, '_, '_, '_>,
    new: &FlakeState<'_, '_, '_, '_>,
    pairs: &MatchedPlaces,
) -> Vec<InputsChange> {
    let graph = new.analysis.graph();
    let holders = graph.reachable().iter().filter_map(|&holder| {
        let before = pairs.node_before(holder)?;
        let change = of_holder(old, new, pairs, (before, holder));
        (!change.came.is_empty() || !change.went.is_empty() || !change.replaced.is_empty())
            .then_some(change)
    });
    holders.collect()
}

fn of_holder(
    old: &FlakeState<'_, '_, '_, '_>,
    new: &FlakeState<'_, '_, '_, '_>,
    pairs: &MatchedPlaces,
    (before, after): (NodeId, NodeId),
) -> InputsChange {
    let (was, now) = (old.analysis.graph(), new.analysis.graph());
    let kept: BTreeSet<InputId> =
        now.inputs_of(after).filter_map(|input| pairs.input_before(input)).collect();
    let came = now.inputs_of(after).filter(|input| pairs.input_before(*input).is_none());
    let went = was.inputs_of(before).filter(|input| !kept.contains(input));
    let replaced = now.inputs_of(after).filter_map(|input| {
        let before = pairs.input_before(input)?;
        let (from, to) = (pairs::owned(was, before)?, pairs::owned(now, input)?);
        // Changes of nixpkgs are reported as such.
        let is_nixpkgs =
            |role| matches!(role, Role::Nixpkgs | Role::NixpkgsLib | Role::Configured(_));
        let is_told = is_nixpkgs(old.analysis.role(from)) && is_nixpkgs(new.analysis.role(to));
        let is_same = Identity::of(old.lock(), from) == Identity::of(new.lock(), to)
            || (is_download(old, from) && is_download(new, to));
        (!is_same && !is_told).then(|| (input_of(old, before), input_of(new, input)))
    });
    InputsChange {
        holder: owned(now.owner_path(after).names()),
        came: came.map(|input| input_of(new, input)).collect(),
        went: went.map(|input| input_of(old, input)).collect(),
        replaced: replaced.collect(),
    }
}

/// Whether a source is a file that only its URL describes, including the version.
fn is_download(state: &FlakeState<'_, '_, '_, '_>, node: NodeId) -> bool {
    let reference = identifying_ref(state.lock(), node);
    reference.is_some_and(|reference| {
        let is_archive = matches!(reference.kind(), SourceKind::Tarball | SourceKind::File);
        let url = reference.text("url").unwrap_or_default();
        is_archive && matches!(Link::new(url).of, Archived::Other)
    })
}

fn input_of(state: &FlakeState<'_, '_, '_, '_>, input: InputId) -> NewInput {
    let graph = state.analysis.graph();
    let lock = graph.lock();
    let node = pairs::owned(graph, input);
    let version = node.and_then(|node| state.version(node));
    let (words, reference) = version.map(|it| (it.words, it.reference)).unzip();
    NewInput {
        name: lock.input(input).name.to_owned(),
        leads_to: match (graph.target(input), words) {
            (Target::Follows([]), _) => "disabled".to_owned(),
            (Target::Follows(path), _) => {
                format!("follows {}", InputPath::new(path).names().join("/"))
            }
            (Target::Direct(_), Some(words)) => words,
            // In an old lock, several inputs may own one node.
            (Target::Direct(key), None) => format!("the node {key}"),
        },
        reference,
        below: node.map_or(0, |node| graph.ranks_below(node).len()),
    }
}
