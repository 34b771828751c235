//! Arguments of `diff`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::choices::DiffFormat;
use super::shared::{AuditOptions, REPORT};

/// Tell what a change changes: which nixpkgs there is, who gets which, findings, and inputs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit diff                                  the last commit, and what lies here now
  flake-audit diff HEAD~..                          what the last commit changed
  flake-audit diff origin/main...                   what this branch changed
  flake-audit diff old.lock flake.lock              two locks, or two flakes
  flake-audit diff main... --format markdown        for a comment on a pull request

Nothing is printed where none of that changed. Exit codes: 0 it was told, whatever it is; 1 something \
changed, with --exit-code only; 2 an error.")]
pub(in crate::cli) struct Diff {
    /// What it was: a Git revision, a flake.lock, a flake.nix or a folder with one, or `-`; or a range
    /// of revisions (`A..B`, `A...B` since they went apart, HEAD where one is missing).
    #[arg(value_name = "OLD", value_hint = ValueHint::AnyPath, default_value = "HEAD", hide_default_value = true)]
    pub(in crate::cli) old: PathBuf,
    /// What it is, likewise; without it what lies here now.
    #[arg(value_name = "NEW", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) new: Option<PathBuf>,
    /// The flake of which revisions are told: its flake.lock, flake.nix or folder.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, default_value = ".")]
    pub(in crate::cli) lock: PathBuf,
    /// How to write it.
    #[arg(long, value_enum, default_value = "human", help_heading = REPORT)]
    pub(in crate::cli) format: DiffFormat,
    /// All of it, however long.
    #[arg(long, help_heading = REPORT)]
    pub(in crate::cli) all: bool,
    /// End with 1 where something changed, as `git diff` does.
    #[arg(long, help_heading = REPORT)]
    pub(in crate::cli) exit_code: bool,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}
