//! Where a lock and the flakes that it locks differ.

use crate::lock::NodeId;
use crate::source::TreePath;
use crate::text::Span;

/// An input that Nix would lock differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockDifference {
    /// The node of the lock that has the input, or would.
    pub holder: NodeId,
    /// Its name.
    pub name: String,
    /// The difference.
    pub what: DifferenceKind,
    /// The flake whose declaration differs, if any.
    pub by: Option<DeclaringFlake>,
}

/// The kinds of differences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It should follow this path.
    Follows(Vec<String>),
    /// It should have this reference, written as flake.nix has it; what is locked is another
    /// source.
    Refers(String),
    /// It should have this reference, which the lock has too, but in the spelling of another
    /// version of Nix, or of an older lock version.
    Spelled(String),
    /// It is a folder that the lock has in the form of Nix before 2.26, or relative to another
    /// flake than the one that declares it.
    Form,
    /// The flake that has it no longer declares it.
    Undeclared,
    /// It follows a path that nobody declares any more, instead of what its flake declares.
    Freed,
}

/// A flake that declares an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaringFlake {
    /// Its input path; empty for the root.
    pub flake: Vec<String>,
    /// Its `flake.nix`, if that is in the root's own source.
    pub file: Option<TreePath>,
    /// The place in it.
    pub span: Span,
}
