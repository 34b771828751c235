//! `flake-audit explore`.

use std::io::{self, IsTerminal, Write};

use anyhow::{Result, anyhow};
use clap::ColorChoice;

use super::args::{self, Screen};
use super::exit::Exit;
use super::inert::ReadBy;
use super::load_one::{OneLock, refused};
use super::output::ResultOutput;
use crate::audit::Report;
use crate::explore::{
    Explorer, ListKind, Scene, SessionEnd, Sink, TerminalScreen as Terminal, Theme, run as explored,
};
use crate::fix::Choice;
use crate::instance::Analysis;

pub(super) fn run(explore: &args::Explore, screen: &Screen) -> Result<Exit> {
    let lock = OneLock { path: &explore.path, options: &explore.audit };
    let sink = if io::stdout().is_terminal() { Sink::File } else { Sink::Stdout };
    // Warnings are printed before the screen is taken over.
    let mut next = lock.with_report(|analysis, report| {
        let terminal = Terminal::enter().map_err(|error| refusal(&error))?;
        one_session((lock, analysis, report), terminal, None, sink, screen)
    })??;
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
