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

/// A line of a file, made safe to print, with a range to point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Its number, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// Bytes of `text` to point at.
    pub start: usize,
    /// One past them.
    pub end: usize,
}
