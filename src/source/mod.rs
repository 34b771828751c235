//! What .nix files say: facts read from source, never by evaluation with Nix, never from the
//! network.

pub mod declare;
pub mod evaluate;
pub mod gpu_packages;
pub mod nixpkgs_config;
mod reader;
pub mod store;
pub mod syntax;
pub mod tree;
mod tree_path;

pub use reader::{Reader, RootSource, Undeclared, on_deep_stacks};
pub use store::Stores;
pub use tree::{Kind, ReadProblem, Tree};
pub use tree_path::TreePath;
