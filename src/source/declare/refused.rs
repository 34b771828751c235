//! What Nix would not take.

use rnix::ast::{self, HasEntry};
use rowan::ast::AstNode;

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
    pub(super) fn unless_named_elsewhere(self, root: &rnix::Root) -> Self {
        let here = u32::try_from(self.span.start).unwrap_or(u32::MAX).into();
        let is_open = |node: rnix::SyntaxNode| match ast::Expr::cast(node) {
            Some(ast::Expr::AttrSet(set)) => {
                let is_computed = |attr: &ast::Attr| matches!(attr, ast::Attr::Dynamic(_));
                let mut paths = set.attrpath_values().filter_map(|bound| bound.attrpath());
                set.rec_token().is_some()
                    || paths.any(|path| path.attrs().next().as_ref().is_some_and(is_computed))
            }
            _ => false,
        };
        let token = match root.syntax().text_range().contains(here) {
            true => root.syntax().token_at_offset(here).right_biased(),
            false => None,
        };
        let is_open = token.is_some_and(|token| token.parent_ancestors().any(is_open));
        Self { is_limit: self.is_limit || is_open, ..self }
    }

    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, is_limit: false }
    }
}
