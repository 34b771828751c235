//! What is wrong with a configuration, and where.

use std::path::PathBuf;

use crate::text::{Excerpt, Position};

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// One line.
    pub message: String,
    /// Where, if it could be read at all.
    pub position: Option<Position>,
    /// The line there, where it is shown.
    pub excerpt: Option<Excerpt>,
}
