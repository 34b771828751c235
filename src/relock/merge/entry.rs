//! What one lock has for an input.

use super::conflict::LockedEntry;
use crate::flake_ref::FlakeRef;
use crate::relock::draft::{DraftId, DraftNode, DraftTarget, LockDraft, Reference};
use crate::relock::walk::{is_kept, reference};
use crate::source::declare::DeclaredInput;
use crate::text::Time;

/// Where an input leads in one of the locks.
#[derive(Debug, Clone, Copy)]
pub(super) struct MergeEntry<'d> {
    pub(super) draft: &'d LockDraft<'d>,
    pub(super) target: &'d DraftTarget<'d>,
}

impl<'d> MergeEntry<'d> {
    /// The node that it leads to directly.
    pub(super) fn id(self) -> Option<DraftId> {
        match self.target {
            DraftTarget::Direct(id) => Some(*id),
            DraftTarget::Follows(_) => None,
        }
    }

    fn node(self) -> Option<&'d DraftNode<'d>> {
        self.id().map(|id| self.draft.nodes.at(id))
    }

    /// Whether both are the same, regardless of what is below them.
    pub(super) fn is(self, other: Self) -> bool {
        match (self.node(), other.node()) {
            (Some(own), Some(its)) => own.says_the_same(its),
            (None, None) => self.target == other.target,
            _ => false,
        }
    }

    /// Whether both have the same declared reference or follows, which an update cannot change.
    pub(super) fn is_asked_as(self, other: Self) -> bool {
        match (self.node(), other.node()) {
            (Some(own), Some(its)) => own.is_asked_as(its),
            (None, None) => self.target == other.target,
            _ => false,
        }
    }

    /// Whether both are the same revision of the same flake, so that it has the same inputs.
    pub(super) fn is_locked_as(self, other: Self) -> bool {
        let locked = |entry: Self| entry.node()?.references.as_ref();
        match (locked(self), locked(other)) {
            (Some(own), Some(its)) => own.locked == its.locked,
            _ => false,
        }
    }

    /// Whether Nix keeps it if flake.nix has this declaration.
    pub(super) fn is_kept_for(self, says: &DeclaredInput) -> bool {
        let Some(node) = self.node() else { return false };
        let is_source = says.flake.map_or(node.is_source, |is_flake| !is_flake);
        let wanted = reference(says, is_source);
        is_kept(wanted.as_ref(), says.build_time, node.references.as_ref())
    }

    /// When its locked source was last changed, in seconds since 1970.
    pub(super) fn changed(self) -> Option<u64> {
        let locked = &self.node()?.references.as_ref()?.locked;
        locked.attributes().number("lastModified")
    }

    /// Its form in a conflict.
    pub(super) fn for_conflict(self) -> LockedEntry {
        let shown = |reference: &Reference<'_>| FlakeRef::new(reference.attributes()).to_string();
        match (self.target, self.node()) {
            (DraftTarget::Follows(path), _) => {
                LockedEntry::Follows(path.iter().map(|&name| name.to_owned()).collect())
            }
            (_, node) => {
                let references = node.and_then(|node| node.references.as_ref());
                let reference = references.map(|it| shown(&it.locked)).unwrap_or_default();
                LockedEntry::To(reference, self.changed().and_then(Time::new).map(Time::date))
            }
        }
    }
}
