//! Walks two closures in parallel: which derivations correspond, and where the differences of each
//! such pair begin.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::comparison::{AttributeDifference, ComparedInputs, compare};
use crate::derivation::{Closure, DerivationError, DrvId};

/// The most pairs: a closure has some tens of thousands of derivations, and nearly every one that
/// changes has one counterpart.
const MOST: usize = 1_000_000;
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The index of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PairId(u32);

/// A derivation and its replacement.
#[derive(Debug)]
pub(super) struct Pair {
    /// In the current closure.
    pub(super) from: DrvId,
    /// In the closure that would replace it.
    pub(super) to: DrvId,
    /// The pairs of their inputs.
    pub(super) below: Vec<PairId>,
    /// The attributes in which they differ, not counting inputs and outputs.
    pub(super) differences: Vec<AttributeDifference>,
}

/// All pairs of two closures.
#[derive(Debug, Default)]
pub(super) struct CorrespondingPairs {
    pairs: Vec<Pair>,
    by_ends: Map<(DrvId, DrvId), PairId>,
    /// The replacements of each derivation.
    pub(super) replaced_by: BTreeMap<DrvId, BTreeSet<DrvId>>,
}

impl CorrespondingPairs {
    /// Walks down from pairs of derivations, as far as they differ.
    ///
    /// # Errors
    /// A `.drv` cannot be read, or there are too many pairs.
    pub(super) fn walk(
        closure: &Closure,
        seeds: &[(DrvId, DrvId)],
    ) -> Result<Self, DerivationError> {
        let mut pairs = Self::default();
        let mut open = Vec::new();
        for (from, to) in seeds {
            pairs.pair_up(*from, *to, &mut open);
        }
        while let Some(id) = open.pop() {
            let Some((from, to)) = pairs.pair(id).map(|pair| (pair.from, pair.to)) else {
                continue;
            };
            let ComparedInputs { pairs: met, differences } = compare(closure, from, to)?;
            let below =
                met.into_iter().filter_map(|(a, b)| pairs.pair_up(a, b, &mut open)).collect();
            if pairs.pairs.len() > MOST {
                return Err(DerivationError::TooMany(MOST));
            }
            if let Some(pair) = pairs.pairs.get_mut(id.0 as usize) {
                pair.below = below;
                pair.differences = differences;
            }
        }
        Ok(pairs)
    }

    pub(super) fn pair(&self, id: PairId) -> Option<&Pair> {
        self.pairs.get(id.0 as usize)
    }

    pub(super) fn pair_of(&self, from: DrvId, to: DrvId) -> Option<PairId> {
        self.by_ends.get(&(from, to)).copied()
    }

    /// The pair of two derivations; `None` if they are the same.
    fn pair_up(&mut self, from: DrvId, to: DrvId, open: &mut Vec<PairId>) -> Option<PairId> {
        if from == to {
            return None;
        }
        if let Some(known) = self.pair_of(from, to) {
            return Some(known);
        }
        let id = PairId(u32::try_from(self.pairs.len()).ok()?);
        self.pairs.push(Pair { from, to, below: Vec::new(), differences: Vec::new() });
        self.by_ends.insert((from, to), id);
        self.replaced_by.entry(from).or_default().insert(to);
        open.push(id);
        Some(id)
    }

    /// For every pair, the lowest pairs at or below it that differ by themselves, up to a limit.
    pub(super) fn beginnings(&self) -> Map<PairId, Vec<PairId>> {
        /// How many of them are kept for one pair.
        const MOST: usize = 32;
        let mut known: Map<PairId, Vec<PairId>> = Map::default();
        for start in (0..self.pairs.len()).filter_map(|at| u32::try_from(at).ok()).map(PairId) {
            let mut open = vec![(start, 0_usize)];
            while let Some((id, next)) = open.last_mut() {
                let id = *id;
                let Some(pair) = self.pair(id).filter(|_| !known.contains_key(&id)) else {
                    open.pop();
                    continue;
                };
                if let Some(below) = pair.below.get(*next) {
                    *next += 1;
                    if !known.contains_key(below) {
                        open.push((*below, 0));
                    }
                    continue;
                }
                let below = pair.below.iter().filter_map(|below| known.get(below)).flatten();
                let mut lowest: Vec<PairId> =
                    below.copied().collect::<BTreeSet<_>>().into_iter().take(MOST).collect();
                if lowest.is_empty() && !pair.differences.is_empty() {
                    lowest.push(id);
                }
                known.insert(id, lowest);
                open.pop();
            }
        }
        known
    }
}
