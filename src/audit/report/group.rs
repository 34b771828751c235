//! Findings that are told as one.

use crate::change::FileDiff;

/// One or more findings of one rule and level that say the same, and are cured in the same way:
/// without a person, or by one.
#[derive(Debug, Clone)]
pub struct Group {
    /// Their positions; at least one.
    pub members: Vec<usize>,
    /// What is the case, one line; unescaped.
    pub message: String,
    /// What all their fixes together change in flake.nix, where that was read and can be edited.
    pub diff: Option<FileDiff>,
}
