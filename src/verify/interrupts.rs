//! Defers signals that end the process until nothing is left behind: neither a running Nix nor a
//! copy in the temporary folder.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether a signal to end was received. Outside of [`deferred`], never.
#[derive(Debug, Clone, Default)]
pub struct Interrupts {
    /// The number of the last signal; 0 if there was none.
    received: Arc<AtomicUsize>,
}

impl Interrupts {
    /// Whether the run should end.
    pub fn is_due(&self) -> bool {
        self.received.load(Ordering::SeqCst) != 0
    }
}

/// Runs something that checks for interrupts and then ends soon. Afterwards, when what it held has
/// been dropped, a received signal ends the process.
///
/// # Errors
/// Signals cannot be deferred.
#[cfg(unix)]
pub fn deferred<T>(run: impl FnOnce(&Interrupts) -> T) -> io::Result<T> {
    unix::deferred(run)
}

/// On other systems signals are not deferred, and Nix does not run.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn deferred<T>(run: impl FnOnce(&Interrupts) -> T) -> io::Result<T> {
    Ok(run(&Interrupts::default()))
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::flag::{register_conditional_default, register_usize};
    use signal_hook::low_level::emulate_default_handler;

    use super::Interrupts;

    /// Signal handlers are global, so they are installed once and switched by a flag.
    static HANDLERS: Mutex<Option<Handlers>> = Mutex::new(None);

    #[derive(Clone)]
    struct Handlers {
        interrupts: Interrupts,
        /// Whether a signal ends the process at once, as without handlers.
        at_once: Arc<AtomicBool>,
    }

    impl Handlers {
        fn new() -> io::Result<Self> {
            let interrupts = Interrupts::default();
            let at_once = Arc::new(AtomicBool::new(true));
            for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
                let number = usize::try_from(signal).unwrap_or(usize::MAX);
                register_usize(signal, Arc::clone(&interrupts.received), number)?;
                register_conditional_default(signal, Arc::clone(&at_once))?;
            }
            Ok(Self { interrupts, at_once })
        }

        fn get() -> io::Result<Self> {
            let mut handlers = HANDLERS.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(handlers) = &*handlers {
                return Ok(handlers.clone());
            }
            let new = Self::new()?;
            *handlers = Some(new.clone());
            Ok(new)
        }
    }

    pub(super) fn deferred<T>(run: impl FnOnce(&Interrupts) -> T) -> io::Result<T> {
        let Handlers { interrupts, at_once } = Handlers::get()?;
        at_once.store(false, Ordering::SeqCst);
        let outcome = run(&interrupts);
        // In this order no signal in between is lost.
        at_once.store(true, Ordering::SeqCst);
        match i32::try_from(interrupts.received.swap(0, Ordering::SeqCst)) {
            Ok(0) | Err(_) => {}
            Ok(signal) => emulate_default_handler(signal)?,
        }
        Ok(outcome)
    }
}
