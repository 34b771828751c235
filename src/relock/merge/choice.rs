//! Which side's entry is taken for an input.

use super::entry::Entry;
use super::{Drafts, Flake, LockDraft, Prefer, Side};
use crate::source::declare::DeclaredInput;

/// What the three locks have for an input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entries<'d> {
    base: Option<Entry<'d>>,
    pub(super) ours: Option<Entry<'d>>,
    pub(super) theirs: Option<Entry<'d>>,
}

/// The decision for an input.
#[derive(Debug)]
pub(super) struct Chosen<'d> {
    pub(super) entry: Entry<'d>,
    /// Whose revision it is; `None` if both have the same.
    pub(super) of: Option<Side>,
    /// Whose changes win below it.
    pub(super) leans: Option<Side>,
    pub(super) how: How,
}

/// How it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The sides do not disagree.
    Agreed,
    /// Both sides changed it, and the user's preference decided.
    Preferred(Side),
    /// Both sides changed it, and nothing decides.
    Undecided,
}

impl How {
    /// If both sides changed it: the side that was taken, `Some(None)` if nothing decides.
    pub(super) fn taken(self) -> Option<Option<Side>> {
        match self {
            Self::Agreed => None,
            Self::Preferred(side) => Some(Some(side)),
            Self::Undecided => Some(None),
        }
    }
}

impl<'d> Entries<'d> {
    pub(super) fn new(drafts: &'d Drafts, flake: Flake, name: &str) -> Self {
        let entry = |draft: &'d LockDraft, id| {
            let target = draft.nodes.at(id).inputs.get(name)?;
            Some(Entry { draft, target })
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
            base: self.base.and_then(Entry::id),
            ours: self.ours.and_then(Entry::id),
            theirs: self.theirs.and_then(Entry::id),
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
                return Some(Chosen { entry, of: Some(Side::Ours), leans, how: How::Agreed });
            }
            (None, theirs) => {
                let of = Some(Side::Theirs);
                return theirs.map(|entry| Chosen { entry, of, leans, how: How::Agreed });
            }
        };
        let chosen = |side: Side, leans: Option<Side>, how: How| {
            let entry = match side {
                Side::Ours => ours,
                Side::Theirs => theirs,
            };
            let of = (!ours.is_locked_as(theirs)).then_some(side);
            Some(Chosen { entry, of, leans, how })
        };
        let is_base = |entry: Entry<'_>| self.base.is_some_and(|base| base.is(entry));
        let is_asked = |entry: Entry<'_>| self.base.is_some_and(|base| base.is_asked_as(entry));
        // If both sides updated it, what is below belongs to the one that is taken.
        let both = |side| leans.or((!is_base(ours) && !is_base(theirs)).then_some(side));

        if ours.is(theirs) {
            return chosen(Side::Ours, leans, How::Agreed);
        }
        if let Some(says) = says {
            match (ours.is_kept_for(says), theirs.is_kept_for(says)) {
                (true, false) => return chosen(Side::Ours, both(Side::Ours), How::Agreed),
                (false, true) => return chosen(Side::Theirs, both(Side::Theirs), How::Agreed),
                _ => {}
            }
        }
        if !ours.is_asked_as(theirs) {
            match (is_asked(ours), is_asked(theirs)) {
                (true, false) => return chosen(Side::Theirs, both(Side::Theirs), How::Agreed),
                (false, true) => return chosen(Side::Ours, both(Side::Ours), How::Agreed),
                _ => {}
            }
        }
        match leans {
            Some(side) => return chosen(side, leans, How::Agreed),
            None if is_base(ours) => return chosen(Side::Theirs, None, How::Agreed),
            None if is_base(theirs) => return chosen(Side::Ours, None, How::Agreed),
            None => {}
        }
        let preferred = match prefer {
            Some(Prefer::Side(side)) => Some(side),
            Some(Prefer::Newest) if ours.is_asked_as(theirs) => newest(ours, theirs),
            Some(Prefer::Newest) | None => None,
        };
        let side = preferred.unwrap_or(Side::Ours);
        chosen(side, Some(side), preferred.map_or(How::Undecided, How::Preferred))
    }
}

/// Which was changed last, if that is known of both.
fn newest(ours: Entry<'_>, theirs: Entry<'_>) -> Option<Side> {
    let (ours, theirs) = ours.changed().zip(theirs.changed())?;
    match ours.cmp(&theirs) {
        std::cmp::Ordering::Greater => Some(Side::Ours),
        std::cmp::Ordering::Less => Some(Side::Theirs),
        std::cmp::Ordering::Equal => None,
    }
}
