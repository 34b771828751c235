//! The arguments of `fix` and `init`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::{AUDIT, Loudness, SourceOptions, rule_ids, seconds};
use crate::cli::complete;
use crate::verify::Nix;

/// Fix flake.nix and flake.lock as `check` proposes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit fix --diff                            show what would change
  flake-audit fix                                   change it
  flake-audit fix --safe-only --rule unconfigured-nixpkgs
  flake-audit fix --init nixpkgs-gpu                wrap the inline settings

Exit codes: 0 no errors left, 1 errors left (with --diff and --dry-run as if applied), 2 an \
error.")]
pub(in crate::cli) struct Fix {
    /// A flake: its folder, its flake.nix or its flake.lock. Each is repaired by itself.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Print a unified diff and write nothing.
    #[arg(long)]
    pub(in crate::cli) diff: bool,
    /// Say what would be done and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Skip fixes that are not verified by the sources on disk.
    #[arg(long)]
    pub(in crate::cli) safe_only: bool,
    /// Repair only findings of this rule, even if it is silent by default; may be repeated.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true)]
    pub(in crate::cli) rule: Vec<String>,
    /// Repair only findings at this input path or below it; `*` matches one name, `**` any number.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs())]
    pub(in crate::cli) input: Vec<String>,
    /// Edit only flake.nix and leave flake.lock to Nix.
    #[arg(long)]
    pub(in crate::cli) no_lock: bool,
    /// Move the flake's inline settings into a wrapper flake in this new folder, which the
    /// dependencies then follow.
    #[arg(long, value_name = "DIR", conflicts_with = "no_lock")]
    pub(in crate::cli) init: Option<String>,
    /// Write a wrapper that does not support `import nixpkgs { … }` in dependencies.
    #[arg(long, requires = "init")]
    pub(in crate::cli) bare: bool,
    /// What is the default now.
    #[arg(long, requires = "init", conflicts_with = "bare", hide = true)]
    importable: bool,
    /// Before writing, let the installed Nix evaluate the repaired flake in a temporary copy.
    #[arg(long, conflicts_with = "no_lock")]
    pub(in crate::cli) verify: bool,
    /// Skip a flake.nix that has no flake.lock beside it, instead of failing.
    #[arg(long, help_heading = AUDIT)]
    pub(in crate::cli) skip_unlocked: bool,
    /// The Nix to run.
    #[arg(long, value_name = "PROGRAM", default_value = "nix", requires = "verify")]
    pub(in crate::cli) nix: PathBuf,
    /// How long Nix may take in total.
    #[arg(long, value_name = "SECONDS", default_value_t = Nix::LIMIT.as_secs(), value_parser = seconds(), requires = "verify")]
    pub(in crate::cli) timeout: u64,
    /// An input that is the configured nixpkgs, like `nixpkgs-gpu` or `dep/nixpkgs-gpu`; may be
    /// repeated, the preferred one first.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs(), help_heading = AUDIT)]
    pub(in crate::cli) configured: Vec<String>,
    /// Use this configuration file instead of flake-audit.toml. With --init, NAME=VALUE is a setting
    /// for the wrapper instead, for one that could not be read: `cudaSupport=true`; may be repeated.
    #[arg(long, value_name = "FILE|NAME=VALUE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(in crate::cli) config: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) source: SourceOptions,
    #[command(flatten)]
    pub(super) loudness: Loudness,
}

/// Write a wrapper flake: nixpkgs with settings, for inputs to follow instead of nixpkgs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit init --config cudaSupport=true --config allowUnfree=true
  flake-audit init nixpkgs-gpu --from-inline")]
pub(in crate::cli) struct Init {
    /// The folder to write flake.nix into; it is created if needed.
    #[arg(value_name = "DIR", default_value = "nixpkgs-configured")]
    pub(in crate::cli) dir: PathBuf,
    /// A setting of nixpkgs' `config`: `cudaSupport=true`, `cudaCapabilities=[ "8.6" ]`; a value that
    /// is not a Nix literal is a string. May be repeated, and wins over --from-inline.
    #[arg(long = "config", value_name = "NAME=VALUE")]
    pub(in crate::cli) settings: Vec<String>,
    /// Use the inline settings of the flake in the current folder.
    #[arg(long)]
    pub(in crate::cli) from_inline: bool,
    /// A system to export, instead of all that nixpkgs' own flake exports; may be repeated.
    #[arg(long, value_name = "SYSTEM")]
    pub(in crate::cli) system: Vec<String>,
    /// Leave out the support for `import nixpkgs { … }` in dependencies (which needs Nix 2.26).
    #[arg(long)]
    pub(in crate::cli) bare: bool,
    /// What is the default now.
    #[arg(long, conflicts_with = "bare", hide = true)]
    importable: bool,
    /// The wrapper's own nixpkgs; by default that of the flake in the current folder, else
    /// github:NixOS/nixpkgs/nixos-unstable.
    #[arg(long, value_name = "FLAKEREF")]
    pub(in crate::cli) nixpkgs: Option<String>,
}
