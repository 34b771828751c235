//! Derivations as Nix writes them into its store: `.drv` files, read and never run.
//!
//! A `.drv` is data from a store, so it is read like everything that comes from elsewhere: bounded,
//! without recursion, and what is not one is an error with its place.
//!
//! Two derivations are the same here where they have the same *output paths*, not where they have
//! the same `.drv`: a flag on a library below `curl` changes how sources are fetched, and so the
//! `.drv` of every source and of everything above it, but no output path. Fixed-output derivations
//! are leaves for the same reason: their outputs follow from a hash that is written down, whatever
//! brings them.

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
