//! Many locks: audited in parallel, told in order, with flat memory.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

/// Items that are worked on before the next are begun: what is held in memory at once.
const WINDOW: usize = 1024;

/// Works on every item, in parallel where there are several, and hands the results to `sink` in
/// the order of the items. `scratch` makes what a worker keeps from one item to the next.
///
/// An item whose work panics becomes what `panicked` makes of it: one bad lock does not keep the
/// others from being audited.
///
/// # Errors
/// The first one of the sink; nothing is begun after it.
pub fn run<I: Sync, S, T: Send, E>(
    items: &[I],
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &I) -> T + Sync,
    panicked: impl Fn(&I) -> T + Sync,
    mut sink: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let guarded = |scratch: &mut S, item: &I| {
        catch_unwind(AssertUnwindSafe(|| work(scratch, item))).unwrap_or_else(|_| panicked(item))
    };
    if let [only] = items {
        // No thread is started for one lock.
        return sink(guarded(&mut scratch(), only));
    }
    for window in items.chunks(WINDOW) {
        let done: Vec<T> = window.par_iter().map_init(&scratch, guarded).collect();
        done.into_iter().try_for_each(&mut sink)?;
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
            &items,
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
            &items,
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
