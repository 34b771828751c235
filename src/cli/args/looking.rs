//! The arguments of `graph`, `explore` and `why`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::AuditOptions;
use crate::cli::choices::{GraphFormat, WhyFormat};
use crate::cli::complete;

/// Draw the inputs, what each follows, and which nixpkgs it gets.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit graph | dot -Tsvg > graph.svg
  flake-audit graph --format svg > graph.svg        without Graphviz
  flake-audit graph --open                          a page in the browser
  flake-audit graph --format tree
  flake-audit graph --nixpkgs-only --focus some-dep
  flake-audit graph --depth 1                       this flake's own inputs")]
pub(in crate::cli) struct Graph {
    /// A flake.lock, a flake.nix or a folder with one, or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    /// The format of the drawing [default: dot]
    #[arg(long, value_enum)]
    pub(in crate::cli) format: Option<GraphFormat>,
    /// Write the page (`--format html`) into a temporary file and open it in the browser.
    #[arg(long)]
    pub(in crate::cli) open: bool,
    /// Draw only this input (a path or a node key), what leads to it, and what it leads to.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs())]
    pub(in crate::cli) focus: Option<String>,
    /// Draw only what is at most N inputs away from the focus, or from this flake.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) depth: Option<u32>,
    /// Draw only nixpkgs and who gets it; the default for pictures of more than 80 nodes.
    #[arg(long)]
    pub(in crate::cli) nixpkgs_only: bool,
    /// Draw all nodes, however many there are.
    #[arg(long, conflicts_with = "nixpkgs_only")]
    pub(in crate::cli) all: bool,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}

/// Browse the inputs in the terminal.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit explore                               `?` shows the keys
  flake-audit explore | dot -Tsvg > part.svg        draw what is in view")]
pub(in crate::cli) struct Explore {
    /// A flake.lock, a flake.nix or a folder with one, or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}

/// Explain an input (which nixpkgs it gets, and why) or an output (what it is built from).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit why another-dep/nixpkgs
  flake-audit why nixpkgs_2 --lock path/to/flake.lock
  flake-audit why nixosConfigurations.desk          an output, or just `desk`
  flake-audit why devShells.default --format json   for programs")]
pub(in crate::cli) struct Why {
    /// An input path like `dep/nixpkgs`, a node key of the lock, or an output like
    /// `nixosConfigurations.desk`, whose system may be left out. A path wins over a key, and a key
    /// over an output.
    #[arg(value_name = "INPUT|OUTPUT", value_hint = ValueHint::Other, add = complete::inputs(), required = true)]
    pub(in crate::cli) subjects: Vec<String>,
    /// The format of the output.
    #[arg(long, value_enum, default_value = "human")]
    pub(in crate::cli) format: WhyFormat,
    /// The lock: a flake.lock, a flake.nix or a folder with one, or `-`.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(in crate::cli) lock: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}
