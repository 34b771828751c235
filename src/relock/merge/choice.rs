//! Which side's entry is taken for an input.

use super::entry::MergeEntry;
use super::{Drafts, Flake, LockDraft, Prefer, Side};
use crate::source::declare::DeclaredInput;

/// What the three locks have for an input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entries<'d> {
    base: Option<MergeEntry<'d>>,
    pub(super) ours: Option<MergeEntry<'d>>,
    pub(super) theirs: Option<MergeEntry<'d>>,
}

/// The decision for an input.
#[derive(Debug)]
pub(super) struct Chosen<'d> {
    pub(super) entry: MergeEntry<'d>,
    /// Whose revision it is; `None` if both have the same.
    pub(super) of: Option<Side>,
    /// Whose changes win below it.
    pub(super) leans: Option<Side>,
    pub(super) how: Decision,
}

/// How it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// The sides do not disagree.
    Agreed,
    /// Both sides changed it, and the user's preference decided.
    Preferred(Side),
    /// Both sides changed it, and nothing decides.
    Undecided,
}

impl Decision {
    /// If both sides changed it: the side that was taken, `Some(None)` if nothing decides.
    pub(super) fn preferred_side(self) -> Option<Option<Side>> {
        match self {
            Self::Agreed => None,
            Self::Preferred(side) => Some(Some(side)),
            Self::Undecided => Some(None),
        }
    }
}

impl<'d> Entries<'d> {
    pub(super) fn new(drafts: &'d Drafts<'d>, flake: Flake, name: &str) -> Self {
        let entry = |draft: &'d LockDraft<'d>, id| {
            let target = draft.nodes.at(id).inputs.get(name)?;
            Some(MergeEntry { draft, target })
        };
        Self {
            base: drafts.base.as_ref().zip(flake.base).and_then(|(draft, id)| entry(draft, id)),
            ours: flake.ours.and_then(|id| entry(&drafts.ours, id)),
            theirs: flake.theirs.and_then(|id| entry(&drafts.theirs, id)),
        }
    }

    /// Where the entries lead, if they lead to nodes.
    pub(super) fn flake(&self) -> Flake {
        Flake {
            base: self.base.and_then(MergeEntry::id),
            ours: self.ours.and_then(MergeEntry::id),
            theirs: self.theirs.and_then(MergeEntry::id),
        }
    }

    /// The decision; `None` if neither side has the input. `says` is the declaration in flake.nix,
    /// `leans` the side that was taken further up.
    pub(super) fn choose(
        &self,
        says: Option<&DeclaredInput>,
        leans: Option<Side>,
        prefer: Option<Prefer>,
    ) -> Option<Chosen<'d>> {
        let (ours, theirs) = match (self.ours, self.theirs) {
            (Some(ours), Some(theirs)) => (ours, theirs),
            (Some(entry), None) => {
                return Some(Chosen { entry, of: Some(Side::Ours), leans, how: Decision::Agreed });
            }
            (None, theirs) => {
                let of = Some(Side::Theirs);
                return theirs.map(|entry| Chosen { entry, of, leans, how: Decision::Agreed });
            }
        };
        let chosen = |side: Side, leans: Option<Side>, how: Decision| {
            let entry = match side {
                Side::Ours => ours,
                Side::Theirs => theirs,
            };
            let of = (!ours.is_locked_as(theirs)).then_some(side);
            Some(Chosen { entry, of, leans, how })
        };
        let is_base = |entry: MergeEntry<'d>| self.base.is_some_and(|base| base.is(entry));
        let is_asked =
            |entry: MergeEntry<'d>| self.base.is_some_and(|base| base.is_asked_as(entry));
        // If both sides updated it, what is below belongs to the one that is taken.
        let both = |side| leans.or((!is_base(ours) && !is_base(theirs)).then_some(side));

        if ours.is(theirs) {
            return chosen(Side::Ours, leans, Decision::Agreed);
        }
        if let Some(says) = says {
            match (ours.is_kept_for(says), theirs.is_kept_for(says)) {
                (true, false) => return chosen(Side::Ours, both(Side::Ours), Decision::Agreed),
                (false, true) => return chosen(Side::Theirs, both(Side::Theirs), Decision::Agreed),
                _ => {}
            }
        }
        if !ours.is_asked_as(theirs) {
            match (is_asked(ours), is_asked(theirs)) {
                (true, false) => return chosen(Side::Theirs, both(Side::Theirs), Decision::Agreed),
                (false, true) => return chosen(Side::Ours, both(Side::Ours), Decision::Agreed),
                _ => {}
            }
        }
        match leans {
            Some(side) => return chosen(side, leans, Decision::Agreed),
            None if is_base(ours) => return chosen(Side::Theirs, None, Decision::Agreed),
            None if is_base(theirs) => return chosen(Side::Ours, None, Decision::Agreed),
            None => {}
        }
        let preferred = match prefer {
            Some(Prefer::Side(side)) => Some(side),
            Some(Prefer::Newest) if ours.is_asked_as(theirs) => newest(ours, theirs),
            Some(Prefer::Newest) | None => None,
        };
        let side = preferred.unwrap_or(Side::Ours);
        chosen(side, Some(side), preferred.map_or(Decision::Undecided, Decision::Preferred))
    }
}

/// Which was changed last, if that is known of both.
fn newest(ours: MergeEntry<'_>, theirs: MergeEntry<'_>) -> Option<Side> {
    let (ours, theirs) = ours.changed().zip(theirs.changed())?;
    match ours.cmp(&theirs) {
        std::cmp::Ordering::Greater => Some(Side::Ours),
        std::cmp::Ordering::Less => Some(Side::Theirs),
        std::cmp::Ordering::Equal => None,
    }
}
