//! Asks the installed Nix what each instance of nixpkgs makes of a package.
//!
//! Everything else in the program works without Nix; this verifies it. A flake's instances
//! ([`subjects`]) become Nix expressions, one for each instance and attribute, which Nix evaluates
//! in pure mode: the user's own nixpkgs configuration is not used, nothing is built, no lock is
//! written. The answer is a derivation path, or the reason why there is none.

mod attribute;
mod expression;
mod flake;
mod git;
pub mod human;
pub mod interrupts;
pub mod json;
mod nix;
mod outcome;
mod process;
mod scratch;
mod session;
mod setting;
mod subject;
mod surroundings;

pub use attribute::{AttributeError, PackagePath};
pub use git::{GitError, unknown_to_git};
pub(crate) use git::{ask as ask_git, path_of as path_of_git, work_tree};
pub use nix::{Nix, NixError};
pub use outcome::{AttributeVerdict, SharedDerivation, VerifyOutcome};
pub(crate) use process::Patience;
pub use scratch::{Scratch, ScratchError};
pub use session::{ComparedOffers, NixSession};
pub use subject::{ComparedInstance, Endless, Recipe, Subjects, subjects};

use std::path::Path;

/// Lets Nix evaluate these attributes in every instance of the flake in a folder: for `system`, or
/// for Nix's own. `subjects` are those of the lock in that folder.
///
/// # Errors
/// Nix does not run, or not on this flake as a whole; or it makes another lock than the one that
/// the subjects are from. Errors of a single instance are part of the outcome.
pub fn evaluate(
    folder: &Path,
    subjects: &[ComparedInstance],
    attributes: &[PackagePath],
    system: Option<&str>,
    nix: &Nix,
) -> Result<VerifyOutcome, NixError> {
    NixSession::open(nix, folder, system)?.compare(subjects, attributes, |_, _| {})
}
