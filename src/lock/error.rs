//! Why a lock could not be read, and where.

use crate::text::{LineIndex, Position, Span};

/// A lock that Nix would not read either, or could not survive reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LockError {
    /// One line, without file name and position.
    pub message: String,
    /// Where in the file.
    pub position: Position,
}

impl LockError {
    pub(crate) fn new(text: &str, span: Span, message: String) -> Self {
        Self { message, position: LineIndex::new(text).position(span.start) }
    }
}
