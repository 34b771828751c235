//! What .nix files say: facts read from source, never by evaluation with Nix, never from the
//! network.

mod budget;
pub mod declare;
pub mod evaluate;
pub mod gpu_packages;
pub mod nixpkgs_config;
mod reader;
mod sources;
pub mod store;
pub mod syntax;
pub mod tree;
mod tree_path;

pub use budget::Budget;
pub use reader::{Reader, RootSource, Undeclared, on_deep_stacks};
pub use sources::{FlakeId, Sources};
pub use store::{Stores, flake_folder};
pub use tree::{Kind, ReadProblem, Search, Tree};
pub use tree_path::TreePath;
