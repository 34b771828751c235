//! Evaluates code approximately: what do the outputs of a flake take from which nixpkgs?
//!
//! Expressions are evaluated lazily, as in Nix, with approximate values ([`value`]), across the
//! flakes of a lock as it binds them, and only as far as needed. The result of code that is not
//! read remembers everything that went into it. Each output is then examined by itself
//! ([`outputs`]): what it is made of, and from which instances.
//!
//! Work is counted, never timed: steps, depth, and the size of what is read. Whatever is left out
//! is reported.

mod apply;
mod beside_outputs;
mod budget;
mod called_files;
mod calls;
mod collections;
mod derivations;
mod disk;
mod evaluator;
mod expression;
pub mod facts;
mod flakes;
mod frameworks;
mod guess_arguments;
mod heap;
mod library;
mod lineage;
mod loaded;
mod memo;
mod meter;
mod modules;
mod observed;
mod offers;
mod operators;
mod outputs;
mod overlays;
mod packages;
mod paths;
mod patterns;
mod recorder;
mod remade;
mod remains;
mod replaced;
mod select;
mod settings;
mod settings_named;
mod sight;
mod unions;
mod value;
mod value_key;
pub mod world;

pub use frameworks::repository_of;
pub use meter::{abandon, is_abandoned};
pub use outputs::{Earlier, exports, overlays, read, read_partitions};
pub use remains::leave_memory;

/// The stack that evaluation needs; the caller provides a thread that has it.
///
/// Measured on 2026-11-24 with chains of ten kinds that nest to the limit: without optimisation 16
/// MiB overflow and 20 MiB are enough, at `opt-level = 1` 4 MiB are enough. This is three times the
/// larger figure, as other kinds of nesting may take more; untouched pages cost nothing.
pub const STACK: usize = 64 << 20;

#[cfg(test)]
mod tests;
