//! Values as Nix reads them without evaluating anything.
//!
//! Where a flake is read, only what the parser alone can tell is a value; all else is a thunk and
//! refused (Nix source, `src/libflake/flake.cc`, `forceTrivialValue` and `expectType`).

use rnix::SyntaxKind::{TOKEN_INTEGER, TOKEN_URI};
use rnix::SyntaxKind::{TOKEN_STRING_CONTENT, TOKEN_STRING_END, TOKEN_STRING_START};
use rnix::ast::{self, InterpolPart};
use rowan::NodeOrToken;
use rowan::ast::AstNode;

use crate::text::Span;

/// A value that needs no evaluation, or what is there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// A string of any spelling, bare URIs too.
    Text(String),
    /// A relative path literal, made relative to the folder of the file: `./x/../y` is `y`.
    Path(String),
    Integer(i64),
    Bool(bool),
    List,
    /// In words, after "is".
    Other(&'static str),
}

impl Literal {
    pub(super) fn of(expr: &ast::Expr) -> Self {
        match bare(expr.clone()) {
            ast::Expr::Str(string) => text_of(&string)
                .map_or(Literal::Other("a string with a value inside"), Literal::Text),
            ast::Expr::Literal(literal) => {
                let token = literal.syntax().first_token();
                match token.as_ref().map(|token| (token.kind(), token.text())) {
                    Some((TOKEN_URI, text)) => Literal::Text(text.to_owned()),
                    Some((TOKEN_INTEGER, text)) => text
                        .parse()
                        .map_or(Literal::Other("a number out of range"), Literal::Integer),
                    _ => Literal::Other("a number that is not whole"),
                }
            }
            ast::Expr::Ident(name) => match &*name.syntax().text().to_string() {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Other("null"),
                _ => Literal::Other("a name to be looked up"),
            },
            ast::Expr::PathRel(path) if path.syntax().children().next().is_none() => {
                Literal::Path(relative(&path.syntax().text().to_string()))
            }
            ast::Expr::List(_) => Literal::List,
            other => Literal::Other(describe(&other)),
        }
    }

    /// In words, after "is".
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Literal::Text(_) => "a string",
            Literal::Path(_) => "a path",
            Literal::Integer(_) => "a number",
            Literal::Bool(_) => "a Boolean",
            Literal::List => "a list",
            Literal::Other(words) => words,
        }
    }
}

/// An expression without the parentheses around it, which leave no trace in Nix's own syntax tree.
pub(super) fn bare(mut expr: ast::Expr) -> ast::Expr {
    while let ast::Expr::Paren(paren) = &expr {
        let Some(inner) = paren.expr() else { break };
        expr = inner;
    }
    expr
}

/// The text of a string in which nothing is interpolated.
pub(super) fn text_of(string: &ast::Str) -> Option<String> {
    let plain = string.syntax().children_with_tokens().all(|child| match child {
        NodeOrToken::Node(_) => false,
        NodeOrToken::Token(token) => {
            matches!(token.kind(), TOKEN_STRING_START | TOKEN_STRING_CONTENT | TOKEN_STRING_END)
        }
    });
    let parts = if plain { string.normalized_parts() } else { return None };
    let mut text = String::new();
    for part in parts {
        match part {
            InterpolPart::Literal(part) => text.push_str(&part),
            InterpolPart::Interpolation(_) => return None,
        }
    }
    Some(text)
}

/// What an expression is, in words, after "is".
pub(super) fn describe(expr: &ast::Expr) -> &'static str {
    match expr {
        ast::Expr::Apply(_) => "a function call",
        ast::Expr::AttrSet(_) => "an attribute set",
        ast::Expr::BinOp(_) | ast::Expr::UnaryOp(_) => "an operation",
        ast::Expr::Ident(_) => "a name to be looked up",
        ast::Expr::IfElse(_) => "an `if`",
        ast::Expr::Lambda(_) => "a function",
        ast::Expr::LetIn(_) | ast::Expr::LegacyLet(_) => "a `let`",
        ast::Expr::PathRel(_) => "a path with a value inside",
        ast::Expr::PathAbs(_) => "an absolute path",
        ast::Expr::PathHome(_) => "a path in the home folder",
        ast::Expr::PathSearch(_) => "a search path",
        ast::Expr::Select(_) => "an attribute to be looked up",
        ast::Expr::With(_) => "a `with`",
        ast::Expr::Assert(_) => "an `assert`",
        ast::Expr::Str(_) => "a string",
        ast::Expr::Literal(_) => "a number or a URI",
        ast::Expr::List(_) => "a list",
        _ => "an expression",
    }
}

/// The bytes of a syntax node.
pub(super) fn span(node: &rnix::SyntaxNode) -> Span {
    let range = node.text_range();
    Span { start: range.start().into(), end: range.end().into() }
}

/// A relative path without `.`, and without `..` where that can be told from the text alone, as
/// `CanonPath::makeRelative` has it.
fn relative(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    if names.is_empty() { ".".into() } else { names.join("/") }
}
