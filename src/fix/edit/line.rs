//! Lines of a syntax tree: what starts and ends one, and which comments belong to what.

use rnix::SyntaxElement;
use rnix::SyntaxKind::{TOKEN_COMMENT, TOKEN_R_BRACE, TOKEN_WHITESPACE};

use super::file::{end, start};

/// How a line begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineStart {
    pub(super) indent: String,
}

impl LineStart {
    /// The line that an element starts, if it does.
    pub(super) fn started_by(element: &SyntaxElement) -> Option<Self> {
        Self::at_end_of(&previous(element)?)
    }

    /// The line that begins in this white space.
    pub(super) fn at_end_of(gap: &SyntaxElement) -> Option<Self> {
        let text = blanks(Some(gap))?;
        let feed = text.rfind('\n')?;
        Some(Self { indent: text.get(feed + 1..).unwrap_or_default().to_owned() })
    }

    /// Line break and indentation. A carriage return, if lines of this file end in one, is added
    /// where splices are applied.
    pub(super) fn text(&self) -> String {
        format!("\n{}", self.indent)
    }
}

/// What follows an element on its line, besides blanks and comments.
#[derive(Debug)]
pub(super) enum LineEnd {
    /// A line break at this place.
    Newline { at: usize },
    /// A closing brace; the comments before it end here.
    Brace { at: usize },
    /// Something else.
    Other,
}

impl LineEnd {
    pub(super) fn of(element: &SyntaxElement) -> Self {
        let mut last = element.clone();
        while let Some(next) = following(&last) {
            match next.kind() {
                TOKEN_WHITESPACE => {
                    let text = blanks(Some(&next)).unwrap_or_default();
                    let Some(feed) = text.find('\n') else {
                        last = next;
                        continue;
                    };
                    let before = text.get(..feed).unwrap_or_default();
                    let at = start(&next) + feed;
                    return match before.ends_with('\r') || feed == 0 && ends_with_return(&last) {
                        // rnix makes a carriage return part of the comment before it.
                        true => Self::Newline { at: at - 1 },
                        false => Self::Newline { at },
                    };
                }
                TOKEN_COMMENT => last = next,
                TOKEN_R_BRACE => {
                    let behind_blanks = blanks(Some(&last)).is_some();
                    let at = if behind_blanks { start(&last) } else { end(&last) };
                    return Self::Brace { at };
                }
                _ => return Self::Other,
            }
        }
        Self::Other
    }
}

/// The first of the comments on the lines directly above an element, or the element itself.
pub(super) fn with_comments(element: SyntaxElement) -> SyntaxElement {
    let mut first = element;
    while let Some(comment) = comment_above(&first) {
        first = comment;
    }
    first
}

fn comment_above(element: &SyntaxElement) -> Option<SyntaxElement> {
    let gap = previous(element)?;
    let comment = previous(&gap)?;
    let belongs = newlines(Some(&gap)) == 1
        && comment.kind() == TOKEN_COMMENT
        && LineStart::started_by(&comment).is_some();
    belongs.then_some(comment)
}

/// The text of an element that is white space.
pub(super) fn blanks(element: Option<&SyntaxElement>) -> Option<&str> {
    let token = element?.as_token().filter(|token| token.kind() == TOKEN_WHITESPACE)?;
    Some(token.text())
}

/// How many line ends are in white space.
pub(super) fn newlines(element: Option<&SyntaxElement>) -> usize {
    blanks(element).unwrap_or_default().matches('\n').count()
}

fn ends_with_return(element: &SyntaxElement) -> bool {
    let token = element.as_token().filter(|token| token.kind() == TOKEN_COMMENT);
    token.is_some_and(|comment| comment.text().ends_with('\r'))
}

pub(super) fn previous(element: &SyntaxElement) -> Option<SyntaxElement> {
    match element {
        SyntaxElement::Node(node) => node.prev_sibling_or_token(),
        SyntaxElement::Token(token) => token.prev_sibling_or_token(),
    }
}

pub(super) fn following(element: &SyntaxElement) -> Option<SyntaxElement> {
    match element {
        SyntaxElement::Node(node) => node.next_sibling_or_token(),
        SyntaxElement::Token(token) => token.next_sibling_or_token(),
    }
}
