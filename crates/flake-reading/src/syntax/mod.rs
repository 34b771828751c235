//! A .nix file, parsed to a compact form that threads can share.
//!
//! It keeps what evaluation needs (names, bindings, spans). Dotted and nested bindings are merged
//! as in Nix, so that their spelling makes no difference later. Edits, which need every byte, use
//! rnix's tree, which is much larger ([`tree`]).

mod arena;
mod bindings;
mod concrete;
mod expr;
mod lexer;
mod line_ends;
mod names;
mod operands;
mod operators;
mod parser;
mod same;
mod strings;
mod written;

use std::sync::Arc;

pub use concrete::tree;
pub use expr::{Attr, AttrValue, Expr, ExprId, Name, Operator, Param, Part, SetExpr};
pub use line_ends::with_line_feeds;
pub use same::{Looked, Moves};
pub use written::{Written, WrittenBinding, WrittenName, WrittenPattern, WrittenSet};

use crate::Span;

/// A parsed file.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub text: Arc<str>,
    exprs: Vec<(Expr, Span)>,
    root: ExprId,
    written: Option<Written>,
    /// The most names, numbers and operators in a run without separators.
    longest_run: usize,
}

/// Why a file could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// One line; it may quote the file, so it has to be escaped when it is printed.
    pub message: String,
    /// The place.
    pub span: Span,
    /// Whether this is only a limit of this program: Nix reads the file.
    pub is_limit: bool,
}

/// What a part of the parser returns.
type ParseResult<T> = Result<T, Box<SyntaxError>>;

impl File {
    /// Parses a file.
    ///
    /// # Errors
    /// The first place that is not Nix, or is nested deeper than anybody writes.
    pub fn parse(text: Arc<str>) -> Result<Self, SyntaxError> {
        Self::parse_with(text, None)
    }

    /// Like [`File::parse`], and also records the bindings as they are written: [`File::written`].
    ///
    /// # Errors
    /// As [`File::parse`].
    pub fn parse_flake(text: Arc<str>) -> Result<Self, SyntaxError> {
        Self::parse_with(text, Some(Written::default()))
    }

    fn parse_with(text: Arc<str>, written: Option<Written>) -> Result<Self, SyntaxError> {
        let mut parser = parser::Parser::new(&text);
        parser.written = written;
        let root = parser.file().map_err(|error| *error)?;
        let longest_run = parser.lexer.longest_run;
        let mut written = parser.written;
        if let Some(written) = &mut written {
            written.finish();
        }
        let exprs = parser.arena.finish();
        Ok(Self { text, exprs, root, written, longest_run })
    }

    /// The bindings as they are written, if it was parsed as a flake.
    pub fn written(&self) -> Option<&Written> {
        self.written.as_ref()
    }

    /// Its concrete syntax tree, for readers that need every byte of it; see [`tree`].
    ///
    /// # Errors
    /// What rnix cannot read.
    pub fn tree(&self) -> Result<rnix::Root, SyntaxError> {
        concrete::of_parsed(&self.text, self.longest_run)
    }

    /// The same with one long name in place of an expression, which nobody asks for; `None` if that
    /// leaves something that cannot be read.
    pub fn tree_but(&self, expression: Span) -> Option<rnix::Root> {
        concrete::of_parsed_but(&self.text, self.longest_run, expression)
    }

    /// The whole file's expression.
    pub fn root(&self) -> ExprId {
        self.root
    }

    /// One expression of this file.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.index()).map_or(&Expr::Unknown, |(expr, _)| expr)
    }

    /// The place of an expression.
    pub fn span(&self, id: ExprId) -> Span {
        self.exprs.get(id.index()).map_or(Span { start: 0, end: 0 }, |(_, span)| *span)
    }

    /// About how many bytes it takes in memory, without its text: most expressions have a name or a
    /// list of their own.
    pub fn weight(&self) -> usize {
        self.exprs.len().saturating_mul(size_of::<(Expr, Span)>() + 48)
    }

    /// How many expressions it has.
    pub fn len(&self) -> usize {
        self.exprs.len()
    }

    /// Whether it has no expressions.
    pub fn is_empty(&self) -> bool {
        self.exprs.is_empty()
    }

    /// All expressions, in no particular order.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.exprs_with_spans().map(|(expr, _)| expr)
    }

    /// All expressions and their places.
    pub fn exprs_with_spans(&self) -> impl Iterator<Item = (&Expr, Span)> {
        self.exprs.iter().map(|(expr, span)| (expr, *span))
    }
}

/// The places of comments in a text that is Nix: `# …` without the line end, and `/* … */`.
pub fn comments(text: &str) -> Vec<Span> {
    let mut parser = parser::Parser::new(text);
    parser.lexer.comments = Some(Vec::new());
    // Comments after an error are not needed.
    let _ = parser.file();
    parser.lexer.comments.unwrap_or_default()
}

#[cfg(test)]
mod tests;
