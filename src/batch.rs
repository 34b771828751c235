//! Many locks: audited in parallel, reported in order, with flat memory.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::source::deep_pool;

/// How many items are processed before the next ones are begun, and so held in memory at once. The
/// first window is small, so that work begins while further items are still being found.
const WINDOWS: std::ops::RangeInclusive<usize> = 64..=1024;

/// Processes every item, in parallel if there are several, and passes the results to `sink` in the
/// order of the items. `scratch` makes what a worker keeps from one item to the next. The next
/// items are found while work is done.
///
/// If the work on an item panics, the result is that of `panicked`: one bad lock does not keep the
/// others from being audited.
///
/// # Errors
/// The first error of the sink; nothing is begun after it.
pub fn run<I: Send + Sync, S, T: Send, E>(
    mut items: impl Iterator<Item = I> + Send,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &I) -> T + Sync,
    panicked: impl Fn(&I) -> T + Sync,
    mut sink: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let guarded = |scratch: &mut S, item: &I| {
        catch_unwind(AssertUnwindSafe(|| work(scratch, item))).unwrap_or_else(|_| panicked(item))
    };
    let mut size = *WINDOWS.start();
    let mut window: Vec<I> = items.by_ref().take(size).collect();
    if let [only] = window.as_slice() {
        // A single lock needs no thread.
        return sink(guarded(&mut scratch(), only));
    }
    let pool = if window.is_empty() { None } else { deep_pool() };
    while !window.is_empty() {
        size = (size * 2).min(*WINDOWS.end());
        let mut both = || -> (Vec<T>, Vec<I>) {
            rayon::join(
                || window.par_iter().map_init(&scratch, guarded).collect(),
                || items.by_ref().take(size).collect(),
            )
        };
        let (done, next) = match &pool {
            Some(pool) => pool.install(both),
            None => both(),
        };
        done.into_iter().try_for_each(&mut sink)?;
        window = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_a_panic_stays_with_its_item() {
        let items: Vec<usize> = (0..3000).collect();
        let mut seen = Vec::new();
        let work = |_: &mut (), item: &usize| {
            assert_ne!(*item, 1500, "meant");
            *item
        };
        let result: Result<(), ()> = run(
            items.iter().copied(),
            || (),
            work,
            |_| 0,
            |item| {
                seen.push(item);
                Ok(())
            },
        );
        assert_eq!(result, Ok(()));
        let expected: Vec<_> = (0..3000).map(|item| if item == 1500 { 0 } else { item }).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_sink_can_stop_it() {
        let items = [1, 2, 3];
        let result = run(
            items.into_iter(),
            || (),
            |(), item| *item,
            |_| 0,
            |item| {
                if item == 2 { Err("closed") } else { Ok(()) }
            },
        );
        assert_eq!(result, Err("closed"));
    }
}
