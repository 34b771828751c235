//! Determines what the outputs of a Nix flake take from which nixpkgs, without running Nix: files
//! are parsed, and evaluated approximately.

pub mod bounded;
pub mod evaluate;
mod files;
pub mod gpu_packages;
pub mod nixpkgs_config;
mod position;
mod remembered;
pub mod syntax;
pub mod tree;
mod tree_path;

pub use files::{Files, Kept, Parsed, Problem};
pub use position::{LineIndex, Position, Span};
pub use remembered::Remembered;
pub use tree::{FileSearch, PathKind, ReadProblem, Tree};
pub use tree_path::TreePath;
