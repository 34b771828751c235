//! The arguments of `check`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::{AUDIT, AuditOptions, LEVELS, Loudness, REPORT, rule_ids, rules_or_warnings};
use crate::cli::choices::{ChosenFormat, ChosenFormats};
use crate::finding::Level;

/// Audit locks: find inputs that get a nixpkgs without your settings.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit check                                 the locks below, or the flake
                                                    that this folder is in
  flake-audit check flake.lock --configured pkgs    `pkgs` is a configured one
  git show HEAD~:flake.lock | flake-audit check -   a lock from elsewhere
  flake-audit check --since origin/main             only what is new
  flake-audit check --format json | jq '.summary'   for programs")]
pub(in crate::cli) struct Check {
    /// A flake.lock, a flake.nix (for the lock beside it), a folder to search, or `-` for standard
    /// input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Skip a flake.nix that has no flake.lock beside it, instead of failing.
    #[arg(long, help_heading = AUDIT)]
    pub(in crate::cli) skip_unlocked: bool,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
    /// Count only findings that are new since this Git revision; `-v` also shows the older ones.
    #[arg(long, value_name = "REV", value_hint = ValueHint::Other, conflicts_with_all = ["baseline", "write_baseline"], help_heading = AUDIT)]
    pub(in crate::cli) since: Option<String>,
    /// Count only findings that are not in this file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "write_baseline", help_heading = AUDIT)]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Write the current findings into this file, for --baseline, and exit with 0.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(in crate::cli) write_baseline: Option<PathBuf>,
    /// The format of the report; `FORMAT=FILE` writes it into a file. May be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = ChosenFormats, default_value = "human", help_heading = REPORT)]
    pub(in crate::cli) format: Vec<ChosenFormat>,
    /// Write the report into this file, and only a summary to standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = REPORT)]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Exit with 0 even if there are errors; what cannot be audited still fails.
    #[arg(long, help_heading = LEVELS)]
    pub(in crate::cli) exit_zero: bool,
    /// Let findings of this rule fail the run (`flake-audit explain` lists the rules), or with
    /// `warnings` all findings that are shown. The last flag for a rule wins.
    #[arg(long, value_name = "RULE", value_parser = rules_or_warnings(), hide_possible_values = true, help_heading = LEVELS)]
    pub(super) deny: Vec<String>,
    /// Show findings of this rule without failing.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true, help_heading = LEVELS)]
    pub(super) warn: Vec<String>,
    /// Silence this rule.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true, help_heading = LEVELS)]
    pub(super) allow: Vec<String>,
    #[command(flatten)]
    pub(super) loudness: Loudness,
    /// The levels given by flags, in their order.
    #[arg(skip)]
    pub(in crate::cli) levels: Vec<(&'static str, Level)>,
}
