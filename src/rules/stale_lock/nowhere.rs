//! Follows of flake.nix that lead nowhere, and that the lock does not have yet.

use std::collections::BTreeMap;

use super::words::{self, MissingStep};
use super::{Agreement, DeclaredAndLocked, LockedThere, is_folder};
use crate::finding::Finding;
use crate::graph::Graph;
use crate::lock::NodeId;
use crate::source::declare::{Declarations, DeclaredInput};

/// What follows of flake.nix can lead through.
pub(super) struct Followed<'r, 'l, 'a> {
    graph: &'r Graph<'l, 'a>,
    declarations: &'r Declarations,
    /// The flakes of inputs that locking leaves as they are.
    kept: BTreeMap<&'r str, NodeId>,
}

impl<'r, 'l, 'a> Followed<'r, 'l, 'a> {
    pub(super) fn new(
        graph: &'r Graph<'l, 'a>,
        declarations: &'r Declarations,
        compared: &[DeclaredAndLocked<'r>],
    ) -> Self {
        let kept =
            compared.iter().filter_map(|compared| match (&*compared.path, compared.locked) {
                ([name], LockedThere::Input(input, Agreement::Agrees))
                    if graph.is_direct(input) =>
                {
                    let node = graph.end(input).filter(|node| !is_folder(graph, *node))?;
                    Some((*name, node))
                }
                _ => None,
            });
        Self { graph, declarations, kept: kept.collect() }
    }

    /// The step at which an input's follows ends nowhere, if that is certain.
    pub(super) fn missing_step<'n>(&self, input: &'n DeclaredInput) -> Option<MissingStep<'n>>
    where
        'r: 'n,
    {
        let (first, below) = input.follows.as_ref()?.path.split_first()?;
        if self.declarations.input(first).is_none() {
            let names = self.declarations.inputs().map(|input| &*input.name);
            return Some(MissingStep::new(&[], first, names));
        }
        let (node, next) = (*self.kept.get(&**first)?, below.first()?);
        let lock = self.graph.lock();
        let names = || self.graph.inputs_of(node).map(|input| lock.input(input).name);
        let is_missing = lock.input_named(node, next).is_none();
        is_missing.then(|| MissingStep::new(&[first], next, names()))
    }
}

/// The finding for such a follows, made from that for any other difference.
pub(super) fn finding<'a>(
    finding: Finding<'a>,
    compared: &DeclaredAndLocked<'_>,
    step: &MissingStep<'_>,
) -> Finding<'a> {
    let follows = compared.input.follows.as_ref().map(|follows| &*follows.path).unwrap_or_default();
    let message = format!(
        "flake.nix wants {} to follow {}, but {}",
        words::followed(&compared.path),
        words::followed(follows),
        step.told()
    );
    step.complete(Finding { message, ..finding })
}
