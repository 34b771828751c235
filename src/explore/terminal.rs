//! The terminal while the explorer has it: drawn on, and listened to.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event;
use crossterm::queue;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::event::Event;
use super::signals;
use super::tty::{Tty, give_back, give_back_on_panic, take};

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
