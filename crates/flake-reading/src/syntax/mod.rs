//! A .nix file, parsed: rnix's tree lowered to a compact form that can be shared by threads.
//!
//! Lowering keeps what evaluation needs (names, bindings, spans) and merges dotted and nested
//! bindings as Nix does, so that nobody else has to know how an attribute was spelled.

mod expr;
mod guard;
mod line_ends;
mod lower;

use std::sync::Arc;

use rowan::ast::AstNode;

pub use expr::{Attr, AttrValue, Expr, ExprId, Name, Operator, Param, Part, SetExpr};
pub use line_ends::with_line_feeds;

use crate::Span;

/// A parsed file.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub text: Arc<str>,
    exprs: Vec<(Expr, Span)>,
    root: ExprId,
}

/// Why a file could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// One line; it may quote the file, so it is to be escaped where it is printed.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Whether it is only a limit of this program: Nix reads such a file.
    pub is_limit: bool,
}

impl SyntaxError {
    /// The same in a text that has so many bytes more in front.
    fn moved(self, by: usize) -> Self {
        let span = Span { start: self.span.start + by, end: self.span.end + by };
        Self { span, ..self }
    }
}

impl File {
    /// Parses a file.
    ///
    /// # Errors
    /// The first thing in it that is no Nix, or that it nests deeper than anybody writes.
    pub fn parse(text: Arc<str>) -> Result<Self, SyntaxError> {
        let code = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let skipped = text.len() - code.len();
        let tree = tree(code).map_err(|error| error.moved(skipped))?;
        let (mut exprs, root) = lower::lower(&tree, skipped);
        exprs.shrink_to_fit();
        Ok(Self { text, exprs, root })
    }

    /// The whole file's expression.
    pub fn root(&self) -> ExprId {
        self.root
    }

    /// One expression of this file.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.index()).map_or(&Expr::Unknown, |(expr, _)| expr)
    }

    /// Where an expression stands.
    pub fn span(&self, id: ExprId) -> Span {
        self.exprs.get(id.index()).map_or(Span { start: 0, end: 0 }, |(_, span)| *span)
    }

    /// About how many bytes it takes in memory, its text not counted: most expressions have a name
    /// or a list of their own.
    pub fn weight(&self) -> usize {
        self.exprs.len().saturating_mul(size_of::<(Expr, Span)>() + 48)
    }

    /// How many expressions it has.
    pub fn len(&self) -> usize {
        self.exprs.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.exprs.is_empty()
    }

    /// Every expression, in no order that matters.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.exprs.iter().map(|(expr, _)| expr)
    }
}

/// The syntax tree of a file's text, for readers that need every byte of it (edits); but for
/// carriage returns that stand alone, see [`with_line_feeds`].
///
/// # Errors
/// As [`File::parse`].
pub fn tree(text: &str) -> Result<rnix::Root, SyntaxError> {
    let text = &*with_line_feeds(text);
    guard::check(text)?;
    let parsed = rnix::Root::parse(text);
    match parsed.errors().first() {
        Some(error) => Err(expr::syntax_error(error, text)),
        None => Ok(rnix::Root::cast(parsed.syntax()).unwrap_or_else(|| parsed.tree())),
    }
}

#[cfg(test)]
mod tests;
