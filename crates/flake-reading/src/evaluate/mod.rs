//! Reading code by approximate evaluation: what do the outputs of a flake take from which nixpkgs?
//!
//! Expressions are evaluated lazily, as Nix does, with approximate values ([`value`]), across the
//! flakes of a lock as it binds them, and only as far as somebody asks. What goes into code that
//! is not read stays known as what that made something of. Each output is then looked through by
//! itself ([`outputs`]): what it is made of, and by whose packages.
//!
//! Work is counted, never timed: by steps, by depth, by the size of what is read. What is left out
//! is said.

mod apply;
mod budget;
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
mod replaced;
mod select;
mod settings;
mod settings_named;
mod sight;
mod unions;
mod value;
pub mod world;

pub use frameworks::repository_of;
pub use meter::{abandon, is_abandoned};
pub use outputs::{Earlier, exports, overlays, read};

/// The stack that evaluation needs: run it on a thread that has it.
///
/// Measured on 2026-11-24 with chains of ten kinds that nest to the limit: without optimisation
/// 16 MiB overflow and 20 MiB hold, at `opt-level = 1` 4 MiB hold. Thrice the larger figure, as
/// other kinds of nesting may take more; untouched pages cost nothing.
pub const STACK: usize = 64 << 20;

#[cfg(test)]
mod tests;
