//! The terminal while the explorer has it: drawn on, and listened to.

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

/// The terminal, while it is ours.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Tty>>>,
    events: Receiver<Event>,
    teller: Sender<Event>,
    ear: Arc<Ear>,
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
        let teller = sender.clone();
        take()?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, tty)));
        let ear = Arc::new(Ear::default());
        let screen = terminal.map(|terminal| Self { terminal, events, teller, ear: ear.clone() });
        if screen.is_err() {
            give_back();
        }
        thread::spawn(move || listen(&sender, &ear));
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

    /// Tells whoever waits that the audit is done, from another thread.
    pub fn audit_ended(&self) -> impl FnOnce() + Send + use<> {
        let teller = self.teller.clone();
        // Where nobody waits any more, nobody is to be told.
        move || drop(teller.send(Event::Audited))
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

    /// Lends the terminal to a program: keys and signals of it are not ours meanwhile.
    ///
    /// # Errors
    /// The terminal is gone when it comes back.
    pub fn lend<T>(&mut self, to: impl FnOnce() -> T) -> io::Result<T> {
        self.ear.close();
        give_back();
        signals::leave_to_others(true);
        let outcome = to();
        signals::leave_to_others(false);
        let taken = take();
        // What is left over was not meant for us.
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

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// How long keys are waited for at once: so long it takes to lend the terminal.
const PATIENCE: Duration = Duration::from_millis(150);

/// Whether keys are read.
#[derive(Debug, Default)]
struct Ear {
    state: Mutex<EarState>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct EarState {
    /// Nothing is to be read.
    is_closed: bool,
    /// Nothing is being read.
    is_waiting: bool,
}

impl Ear {
    fn state(&self) -> MutexGuard<'_, EarState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing is read; not for a reader that is gone.
    fn close(&self) {
        self.state().is_closed = true;
        let most = PATIENCE * 4;
        let waiting = |state: &mut EarState| !state.is_waiting;
        drop(self.changed.wait_timeout_while(self.state(), most, waiting));
    }

    fn open(&self) {
        self.state().is_closed = false;
        self.changed.notify_all();
    }

    /// Waits while nothing is to be read.
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

/// Tells of keys for as long as there is somebody to type and somebody to listen.
fn listen(sender: &Sender<Event>, ear: &Ear) {
    loop {
        ear.wait();
        // Not for ever: the terminal may be lent.
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
