//! Options that several subcommands have, and what they take.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, RangedU64ValueParser};
use clap::{ArgAction, Args, ColorChoice, ValueHint};

use crate::audit::Levels;
use crate::cli::complete;
use crate::rules::RULES;

/// How much is printed, where there is less to be had.
#[derive(Debug, Args)]
pub(in crate::cli) struct Quiet {
    /// Print results only: no summary, no progress.
    #[arg(short, long, help_heading = REPORT)]
    pub(super) quiet: bool,
}

/// The same, where there is more to be had, too.
#[derive(Debug, Args)]
pub(in crate::cli) struct Loudness {
    /// Print findings only: no summary.
    #[arg(short, long, help_heading = REPORT)]
    pub(super) quiet: bool,
    /// Print more: the evidence for each finding, exempted ones, each nixpkgs in use, and what was read.
    #[arg(short, long, conflicts_with = "quiet", help_heading = REPORT)]
    pub(super) verbose: bool,
}

/// How results are shown.
#[derive(Debug)]
pub(in crate::cli) struct Screen {
    pub(in crate::cli) color: ColorChoice,
    pub(in crate::cli) quiet: bool,
    pub(in crate::cli) verbose: bool,
}

/// Groups of options in `--help`.
pub(super) const AUDIT: &str = "What to audit";
pub(super) const REPORT: &str = "What to report";
pub(super) const LEVELS: &str = "Levels";
pub(super) const SOURCES: &str = "Sources";
pub(super) const GLOBAL: &str = "Global options";

/// Whether sources are read, and where they may lie.
#[derive(Debug, Clone, Args)]
pub struct SourceOptions {
    /// False where only locks are to be read.
    #[arg(
        long = "no-source",
        action = ArgAction::SetFalse,
        help = "Read only locks, no .nix files",
        help_heading = SOURCES
    )]
    pub enabled: bool,
    /// Also look for sources in this store: a folder of store paths, or one that contains `nix/store`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "enabled", help_heading = SOURCES)]
    pub store: Option<PathBuf>,
}

/// How a lock is looked at, where one is.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct AuditOptions {
    /// An input that is the configured nixpkgs, like `nixpkgs-gpu` or `dep/nixpkgs-gpu`; may be
    /// repeated, the preferred one first.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs(), help_heading = AUDIT)]
    pub(in crate::cli) configured: Vec<String>,
    /// Use this configuration file instead of flake-audit.toml.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(in crate::cli) config: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) source: SourceOptions,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { enabled: true, store: None }
    }
}

/// Zero seconds would allow no Nix to answer.
pub(super) fn seconds() -> RangedU64ValueParser {
    RangedU64ValueParser::new().range(1..)
}

/// The rules, with descriptions for completion in shells. `--help` does not list them, because
/// `explain` does.
pub(super) fn rule_ids() -> PossibleValuesParser {
    PossibleValuesParser::new(
        RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary)),
    )
}

/// The same, and the word for all findings that are shown.
pub(super) fn rules_or_warnings() -> PossibleValuesParser {
    let all = PossibleValue::new(Levels::WARNINGS).help("all findings that are shown");
    let rules = RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary));
    PossibleValuesParser::new([all].into_iter().chain(rules))
}
