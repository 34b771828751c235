//! The arguments of `graph`, `explore` and `why`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::shared::AuditOptions;
use crate::cli::choices::{GraphFormat, WhyFormat};
use crate::cli::complete;

/// Draw the graph of a lock.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit graph | dot -Tsvg > graph.svg
  flake-audit graph --format svg > graph.svg         without Graphviz
  flake-audit graph --open                          a page, in the browser
  flake-audit graph --format tree
  flake-audit graph --nixpkgs-only --focus some-dep
  flake-audit graph --depth 1                       this flake's own inputs")]
pub(in crate::cli) struct Graph {
    /// A flake.lock, a flake.nix or a folder with one, or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    /// What to draw it as; `dot`, if nothing else is asked for.
    #[arg(long, value_enum)]
    pub(in crate::cli) format: Option<GraphFormat>,
    /// Open the page (`--format html`) in the browser, from a new file in the folder for temporary
    /// ones.
    #[arg(long)]
    pub(in crate::cli) open: bool,
    /// Draw only what is around this input path or node key.
    #[arg(long, value_name = "INPUT", value_hint = ValueHint::Other, add = complete::inputs())]
    pub(in crate::cli) focus: Option<String>,
    /// Draw only what is at most so many inputs away from the focus; without one, from this flake.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) depth: Option<u32>,
    /// Draw only nixpkgs and who gets it; pictures of more than 80 nodes do so by themselves.
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
  flake-audit explore | dot -Tsvg > part.svg        what is in view when you quit, drawn")]
pub(in crate::cli) struct Explore {
    /// A flake.lock, a flake.nix or a folder with one, or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}

/// Explain an input (where it ends, who else uses that) or an output (what it is built from and takes in).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit why another-dep/nixpkgs
  flake-audit why nixpkgs_2 --lock path/to/flake.lock
  flake-audit why nixosConfigurations.desk          an output; `desk` alone will do
  flake-audit why devShells.default --format json   for programs")]
pub(in crate::cli) struct Why {
    /// Input paths, like `dep/nixpkgs`, node keys of the lock, or outputs, like
    /// `nixosConfigurations.desk`, whose system may be left out; a path wins over a key, and a key
    /// over an output.
    #[arg(value_name = "INPUT|OUTPUT", value_hint = ValueHint::Other, add = complete::inputs(), required = true)]
    pub(in crate::cli) subjects: Vec<String>,
    /// How to write it.
    #[arg(long, value_enum, default_value = "human")]
    pub(in crate::cli) format: WhyFormat,
    /// The lock: a flake.lock, a flake.nix or a folder with one, or `-`.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(in crate::cli) lock: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditOptions,
}
