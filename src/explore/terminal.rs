//! The terminal while the explorer uses it: drawing and input.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event;
use crossterm::queue;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::event::Event;
use super::signals;
use super::tty::{Tty, give_back, give_back_on_panic, take};

/// The terminal, in use.
#[derive(Debug)]
pub struct TerminalScreen {
    terminal: Terminal<CrosstermBackend<BufWriter<Tty>>>,
    events: Receiver<Event>,
    teller: Sender<Event>,
    ear: Arc<KeyReader>,
}

impl TerminalScreen {
    /// Takes over the terminal.
    ///
    /// # Errors
    /// There is none, or it fails.
    pub fn enter() -> io::Result<Self> {
        // Checked first, so that a refusal changes nothing.
        if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
            return Err(io::Error::new(ErrorKind::Unsupported, "TERM is dumb"));
        }
        let tty = Tty::open()?;
        give_back_on_panic();
        let (sender, events) = channel();
        signals::listen(sender.clone())?;
        let teller = sender.clone();
        take()?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, tty)));
        let ear = Arc::new(KeyReader::default());
        let screen = terminal.map(|terminal| Self { terminal, events, teller, ear: ear.clone() });
        if screen.is_err() {
            give_back();
        }
        thread::spawn(move || listen(&sender, &ear));
        screen
    }

    /// Draws the whole picture; only changes are sent.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, picture: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(picture)?;
        Ok(())
    }

    /// Waits for the next event, and returns it with all that have queued up, so that held keys do
    /// not wait for a redraw each.
    pub fn wait(&self) -> impl Iterator<Item = Event> {
        const MOST: usize = 256;
        let first = self.events.recv().unwrap_or(Event::Closed);
        [first].into_iter().chain(self.events.try_iter().take(MOST))
    }

    /// Tells whoever waits that the audit is done, from another thread.
    pub fn audit_ended(&self) -> impl FnOnce() + Send + use<> {
        let teller = self.teller.clone();
        // Where nobody waits any more, nobody is to be told.
        move || drop(teller.send(Event::Audited))
    }

    /// Makes the next picture be sent completely.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn redraw(&mut self) -> io::Result<()> {
        // Not `clear`: it asks for the cursor's position, and the answer would be read as keys.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// Suspends the process.
    ///
    /// # Errors
    /// The terminal is gone afterwards.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signals::stop();
        take()?;
        self.redraw()
    }

    /// Lends the terminal to a program, which gets its keys and signals meanwhile.
    ///
    /// # Errors
    /// The terminal is gone afterwards.
    pub fn lend<T>(&mut self, to: impl FnOnce() -> T) -> io::Result<T> {
        self.ear.close();
        give_back();
        signals::leave_to_others(true);
        let outcome = to();
        signals::leave_to_others(false);
        let taken = take();
        // What is left over was meant for the program.
        while self.events.try_recv().is_ok() {}
        self.ear.open();
        taken?;
        self.redraw()?;
        Ok(outcome)
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

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        give_back();
    }
}

/// How long to wait for keys at once, and so how long lending the terminal takes.
const PATIENCE: Duration = Duration::from_millis(150);

/// Controls whether keys are read.
#[derive(Debug, Default)]
struct KeyReader {
    state: Mutex<KeyReaderState>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct KeyReaderState {
    /// Reading is switched off.
    is_closed: bool,
    /// The reader has stopped.
    is_waiting: bool,
}

impl KeyReader {
    fn state(&self) -> MutexGuard<'_, KeyReaderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches reading off and waits until it has stopped; does not wait for a reader that is
    /// gone.
    fn close(&self) {
        self.state().is_closed = true;
        let most = PATIENCE * 4;
        let waiting = |state: &mut KeyReaderState| !state.is_waiting;
        drop(self.changed.wait_timeout_while(self.state(), most, waiting));
    }

    fn open(&self) {
        self.state().is_closed = false;
        self.changed.notify_all();
    }

    /// Waits while reading is switched off.
    fn wait(&self) {
        let mut state = self.state();
        while state.is_closed {
            state.is_waiting = true;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_waiting = false;
    }
}

/// Sends keys as events, as long as the terminal and the receiver exist.
fn listen(sender: &Sender<Event>, ear: &KeyReader) {
    loop {
        ear.wait();
        // With a timeout, because the terminal may be lent.
        match event::poll(PATIENCE) {
            Ok(false) => continue,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(true) | Err(_) => {}
        }
        let event = match event::read() {
            Ok(event::Event::Key(key)) => Event::Key(key),
            Ok(event::Event::Mouse(mouse)) => Event::Mouse(mouse),
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
