//! The process's terminal: taken over, and restored in every case.

#[cfg(unix)]
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    self, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
};

/// Whether the terminal is taken over.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where pictures go: standard output if that is a terminal, else the process's own terminal, so
/// that standard output can take a drawing.
#[derive(Debug)]
pub(super) enum Tty {
    Stdout(io::Stdout),
    #[cfg(unix)]
    Device(fs::File),
}

impl Tty {
    /// Opens it.
    pub(super) fn open() -> io::Result<Self> {
        let stdout = io::stdout();
        if stdout.is_terminal() {
            // crossterm reads keys from standard input, or opens the terminal itself if that is
            // none.
            return if io::stdin().is_terminal() {
                Ok(Self::Stdout(stdout))
            } else {
                Self::device()
            };
        }
        Self::device()
    }

    #[cfg(unix)]
    fn device() -> io::Result<Self> {
        fs::File::options().read(true).write(true).open("/dev/tty").map(Self::Device)
    }

    #[cfg(not(unix))]
    fn device() -> io::Result<Self> {
        Err(io::ErrorKind::NotConnected.into())
    }

    /// The device, if it was opened separately.
    #[cfg(unix)]
    pub(super) fn device_file(&self) -> Option<&fs::File> {
        match self {
            Self::Stdout(_) => None,
            Self::Device(file) => Some(file),
        }
    }

    /// Not used on this system.
    #[cfg(not(unix))]
    pub(super) fn device_file(&self) -> Option<&std::fs::File> {
        None
    }
}

impl Write for Tty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            #[cfg(unix)]
            Self::Device(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            #[cfg(unix)]
            Self::Device(out) => out.flush(),
        }
    }
}

/// Takes over the terminal.
pub(super) fn take() -> io::Result<()> {
    let mut tty = Tty::open()?;
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    keep_keys();
    // Too long lines must not continue on the next one.
    let taken = execute!(
        tty,
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableMouseCapture,
        DisableLineWrap
    );
    if taken.is_err() {
        give_back();
    }
    taken
}

/// Restores the terminal, if it was taken over. Errors are ignored, because there is nobody to
/// tell.
pub(super) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    if let Ok(mut tty) = Tty::open() {
        let _ = execute!(
            tty,
            SetAttribute(Attribute::Reset),
            EnableLineWrap,
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
    }
    let _ = terminal::disable_raw_mode();
}

/// Restores the terminal before a panic's message is printed, so that it can be read.
pub(super) fn give_back_on_panic() {
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

/// Makes ctrl-c and ctrl-z send signals although the terminal is raw, so that they reach every
/// process of a pipeline, whatever else is typed. Where that is impossible, they are keys.
#[cfg(unix)]
fn keep_keys() {
    use std::os::fd::{AsFd, BorrowedFd};

    use rustix::termios::{self, LocalModes, OptionalActions};

    let keep = |tty: BorrowedFd<'_>| -> rustix::io::Result<()> {
        let mut modes = termios::tcgetattr(tty)?;
        modes.local_modes |= LocalModes::ISIG;
        termios::tcsetattr(tty, OptionalActions::Now, &modes)
    };
    // crossterm reads keys from here.
    let stdin = io::stdin();
    let _ = if stdin.is_terminal() {
        keep(stdin.as_fd())
    } else {
        fs::File::open("/dev/tty").map_or(Ok(()), |tty| keep(tty.as_fd()))
    };
}

#[cfg(not(unix))]
fn keep_keys() {}
