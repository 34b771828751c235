//! Which configured instance an unconfigured slot should follow.

use std::collections::HashMap;

use super::expectation::Expectation;
use super::settings::Effect;
use super::wrapper::{Wrapper, WrapperId, WrapperTag};
use crate::lock::{NodeId, Table};

/// The configured instance that a slot should follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetChoice {
    /// The instance.
    pub wrapper: WrapperId,
    /// False if several fit equally and this one is only the most common, so that a person has to
    /// decide.
    pub unique: bool,
}

/// The wrappers that a flake offers to all slots below it.
#[derive(Debug)]
pub(super) struct Targets {
    /// The wrapper for every slot: the first that the user lists, or the only one.
    decided: Option<WrapperId>,
    /// By base, the only wrapper that is built on it; `None` if there are several.
    by_base: HashMap<NodeId, Option<WrapperId>, foldhash::fast::RandomState>,
    /// The wrapper that most slots follow; the first of them if several do.
    suggested: WrapperId,
    /// Whether all of them have permissions only.
    pub(super) only_permit: bool,
}

impl Targets {
    /// `None` if no wrapper of the flake is meant for its dependencies.
    pub(super) fn of(
        expectation: &Expectation,
        wrappers: &Table<WrapperTag, Wrapper>,
        popularity: impl Fn(WrapperId) -> usize,
    ) -> Option<Self> {
        let firm = || expectation.firm().map(|held| held.wrapper);
        let first = firm().next()?;
        let is_decided = firm().nth(1).is_none() || wrappers.at(first).evidence.kind.is_declared();
        let mut by_base = HashMap::default();
        for id in firm() {
            if let Some(base) = wrappers.at(id).base {
                by_base.entry(base).and_modify(|only| *only = None).or_insert(Some(id));
            }
        }
        Some(Self {
            decided: is_decided.then_some(first),
            by_base,
            suggested: firm().min_by_key(|id| (usize::MAX - popularity(*id), *id))?,
            only_permit: firm().all(|id| wrappers.at(id).effect == Effect::PermissionsOnly),
        })
    }

    /// Chooses for a slot that ends at `end`: the decided wrapper; else the only one that is built
    /// on that node; else, as a suggestion, the one that most slots follow.
    pub(super) fn choose(&self, end: Option<NodeId>) -> TargetChoice {
        let fitting = || end.and_then(|end| self.by_base.get(&end).copied().flatten());
        match self.decided.or_else(fitting) {
            Some(wrapper) => TargetChoice { wrapper, unique: true },
            None => TargetChoice { wrapper: self.suggested, unique: false },
        }
    }
}
