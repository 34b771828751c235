//! `flake-audit explore`.

use std::io::{self, IsTerminal, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::ColorChoice;

use super::args::{self, Screen};
use super::exit::Exit;
use super::inert::ReadBy;
use super::load_one::{OneLock, refused, warn_of_refused};
use super::output::ResultOutput;
use crate::audit::Report;
use crate::explore::{
    Explorer, ListKind, Scene, SessionEnd, Sink, TerminalScreen as Terminal, Theme, run as explored,
};
use crate::fix::Choice;
use crate::instance::Analysis;
use crate::source::evaluate::abandon;

pub(super) fn run(explore: &args::Explore, screen: &Screen) -> Result<Exit> {
    let lock = OneLock { path: &explore.path, options: &explore.audit };
    let sink = if io::stdout().is_terminal() { Sink::File } else { Sink::Stdout };
    let mut next = first_session(lock, sink, screen)?;
    loop {
        let (mut terminal, mut bookmark) = match next {
            Next::End(exit) => return Ok(exit),
            Next::Again { terminal, bookmark, wanted } => {
                let made = wanted.map(|fingerprint| made_fix(explore, fingerprint));
                let message = made.map(|made| made.unwrap_or_else(|error| format!("{error:#}")));
                (*terminal, Bookmark { message: message.unwrap_or(bookmark.message), ..bookmark })
            }
        };
        terminal.redraw()?;
        next = lock.with_silent_report(|analysis, report| {
            if let Some(refused) = refused(analysis, &report.lock_file) {
                bookmark.message = refused;
            }
            one_session((lock, analysis, report), terminal, Some(bookmark), sink, screen)
        })??;
    }
}

/// How long the first picture waits for the audit. Few take longer, and what is shown before it has
/// no findings.
const PATIENCE: Duration = Duration::from_millis(25);

/// A terminal at which somebody looks at the inputs already.
struct Shown {
    terminal: Terminal,
    bookmark: Bookmark,
    /// Whether they went somewhere.
    is_moved: bool,
}

/// How looking at what is being audited has ended.
enum Early {
    /// By being left.
    Left,
    Audited(Box<Shown>),
}

/// Audits the lock, and shows its inputs meanwhile where that takes longer than a moment.
fn first_session(lock: OneLock<'_>, sink: Sink, screen: &Screen) -> Result<Next> {
    thread::scope(|scope| {
        // Closed once the audit has ended, however it did.
        let (ends, ended) = mpsc::channel::<()>();
        let (hand_over, handed) = mpsc::channel::<Option<Shown>>();
        let audit = thread::Builder::new().spawn_scoped(scope, move || {
            lock.with_silent_report(|analysis, report| {
                drop(ends);
                let Ok(shown) = handed.recv() else { return Ok(Next::End(Exit::Success)) };
                let (terminal, bookmark) = match shown {
                    Some(Shown { terminal, mut bookmark, is_moved }) => {
                        let refused = refused(analysis, &report.lock_file);
                        let is_kept = is_moved || refused.is_some();
                        bookmark.message = refused.unwrap_or(bookmark.message);
                        (terminal, is_kept.then_some(bookmark))
                    }
                    None => {
                        // Said before there is a screen that it would be written across.
                        warn_of_refused(analysis, &report.lock_file);
                        (enter()?, None)
                    }
                };
                one_session((lock, analysis, report), terminal, bookmark, sink, screen)
            })
        })?;
        let is_soon = || ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout);
        // What is written on leaving is to be of the audit.
        let shown = if sink == Sink::Stdout || is_soon() {
            None
        } else {
            let early = early_session(lock, screen, |tell: Box<dyn FnOnce() + Send>| {
                scope.spawn(move || {
                    let _ = ended.recv();
                    tell();
                });
            });
            match early {
                Ok(Early::Audited(shown)) => Some(*shown),
                left => {
                    abandon(true);
                    return left.map(|_| Next::End(Exit::Success));
                }
            }
        };
        // Where the audit has failed, nobody takes it.
        let _ = hand_over.send(shown);
        audit.join().unwrap_or_else(|panic| resume_unwind(panic))?
    })
}

/// Shows what the lock alone says, until the audit has ended; `then` calls what it is given at that
/// time.
fn early_session(
    lock: OneLock<'_>,
    screen: &Screen,
    then: impl FnOnce(Box<dyn FnOnce() + Send>),
) -> Result<Early> {
    lock.without_sources(|analysis, report| {
        let mut terminal = enter()?;
        then(Box::new(terminal.audit_ended()));
        let scene = Scene::new(analysis, report);
        let mut explorer = Explorer::new(scene, Sink::File).being_audited();
        let start = explorer.bookmark();
        loop {
            match explored(&mut explorer, &mut terminal, theme(screen)) {
                Ok(SessionEnd::Audited) => {
                    let bookmark =
                        Bookmark { place: explorer.bookmark(), message: "audited".to_owned() };
                    let is_moved = bookmark.place != start;
                    let shown = Shown { terminal, bookmark, is_moved };
                    return Ok(Early::Audited(Box::new(shown)));
                }
                Ok(SessionEnd::Reload | SessionEnd::Fix(_)) => {
                    explorer.say("it is still being audited")
                }
                left => {
                    drop(terminal);
                    left?.end();
                    return Ok(Early::Left);
                }
            }
        }
    })?
}

fn enter() -> Result<Terminal> {
    Terminal::enter().map_err(|error| refusal(&error))
}

/// What to do after a session.
enum Next {
    End(Exit),
    /// Another session on the same lock after reading it again, and before it the fix of the
    /// finding with this fingerprint.
    Again {
        terminal: Box<Terminal>,
        bookmark: Bookmark,
        wanted: Option<String>,
    },
}

/// Where the user was, and a message.
struct Bookmark {
    place: (ListKind, Option<Vec<String>>),
    message: String,
}

/// One session, from reading the lock to the next reading or the end.
fn one_session(
    (lock, analysis, report): (OneLock<'_>, &Analysis<'_, '_, '_>, &Report<'_>),
    mut terminal: Terminal,
    again: Option<Bookmark>,
    sink: Sink,
    screen: &Screen,
) -> Result<Next> {
    let mut explorer = Explorer::new(Scene::new(analysis, report), sink);
    match again {
        Some(Bookmark { place, message }) => {
            explorer.return_to(&place);
            explorer.say(message);
        }
        // On exit the current view is drawn, so start with the view of everything.
        None if sink == Sink::File => explorer.to_first_finding(),
        None => {}
    }
    loop {
        let left = explored(&mut explorer, &mut terminal, theme(screen));
        let wanted = match left {
            Ok(SessionEnd::Fix(finding)) => explorer.fingerprint(finding),
            Ok(SessionEnd::Reload) => None,
            left => {
                drop(terminal);
                return leave(left?, &explorer, analysis, screen);
            }
        };
        // Without a valid lock, the old state stays on the screen.
        if let Err(error) = lock.with_silent_report(|_, _| ()) {
            explorer.say(format!("not read again: {error:#}"));
            continue;
        }
        let message = "read again".to_owned();
        let bookmark = Bookmark { place: explorer.bookmark(), message };
        return Ok(Next::Again { terminal: Box::new(terminal), bookmark, wanted });
    }
}

/// The end of a session; the current view goes to standard output if that is wanted.
fn leave(
    left: SessionEnd,
    explorer: &Explorer<'_, '_, '_, '_>,
    analysis: &Analysis<'_, '_, '_>,
    screen: &Screen,
) -> Result<Next> {
    left.end();
    if let Some(dump) = explorer.on_leaving().filter(|_| left == SessionEnd::Quit) {
        let mut output = ResultOutput::new(screen);
        output.is_read_by(ReadBy::Graphviz);
        dump.write(analysis, &mut output)?;
        output.flush()?;
    }
    Ok(Next::End(Exit::Success))
}

/// Applies the fix of one finding as `fix` does; returns the result in words.
fn made_fix(explore: &args::Explore, fingerprint: String) -> Result<String> {
    let choice = Choice { fingerprint: Some(fingerprint), ..Choice::default() };
    super::fix::make(&explore.path, &explore.audit, &choice)
}

/// Colours for the terminal that is drawn on, regardless of standard output.
fn theme(screen: &Screen) -> Theme {
    let color = match screen.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let unwanted = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            !unwanted("NO_COLOR")
        }
    };
    // crossterm would check NO_COLOR itself.
    crossterm::style::force_color_output(color);
    Theme { color }
}

fn refusal(error: &io::Error) -> anyhow::Error {
    anyhow!(
        "explore needs a terminal to draw on ({error}); `flake-audit graph` draws the inputs for \
         other programs, and `flake-audit why` explains one"
    )
}
