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
mod strings;

use std::sync::Arc;

pub use concrete::tree;
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
type Parsed<T> = Result<T, Box<SyntaxError>>;

impl File {
    /// Parses a file.
    ///
    /// # Errors
    /// The first thing in it that is no Nix, or that it nests deeper than anybody writes.
    pub fn parse(text: Arc<str>) -> Result<Self, SyntaxError> {
        let mut parser = parser::Parser::new(&text);
        let root = parser.file().map_err(|error| *error)?;
        let longest_run = parser.lexer.longest_run;
        let exprs = parser.arena.finish();
        Ok(Self { text, exprs, root, longest_run })
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
        self.exprs.iter().map(|(expr, _)| expr)
    }
}

#[cfg(test)]
mod tests;
