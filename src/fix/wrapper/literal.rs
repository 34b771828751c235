//! Literal Nix values, in which nothing has to be looked up or computed.
//!
//! Scalars keep their text, strings of several lines too, and comments in lists and sets stay. The
//! layout is that of nixfmt (Nix RFC 166): a list or set of one item may be on one line, one with
//! more has a line for each.

use rnix::SyntaxKind::{TOKEN_COMMENT, TOKEN_URI, TOKEN_WHITESPACE};
use rnix::{SyntaxNode, ast};
use rowan::NodeOrToken;
use rowan::ast::AstNode;

use crate::source::syntax::{self, SyntaxError};
use crate::text::NixString;

/// The longest line (RFC 166).
const WIDTH: usize = 100;

/// A literal value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal(Form);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// `true`, `1`, `"…"`
    Scalar(String),
    /// `[ … ]`
    List(Items),
    /// `{ … }`
    Set(Items),
}

/// The contents of brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Items {
    items: Vec<Item>,
    /// Comments after the last one.
    rest: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    /// Comments before it.
    before: Vec<String>,
    /// `name = `, in a set.
    name: Option<String>,
    value: Literal,
    /// A comment on its line.
    after: Option<String>,
}

/// Why a text is no literal.
#[derive(Debug)]
pub enum NoLiteral {
    /// It is not Nix syntax.
    Syntax(SyntaxError),
    /// It has to be evaluated.
    Computed,
}

impl Literal {
    /// A string.
    pub fn string(text: &str) -> Self {
        Self(Form::Scalar(NixString(text).to_string()))
    }

    /// A list of strings.
    pub fn strings<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let item = |text| Item {
            before: Vec::new(),
            name: None,
            value: Literal::string(text),
            after: None,
        };
        Self(Form::List(Items { items: texts.map(item).collect(), rest: Vec::new() }))
    }

    /// `true` or `false`
    pub fn bool(is_on: bool) -> Self {
        Self(Form::Scalar(is_on.to_string()))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// It is not Nix syntax, or has to be evaluated.
    pub fn parse(text: &str) -> Result<Self, NoLiteral> {
        let root = syntax::tree(text).map_err(NoLiteral::Syntax)?;
        root.expr().as_ref().and_then(Self::of).ok_or(NoLiteral::Computed)
    }

    /// The literal of an expression; `None` if that has to be evaluated.
    pub(super) fn of(expr: &ast::Expr) -> Option<Self> {
        let text = |node: &SyntaxNode| Some(Self(Form::Scalar(node.text().to_string())));
        match expr {
            ast::Expr::Paren(paren) => Self::of(&paren.expr()?),
            // A string without interpolation contains only tokens.
            ast::Expr::Str(string) if string.syntax().first_child().is_none() => {
                text(string.syntax())
            }
            ast::Expr::Literal(literal) => {
                let token = literal.syntax().first_token()?;
                // A URI without quotes is a string, in an obsolete spelling.
                if token.kind() == TOKEN_URI {
                    return Some(Self::string(token.text()));
                }
                text(literal.syntax())
            }
            ast::Expr::Ident(name) => {
                let is_value = ["true", "false", "null"].iter().any(|v| name.syntax().text() == *v);
                if is_value { text(name.syntax()) } else { None }
            }
            ast::Expr::List(list) => {
                let item = |node| Some((None, Self::of(&ast::Expr::cast(node)?)?));
                Some(Self(Form::List(Items::between(list.syntax(), item)?)))
            }
            ast::Expr::AttrSet(set) if set.rec_token().is_none() => {
                let item = |node| {
                    let binding = ast::AttrpathValue::cast(node)?;
                    let value = Self::of(&binding.value()?)?;
                    Some((Some(static_path(&binding.attrpath()?)?), value))
                };
                Some(Self(Form::Set(Items::between(set.syntax(), item)?)))
            }
            _ => None,
        }
    }

    /// Its text on one line; `None` if it contains comments or texts of several lines.
    pub(super) fn on_one_line(&self) -> Option<String> {
        let mut text = String::new();
        self.write(&mut text, 0);
        let is_plain = !text.contains('#') && !text.contains("''");
        is_plain.then(|| text.split('\n').map(str::trim_start).collect::<Vec<_>>().join(" "))
    }

    /// Appends it to `out`; further lines are indented by at least `indent` spaces.
    pub(super) fn write(&self, out: &mut String, indent: usize) {
        let column = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
        // Room for the `;` or `)` after it.
        let room = WIDTH.saturating_sub(column + 1);
        if let Some(flat) = self.flat(room) {
            out.push_str(&flat);
            return;
        }
        match &self.0 {
            Form::Scalar(text) => out.push_str(text),
            Form::List(items) => items.write(out, indent, ['[', ']']),
            Form::Set(items) => items.write(out, indent, ['{', '}']),
        }
    }

    /// On one line of at most `room` bytes.
    fn flat(&self, room: usize) -> Option<String> {
        let (items, [open, close]) = match &self.0 {
            Form::Scalar(text) => {
                return (text.len() <= room && !text.contains('\n')).then(|| text.clone());
            }
            Form::List(items) => (items, ['[', ']']),
            Form::Set(items) => (items, ['{', '}']),
        };
        match items.items.as_slice() {
            _ if !items.rest.is_empty() => None,
            [] => (room >= 3).then(|| format!("{open} {close}")),
            [Item { before, name, value, after: None }] if before.is_empty() => {
                let (name, end) =
                    name.as_ref().map_or((String::new(), ""), |n| (format!("{n} = "), ";"));
                let inner = value.flat(room.checked_sub(name.len() + end.len() + 4)?)?;
                Some(format!("{open} {name}{inner}{end} {close}"))
            }
            _ => None,
        }
    }
}

impl Items {
    /// The items and comments in a node; `None` if `item` cannot read one.
    fn between(
        node: &SyntaxNode,
        mut item: impl FnMut(SyntaxNode) -> Option<(Option<String>, Literal)>,
    ) -> Option<Self> {
        let mut items: Vec<Item> = Vec::new();
        let mut comments = Vec::new();
        let mut same_line = false;
        for child in node.children_with_tokens() {
            match child {
                NodeOrToken::Node(node) => {
                    let (name, value) = item(node)?;
                    let before = std::mem::take(&mut comments);
                    items.push(Item { before, name, value, after: None });
                    same_line = true;
                }
                NodeOrToken::Token(token) if token.kind() == TOKEN_COMMENT => {
                    let text = token.text().to_owned();
                    match items.last_mut() {
                        Some(last) if same_line && text.starts_with('#') => last.after = Some(text),
                        _ => comments.push(text),
                    }
                    same_line = false;
                }
                NodeOrToken::Token(token) if token.kind() == TOKEN_WHITESPACE => {
                    same_line &= !token.text().contains('\n');
                }
                NodeOrToken::Token(_) => {}
            }
        }
        Some(Self { items, rest: comments })
    }

    fn write(&self, out: &mut String, indent: usize, [open, close]: [char; 2]) {
        let line = |out: &mut String, indent| {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
        };
        out.push(open);
        let inner = indent + 2;
        for item in &self.items {
            for comment in &item.before {
                line(out, inner);
                out.push_str(comment);
            }
            line(out, inner);
            if let Some(name) = &item.name {
                out.push_str(name);
                out.push_str(" = ");
            }
            item.value.write(out, inner);
            if item.name.is_some() {
                out.push(';');
            }
            if let Some(comment) = &item.after {
                out.push(' ');
                out.push_str(comment);
            }
        }
        for comment in &self.rest {
            line(out, inner);
            out.push_str(comment);
        }
        line(out, indent);
        out.push(close);
    }
}

/// An attribute path as written, if nothing in it has to be evaluated.
fn static_path(path: &ast::Attrpath) -> Option<String> {
    let is_static = path.attrs().all(|attr| match attr {
        ast::Attr::Ident(_) => true,
        ast::Attr::Str(name) => name.syntax().first_child().is_none(),
        ast::Attr::Dynamic(_) => false,
    });
    is_static.then(|| path.syntax().text().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str) -> String {
        let mut out = "  x = ".to_owned();
        Literal::parse(text).unwrap().write(&mut out, 2);
        out.split_off(6)
    }

    #[test]
    fn values_are_laid_out_as_nixfmt_does() {
        for (written, laid) in [
            ("true", "true"),
            ("(null)", "null"),
            ("1.5", "1.5"),
            ("\"a\\${b}\"", "\"a\\${b}\""),
            ("https://example.org/x", "\"https://example.org/x\""),
            ("[]", "[ ]"),
            ("{}", "{ }"),
            ("[\"8.6\"]", "[ \"8.6\" ]"),
            ("[ \"8.6\"\n ]", "[ \"8.6\" ]"),
            ("[1 2]", "[\n    1\n    2\n  ]"),
            ("{a=1;}", "{ a = 1; }"),
            ("{a.\"b c\" = [ 1 ]; d = { };}", "{\n    a.\"b c\" = [ 1 ];\n    d = { };\n  }"),
            ("[[[1 2]]]", "[\n    [\n      [\n        1\n        2\n      ]\n    ]\n  ]"),
            (
                "[ # cards\n\"8.6\" # the old one\n /* new */ \"8.9\"\n # none\n]",
                "[\n    # cards\n    \"8.6\" # the old one\n    /* new */\n    \"8.9\"\n    # none\n  ]",
            ),
            ("''\n  a\n   b''", "''\n  a\n   b''"),
        ] {
            assert_eq!(laid_out(written), laid);
            assert_eq!(laid_out(laid), laid);
        }
        let long = format!("[ \"{}\" ]", "x".repeat(90));
        assert_eq!(laid_out(&long), format!("[\n    \"{}\"\n  ]", "x".repeat(90)));
    }

    #[test]
    fn what_has_to_be_evaluated_is_no_literal() {
        for text in [
            "x",
            "a: a",
            "1 + 1",
            "\"${x}\"",
            "[ x ]",
            "{ a = x; }",
            "{ inherit a; }",
            "rec { }",
            "{ ${\"a\"} = 1; }",
            "./x",
            "<nixpkgs>",
            "if true then 1 else 2",
            "f 1",
            "-x",
        ] {
            assert!(matches!(Literal::parse(text), Err(NoLiteral::Computed)), "{text}");
        }
        for text in ["", "[ 1", "{ a = 1 }", "\"a"] {
            assert!(matches!(Literal::parse(text), Err(NoLiteral::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn nesting_costs_no_more_than_it_is_long() {
        let deep = format!("{}\"{}\"{}", "[ ".repeat(150), "x".repeat(100_000), " ]".repeat(150));
        let mut out = String::new();
        Literal::parse(&deep).unwrap().write(&mut out, 0);
        assert!(Literal::parse(&out).is_ok());
    }
}
