//! What Nix would not take.

use crate::source::syntax::{File, WrittenSet};
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
    /// In a `rec` set a name may stand for a value that is written out elsewhere, and names of the
    /// flake's own attributes may be computed: nobody writes so, Nix takes some of it, and what is
    /// said here is not certain.
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
