//! Arguments of `diff`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::choices::DiffFormat;
use super::shared::{AuditOptions, REPORT};

/// Show what differs between two revisions or locks: nixpkgs, who gets which, findings, inputs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit diff                                  since the last commit
  flake-audit diff HEAD~..                          what the last commit changed
  flake-audit diff origin/main...                   what this branch changed
  flake-audit diff old.lock flake.lock              two locks, or two flakes
  flake-audit diff main... --format markdown        for a pull request

Nothing is printed if nothing of that changed. Exit codes: 0 the difference was shown, 1 something \
changed (with --exit-code only), 2 an error.")]
pub(in crate::cli) struct Diff {
    /// The old state: a Git revision, a flake.lock, a flake.nix or a folder with one, or `-`; or a
    /// range of revisions as for `git diff` (`A..B`, `A...B`).
    #[arg(value_name = "OLD", value_hint = ValueHint::AnyPath, default_value = "HEAD", hide_default_value = true)]
    pub(in crate::cli) old: PathBuf,
    /// The new state, likewise; by default the files on disk.
    #[arg(value_name = "NEW", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) new: Option<PathBuf>,
    /// The flake whose revisions are compared: its flake.lock, flake.nix or folder.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, default_value = ".")]
    pub(in crate::cli) lock: PathBuf,
    /// The format of the output.
    #[arg(long, value_enum, default_value = "human", help_heading = REPORT)]
    pub(in crate::cli) format: DiffFormat,
    /// Show everything, however long.
    #[arg(long, help_heading = REPORT)]
    pub(in crate::cli) all: bool,
    /// Exit with 1 if something changed, as `git diff --exit-code` does.
    #[arg(long, help_heading = REPORT)]
    pub(in crate::cli) exit_code: bool,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}
