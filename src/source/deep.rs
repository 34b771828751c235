//! Stacks that are deep enough for evaluation.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use super::evaluate::STACK;

thread_local! {
    /// Whether the stack of this thread is deep enough.
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Lets the stack of the main thread grow as far as evaluation may need, so that a run that looks at
/// one lock starts no other. Nix does the same (`setStackSize`): Linux keeps 128 MiB free below the
/// stack, whatever the limit was when the program began, and looks at the limit only when it grows.
pub fn deepen_main_thread() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        /// What the stack holds beside evaluation.
        const ROOM: u64 = 8 << 20;
        let wanted = STACK as u64 + ROOM;
        let Rlimit { current, maximum } = getrlimit(Resource::Stack);
        let is_enough = current.is_none_or(|current| current >= wanted)
            || setrlimit(Resource::Stack, Rlimit { current: Some(wanted), maximum }).is_ok();
        IS_DEEP.set(is_enough);
    }
}

/// Threads with such stacks, for many locks one after the other.
pub fn deep_pool() -> Option<rayon::ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    builder.start_handler(|_| IS_DEEP.set(true)).build().ok()
}

/// Runs work on such stacks; results in the order of the items. Several are done by as many threads
/// as there are cores, but for those of many locks, whose threads do all of theirs: the others have
/// locks of their own.
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
        // A panic belongs to the lock that is audited, and is caught there.
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

/// How many threads are worth while: the system is asked once, since it reads files to answer.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, std::num::NonZero::get))
}
