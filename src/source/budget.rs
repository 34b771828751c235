//! What looking at the sources of one lock may cost in total.

use std::sync::{Mutex, PoisonError};

use super::on_deep_stacks;

/// In steps of evaluation; reading is counted in steps, too.
const STEPS: u64 = 8_000_000;

/// What is left to spend.
///
/// Work is charged as if pieces were done one after the other in the given order, however many
/// threads there are. Each piece may cost what those before it have left, except an equal share of
/// one half, which is kept for those after it. A piece that exceeds its limit is discarded.
#[derive(Debug)]
pub struct SourceBudget {
    left: u64,
}

impl Default for SourceBudget {
    fn default() -> Self {
        Self { left: STEPS }
    }
}

/// Progress through a list of work.
struct Ledger {
    left: u64,
    /// Kept for each piece of work that is still to come.
    share: u64,
    /// The cost of each piece that is done.
    costs: Vec<Option<u64>>,
    /// For the first pieces, in order: whether each was within its limit.
    settled: Vec<bool>,
}

impl Ledger {
    /// The most that the piece at this index may cost, if pieces that are not settled cost nothing.
    fn limit(&self, at: usize) -> u64 {
        let behind = self.costs.len().saturating_sub(at + 1) as u64;
        self.left.saturating_sub(self.share.saturating_mul(behind))
    }

    fn done(&mut self, at: usize, cost: u64) {
        if let Some(known) = self.costs.get_mut(at) {
            *known = Some(cost);
        }
        while let Some(Some(cost)) = self.costs.get(self.settled.len()).copied() {
            let limit = self.limit(self.settled.len());
            self.left -= cost.min(limit);
            self.settled.push(cost <= limit);
        }
    }
}

impl SourceBudget {
    /// Runs work that is given its limit and returns its cost. `None` for a piece that exceeded its
    /// limit.
    pub fn spend<I: Sync, T: Send>(
        &mut self,
        items: &[I],
        work: impl Fn(&I, u64) -> (T, u64) + Sync,
    ) -> Vec<Option<T>> {
        let numbered: Vec<(usize, &I)> = items.iter().enumerate().collect();
        let ledger = Mutex::new(Ledger {
            left: self.left,
            share: self.left / 2 / (items.len().max(1) as u64),
            costs: vec![None; items.len()],
            settled: Vec::with_capacity(items.len()),
        });
        let lock = || ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let done = on_deep_stacks(&numbered, |(at, item)| {
            let limit = lock().limit(*at);
            let (result, cost) = work(item, limit);
            lock().done(*at, cost);
            result
        });
        let Ledger { left, settled, .. } =
            ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.left = left;
        done.into_iter().zip(settled).map(|(result, fits)| fits.then_some(result)).collect()
    }

    /// Takes this much; false if there is less.
    pub fn take(&mut self, cost: u64) -> bool {
        let fits = cost <= self.left;
        self.left = self.left.saturating_sub(cost);
        fits
    }

    /// Sets one half aside.
    #[must_use]
    pub fn set_half_aside(&mut self) -> Self {
        let half = self.left / 2;
        self.left -= half;
        Self { left: half }
    }

    /// Adds back what was set aside.
    pub fn add(&mut self, other: Self) {
        self.left += other.left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Work that costs what is given, or stops at its limit like an evaluation.
    fn spend(left: u64, costs: &[u64]) -> (Vec<bool>, u64) {
        let mut budget = SourceBudget { left };
        let done = budget.spend(costs, |cost, limit| ((), (*cost).min(limit.saturating_add(1))));
        (done.iter().map(Option::is_some).collect(), budget.left)
    }

    #[test]
    fn all_is_done_that_fits() {
        assert_eq!(spend(100, &[]), (vec![], 100));
        assert_eq!(spend(100, &[100]), (vec![true], 0));
        assert_eq!(spend(100, &[101]), (vec![false], 0));
        assert_eq!(spend(100, &[10, 20, 30]), (vec![true; 3], 40));
        assert_eq!(spend(0, &[0, 1]), (vec![true, false], 0));
    }

    #[test]
    fn whoever_takes_too_much_leaves_the_others_their_share() {
        // Of one half, four pieces get 12 each.
        assert_eq!(spend(100, &[1_000, 12, 12, 12]), (vec![false, true, true, true], 0));
        assert_eq!(spend(100, &[1_000, 13, 12, 12]), (vec![false, false, true, true], 0));
        assert_eq!(spend(100, &[12, 12, 12, 64]), (vec![true; 4], 0));
        assert_eq!(spend(100, &[12, 12, 12, 65]), (vec![true, true, true, false], 0));
        // What one leaves over goes to the next.
        assert_eq!(spend(100, &[0, 70, 12, 12]), (vec![true; 4], 6));
    }

    #[test]
    fn it_does_not_matter_who_is_first() {
        // Like `spend`, but the first piece is done last.
        let costs = [40, 1_000, 3, 3, 3, 3, 30, 3];
        let plain = spend(100, &costs);
        for slow in 0..costs.len() {
            let mut budget = SourceBudget { left: 100 };
            let numbered: Vec<_> = costs.iter().copied().enumerate().collect();
            let done = budget.spend(&numbered, |(at, cost), limit| {
                if *at == slow {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                ((), (*cost).min(limit.saturating_add(1)))
            });
            let done: Vec<_> = done.iter().map(Option::is_some).collect();
            assert_eq!((done, budget.left), plain, "{slow}");
        }
    }

    #[test]
    fn a_half_can_be_set_aside() {
        let mut budget = SourceBudget { left: 101 };
        let later = budget.set_half_aside();
        assert_eq!((budget.left, later.left), (51, 50));
        assert!(budget.take(51) && !budget.take(1));
        budget.add(later);
        assert_eq!(budget.left, 50);
        assert!(!budget.take(60));
        assert_eq!(budget.left, 0);
    }
}
