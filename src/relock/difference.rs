//! Where a lock and the flakes that it locks differ.

use crate::lock::NodeId;
use crate::source::TreePath;
use crate::text::Span;

/// An input that Nix would lock otherwise than it is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockDifference {
    /// The node of the lock that has it, or would.
    pub holder: NodeId,
    /// Its name.
    pub name: String,
    /// What is different.
    pub what: What,
    /// The flake that says so, where one does.
    pub by: Option<Sayer>,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is to follow this path.
    Follows(Vec<String>),
    /// It is to be this reference, written as flake.nix has it; nothing of the sort is locked.
    Refers(String),
    /// It is this reference, which the lock has, too; but for another version of Nix, or of a lock
    /// in which nothing else would do.
    Spelled(String),
    /// It is a folder that the lock has in the form of Nix before 2.26, or from another flake than
    /// the one that says so.
    Form,
    /// The flake that has it does not declare it any more.
    Undeclared,
    /// It follows what nobody says any more, and is what its flake declares.
    Freed,
}

/// A flake that says what an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sayer {
    /// Its input path; empty for the root.
    pub flake: Vec<String>,
    /// Its `flake.nix`, where that is in the root's own source.
    pub file: Option<TreePath>,
    /// Where in that.
    pub span: Span,
}
