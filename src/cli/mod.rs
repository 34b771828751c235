//! The command line: arguments in, exit code out. All output goes through here.

mod args;
mod audit_options;
mod check;
mod choices;
mod complete;
mod completions;
mod diff;
mod document;
mod evaluating;
mod exit;
mod explain;
mod explore;
mod fix;
mod git;
mod graph;
mod inert;
mod init;
mod load_one;
mod lsp;
mod man;
mod merge;
mod output;
mod output_named;
mod patch;
mod progress;
mod proof;
mod twice;
mod verify;
mod why;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Error;
use clap::error::ErrorKind as ClapError;

use args::{Arguments, Command};
pub use args::{SourceOptions, command};
pub use exit::Exit;
use load_one::NotAudited;
use output::{errors, width};

use crate::render::human::{ReportStyle, error_line, error_lines};
use crate::source::deepen_main_thread;
use crate::source::evaluate::leave_memory;
use crate::text::{Visible, is_hidden};

/// Runs the program with the process's own arguments.
#[must_use]
pub fn main() -> ExitCode {
    match completions::answer() {
        Ok(false) => {}
        Ok(true) => return Exit::Success.into(),
        Err(error) => return failed(&error.into()).into(),
    }
    deepen_main_thread();
    let exit = match Arguments::parse() {
        Ok(arguments) => run(&arguments).unwrap_or_else(|error| failed(&error)),
        Err(error) => {
            // Help and version are answers, not errors.
            let asked = matches!(error.kind(), ClapError::DisplayHelp | ClapError::DisplayVersion);
            if asked {
                error.print().map_or(Exit::Error, |()| Exit::Success)
            } else {
                misused(&error)
            }
        }
    };
    leave_memory();
    exit.into()
}

fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let screen = &arguments.screen;
    match &arguments.command {
        Command::Check(check) => check::run(check, screen),
        Command::Fix(fix) => Ok(fix::run(fix, screen)),
        Command::Graph(graph) => graph::run(graph, screen),
        Command::Explore(explore) => explore::run(explore, screen),
        Command::Why(why) => why::run(why, screen),
        Command::Diff(diff) => diff::run(diff, screen),
        Command::Init(init) => init::run(init),
        Command::Lsp(lsp) => lsp::run(lsp),
        Command::Verify(verify) => verify::run(verify, screen),
        Command::Twice(twice) => twice::run(twice, screen),
        Command::Merge(merge) => merge::run(merge),
        Command::Explain(explain) => explain::run(explain, screen),
        Command::Completions(completions) => completions::run(completions, screen),
        Command::Man(man) => man::run(man, screen),
    }
}

/// Reports what is wrong with the arguments, which the message repeats as given.
fn misused(error: &clap::Error) -> Exit {
    let rendered = error.render();
    let plain = rendered.to_string();
    let is_harmless = !plain.chars().any(|c| is_hidden(c) && c != '\n');
    let color = errors_are_coloured();
    let mut errors = errors();
    // If standard error is closed, there is nobody to tell.
    let _ = if color && is_harmless {
        write!(errors, "{}", rendered.ansi())
    } else {
        plain.lines().try_for_each(|line| writeln!(errors, "{}", Visible(line)))
    };
    Exit::Error
}

fn errors_are_coloured() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// Reports an error, unless it is a closed pipe, which only means that the reader has seen enough.
fn failed(error: &Error) -> Exit {
    if error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe)
    }) {
        return Exit::Success;
    }
    let show =
        ReportStyle { color: errors_are_coloured(), quiet: false, verbose: false, width: width() };
    let lines = match error.downcast_ref::<NotAudited>() {
        Some(NotAudited { file, error }) => error_lines(file, error, show),
        None => error_line(&Visible(&format!("{error:#}")).to_string(), show),
    };
    // If standard error is closed, there is nobody to tell.
    let _ = errors().write_all(lines.as_bytes());
    Exit::Error
}
