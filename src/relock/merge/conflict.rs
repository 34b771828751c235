//! What both sides changed differently.

use std::fmt::{self, Display};

use super::Side;
use crate::text::Date;

/// An input that both sides changed differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its path in the locks.
    pub path: Vec<String>,
    /// Its entry in our lock.
    pub ours: LockedEntry,
    /// Its entry in theirs.
    pub theirs: LockedEntry,
    /// The side that was taken, if a preference decided.
    pub taken: Option<Side>,
}

/// The entry of an input in a lock, with names unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockedEntry {
    /// It follows this path.
    Follows(Vec<String>),
    /// It is locked to this reference, whose source was last changed on this day.
    To(String, Option<Date>),
}

impl Display for LockedEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Follows(path) if path.is_empty() => f.write_str("follows this flake itself"),
            Self::Follows(path) => write!(f, "follows `{}`", path.join("/")),
            Self::To(reference, None) => f.write_str(reference),
            Self::To(reference, Some(date)) => write!(f, "{reference} ({date})"),
        }
    }
}
