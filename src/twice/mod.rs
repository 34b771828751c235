//! What a flake builds in two variants, according to the installed Nix.
//!
//! Whether a follows is missing can be read from files. Whether torch is built twice, and why, only
//! evaluation shows: Nix evaluates what the flake builds, and evaluates it again with all
//! dependencies built from the flake's own nixpkgs ([`redone`](self)). Both closures of derivations
//! are read from the store and walked in parallel; what exists beside its own replacement exists
//! twice. Nothing is built.

mod asked;
mod brought;
mod chains;
mod comparison;
mod evaluation;
pub mod human;
mod inquiry;
pub mod json;
pub mod markdown;
mod outputs;
mod pairs;
mod plan;
mod redone;
mod report;
mod seeds;
#[cfg(test)]
mod tests;
mod variants;
mod words;

pub use chains::Chains;
pub use comparison::AttributeDifference;
pub use evaluation::Evaluation;
pub use inquiry::EvaluationError;
pub use outputs::{BuiltOutput, Unlisted};
pub use plan::TwicePlan;
pub use report::{
    Begins, Dropped, OutputChange, OutputReport, RepairEffect, TwicePackage, TwiceReport, Variant,
    WithFix,
};
pub use variants::{Beginning, Duplicate, Duplicates, duplicates};

use crate::verify::{NixError, NixSession};

/// Everything that people build of the flake for the session's system, and kinds of outputs that
/// could not be listed.
///
/// # Errors
/// Nix does not run, or not in time.
pub fn built_outputs(
    session: &NixSession<'_>,
) -> Result<(Vec<BuiltOutput>, Vec<Unlisted>), NixError> {
    outputs::all(session)
}
