//! The arguments of `fix` and `init`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::{AUDIT, Loudness, SourceOptions, rule_ids, seconds};
use crate::cli::complete;
use crate::verify::Nix;

/// Repair flakes: edit flake.nix and flake.lock so that what `check` proposes is done.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit fix --diff                            what would change
  flake-audit fix                                   change it
  flake-audit fix --safe-only --rule unconfigured-nixpkgs
  flake-audit fix --init nixpkgs-gpu                a wrapper for inline settings

Exit codes: 0 nothing left at deny level, 1 something left (with --diff and --dry-run as if \
applied), 2 an error.")]
pub(in crate::cli) struct Fix {
    /// A flake: its folder, its flake.nix or its flake.lock. Each is repaired once and by itself.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Print a unified diff and write nothing.
    #[arg(long)]
    pub(in crate::cli) diff: bool,
    /// Say what would be done and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Leave fixes whose effect could not be read from the sources.
    #[arg(long)]
    pub(in crate::cli) safe_only: bool,
    /// Repair only findings of this rule; may be repeated. A rule that is off by default
    /// is on when it is named.
    #[arg(long, value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true)]
    pub(in crate::cli) rule: Vec<String>,
    /// Repair only findings at this input path, or below it; `*` matches a name, `**` any number.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs())]
    pub(in crate::cli) input: Vec<String>,
    /// Edit flake.nix alone and leave flake.lock to Nix.
    #[arg(long)]
    pub(in crate::cli) no_lock: bool,
    /// Put the flake's inline settings into a wrapper flake in this folder of it, and
    /// let the dependencies follow that.
    #[arg(long, value_name = "DIR", conflicts_with = "no_lock")]
    pub(in crate::cli) init: Option<String>,
    /// A wrapper without what serves dependencies that say `import nixpkgs { … }`.
    #[arg(long, requires = "init")]
    pub(in crate::cli) bare: bool,
    /// What is the default now.
    #[arg(long, requires = "init", conflicts_with = "bare", hide = true)]
    importable: bool,
    /// Before writing, let the installed Nix evaluate the repaired flake in a scratch copy.
    #[arg(long, conflicts_with = "no_lock")]
    pub(in crate::cli) verify: bool,
    /// Skip a flake.nix that has no flake.lock beside it, instead of failing.
    #[arg(long, help_heading = AUDIT)]
    pub(in crate::cli) skip_unlocked: bool,
    /// The Nix to run.
    #[arg(long, value_name = "PROGRAM", default_value = "nix", requires = "verify")]
    pub(in crate::cli) nix: PathBuf,
    /// Give up when Nix takes longer than this for all that it is asked.
    #[arg(long, value_name = "SECONDS", default_value_t = Nix::LIMIT.as_secs(), value_parser = seconds(), requires = "verify")]
    pub(in crate::cli) timeout: u64,
    /// An input that carries the configured nixpkgs, like `nixpkgs-gpu` or `dep/nixpkgs-gpu`; may
    /// be repeated, the preferred one first.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs(), help_heading = AUDIT)]
    pub(in crate::cli) configured: Vec<String>,
    /// Take this configuration instead of looking for flake-audit.toml. With --init, NAME=VALUE is
    /// a setting for the wrapper instead, such as one that could not be read: `cudaSupport=true`;
    /// may be repeated.
    #[arg(long, value_name = "FILE|NAME=VALUE", value_hint = ValueHint::FilePath, help_heading = AUDIT)]
    pub(in crate::cli) config: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) source: SourceOptions,
    #[command(flatten)]
    pub(super) loudness: Loudness,
}

/// Write a wrapper flake: nixpkgs with settings, to be followed instead of nixpkgs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit init nixpkgs-gpu --config cudaSupport=true --config allowUnfree=true
  flake-audit init nixpkgs-gpu --from-inline")]
pub(in crate::cli) struct Init {
    /// The folder to write flake.nix into; it is made if it does not exist.
    #[arg(value_name = "DIR", default_value = "nixpkgs-configured")]
    pub(in crate::cli) dir: PathBuf,
    /// A setting of nixpkgs' `config`: `cudaSupport=true`, `cudaCapabilities=[ "8.6" ]`; what is no
    /// Nix literal is a string. May be repeated, and wins over what --from-inline finds.
    #[arg(long = "config", value_name = "NAME=VALUE")]
    pub(in crate::cli) settings: Vec<String>,
    /// Take the inline settings of the flake in this folder.
    #[arg(long)]
    pub(in crate::cli) from_inline: bool,
    /// A system to build for, instead of all that nixpkgs' flake exports; may be repeated.
    #[arg(long, value_name = "SYSTEM")]
    pub(in crate::cli) system: Vec<String>,
    /// Leave out what serves dependencies that say `import nixpkgs { … }` (Nix 2.26 or later).
    #[arg(long)]
    pub(in crate::cli) bare: bool,
    /// What is the default now.
    #[arg(long, conflicts_with = "bare", hide = true)]
    importable: bool,
    /// The reference of the wrapper's own nixpkgs; by default that of the flake in this folder,
    /// else github:NixOS/nixpkgs/nixos-unstable.
    #[arg(long, value_name = "FLAKEREF")]
    pub(in crate::cli) nixpkgs: Option<String>,
}
