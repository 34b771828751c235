//! What is wrong in a lock, and where: an error for the whole, or a defect of a node, which becomes an
//! error only when the node is needed.

use crate::text::{Excerpt, LineIndex, Position, Span, excerpt};

/// A lock that Nix would refuse too, or would not survive reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LockError {
    /// One line, without file name and position.
    pub message: String,
    /// Where in the file.
    pub position: Position,
    /// The line there, if it can be shown.
    pub excerpt: Option<Excerpt>,
}

impl LockError {
    pub(crate) fn new(text: &str, span: Span, message: String) -> Self {
        let lines = LineIndex::new(text);
        let excerpt = excerpt(text, &lines, span).filter(|excerpt| !excerpt.text.trim().is_empty());
        Self { message, position: lines.position(span.start), excerpt }
    }

    /// An error about the lock as a whole, at its start.
    pub(crate) fn of_all(message: String) -> Self {
        Self { message, position: Position { line: 1, column: 1 }, excerpt: None }
    }
}

/// What is wrong in a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect<'a> {
    /// The message, one line.
    pub message: String,
    /// Its place.
    pub site: Site<'a>,
}

/// A place inside a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site<'a> {
    /// The node's own value.
    Node,
    /// A member: `flake`, `inputs`, …
    Member(&'static str),
    /// A member of a member: one input, one attribute.
    Inner(&'static str, &'a str),
}
