//! flake.nix for editing: its text, its syntax tree, and its declarations.

use std::sync::Arc;

use rnix::SyntaxKind::NODE_ATTRPATH_VALUE;
use rnix::{NodeOrToken, SyntaxElement, SyntaxKind, SyntaxNode, TextRange};
use rowan::ast::AstNode;

use super::NotEdited;
use crate::source::declare::Declarations;
use crate::source::syntax::{File, SyntaxError};
use crate::source::{ReadFlakeFile, SourceMemory};
use crate::text::Span;

pub(super) struct FlakeFile<'t> {
    pub(super) text: &'t str,
    pub(super) declared: Arc<Declarations>,
    root: SyntaxNode,
}

impl<'t> FlakeFile<'t> {
    pub(super) fn read(text: &'t str, memory: Option<&SourceMemory>) -> Result<Self, NotEdited> {
        let ReadFlakeFile { file, declared } = parsed(text, memory)?;
        // Nobody edits what `outputs` returns, or looks into it for its place.
        let short = returned(text, &declared).and_then(|returned| file.tree_but(returned));
        let root = short.map_or_else(|| file.tree().map_err(unparsed), Ok)?;
        Ok(Self { text, declared, root: root.syntax().clone() })
    }

    pub(super) fn part(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The smallest syntax node of a kind that contains these bytes.
    pub(super) fn node(&self, span: Span, kind: SyntaxKind) -> Option<SyntaxNode> {
        let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
        if start > end || end > u32::from(self.root.text_range().end()) {
            return None;
        }
        let found = match self.root.covering_element(TextRange::new(start.into(), end.into())) {
            NodeOrToken::Node(node) => node,
            NodeOrToken::Token(token) => token.parent()?,
        };
        found.ancestors().find(|node| node.kind() == kind)
    }

    /// The binding at, or around, these bytes.
    pub(super) fn binding(&self, span: Span) -> Option<SyntaxNode> {
        self.node(span, NODE_ATTRPATH_VALUE)
    }
}

/// What the function `outputs` returns, if its arguments are spelled out; up to its semicolon.
fn returned(text: &str, declared: &Declarations) -> Option<Span> {
    let binding = declared.outputs_binding();
    let behind = text.get(declared.outputs()?.span.end..binding.end)?;
    let behind = behind.trim_start().strip_prefix(':')?.strip_suffix(';')?;
    // A name right behind the colon would make a URL of both.
    let returned = behind.trim_start();
    let end = binding.end - 1;
    let is_apart = !returned.is_empty() && returned.len() < behind.len();
    is_apart.then_some(Span { start: end - returned.len(), end })
}

/// Parses a file that can be edited, and its declarations.
pub(super) fn parsed(
    text: &str,
    memory: Option<&SourceMemory>,
) -> Result<ReadFlakeFile, NotEdited> {
    if text.starts_with('\u{feff}') {
        let mark = Span { start: 0, end: '\u{feff}'.len_utf8() };
        return Err(NotEdited::at(mark, "flake.nix starts with a byte order mark"));
    }
    if let Some(known) = memory.and_then(|memory| memory.flake(text)) {
        return Ok(known);
    }
    let file = File::parse_flake(text.into()).map_err(unparsed)?;
    let declared = Declarations::read(&file)
        .map_err(|refused| NotEdited::at(refused.span, refused.message))?;
    let read = ReadFlakeFile { file: Arc::new(file), declared: Arc::new(declared) };
    if let Some(memory) = memory {
        memory.keep_flake(&read);
    }
    Ok(read)
}

fn unparsed(error: SyntaxError) -> NotEdited {
    NotEdited::at(error.span, format!("flake.nix cannot be parsed: {}", error.message))
}

pub(super) fn start(element: &SyntaxElement) -> usize {
    element.text_range().start().into()
}

pub(super) fn end(element: &SyntaxElement) -> usize {
    element.text_range().end().into()
}

pub(super) fn span(node: &SyntaxNode) -> Span {
    Span { start: node.text_range().start().into(), end: node.text_range().end().into() }
}
