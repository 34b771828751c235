//! The terminal that the process belongs to: taken, and given back whatever happens.

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

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where pictures go: standard output if that is a terminal, else the terminal that the process
/// belongs to, so that standard output can take a drawing.
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
            // Keys come from standard input, or from where that is none: crossterm opens it again.
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

    /// The device, where it was opened by itself.
    #[cfg(unix)]
    pub(super) fn device_file(&self) -> Option<&fs::File> {
        match self {
            Self::Stdout(_) => None,
            Self::Device(file) => Some(file),
        }
    }

    /// There is none.
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

/// Takes the terminal.
pub(super) fn take() -> io::Result<()> {
    let mut tty = Tty::open()?;
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    keep_keys();
    // Nothing that is too wide goes on in the next line.
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

/// Gives the terminal back as it was; nothing happens if it is not ours. What cannot be done is
/// left: there is no one to tell.
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

/// Lets a panic's message be read: the terminal is given back before it is printed.
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

/// Lets ctrl-c and ctrl-z send signals although the terminal is raw: to whatever the output goes
/// to as well, and whatever else is typed. Where that cannot be, they are keys.
#[cfg(unix)]
fn keep_keys() {
    use std::os::fd::{AsFd, BorrowedFd};

    use rustix::termios::{self, LocalModes, OptionalActions};

    let keep = |tty: BorrowedFd<'_>| -> rustix::io::Result<()> {
        let mut modes = termios::tcgetattr(tty)?;
        modes.local_modes |= LocalModes::ISIG;
        termios::tcsetattr(tty, OptionalActions::Now, &modes)
    };
    // Where crossterm reads keys.
    let stdin = io::stdin();
    let _ = if stdin.is_terminal() {
        keep(stdin.as_fd())
    } else {
        fs::File::open("/dev/tty").map_or(Ok(()), |tty| keep(tty.as_fd()))
    };
}

#[cfg(not(unix))]
fn keep_keys() {}
