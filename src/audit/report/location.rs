//! A place in a file, told.

use crate::text::Position;

/// A range of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file, as it is to be named.
    pub file: String,
    /// Its first character.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}
