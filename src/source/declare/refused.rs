//! What Nix would refuse.

use crate::source::syntax::{File, Name, WrittenSet};
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
    /// The name that stands where a value has to be written out.
    pub(super) name: Option<Name>,
}

impl Refused {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, is_limit: false, name: None }
    }

    /// The same, where this name stands in place of a value.
    pub(super) fn naming(self, name: Option<Name>) -> Self {
        Self { name, ..self }
    }

    /// For names of a `rec` set. Nix takes such a name for a value if that is written out and Nix
    /// has come across it before; in which order depends on all of the file. Nobody writes flakes so,
    /// and so the refusal is only marked as uncertain.
    pub(super) fn unless_bound(self, file: &File) -> Self {
        let (Some(name), Some(written)) = (&self.name, file.written()) else { return self };
        let binds = |set: &WrittenSet| {
            let mut names = written.bindings(*set).filter_map(|binding| binding.path.first());
            set.recursive
                && set.span.range().contains(&self.span.start)
                && names.any(|bound| bound.name.as_ref() == Some(name))
        };
        let is_bound = written.sets().iter().any(binds);
        Self { is_limit: self.is_limit || is_bound, ..self }
    }
}
