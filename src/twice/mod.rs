//! What a flake builds in two variants, as the installed Nix says.
mod pairs;
mod variants;

pub use pairs::Difference;
pub use variants::{Beginning, Duplicate, Duplicates, chain, duplicates};
