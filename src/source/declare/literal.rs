//! Values as Nix reads them without evaluating anything.
//!
//! In flake.nix, Nix accepts only what the parser alone shows to be a value; it refuses everything
//! else as a thunk (Nix source, `src/libflake/flake.cc`, `forceTrivialValue` and `expectType`).

use crate::source::syntax::{Expr, ExprId, File, Name, Part, Written};
use crate::text::Span;

/// An expression of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term<'f> {
    pub(super) file: &'f File,
    pub(super) written: &'f Written,
    pub(super) id: ExprId,
}

/// A value that needs no evaluation, or a description of what is there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// A string of any spelling, bare URIs too.
    Text(String),
    /// A relative path literal, made relative to the folder of the file: `./x/../y` is `y`.
    Path(String),
    Integer(i64),
    Bool(bool),
    List,
    /// A name to be looked up.
    Name(Name),
    /// In words that follow "is".
    Other(&'static str),
}

impl<'f> Term<'f> {
    pub(super) fn expr(self) -> &'f Expr {
        self.file.expr(self.id)
    }

    /// Without parentheses around it, which leave no trace in Nix's own syntax tree.
    pub(super) fn span(self) -> Span {
        self.file.span(self.id)
    }

    fn text(self) -> &'f str {
        self.file.text.get(self.span().range()).unwrap_or_default()
    }

    /// Its value.
    pub(super) fn literal(self) -> Literal {
        match self.expr() {
            Expr::Text(parts) => {
                plain(parts).map_or(Literal::Other("a string with a value inside"), Literal::Text)
            }
            Expr::Number(number) => Literal::Integer(*number),
            Expr::Unknown if self.text() != "__curPos" => {
                Literal::Other("a number that is not whole")
            }
            Expr::Ident(name) => match &**name {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Other("null"),
                _ => Literal::Name(Name::clone(name)),
            },
            Expr::Path(parts) => match plain(parts) {
                Some(path) => Literal::Path(relative(&path)),
                None => Literal::Other(self.describe()),
            },
            Expr::List(_) => Literal::List,
            _ => Literal::Other(self.describe()),
        }
    }

    /// The items of a list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let items = match self.expr() {
            Expr::List(items) => &**items,
            _ => &[],
        };
        items.iter().map(move |id| Self { id: *id, ..self })
    }

    /// Whether it is a string without a value inside.
    pub(super) fn is_text(self) -> bool {
        matches!(self.literal(), Literal::Text(_))
    }

    /// Whether it is a path that does not begin at the folder of the file.
    pub(super) fn is_path_elsewhere(self) -> bool {
        matches!(self.expr(), Expr::OtherPath(_)) && !self.text().starts_with('<')
    }

    /// A description, in words that follow "is".
    pub(super) fn describe(self) -> &'static str {
        let begins_with = |what: &str| self.text().starts_with(what);
        match self.expr() {
            Expr::Apply(..) => "a function call",
            Expr::Set(_) => "an attribute set",
            Expr::Binary(..) | Expr::Not(_) | Expr::Negate(_) => "an operation",
            Expr::Ident(_) => "a name to be looked up",
            Expr::If(..) => "an `if`",
            Expr::Lambda(..) => "a function",
            Expr::Let(..) => "a `let`",
            // `let { … }` is parsed as the `body` of a set of the same span.
            Expr::Select(set, ..) if self.file.span(*set) == self.span() => "a `let`",
            Expr::Select(..) => "an attribute to be looked up",
            Expr::Path(_) => "a path with a value inside",
            Expr::OtherPath(_) if begins_with("/") => "an absolute path",
            Expr::OtherPath(_) if begins_with("~") => "a path in the home folder",
            Expr::OtherPath(_) => "a search path",
            Expr::With(..) => "a `with`",
            Expr::Assert(..) => "an `assert`",
            Expr::Text(_) if begins_with("\"") || begins_with("'") => "a string",
            Expr::Text(_) | Expr::Number(_) => "a number or a URI",
            Expr::Unknown if self.text() != "__curPos" => "a number or a URI",
            Expr::List(_) => "a list",
            Expr::HasAttr(..) | Expr::Unknown => "an expression",
        }
    }
}

impl Literal {
    /// The name that it is.
    pub(super) fn name(&self) -> Option<Name> {
        match self {
            Literal::Name(name) => Some(Name::clone(name)),
            _ => None,
        }
    }

    /// In words that follow "is".
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Literal::Text(_) => "a string",
            Literal::Path(_) => "a path",
            Literal::Integer(_) => "a number",
            Literal::Bool(_) => "a Boolean",
            Literal::List => "a list",
            Literal::Name(_) => "a name to be looked up",
            Literal::Other(words) => words,
        }
    }
}

/// The text of a string or path without interpolation.
fn plain(parts: &[Part]) -> Option<String> {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => Some(&**text),
        Part::Interpolated(_) => None,
    });
    texts.collect()
}

/// A relative path without `.`, and without `..` where the text alone allows it, as in
/// `CanonPath::makeRelative`.
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
