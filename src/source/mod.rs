//! What .nix files say: facts read from source, without running Nix and without the network.

mod above;
mod budget;
pub mod declare;
mod deep;
mod into_config;
mod listing;
mod memory;
mod reader;
mod sources;
mod store;
mod store_path;
mod substituter;
mod work_trees;

pub use budget::SourceBudget;
pub use deep::{deep_pool, deepen_main_thread, on_deep_stacks};
pub use flake_reading::evaluate;
pub use flake_reading::{
    FileSearch, Files, PathKind, ReadProblem, Tree, TreePath, gpu_packages, nixpkgs_config, syntax,
    tree,
};
pub use into_config::{SettingPlace, Splice, into_config};
pub use memory::{ReadFlakeFile, SourceMemory};
pub use reader::{Reader, RootSource, Undeclared};
pub use sources::{SourceId, Sources};
pub use store::{Stores, flake_folder};
pub use store_path::store_name;
pub use substituter::substituter;
pub use work_trees::WorkTrees;
