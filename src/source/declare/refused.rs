//! What Nix would not take.

use crate::text::Span;

/// Why Nix refuses a flake.nix, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// One sentence. Names from the file stand in it as they are.
    pub message: String,
    /// What it is about.
    pub span: Span,
    /// Whether it is only a limit of this program: Nix reads such a file.
    pub is_limit: bool,
}

impl Refused {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, is_limit: false }
    }
}
