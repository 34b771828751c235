//! The terminal: taken, given back whatever happens, and listened to. All of its input and output
//! is here.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::Show;
use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, KeyEvent};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    self, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::signals;

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// What happens to the explorer.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// There is another size.
    Resized,
    /// The process goes on after a stop: the picture may be gone.
    Resumed,
    /// The shell is to have a turn.
    Suspend,
    /// A signal ends the run.
    End(i32),
    /// There is nobody left to type.
    Closed,
}

/// The terminal, while it is ours.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Tty>>>,
    events: Receiver<Event>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// There is none, or it says no.
    pub fn enter() -> io::Result<Self> {
        // Asked first: a refusal leaves everything as it is.
        if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
            return Err(io::Error::new(ErrorKind::Unsupported, "TERM is dumb"));
        }
        let tty = Tty::open()?;
        give_back_on_panic();
        let (sender, events) = channel();
        signals::listen(sender.clone())?;
        take()?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, tty)));
        let screen = terminal.map(|terminal| Self { terminal, events });
        if screen.is_err() {
            give_back();
        }
        thread::spawn(move || listen(&sender));
        screen
    }

    /// Draws the whole picture; what is sent is what differs from the last one.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, picture: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(picture)?;
        Ok(())
    }

    /// Waits for what happens next. What happened in the meantime comes along, so that held keys
    /// do not queue up behind pictures.
    pub fn wait(&self) -> impl Iterator<Item = Event> {
        const MOST: usize = 256;
        let first = self.events.recv().unwrap_or(Event::Closed);
        [first].into_iter().chain(self.events.try_iter().take(MOST))
    }

    /// Lets the next picture be sent whole.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn redraw(&mut self) -> io::Result<()> {
        // Not `clear`: that asks for the cursor, and the answer would be taken for keys.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// Gives the shell a turn.
    ///
    /// # Errors
    /// The terminal is gone when it comes back.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signals::stop();
        take()?;
        self.redraw()
    }

    /// Sends text to the clipboard of the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        queue!(out, CopyToClipboard::to_clipboard_from(text))?;
        Write::flush(out)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Where pictures go: standard output if that is a terminal, else the terminal that the process
/// belongs to, so that standard output can take a drawing.
#[derive(Debug)]
enum Tty {
    Stdout(io::Stdout),
    #[cfg(unix)]
    Device(std::fs::File),
}

impl Tty {
    fn open() -> io::Result<Self> {
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
        std::fs::File::options().read(true).write(true).open("/dev/tty").map(Self::Device)
    }

    #[cfg(not(unix))]
    fn device() -> io::Result<Self> {
        Err(ErrorKind::NotConnected.into())
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

fn take() -> io::Result<()> {
    let mut tty = Tty::open()?;
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    signals::keep_keys();
    // Nothing that is too wide goes on in the next line.
    let taken = execute!(tty, EnterAlternateScreen, EnableBracketedPaste, DisableLineWrap);
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
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
    }
    let _ = terminal::disable_raw_mode();
}

/// Lets a panic's message be read: the terminal is given back before it is printed.
fn give_back_on_panic() {
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

/// Tells of keys for as long as there is somebody to type and somebody to listen.
fn listen(sender: &Sender<Event>) {
    loop {
        let event = match event::read() {
            Ok(event::Event::Key(key)) => Event::Key(key),
            Ok(event::Event::Paste(text)) => Event::Paste(text),
            Ok(event::Event::Resize(..)) => Event::Resized,
            Ok(_) => continue,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => Event::Closed,
        };
        let is_last = matches!(event, Event::Closed);
        if sender.send(event).is_err() || is_last {
            return;
        }
    }
}
