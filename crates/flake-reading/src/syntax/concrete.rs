//! The concrete syntax tree of a text, with every blank and comment, for edits.
//!
//! rnix makes it. It recurses over operators and lists, and trees are walked and dropped
//! recursively, so it only gets what was parsed before ([`super::parser`]), which bounds the depth.

use rnix::ParseError;
use rowan::ast::AstNode;

use super::parser::Parser;
use super::{SyntaxError, with_line_feeds};
use crate::Span;

/// The most names, numbers and operators in a run without separators. At each, rnix looks at all
/// that follow. Of 10,000 real files the longest run has 16.
const LONGEST_RUN: usize = 64;

/// The syntax tree of a file's text, for readers that need every byte of it (edits). Single
/// carriage returns become line feeds, see [`with_line_feeds`].
///
/// # Errors
/// As [`super::File::parse`], and for what rnix cannot read.
pub fn tree(text: &str) -> Result<rnix::Root, SyntaxError> {
    let mut parser = Parser::new(text);
    parser.file().map_err(|error| *error)?;
    of_parsed(text, parser.lexer.longest_run)
}

/// The tree of a text that was parsed and has this longest run.
pub(super) fn of_parsed(text: &str, longest_run: usize) -> Result<rnix::Root, SyntaxError> {
    if longest_run > LONGEST_RUN {
        let message = "too many operators and names stand in it without a blank".to_owned();
        return Err(SyntaxError { message, span: Span { start: 0, end: 0 }, is_limit: true });
    }
    let parsed = rnix::Root::parse(&with_line_feeds(text));
    match parsed.errors().first() {
        Some(error) => Err(not_by_rnix(error, text)),
        None => Ok(rnix::Root::cast(parsed.syntax()).unwrap_or_else(|| parsed.tree())),
    }
}

/// The tree of a text that was parsed and has this longest run, with one long name in place of these
/// bytes, which are an expression. rnix is not asked to read them: of most files they are nearly
/// all. `None` if it cannot read what is then left.
pub(super) fn of_parsed_but(text: &str, longest_run: usize, but: Span) -> Option<rnix::Root> {
    let (before, after) = (text.get(..but.start)?, text.get(but.end..)?);
    let name = "x".repeat(but.end.checked_sub(but.start)?);
    of_parsed(&[before, &name, after].concat(), longest_run).ok()
}

/// The error for a text that Nix reads and rnix does not.
fn not_by_rnix(error: &ParseError, text: &str) -> SyntaxError {
    let range = match error {
        ParseError::Unexpected(range)
        | ParseError::UnexpectedExtra(range)
        | ParseError::UnexpectedWanted(_, range, _)
        | ParseError::UnexpectedDoubleBind(range)
        | ParseError::DuplicatedArgs(range, _) => Some(range),
        _ => None,
    };
    let span = match range {
        Some(range) => Span { start: range.start().into(), end: range.end().into() },
        None => Span { start: text.len(), end: text.len() },
    };
    let message = "this cannot be read, though it is Nix".to_owned();
    SyntaxError { message, span, is_limit: true }
}
