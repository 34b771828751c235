//! The arguments.

mod asking;
mod diff;
mod merging;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, RangedU64ValueParser};
use clap::{ArgAction, Args, ColorChoice, FromArgMatches, Parser, Subcommand, ValueHint};

pub(super) use self::asking::{Twice, Verify};
pub(super) use self::diff::Diff;
pub(super) use self::merging::Merge;
pub(super) use super::choices::{
    ChosenFormat, ChosenFormats, GraphFormat, ReportFormat, Shell, WhyFormat,
};
use super::complete;
use crate::audit::Levels;
use crate::finding::Level;
use crate::rules::{self, RULES};
use crate::verify::Nix;

/// Finds the flake inputs that get an unconfigured nixpkgs, so that nothing is built twice.
#[derive(Debug, Parser)]
#[command(
    after_help = "Exit codes: 0 nothing at deny level, 1 a finding at deny level, 2 something \
    could not be audited."
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
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are heeded by `auto`.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    color: ColorChoice,
}

/// How much is printed, where there is less to be had.
#[derive(Debug, Args)]
pub(super) struct Quiet {
    /// Print results only: no summary, no progress.
    #[arg(short, long, help_heading = REPORT)]
    quiet: bool,
}

/// The same, where there is more to be had, too.
#[derive(Debug, Args)]
pub(super) struct Loudness {
    /// Print findings only: no summary.
    #[arg(short, long, help_heading = REPORT)]
    quiet: bool,
    /// Print more: what shows each finding, exempted ones, each nixpkgs in use, and what was read.
    #[arg(short, long, conflicts_with = "quiet", help_heading = REPORT)]
    verbose: bool,
}

/// How results are shown.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) color: ColorChoice,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

/// Groups of options in `--help`.
const AUDIT: &str = "What to audit";
const REPORT: &str = "What to report";
const LEVELS: &str = "Levels";
const SOURCES: &str = "Sources";
const GLOBAL: &str = "Global options";

/// Whether sources are read, and where they may lie.
#[derive(Debug, Clone, Args)]
pub struct SourceOptions {
    /// False where only locks are to be read.
    #[arg(
        long = "no-source",
        action = ArgAction::SetFalse,
        help = "Read no source, only locks",
        help_heading = SOURCES
    )]
    pub enabled: bool,
    /// Look for sources in this store too: a folder of store paths, or one with a `nix/store`
    /// below it.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "enabled", help_heading = SOURCES)]
    pub store: Option<PathBuf>,
}

/// How a lock is looked at, where one is.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct AuditOptions {
    /// An input that carries the configured nixpkgs, like `nixpkgs-gpu` or `dep/nixpkgs-gpu`; may
    /// be repeated, the preferred one first.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs(), help_heading = AUDIT)]
    pub(super) configured: Vec<String>,
    /// Take this configuration instead of looking for flake-audit.toml.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) source: SourceOptions,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { enabled: true, store: None }
    }
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
    /// Whether it is to print less, and whether more.
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

/// Audit locks.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit check                                 every flake.lock below this folder, or
                                                    the flake that this folder is in
  flake-audit check flake.lock --configured pkgs    with the input `pkgs` as the configured nixpkgs
  git show HEAD~:flake.lock | flake-audit check -   a lock from elsewhere
  flake-audit check --since origin/main             only what is new on this branch
  flake-audit check --format json | jq '.summary'   for programs")]
pub(super) struct Check {
    /// A flake.lock, a flake.nix (for the lock beside it), a folder to search, or `-` for standard
    /// input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Skip a flake.nix that has no flake.lock beside it, instead of failing.
    #[arg(long, help_heading = AUDIT)]
    pub(super) skip_unlocked: bool,
    #[command(flatten)]
    pub(super) audit: AuditOptions,
    /// Count only findings that the flake at this Git revision does not have; `-v` shows the older
    /// ones, too.
    #[arg(long, value_name = "REV", value_hint = ValueHint::Other, conflicts_with_all = ["baseline", "write_baseline"], help_heading = AUDIT)]
    pub(super) since: Option<String>,
    /// Count only findings that are not in this file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "write_baseline", help_heading = AUDIT)]
    pub(super) baseline: Option<PathBuf>,
    /// Write the present findings into this file, for --baseline, and succeed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(super) write_baseline: Option<PathBuf>,
    /// How to write the report, and with `=FILE` into which file; may be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = ChosenFormats, default_value = "human", help_heading = REPORT)]
    pub(super) format: Vec<ChosenFormat>,
    /// Write the report into this file, whole or not at all, and the summary to standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = REPORT)]
    pub(super) output: Option<PathBuf>,
    /// Exit with 0 even if there are errors; what cannot be audited still fails.
    #[arg(long, help_heading = LEVELS)]
    pub(super) exit_zero: bool,
    /// Let findings of a rule fail the run (`flake-audit explain` lists the rules), or with
    /// `warnings` all that are shown; of several flags for a rule the last one counts.
    #[arg(long, value_name = "RULE", value_parser = rules_or_warnings(), hide_possible_values = true, help_heading = LEVELS)]
    deny: Vec<String>,
    /// Show findings of a rule without failing.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true, help_heading = LEVELS)]
    warn: Vec<String>,
    /// Silence a rule.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true, help_heading = LEVELS)]
    allow: Vec<String>,
    #[command(flatten)]
    loudness: Loudness,
    /// The levels given by flags, in their order.
    #[arg(skip)]
    pub(super) levels: Vec<(&'static str, Level)>,
}

/// Repair flakes: edit flake.nix and flake.lock so that what `check` proposes is done.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit fix --diff                            what would change
  flake-audit fix                                   change it
  flake-audit fix --safe-only --rule unconfigured-nixpkgs
  flake-audit fix --init nixpkgs-gpu                a wrapper for inline settings

Exit codes: 0 nothing left at deny level, 1 something left (with --diff and --dry-run as if \
applied), 2 an error.")]
pub(super) struct Fix {
    /// A flake: its folder, its flake.nix or its flake.lock. Each is repaired once and by itself.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Print a unified diff and write nothing.
    #[arg(long)]
    pub(super) diff: bool,
    /// Say what would be done and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Leave fixes whose effect could not be read from the sources.
    #[arg(long)]
    pub(super) safe_only: bool,
    /// Repair only findings of this rule; may be repeated. A rule that is off by default
    /// is on when it is named.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true)]
    pub(super) rule: Vec<String>,
    /// Repair only findings at this input path, or below it; `*` matches a name, `**` any number.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs())]
    pub(super) input: Vec<String>,
    /// Edit flake.nix alone and leave flake.lock to Nix.
    #[arg(long)]
    pub(super) no_lock: bool,
    /// Put the flake's inline settings into a wrapper flake in this folder of it, and
    /// let the dependencies follow that.
    #[arg(long, value_name = "DIR", conflicts_with = "no_lock")]
    pub(super) init: Option<String>,
    /// A wrapper without what serves dependencies that say `import nixpkgs { … }`.
    #[arg(long, requires = "init")]
    pub(super) bare: bool,
    /// What is the default now.
    #[arg(long, requires = "init", conflicts_with = "bare", hide = true)]
    importable: bool,
    /// Before writing, let the installed Nix evaluate the repaired flake in a scratch copy.
    #[arg(long, conflicts_with = "no_lock")]
    pub(super) verify: bool,
    /// Skip a flake.nix that has no flake.lock beside it, instead of failing.
    #[arg(long, help_heading = AUDIT)]
    pub(super) skip_unlocked: bool,
    /// The Nix to run.
    #[arg(long, value_name = "PROGRAM", default_value = "nix", requires = "verify")]
    pub(super) nix: PathBuf,
    /// Give up when Nix takes longer than this for all that it is asked.
    #[arg(long, value_name = "SECONDS", default_value_t = Nix::LIMIT.as_secs(), value_parser = seconds(), requires = "verify")]
    pub(super) timeout: u64,
    /// An input that carries the configured nixpkgs, like `nixpkgs-gpu` or `dep/nixpkgs-gpu`; may
    /// be repeated, the preferred one first.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs(), help_heading = AUDIT)]
    pub(super) configured: Vec<String>,
    /// Take this configuration instead of looking for flake-audit.toml. With --init, NAME=VALUE is
    /// a setting for the wrapper instead, such as one that could not be read: `cudaSupport=true`;
    /// may be repeated.
    #[arg(long, value_name = "FILE|NAME=VALUE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(super) config: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) source: SourceOptions,
    #[command(flatten)]
    loudness: Loudness,
}

/// Write a wrapper flake: nixpkgs with settings, to be followed instead of nixpkgs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit init nixpkgs-gpu --config cudaSupport=true --config allowUnfree=true
  flake-audit init nixpkgs-gpu --from-inline")]
pub(super) struct Init {
    /// The folder to write flake.nix into; it is made if it does not exist.
    #[arg(value_name = "DIR", default_value = "nixpkgs-configured")]
    pub(super) dir: PathBuf,
    /// A setting of nixpkgs' `config`: `cudaSupport=true`, `cudaCapabilities=[ "8.6" ]`; what is no
    /// Nix literal is a string. May be repeated, and wins over what --from-inline finds.
    #[arg(long = "config", value_name = "NAME=VALUE")]
    pub(super) settings: Vec<String>,
    /// Take the inline settings of the flake in this folder.
    #[arg(long)]
    pub(super) from_inline: bool,
    /// A system to build for, instead of all that nixpkgs' flake exports; may be repeated.
    #[arg(long, value_name = "SYSTEM")]
    pub(super) system: Vec<String>,
    /// Leave out what serves dependencies that say `import nixpkgs { … }` (Nix 2.26 or later).
    #[arg(long)]
    pub(super) bare: bool,
    /// What is the default now.
    #[arg(long, conflicts_with = "bare", hide = true)]
    importable: bool,
    /// The reference of the wrapper's own nixpkgs; by default that of the flake in this folder,
    /// else github:NixOS/nixpkgs/nixos-unstable.
    #[arg(long, value_name = "FLAKEREF")]
    pub(super) nixpkgs: Option<String>,
}

/// Draw the graph of a lock.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit graph | dot -Tsvg > graph.svg
  flake-audit graph --format svg > graph.svg         without Graphviz
  flake-audit graph --open                          a page, in the browser
  flake-audit graph --format tree
  flake-audit graph --nixpkgs-only --focus some-dep
  flake-audit graph --depth 1                       this flake's own inputs")]
pub(super) struct Graph {
    /// A flake.lock, a flake.nix or a folder with one, or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// What to draw it as; `dot`, if nothing else is asked for.
    #[arg(long, value_enum)]
    pub(super) format: Option<GraphFormat>,
    /// Open the page (`--format html`) in the browser, from a new file in the folder for temporary
    /// ones.
    #[arg(long)]
    pub(super) open: bool,
    /// Draw only what is around this input path or node key.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs())]
    pub(super) focus: Option<String>,
    /// Draw only what is at most so many inputs away from the focus; without one, from this flake.
    #[arg(long, value_name = "N")]
    pub(super) depth: Option<u32>,
    /// Draw only nixpkgs and who gets it; pictures of more than 80 nodes do so by themselves.
    #[arg(long)]
    pub(super) nixpkgs_only: bool,
    /// Draw all nodes, however many there are.
    #[arg(long, conflicts_with = "nixpkgs_only")]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) audit: AuditOptions,
}

/// Browse the inputs in the terminal.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit explore                               `?` shows the keys
  flake-audit explore | dot -Tsvg > part.svg        what is in view when you quit, drawn")]
pub(super) struct Explore {
    /// A flake.lock, a flake.nix or a folder with one, or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) audit: AuditOptions,
}

/// Explain an input (where it ends, who else uses that) or an output (what it is built from and takes in).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit why another-dep/nixpkgs
  flake-audit why nixpkgs_2 --lock path/to/flake.lock
  flake-audit why nixosConfigurations.desk          an output; `desk` alone will do
  flake-audit why devShells.default --format json   for programs")]
pub(super) struct Why {
    /// Input paths, like `dep/nixpkgs`, node keys of the lock, or outputs, like
    /// `nixosConfigurations.desk`, whose system may be left out; a path wins over a key, and a key
    /// over an output.
    #[arg(value_name = "INPUT|OUTPUT", value_hint = ValueHint::Other, add = complete::inputs(), required = true)]
    pub(super) subjects: Vec<String>,
    /// How to write it.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: WhyFormat,
    /// The lock: a flake.lock, a flake.nix or a folder with one, or `-`.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(super) lock: PathBuf,
    #[command(flatten)]
    pub(super) audit: AuditOptions,
}

/// Serve an editor: findings, fixes and more in flake.nix, flake.lock and flake-audit.toml.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit lsp                                   editors run it (docs/editors.md)
  flake-audit lsp --log /tmp/flake-audit.log        and write down what is said")]
pub(super) struct Lsp {
    /// Append a line to this file for each message, with the time that has passed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) log: Option<PathBuf>,
    #[command(flatten)]
    pub(super) audit: AuditOptions,
}

/// Print a rule's page, or the list of rules.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit explain                               all rules, with their levels
  flake-audit explain unconfigured-nixpkgs          what it finds, why that is bad, how to mend it")]
pub(super) struct Explain {
    /// The rule.
    #[arg(value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true)]
    pub(super) rule: Option<String>,
    #[command(flatten)]
    quiet: Quiet,
}

/// Print a script that completes the arguments of this program in a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eval \"$(flake-audit completions bash)\"            in ~/.bashrc
  flake-audit completions zsh > ~/.zfunc/_flake-audit
  flake-audit completions fish > ~/.config/fish/completions/flake-audit.fish")]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}

/// Print the manual page of the program or of a subcommand, or write all of them into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit man | man -l -                        read the page of the program
  flake-audit man check | man -l -                  read that of a subcommand
  flake-audit man --dir ~/.local/share/man/man1     install all of them")]
pub(super) struct Man {
    /// The subcommand; the program itself where none is named.
    #[arg(value_name = "COMMAND")]
    pub(super) command: Option<String>,
    /// Write every page into this folder, which is made if it does not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    pub(super) dir: Option<PathBuf>,
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
        // The run is about to begin, and taking this apart is a tenth of a small one's work.
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

/// What the definition begins with.
fn program() -> clap::Command {
    clap::Command::new("flake-audit")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .max_term_width(100)
}

/// The command line with one of the subcommands that people and hooks run all the time. All of them
/// take longer to define than a small lock to audit.
fn with_one(name: &str) -> Option<clap::Command> {
    let one = match name {
        "check" => Check::augment_args(clap::Command::new("check")),
        "fix" => Fix::augment_args(clap::Command::new("fix")),
        "graph" => Graph::augment_args(clap::Command::new("graph")),
        "why" => Why::augment_args(clap::Command::new("why")),
        _ => return None,
    };
    let with_it = program().subcommand_required(true).subcommand(one);
    // Help shows what goes for all of them where it does beside the others.
    Some(Everywhere::augment_args(with_it.next_display_order(SUBCOMMANDS)))
}

/// How many subcommands there are.
const SUBCOMMANDS: usize = 14;

/// No Nix answers in none at all.
fn seconds() -> RangedU64ValueParser {
    RangedU64ValueParser::new().range(1..)
}

/// The rules, with what shells show beside them. `--help` lists none: `explain` does.
fn rule_ids() -> PossibleValuesParser {
    PossibleValuesParser::new(
        RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary)),
    )
}

/// The same, and what stands for all findings that are shown.
fn rules_or_warnings() -> PossibleValuesParser {
    let all = PossibleValue::new(Levels::WARNINGS).help("all findings that are shown");
    let rules = RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary));
    PossibleValuesParser::new([all].into_iter().chain(rules))
}

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
