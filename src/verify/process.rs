//! A program run within limits: of time, of what it says, and until the user interrupts.
//!
//! It gets a process group of its own, so that all that it starts ends with it. What it says is
//! read while it runs; once it has ended, nobody waits for one of its children that keeps a pipe
//! open.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::interrupts::Interrupts;

/// Longer answers are none: the longest known lock is 1.4 MB.
pub(super) const LONGEST_ANSWER: usize = 64 << 20;
/// What is kept of the end of its complaints.
const LONGEST_COMPLAINT: usize = 64 << 10;
/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(10);
/// How long pipes are read that stay open after its end.
const GRACE: Duration = Duration::from_millis(500);
/// How long it may take to end when it is told to, before it is killed.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long others are waited for.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// How long in all.
    pub(super) limit: Duration,
    /// When that is over; never, where it is longer than clocks go.
    deadline: Option<Instant>,
    interrupts: Interrupts,
}

impl Patience {
    /// From now on.
    pub(crate) fn new(limit: Duration, interrupts: Interrupts) -> Self {
        Self { limit, deadline: Instant::now().checked_add(limit), interrupts }
    }

    /// Whether there is any left.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn check(&self) -> Result<(), Stopped> {
        if self.interrupts.is_due() {
            Err(Stopped::Interrupted)
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Err(Stopped::TooSlow)
        } else {
            Ok(())
        }
    }
}

/// What a program said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: ExitStatus,
    /// On its standard output, all of it.
    pub(super) answer: Vec<u8>,
    /// On its standard error, the last part.
    pub(super) complaints: Vec<u8>,
}

/// Why it did not come to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    /// It could not be run.
    Failed(io::Error),
    /// It took too long.
    TooSlow,
    /// It said too much.
    TooLong,
    /// The user interrupted.
    Interrupted,
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// What comes out of its pipes.
enum Heard {
    Answer(Vec<u8>),
    Complaint(Vec<u8>),
    /// One of them is at its end.
    End,
}

/// Runs a program, which can ask nobody anything.
///
/// # Errors
/// It cannot be run, or was stopped.
pub(super) fn run(command: &mut Command, patience: &Patience) -> Result<Said, Stopped> {
    run_on(command, Stdio::null(), patience)
}

/// The same, with something to read.
///
/// # Errors
/// It cannot be run, or was stopped.
pub(super) fn run_on(
    command: &mut Command,
    input: Stdio,
    patience: &Patience,
) -> Result<Said, Stopped> {
    patience.check()?;
    let command = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::start(command)?;
    match running.hear_out(patience) {
        Ok((answer, complaints)) => Ok(Said { status: running.child.wait()?, answer, complaints }),
        Err(stopped) => {
            running.stop()?;
            Err(stopped)
        }
    }
}

struct Running {
    child: Child,
    heard: Receiver<Heard>,
    /// Keeps the channel open when both pipes are at their ends.
    _sender: SyncSender<Heard>,
}

impl Running {
    fn start(command: &mut Command) -> io::Result<Self> {
        group::lead(command);
        let mut child = command.spawn()?;
        // A program that is not listened to stops when its pipe is full.
        let (sender, heard) = sync_channel(4);
        if let Some(pipe) = child.stdout.take() {
            listen(pipe, Heard::Answer, sender.clone());
        }
        if let Some(pipe) = child.stderr.take() {
            listen(pipe, Heard::Complaint, sender.clone());
        }
        Ok(Self { child, heard, _sender: sender })
    }

    /// What it says until its end.
    fn hear_out(&mut self, patience: &Patience) -> Result<(Vec<u8>, Vec<u8>), Stopped> {
        let (mut answer, mut complaints) = (Vec::new(), Vec::new());
        let mut open = 2;
        let mut ended: Option<Instant> = None;
        loop {
            match self.heard.recv_timeout(PAUSE) {
                Ok(Heard::Answer(more)) => {
                    answer.extend(more);
                    if answer.len() > LONGEST_ANSWER {
                        return Err(Stopped::TooLong);
                    }
                }
                Ok(Heard::Complaint(more)) => {
                    complaints.extend(more);
                    let start = complaints.len().saturating_sub(LONGEST_COMPLAINT);
                    complaints.drain(..start);
                }
                Ok(Heard::End) => open -= 1,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            if ended.is_none() && group::has_ended(&mut self.child)? {
                ended = Some(Instant::now());
            }
            match ended {
                Some(_) if open == 0 => break,
                Some(at) if at.elapsed() >= GRACE => {
                    group::kill(&mut self.child);
                    break;
                }
                Some(_) => {}
                None => patience.check()?,
            }
        }
        Ok((answer, complaints))
    }

    /// Ends it, and all that it has started.
    fn stop(&mut self) -> io::Result<()> {
        group::end(&mut self.child);
        let told = Instant::now();
        while !group::has_ended(&mut self.child)? && told.elapsed() < LAST_WORDS {
            // It may want to say something before it goes.
            let _ = self.heard.recv_timeout(PAUSE);
        }
        group::kill(&mut self.child);
        self.child.wait().map(drop)
    }
}

/// Hands on what comes out of a pipe, until its end or until nobody listens.
fn listen(
    mut pipe: impl Read + Send + 'static,
    kind: fn(Vec<u8>) -> Heard,
    sender: SyncSender<Heard>,
) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let heard = match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => Heard::End,
                Ok(length) => kind(buffer.get(..length).unwrap_or_default().to_vec()),
            };
            let ends = matches!(heard, Heard::End);
            if sender.send(heard).is_err() || ends {
                return;
            }
        }
    });
}

/// A program and all that it starts.
#[cfg(unix)]
mod group {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    /// Whether it has ended. It stays there as a zombie, so that its group is nobody else's yet.
    pub(super) fn has_ended(child: &mut Child) -> io::Result<bool> {
        let now = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        Ok(waitid(WaitId::Pid(Pid::from_child(child)), now)?.is_some())
    }

    pub(super) fn end(child: &mut Child) {
        send(child, Signal::TERM);
    }

    pub(super) fn kill(child: &mut Child) {
        send(child, Signal::KILL);
    }

    /// Who has ended already hears nothing, which is as well.
    fn send(child: &Child, signal: Signal) {
        let _ = kill_process_group(Pid::from_child(child), signal);
    }
}

#[cfg(not(unix))]
mod group {
    use std::io;
    use std::process::{Child, Command};

    pub(super) fn lead(_: &mut Command) {}

    pub(super) fn has_ended(child: &mut Child) -> io::Result<bool> {
        Ok(child.try_wait()?.is_some())
    }

    pub(super) fn end(child: &mut Child) {
        kill(child);
    }

    /// Who has ended already cannot be killed, which is as well.
    pub(super) fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> (Result<Said, Stopped>, Duration) {
        let started = Instant::now();
        let patience = Patience::new(limit, Interrupts::default());
        let said = run(Command::new("sh").args(["-c", script]), &patience);
        (said, started.elapsed())
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn all_of_an_answer_and_the_end_of_complaints_are_kept() {
        let (said, _) = sh("head -c 1000000 /dev/zero; seq 100000 >&2; exit 3", LONG);
        let said = said.unwrap();
        assert_eq!(said.answer.len(), 1_000_000);
        assert_eq!(said.complaints.len(), LONGEST_COMPLAINT);
        assert!(said.complaints.ends_with(b"\n99999\n100000\n"));
        assert_eq!(said.status.code(), Some(3));
    }

    #[test]
    fn who_is_too_slow_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let late = folder.path().join("late");
        // The one inside does not listen to being told, and would write afterwards.
        let inner = format!("trap \"\" TERM; sleep 4; touch {}", late.display());
        let (said, took) = sh(&format!("sh -c '{inner}' & wait"), Duration::from_millis(300));
        assert!(matches!(said, Err(Stopped::TooSlow)), "{said:?}");
        assert!(took < Duration::from_secs(4), "{took:?}");
        thread::sleep(Duration::from_secs(5).saturating_sub(took));
        assert!(!late.exists());
    }

    #[test]
    fn nobody_waits_for_a_child_that_keeps_the_pipes() {
        let (said, took) = sh("echo a; echo b >&2; sleep 50 & exit 0", LONG);
        let said = said.unwrap();
        assert_eq!((&*said.answer, &*said.complaints), (&b"a\n"[..], &b"b\n"[..]));
        assert!(took < Duration::from_secs(20), "{took:?}");
    }

    #[test]
    fn whoever_never_stops_talking_is_stopped() {
        let (said, _) = sh("cat /dev/zero", LONG);
        assert!(matches!(said, Err(Stopped::TooLong)), "{said:?}");
        let (said, _) = sh("cat /dev/zero >&2", Duration::from_secs(1));
        assert!(matches!(said, Err(Stopped::TooSlow)), "{said:?}");
    }

    #[test]
    fn after_the_time_nothing_is_begun() {
        let (said, took) = sh("sleep 50", Duration::ZERO);
        assert!(matches!(said, Err(Stopped::TooSlow)), "{said:?}");
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}
