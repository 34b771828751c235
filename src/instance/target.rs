//! Which configured instance an unconfigured slot should follow.

use super::expectation::Expectation;
use super::wrapper::{Wrapper, WrapperId, at};
use crate::lock::NodeId;

/// The instance that was decided on for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetChoice {
    /// The instance.
    pub wrapper: WrapperId,
    /// False where several fit equally and this one is only the most common: a person decides.
    pub unique: bool,
}

/// Chooses: the first that the user lists; else the only one in reach; else the only one that is
/// built on the node where the slot ends; else the one that most slots follow, as a suggestion.
pub(super) fn choose(
    expectation: &Expectation,
    wrappers: &[Wrapper],
    end: Option<NodeId>,
    popularity: impl Fn(WrapperId) -> usize,
) -> Option<TargetChoice> {
    let first = expectation.firm().next()?.wrapper;
    let decided = |wrapper| Some(TargetChoice { wrapper, unique: true });
    if expectation.firm().nth(1).is_none() || at(wrappers, first).evidence.kind.is_declared() {
        return decided(first);
    }
    let mut fitting =
        expectation.firm().map(|held| held.wrapper).filter(|id| at(wrappers, *id).base == end);
    if let (Some(only), None) = (fitting.next(), fitting.next()) {
        return decided(only);
    }
    // The first of the most popular ones.
    let suggested = expectation
        .firm()
        .map(|held| held.wrapper)
        .min_by_key(|id| (usize::MAX - popularity(*id), *id))?;
    Some(TargetChoice { wrapper: suggested, unique: false })
}
