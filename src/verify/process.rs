//! Runs a program with limits on time and output, until it ends or the user interrupts.
//!
//! It gets a process group of its own, so that everything it starts ends with it. Its output is
//! read while it runs; once it has ended, children of it that keep a pipe open are not waited for.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::interrupts::Interrupts;

/// Longer answers are refused: the longest known lock has 1.4 MB.
pub(super) const LONGEST_ANSWER: usize = 64 << 20;
/// How much of the end of standard error is kept.
const LONGEST_COMPLAINT: usize = 64 << 10;
/// How often it is checked.
const PAUSE: Duration = Duration::from_millis(10);
/// How long to read pipes that stay open after its end.
const GRACE: Duration = Duration::from_millis(500);
/// How long it may take to end after the signal, before it is killed.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A time limit, and a way to be interrupted.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// The time limit.
    pub(super) limit: Duration,
    /// Its end; `None` if it is beyond what the clock can represent.
    deadline: Option<Instant>,
    interrupts: Interrupts,
}

impl Patience {
    /// Starts now.
    pub(crate) fn new(limit: Duration, interrupts: Interrupts) -> Self {
        Self { limit, deadline: Instant::now().checked_add(limit), interrupts }
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// There is none, or the user has interrupted.
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

/// The output of a program.
#[derive(Debug)]
pub(super) struct ProcessOutput {
    pub(super) status: ExitStatus,
    /// Standard output.
    pub(super) answer: Vec<u8>,
    /// The end of standard error.
    pub(super) complaints: Vec<u8>,
}

/// Why it did not finish.
#[derive(Debug)]
pub(super) enum Stopped {
    /// It could not be run.
    Failed(io::Error),
    /// It took too long.
    TooSlow,
    /// It wrote too much.
    TooLong,
    /// The user interrupted.
    Interrupted,
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A piece of its output.
enum OutputPiece {
    Answer(Vec<u8>),
    Complaint(Vec<u8>),
    /// A pipe has ended.
    End,
}

/// Runs a program without standard input.
///
/// # Errors
/// It cannot be run, or was stopped.
pub(super) fn run(command: &mut Command, patience: &Patience) -> Result<ProcessOutput, Stopped> {
    run_on(command, Stdio::null(), patience)
}

/// The same with standard input.
///
/// # Errors
/// It cannot be run, or was stopped.
pub(super) fn run_on(
    command: &mut Command,
    input: Stdio,
    patience: &Patience,
) -> Result<ProcessOutput, Stopped> {
    patience.check()?;
    let command = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::start(command)?;
    match running.read_to_end(patience) {
        Ok((answer, complaints)) => {
            Ok(ProcessOutput { status: running.child.wait()?, answer, complaints })
        }
        Err(stopped) => {
            running.stop()?;
            Err(stopped)
        }
    }
}

struct Running {
    child: Child,
    heard: Receiver<OutputPiece>,
    /// Keeps the channel open when both pipes have ended.
    _sender: SyncSender<OutputPiece>,
}

impl Running {
    fn start(command: &mut Command) -> io::Result<Self> {
        group::lead(command);
        let mut child = command.spawn()?;
        // A bounded channel makes a program wait if its output is not read.
        let (sender, heard) = sync_channel(4);
        if let Some(pipe) = child.stdout.take() {
            listen(pipe, OutputPiece::Answer, sender.clone());
        }
        if let Some(pipe) = child.stderr.take() {
            listen(pipe, OutputPiece::Complaint, sender.clone());
        }
        Ok(Self { child, heard, _sender: sender })
    }

    /// Its output until its end.
    fn read_to_end(&mut self, patience: &Patience) -> Result<(Vec<u8>, Vec<u8>), Stopped> {
        let (mut answer, mut complaints) = (Vec::new(), Vec::new());
        let mut open = 2;
        let mut ended: Option<Instant> = None;
        loop {
            match self.heard.recv_timeout(PAUSE) {
                Ok(OutputPiece::Answer(more)) => {
                    answer.extend(more);
                    if answer.len() > LONGEST_ANSWER {
                        return Err(Stopped::TooLong);
                    }
                }
                Ok(OutputPiece::Complaint(more)) => {
                    complaints.extend(more);
                    let start = complaints.len().saturating_sub(LONGEST_COMPLAINT);
                    complaints.drain(..start);
                }
                Ok(OutputPiece::End) => open -= 1,
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

    /// Ends it, and everything that it has started.
    fn stop(&mut self) -> io::Result<()> {
        group::end(&mut self.child);
        let asked_to_end = Instant::now();
        while !group::has_ended(&mut self.child)? && asked_to_end.elapsed() < LAST_WORDS {
            // It may write a last message.
            let _ = self.heard.recv_timeout(PAUSE);
        }
        group::kill(&mut self.child);
        self.child.wait().map(drop)
    }
}

/// Sends what comes out of a pipe, until it ends or the receiver is gone.
fn listen(
    mut pipe: impl Read + Send + 'static,
    kind: fn(Vec<u8>) -> OutputPiece,
    sender: SyncSender<OutputPiece>,
) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let heard = match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => OutputPiece::End,
                Ok(length) => kind(buffer.get(..length).unwrap_or_default().to_vec()),
            };
            let ends = matches!(heard, OutputPiece::End);
            if sender.send(heard).is_err() || ends {
                return;
            }
        }
    });
}

/// A program and everything that it starts, as a process group.
#[cfg(unix)]
mod group {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    /// Whether it has ended. It is not reaped, so that its group's id cannot be reused yet.
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

    /// Fails if it has ended already, which does not matter.
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

    /// Fails if it has ended already, which does not matter.
    pub(super) fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> (Result<ProcessOutput, Stopped>, Duration) {
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
        // The inner process ignores the signal, and would write later.
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
