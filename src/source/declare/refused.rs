//! What Nix would refuse.

use crate::source::syntax::{File, WrittenSet};
use crate::text::Span;

/// Why Nix refuses a flake.nix, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// One sentence, with names from the file unescaped.
    pub message: String,
    /// The place it is about.
    pub span: Span,
    /// Whether it is only a limit of this program and Nix reads such a file.
    pub is_limit: bool,
}

impl Refused {
    /// For a `rec` set, where a name may refer to another attribute, and for computed names of
    /// attributes. Nobody writes flakes so, Nix accepts some of it, and so the refusal is marked as
    /// uncertain.
    pub(super) fn unless_named_elsewhere(self, file: &File) -> Self {
        let Some(written) = file.written() else { return self };
        let is_computed =
            |span: Span| file.text.get(span.range()).is_some_and(|t| t.starts_with('$'));
        let is_open = |set: &WrittenSet| {
            let mut names = written.bindings(*set).filter_map(|binding| binding.path.first());
            set.span.range().contains(&self.span.start)
                && (set.recursive || names.any(|name| is_computed(name.span)))
        };
        let is_open = written.sets().iter().any(is_open);
        Self { is_limit: self.is_limit || is_open, ..self }
    }

    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, is_limit: false }
    }
}
