//! Threads with stacks that are deep enough for evaluation.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use super::evaluate::STACK;

thread_local! {
    /// Whether the stack of this thread is deep enough.
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Lets the stack of the main thread grow as far as evaluation may need, so that a run on one lock
/// needs no second thread. Nix does the same (`setStackSize`): Linux keeps 128 MiB free below the
/// stack, whatever the limit was at the start, and checks the limit only when the stack grows.
pub fn deepen_main_thread() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        /// Room for what is on the stack beside evaluation.
        const ROOM: u64 = 8 << 20;
        let wanted = STACK as u64 + ROOM;
        let Rlimit { current, maximum } = getrlimit(Resource::Stack);
        let is_enough = current.is_none_or(|current| current >= wanted)
            || setrlimit(Resource::Stack, Rlimit { current: Some(wanted), maximum }).is_ok();
        IS_DEEP.set(is_enough);
    }
}

/// A pool of threads with deep stacks, for many locks one after the other.
pub fn deep_pool() -> Option<rayon::ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    builder.start_handler(|_| IS_DEEP.set(true)).build().ok()
}

/// Runs work on deep stacks, with results in the order of the items. Several items are spread over
/// all cores, except in a pool for many locks, where each thread does all of its own and the other
/// threads have other locks.
pub fn on_deep_stacks<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let threads = match items {
        [] => return Vec::new(),
        [_] => 1,
        several => cores().min(several.len()),
    };
    if IS_DEEP.get() && (threads == 1 || rayon::current_thread_index().is_some()) {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        let mut started = Vec::new();
        for _ in 0..threads {
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
            started.extend(thread.ok());
        }
        // A panic is caught where the lock is audited, so pass it on.
        for thread in started {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many threads are useful. Cached, because the system reads files to answer.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, std::num::NonZero::get))
}
