//! A .nix file, parsed to a compact form that can be shared by threads.
//!
//! It keeps what evaluation needs (names, bindings, spans). Dotted and nested bindings are merged as
//! Nix does, so that nobody else has to know how an attribute was spelled. What has to keep every
//! byte (edits) gets rnix's tree, which is much larger ([`tree`]).

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
    /// The most names, numbers and operators that stand in it without anything between them.
    longest_run: usize,
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

/// What a part of the parser returns.
type ParseResult<T> = Result<T, Box<SyntaxError>>;

impl File {
    /// Parses a file.
    ///
    /// # Errors
    /// The first thing in it that is no Nix, or that it nests deeper than anybody writes.
    pub fn parse(text: Arc<str>) -> Result<Self, SyntaxError> {
        Self::parse_with(text, None)
    }

    /// The same, and remembers how what needs no evaluation is written: [`File::written`].
    ///
    /// # Errors
    /// The same.
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

    /// How it is written, if it was parsed as a flake.
    pub fn written(&self) -> Option<&Written> {
        self.written.as_ref()
    }

    /// Its concrete syntax tree, for readers that need every byte of it; see [`tree`].
    ///
    /// # Errors
    /// What rnix does not read.
    pub fn tree(&self) -> Result<rnix::Root, SyntaxError> {
        concrete::of_parsed(&self.text, self.longest_run)
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
        self.exprs_with_spans().map(|(expr, _)| expr)
    }

    /// Every expression and where it stands.
    pub fn exprs_with_spans(&self) -> impl Iterator<Item = (&Expr, Span)> {
        self.exprs.iter().map(|(expr, span)| (expr, *span))
    }
}

/// Where the comments of a text are that is Nix: `# …` without what ends the line, and `/* … */`.
pub fn comments(text: &str) -> Vec<Span> {
    let mut parser = parser::Parser::new(text);
    parser.lexer.comments = Some(Vec::new());
    // What follows an error is unknown, and nobody asks for it.
    let _ = parser.file();
    parser.lexer.comments.unwrap_or_default()
}

#[cfg(test)]
mod tests;
