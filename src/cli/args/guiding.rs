//! The arguments of what helps people to use the program: `lsp`, `explain`, `completions`, `man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::{AuditOptions, Quiet, rule_ids};
use crate::cli::choices::Shell;

/// Serve an editor: findings, fixes and more in flake.nix, flake.lock and flake-audit.toml.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit lsp                                   editors run this
  flake-audit lsp --log /tmp/flake-audit.log        and log each message")]
pub(in crate::cli) struct Lsp {
    /// Append a line to this file for each message, with its time.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) log: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}

/// Print a rule's page, or the list of rules.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit explain                               all rules, with their levels
  flake-audit explain unconfigured-nixpkgs          the page of a rule")]
pub(in crate::cli) struct Explain {
    /// The rule.
    #[arg(value_name = "RULE", value_parser = rule_ids(), hide_possible_values = true)]
    pub(in crate::cli) rule: Option<String>,
    #[command(flatten)]
    pub(super) quiet: Quiet,
}

/// Print a script that completes the arguments of this program in a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eval \"$(flake-audit completions bash)\"            in ~/.bashrc
  flake-audit completions zsh > ~/.zfunc/_flake-audit
  flake-audit completions fish > ~/.config/fish/completions/flake-audit.fish")]
pub(in crate::cli) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
}

/// Print the manual page of the program or of a subcommand, or write all of them into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit man | man -l -                        read the program's page
  flake-audit man check | man -l -                  read a subcommand's page
  flake-audit man --dir ~/.local/share/man/man1     install all of them")]
pub(in crate::cli) struct Man {
    /// A subcommand; without one it is the program's own page.
    #[arg(value_name = "COMMAND")]
    pub(in crate::cli) command: Option<String>,
    /// Write every page into this folder, which is created if needed.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    pub(in crate::cli) dir: Option<PathBuf>,
}
