//! The growing lock: its nodes and inputs, within limits, and their paths.

use super::{Flake, LockWalk};
use crate::graph::InputPath;
use crate::relock::Unlockable;
use crate::relock::draft::{DraftId, DraftNode, DraftPath, DraftTarget};

impl<'d> LockWalk<'d> {
    pub(super) fn add(
        &mut self,
        flake: &Flake<'d>,
        name: &'d str,
        node: DraftNode<'d>,
    ) -> Option<DraftId> {
        if self.new.nodes.len() >= self.nodes {
            let reason = format!(
                "each way to a shared node would become a node, and there are more than {} ways",
                self.nodes
            );
            self.stop(reason);
            return None;
        }
        let id = self.new.nodes.push(node);
        self.owners.push(Some((flake.node, name)));
        self.set(flake.node, name, DraftTarget::Direct(id));
        Some(id)
    }

    pub(super) fn follow(&mut self, holder: DraftId, name: &'d str, path: DraftPath<'d>) {
        self.set(holder, name, DraftTarget::Follows(path));
    }

    pub(super) fn set(&mut self, holder: DraftId, name: &'d str, target: DraftTarget<'d>) {
        match self.inputs.checked_sub(1) {
            Some(left) => self.inputs = left,
            None => return self.stop("it would have too many inputs".into()),
        }
        self.new.nodes.at_mut(holder).inputs.insert(name, target);
    }

    /// Only the first hindrance is kept; the walk continues for further differences.
    pub(super) fn hinder(&mut self, hindrance: Unlockable) {
        self.hindrance.get_or_insert(hindrance);
    }

    /// A limit is exceeded.
    pub(super) fn stop(&mut self, reason: String) {
        self.open.clear();
        self.hindrance = Some(Unlockable::Refused(reason));
    }

    /// Whether a path begins with the input path of a new node, which has this many names.
    pub(super) fn starts_with_path_of(&self, path: &[&str], node: DraftId, depth: usize) -> bool {
        let mut at = node;
        let names = path.get(..depth).into_iter().flatten().rev();
        let mut left = depth;
        for name in names {
            match self.owners.at(at) {
                Some((holder, own)) if own == name => at = *holder,
                _ => return false,
            }
            left -= 1;
        }
        left == 0
    }

    /// The input path of a new node.
    pub(super) fn path(&self, node: DraftId) -> Vec<&'d str> {
        let mut names = Vec::new();
        let mut at = node;
        while let Some((holder, name)) = self.owners.at(at) {
            names.push(*name);
            at = *holder;
        }
        names.reverse();
        names
    }

    /// The input path of an input, for messages.
    pub(super) fn shown_path(&self, holder: DraftId, name: &str) -> String {
        let mut names: Vec<&str> = self.path(holder);
        names.push(name);
        InputPath::new(&names).names().join("/")
    }
}
