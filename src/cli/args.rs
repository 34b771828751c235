//! The arguments.

mod asking;
mod check;
mod diff;
mod guiding;
mod looking;
mod merging;
mod repairing;
mod shared;

use std::ffi::OsString;

use clap::{Args, ColorChoice, FromArgMatches, Parser, Subcommand};

pub(super) use self::asking::{Twice, Verify};
pub(super) use self::check::Check;
pub(super) use self::diff::Diff;
pub(super) use self::guiding::{Completions, Explain, Lsp, Man};
pub(super) use self::looking::{Explore, Graph, Why};
pub(super) use self::merging::Merge;
pub(super) use self::repairing::{Fix, Init};
pub use self::shared::SourceOptions;
pub(super) use self::shared::{AuditOptions, Screen};
pub(super) use super::choices::{ChosenFormat, GraphFormat, ReportFormat, Shell, WhyFormat};
use crate::audit::Levels;
use crate::finding::Level;
use crate::rules;

/// Find flake inputs that get a nixpkgs without your settings, so that nothing is built twice.
#[derive(Debug, Parser)]
#[command(
    after_help = "Exit codes: 0 no errors were found, 1 errors were found, 2 something could not be audited."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    everywhere: Everywhere,
}

/// What goes for every subcommand.
#[derive(Debug, Args)]
struct Everywhere {
    /// When to use colours; `auto` respects NO_COLOR and CLICOLOR_FORCE.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = shared::GLOBAL)]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(Check),
    Fix(Fix),
    Graph(Graph),
    Explore(Explore),
    Why(Why),
    Diff(Diff),
    Init(Init),
    Lsp(Lsp),
    Verify(Verify),
    Twice(Twice),
    Merge(Merge),
    Explain(Explain),
    Completions(Completions),
    Man(Man),
}

impl Command {
    /// Whether the subcommand was told to print less, and more.
    fn loudness(&self) -> (bool, bool) {
        match self {
            Command::Check(Check { loudness, .. }) | Command::Fix(Fix { loudness, .. }) => {
                (loudness.quiet, loudness.verbose)
            }
            Command::Verify(Verify { quiet, .. }) | Command::Twice(Twice { quiet, .. }) => {
                (quiet.quiet, false)
            }
            Command::Explain(Explain { quiet, .. }) => (quiet.quiet, false),
            Command::Graph(_)
            | Command::Explore(_)
            | Command::Why(_)
            | Command::Diff(_)
            | Command::Init(_)
            | Command::Merge(_)
            | Command::Lsp(_)
            | Command::Completions(_)
            | Command::Man(_) => (false, false),
        }
    }
}

/// The parsed command line.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) command: Command,
    pub(super) screen: Screen,
}

impl Arguments {
    /// From the process's own arguments.
    pub(super) fn parse() -> Result<Self, clap::Error> {
        let words: Vec<OsString> = std::env::args_os().collect();
        let alone = words.get(1).and_then(|word| word.to_str()).and_then(with_one);
        let mut definition = alone.unwrap_or_else(command);
        let mut matches = definition.try_get_matches_from_mut(words)?;
        // The arguments live as long as the process, and dropping the definition takes a tenth of a
        // small run's time.
        std::mem::forget(definition);
        let mut levels: Vec<(usize, &'static str, Level)> = Vec::new();
        if let Some(("check", check)) = matches.subcommand() {
            for (flag, level) in
                [("deny", Level::Deny), ("warn", Level::Warn), ("allow", Level::Allow)]
            {
                let ids = check.get_many::<String>(flag).into_iter().flatten();
                let places = check.indices_of(flag).into_iter().flatten();
                levels.extend(places.zip(ids).map(|(at, id)| {
                    let id = match rules::rule_named(id) {
                        Some(rule) => rule.id,
                        None => Levels::WARNINGS,
                    };
                    (at, id, level)
                }));
            }
        }
        levels.sort_unstable();
        let mut cli = Cli::from_arg_matches_mut(&mut matches)?;
        if let Command::Check(check) = &mut cli.command {
            check.levels = levels.into_iter().map(|(_, id, level)| (id, level)).collect();
        }
        let (quiet, verbose) = cli.command.loudness();
        let screen = Screen { color: cli.everywhere.color, quiet, verbose };
        Ok(Self { command: cli.command, screen })
    }
}

/// The command line's definition, for whatever is generated from it.
pub fn command() -> clap::Command {
    Cli::augment_args(program())
}

/// The start of the definition.
fn program() -> clap::Command {
    clap::Command::new("flake-audit")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .max_term_width(100)
}

/// The command line with just one of the subcommands that people and hooks run all the time,
/// because defining all of them takes longer than auditing a small lock.
fn with_one(name: &str) -> Option<clap::Command> {
    let one = match name {
        "check" => Check::augment_args(clap::Command::new("check")),
        "fix" => Fix::augment_args(clap::Command::new("fix")),
        "graph" => Graph::augment_args(clap::Command::new("graph")),
        "why" => Why::augment_args(clap::Command::new("why")),
        _ => return None,
    };
    let with_it = program().subcommand_required(true).subcommand(one);
    // Help lists global options after the others, as in the full definition.
    Some(Everywhere::augment_args(with_it.next_display_order(SUBCOMMANDS)))
}

/// The number of subcommands.
const SUBCOMMANDS: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_the_same_beside_the_other_subcommands_and_alone() {
        assert_eq!(command().get_subcommands().count(), SUBCOMMANDS);
        let help = |mut program: clap::Command, name: &str| {
            program.build();
            program.find_subcommand_mut(name).unwrap().render_long_help().to_string()
        };
        for name in ["check", "fix", "graph", "why"] {
            assert_eq!(help(with_one(name).unwrap(), name), help(command(), name));
        }
    }
}
