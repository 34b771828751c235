//! `flake-audit explore`.

use std::io::{self, IsTerminal, Write};

use anyhow::{Result, anyhow};
use clap::ColorChoice;

use super::args::{self, Screen};
use super::exit::Exit;
use super::inert::ReadBy;
use super::one_lock::OneLock;
use super::output::Output;
use crate::explore::{Explorer, Left, Scene, Screen as Terminal, Sink, Theme, run as explored};

pub(super) fn run(explore: &args::Explore, screen: &Screen) -> Result<Exit> {
    let lock = OneLock { path: &explore.path, options: &explore.audit };
    let sink = if io::stdout().is_terminal() { Sink::File } else { Sink::Stdout };
    lock.with_report(|facts, report| {
        let mut explorer = Explorer::new(Scene::new(facts, report), sink);
        let mut terminal = Terminal::enter().map_err(|error| refusal(&error))?;
        let left = explored(&mut explorer, &mut terminal, theme(screen));
        drop(terminal);
        let left = left?;
        left.end();
        if let Some(dump) = explorer.on_leaving().filter(|_| left == Left::Quit) {
            let mut output = Output::new(screen);
            output.is_read_by(ReadBy::Graphviz);
            dump.write(facts, &mut output)?;
            output.flush()?;
        }
        Ok(Exit::Success)
    })?
}

/// Colours as they are wanted of the terminal that is drawn on, whatever standard output is.
fn theme(screen: &Screen) -> Theme {
    let color = match screen.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let unwanted = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            !unwanted("NO_COLOR")
        }
    };
    // crossterm asks NO_COLOR itself.
    crossterm::style::force_color_output(color);
    Theme { color }
}

fn refusal(error: &io::Error) -> anyhow::Error {
    anyhow!(
        "explore needs a terminal to draw on ({error}); `flake-audit graph` draws the inputs for \
         other programs, and `flake-audit why` tells of one"
    )
}
