//! What the old lock, or the lock of a flake in a folder, has for a flake.

use std::borrow::Cow;
use std::rc::Rc;

use super::draft::{DraftId, DraftNode, DraftPath, DraftTarget, LockDraft};
use super::override_trie::Branches;

/// What a lock has for a flake.
#[derive(Clone)]
pub(super) struct OldFlake<'d> {
    pub(super) lock: &'d LockDraft<'d>,
    pub(super) node: DraftId,
    /// The prefix of its follows: the path of the flake whose lock it is.
    pub(super) prefix: Rc<[&'d str]>,
}

impl<'d> OldFlake<'d> {
    /// Its node.
    pub(super) fn node(&self) -> &'d DraftNode<'d> {
        self.lock.nodes.at(self.node)
    }

    /// What it has for an input that is no follows.
    pub(super) fn child(&self, name: &str) -> Option<Self> {
        match self.node().inputs.get(name)? {
            DraftTarget::Direct(node) => Some(Self { node: *node, ..self.clone() }),
            DraftTarget::Follows(_) => None,
        }
    }

    /// One of its follows, as a path from the root of the new lock.
    pub(super) fn follows(&self, path: &'d DraftPath<'d>) -> DraftPath<'d> {
        match &*self.prefix {
            [] => Cow::Borrowed(path),
            prefix => [prefix, path].concat().into(),
        }
    }

    /// The follows of the node that no flake above overrides.
    pub(super) fn own_follows<'o>(
        &'o self,
        branches: &'o Branches<'_>,
    ) -> impl Iterator<Item = (&'d str, DraftPath<'d>)> {
        self.node().inputs.iter().filter_map(|(name, target)| match target {
            DraftTarget::Follows(path) if branches.below(name).winner().is_none() => {
                Some((name, self.follows(path)))
            }
            DraftTarget::Follows(_) | DraftTarget::Direct(_) => None,
        })
    }
}
