//! Reading code by approximate evaluation: what would the outputs of a flake make of its inputs?
//!
//! Expressions are evaluated lazily, as Nix does, with approximate values ([`value`]). What flows
//! into code that is not read (library functions, options, derivations) is looked through whole:
//! a function is called with what such code would give it, so nothing that is live is missed and
//! nothing that is dead is seen. Nothing is fetched, built or run.
//!
//! Work is bounded: by steps, by depth, by the size of what is read. What is left out is said.

mod bindings;
mod by_name;
mod call;
mod declarations;
mod expression;
pub mod facts;
mod framework;
mod functions;
mod identity;
mod library;
mod lists;
mod loaders;
mod machine;
mod meter;
mod modules;
mod nixpkgs;
mod options;
mod outputs;
mod paths;
mod record;
mod scope;
mod select;
mod update;
mod value;
mod visit;

pub use facts::CodeFacts;
pub use flake_reading::{Files, Kept, Parsed, Problem};
pub use outputs::{Wanted, evaluate, evaluate_within};

/// The stack that evaluation needs: run it on a thread that has it.
///
/// Measured on 2026-11-24 with chains of ten kinds that nest to the limit (`hostile` in the tests):
/// without optimisation 16 MiB overflow and 20 MiB hold, at `opt-level = 1` 4 MiB hold. Thrice
/// the larger figure, as other kinds of nesting may take more; untouched pages cost nothing.
pub const STACK: usize = 64 << 20;

/// An input of the flake whose code is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InputInfo {
    /// Its name.
    pub name: String,
    /// Whether it ends at nixpkgs, raw or configured.
    pub is_nixpkgs: bool,
    /// `owner/repo` of its source in lower case; empty where it has none.
    pub repository: String,
}

#[cfg(test)]
mod tests;
