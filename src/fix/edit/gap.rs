//! Where bindings are inserted, and the white space around them.

use rnix::SyntaxKind::{
    NODE_ATTR_SET, NODE_ATTRPATH, NODE_ATTRPATH_VALUE, TOKEN_COMMENT, TOKEN_R_BRACE,
    TOKEN_WHITESPACE,
};
use rnix::{SyntaxElement, SyntaxNode};

use super::file::{FlakeFile, end, span, start};
use super::line::{LineEnd, LineStart, blanks, newlines, previous, with_comments};
use crate::text::Span;

/// The place for a new binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Insertion {
    /// After this binding.
    After(Span),
    /// In this set, which is empty.
    Inside(Span),
    /// Before this binding and the comments above it.
    Before(Span),
}

/// A place, with the white space for what is inserted.
#[derive(Debug)]
pub(super) struct Gap {
    /// The span that is replaced: empty, or the blanks in an empty set.
    pub(super) at: Span,
    /// White space before the first, between two, and after the last binding.
    pub(super) lead: String,
    pub(super) join: String,
    pub(super) tail: String,
    /// How lines begin there, if bindings have lines of their own.
    pub(super) line: Option<LineStart>,
    /// Additional indentation inside a block.
    pub(super) unit: String,
    /// `=` with or without blanks, as in neighbouring bindings.
    pub(super) equals: &'static str,
}

impl Gap {
    /// The gap for this many bindings.
    pub(super) fn at(file: &FlakeFile, place: Insertion, bindings: usize) -> Option<Self> {
        let mut gap = match place {
            Insertion::After(binding) => Self::after(file, &file.binding(binding)?),
            Insertion::Inside(block) => {
                let set = file.node(block, NODE_ATTR_SET)?;
                let opened = if bindings > 1 { Self::opened(file, &set) } else { None };
                opened.or_else(|| Self::inside(file, &set))?
            }
            Insertion::Before(binding) => Self::before(file, &file.binding(binding)?),
        };
        gap.unit = unit(file);
        Some(gap)
    }

    /// With the same white space before the first binding and between all.
    fn inline(at: usize, blank: &str, equals: &'static str) -> Self {
        let blank = || blank.to_owned();
        Self {
            at: Span { start: at, end: at },
            lead: blank(),
            join: blank(),
            tail: String::new(),
            line: None,
            unit: String::new(),
            equals,
        }
    }

    fn lines(at: usize, line: LineStart, equals: &'static str) -> Self {
        Self { line: Some(line.clone()), ..Self::inline(at, &line.text(), equals) }
    }

    /// On the next line if the binding ends its line, else directly after it.
    fn after(file: &FlakeFile, binding: &SyntaxNode) -> Self {
        let equals = equals(file, binding);
        let element = SyntaxElement::from(binding.clone());
        let own = LineStart::started_by(&element);
        let blank = blank(previous(&element).as_ref());
        match (LineEnd::of(&element), own) {
            (LineEnd::Newline { at }, own) => {
                let indent = match own {
                    Some(line) => line.indent,
                    None => indent_beside(file, binding),
                };
                Self::lines(at, LineStart { indent }, equals)
            }
            // Lines, with the brace at the end of the last one.
            (LineEnd::Brace { .. }, Some(line)) => Self::lines(end(&element), line, equals),
            (LineEnd::Brace { at }, None) => Self::inline(at, blank, equals),
            (LineEnd::Other, _) => Self::inline(end(&element), blank, equals),
        }
    }

    /// On a line below the brace or the last comment, if the closing brace has its own.
    fn inside(file: &FlakeFile, set: &SyntaxNode) -> Option<Self> {
        let brace = set.last_child_or_token().filter(|last| last.kind() == TOKEN_R_BRACE)?;
        let before = previous(&brace)?;
        let gap = Some(&before).filter(|element| element.kind() == TOKEN_WHITESPACE);
        let last = if gap.is_some() { previous(&before)? } else { before.clone() };
        let (Some(line), LineEnd::Newline { at }) =
            (gap.and_then(LineStart::at_end_of), LineEnd::of(&last))
        else {
            let tail = if gap.is_some() { "" } else { " " }.to_owned();
            return Some(Self { tail, ..Self::inline(end(&last), " ", " = ") });
        };
        let comment = Some(&last).filter(|last| last.kind() == TOKEN_COMMENT);
        let indent = match comment.and_then(LineStart::started_by) {
            Some(line) => line.indent,
            None => line.indent + &unit(file),
        };
        Some(Self::lines(at, LineStart { indent }, " = "))
    }

    /// An empty set on one line, if several bindings are more readable on lines of their own.
    fn opened(file: &FlakeFile, set: &SyntaxNode) -> Option<Self> {
        let Span { start, end } = span(set);
        let at = Span { start: start + 1, end: end - 1 };
        let inner = file.part(at);
        let binding = set.parent().filter(|parent| parent.kind() == NODE_ATTRPATH_VALUE)?;
        let line = LineStart::started_by(&binding.into()).filter(|_| matches!(inner, "" | " "))?;
        let tail = line.text();
        let inner = LineStart { indent: line.indent + &unit(file) };
        Some(Self { at, tail, ..Self::lines(start, inner, " = ") })
    }

    /// On lines above, if the binding starts its own.
    fn before(file: &FlakeFile, binding: &SyntaxNode) -> Self {
        let equals = equals(file, binding);
        let first = with_comments(binding.clone().into());
        let before = previous(&first);
        let line = LineStart::started_by(&first).or_else(|| hanging(file, binding));
        let Some(line) = line else {
            let blank = blank(before.as_ref());
            let gap = Self::inline(start(&first), blank, equals);
            return Self { lead: String::new(), tail: blank.to_owned(), ..gap };
        };
        let apart = if newlines(before.as_ref()) > 1 { "\n" } else { "" };
        let tail = format!("{apart}{}", line.text());
        Self { lead: String::new(), tail, ..Self::lines(start(&first), line, equals) }
    }
}

/// The white space between bindings on one line.
fn blank(before: Option<&SyntaxElement>) -> &'static str {
    if blanks(before).is_some() { " " } else { "" }
}

/// The indentation of a binding next to this one, which does not start its line.
fn indent_beside(file: &FlakeFile, binding: &SyntaxNode) -> String {
    let beside = [binding.next_sibling(), binding.prev_sibling()].into_iter().flatten();
    let line = beside.filter_map(|other| LineStart::started_by(&other.into())).next();
    line.or_else(|| hanging(file, binding)).map(|line| line.indent).unwrap_or_else(|| {
        let line = line_before(file, span(binding).start);
        line.chars().take_while(|c| c.is_whitespace()).collect()
    })
}

/// The line to begin below a binding that follows a brace, `{ a = 1;`, if it has several lines or
/// others follow on lines of their own.
fn hanging(file: &FlakeFile, binding: &SyntaxNode) -> Option<LineStart> {
    let set = file.part(span(&binding.parent()?));
    let line = line_before(file, span(binding).start);
    let hangs = set.contains('\n') && line.trim() == "{";
    hangs.then(|| LineStart { indent: line.replace('{', " ") })
}

/// The line of a byte, up to it.
fn line_before<'t>(file: &FlakeFile<'t>, at: usize) -> &'t str {
    let before = file.text.get(..at).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |feed| feed + 1);
    before.get(start..).unwrap_or_default()
}

/// One step of indentation: that of the first binding of the file.
fn unit(file: &FlakeFile) -> String {
    let body = file.node(file.declared.body(), NODE_ATTR_SET);
    let first = body.and_then(|body| body.first_child());
    let line = first.and_then(|first| LineStart::started_by(&first.into()));
    let indent = line.map(|line| line.indent).filter(|indent| !indent.is_empty());
    indent.unwrap_or_else(|| "  ".to_owned())
}

/// `=` as a binding has it.
fn equals(file: &FlakeFile, binding: &SyntaxNode) -> &'static str {
    let path = binding.children().find(|child| child.kind() == NODE_ATTRPATH);
    let rest = path.and_then(|path| file.text.get(span(&path).end..));
    if rest.is_some_and(|rest| rest.starts_with('=')) { "=" } else { " = " }
}
