//! Arguments of the subcommands that ask the installed Nix.

use std::path::PathBuf;

use clap::Args;

use super::super::choices::TwiceFormat;
use super::shared::{AuditOptions, Quiet, seconds};
use crate::verify::Nix;

/// Which Nix is asked, for which system, how long, and how the answer is written.
#[derive(Debug, Args)]
pub(in crate::cli) struct Asking {
    /// The system to evaluate for; this machine's by default.
    #[arg(long, value_name = "SYSTEM")]
    pub(in crate::cli) system: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// The Nix to run.
    #[arg(long, value_name = "PROGRAM", default_value = "nix")]
    pub(in crate::cli) nix: PathBuf,
    /// How long Nix may take in total.
    #[arg(long, value_name = "SECONDS", default_value_t = Nix::LIMIT.as_secs(), value_parser = seconds())]
    pub(in crate::cli) timeout: u64,
}

/// Let the installed Nix evaluate packages in every nixpkgs in use, and compare them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit verify
  flake-audit verify --attr python3Packages.jax --attr magma

Nothing is built, and no lock is written. Nix fetches what is not on disk.

Exit codes: 0 each package has one derivation, 1 some package has several, 2 Nix is missing, fails \
or takes too long, or some nixpkgs gave no derivation.")]
pub(in crate::cli) struct Verify {
    /// The flake: its folder, its flake.nix or its flake.lock.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    /// A package to evaluate; may be repeated.
    #[arg(long, value_name = "ATTR", default_value = "python3Packages.torch")]
    pub(in crate::cli) attr: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) asking: Asking,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
    #[command(flatten)]
    pub(super) quiet: Quiet,
}

/// Let the installed Nix evaluate what the flake builds, and show what is in it twice.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit twice                                 all outputs of this system
  flake-audit twice . nixosConfigurations.desk      one host
  flake-audit twice --with-fix                      and what `fix` would change

Nothing is built. Exit codes: 0 nothing is built twice, 1 something is, 2 it could not be found out.")]
pub(in crate::cli) struct Twice {
    /// The flake: its folder, its flake.nix or its flake.lock.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    /// What to evaluate: the attribute path of a package, an app, a check, a shell, or of a NixOS,
    /// home-manager or nix-darwin configuration; by default all of them.
    #[arg(value_name = "OUTPUT")]
    pub(in crate::cli) outputs: Vec<String>,
    /// Also evaluate the flake as `fix` would leave it, and show what is gone.
    #[arg(long)]
    pub(in crate::cli) with_fix: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = TwiceFormat::Human, conflicts_with = "json")]
    pub(in crate::cli) format: TwiceFormat,
    /// Also list outputs in which nothing is twice.
    #[arg(long)]
    pub(in crate::cli) all: bool,
    #[command(flatten)]
    pub(in crate::cli) asking: Asking,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
    #[command(flatten)]
    pub(super) quiet: Quiet,
}
