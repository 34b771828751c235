//! Facts read from source: where a locked source lies on disk, and reading confined to it.

pub mod store;
pub mod tree;
mod tree_path;

pub use store::Stores;
pub use tree::{Kind, ReadProblem, Tree};
pub use tree_path::TreePath;
