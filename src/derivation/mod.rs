//! Derivations as Nix writes them into its store: `.drv` files, read and never run.
//!
//! A `.drv` is untrusted data, so it is read with bounds and without recursion, and a file that is
//! none is an error with its place.
//!
//! Two derivations count as the same here if they have the same *output paths*, even if their
//! `.drv` differ: a flag on a library below `curl` changes how sources are fetched, and so the
//! `.drv` of every source and of everything above it, but no output path. Fixed-output derivations
//! are leaves for the same reason: their outputs are determined by a hash, whatever fetches them.

mod aterm;
mod closure;
mod error;
mod members;
mod store;
mod store_name;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod text;

pub use aterm::{Bytes, Derivation, DrvOutput, InputDerivation, Malformed};
pub use closure::{Closure, ClosureNode, DrvId};
pub use error::DerivationError;
pub use members::Members;
pub use store::DerivationStore;
pub use store_name::Digest;
pub use text::{DrvAttribute, Piece, attributes, package_name, pieces};
