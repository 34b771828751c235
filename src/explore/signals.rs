//! Signals: the session restores the terminal before one ends the process.

use std::io;
use std::sync::mpsc::Sender;

use super::event::Event;

#[cfg(unix)]
pub(super) use unix::{INTERRUPT, end, leave_to_others, listen, stop};

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::super::tty::give_back;
    use super::{Event, Sender, io};

    /// How long the explorer may take to end before the process is killed.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// Whether another program has the terminal: its keys send us signals, too.
    static LENT: AtomicBool = AtomicBool::new(false);

    /// Says whether the terminal is lent to another program, so that signals from its keys are
    /// ignored.
    pub(in super::super) fn leave_to_others(lent: bool) {
        LENT.store(lent, Ordering::SeqCst);
    }

    /// The signal of ctrl-c.
    pub(in super::super) const INTERRUPT: i32 = SIGINT;

    /// Sends signals as events.
    pub(in super::super) fn listen(sender: Sender<Event>) -> io::Result<()> {
        let signals = [SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH];
        let mut signals = Signals::new(signals)?;
        thread::spawn(move || {
            for signal in signals.forever() {
                if LENT.load(Ordering::SeqCst) {
                    match signal {
                        SIGTSTP => {
                            // The shell waits for the whole process group.
                            stop();
                            continue;
                        }
                        SIGINT | SIGQUIT | SIGCONT | SIGWINCH => continue,
                        _ => {}
                    }
                }
                let event = match signal {
                    // crossterm reports sizes too, but not while it waits for the end of an escape
                    // sequence.
                    SIGWINCH => Event::Resized,
                    SIGCONT => Event::Resumed,
                    SIGTSTP => Event::Suspend,
                    _ => Event::End(signal),
                };
                let ends = matches!(event, Event::End(_));
                let heard = sender.send(event).is_ok();
                if ends {
                    if heard {
                        thread::sleep(PATIENCE);
                    }
                    end(signal);
                }
            }
        });
        Ok(())
    }

    /// Ends the process as the signal would.
    pub(in super::super) fn end(signal: i32) {
        give_back();
        let _ = emulate_default_handler(signal);
    }

    /// Stops the process until it is continued.
    pub(in super::super) fn stop() {
        let _ = emulate_default_handler(SIGTSTP);
    }
}

#[cfg(not(unix))]
pub(super) const INTERRUPT: i32 = 2;

/// On other systems crossterm reports everything there is.
#[cfg(not(unix))]
#[expect(clippy::needless_pass_by_value, reason = "as on Unix")]
pub(super) fn listen(_: Sender<Event>) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn leave_to_others(_: bool) {}

#[cfg(not(unix))]
pub(super) fn end(_: i32) {}

#[cfg(not(unix))]
pub(super) fn stop() {}
