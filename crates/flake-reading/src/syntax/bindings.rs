//! The contents of braces: bindings of sets and of `let`, and patterns of functions.

use std::collections::HashSet;

use super::ParseResult;
use super::arena::ExprNode;
use super::expr::{AttrValue, Expr, ExprId, Name, Param, Part};
use super::lexer::Token;
use super::parser::{Braces, Parser};
use super::written::{WrittenBinding, WrittenName, WrittenPattern};
use crate::Span;

/// The most names in a path; each is selected from the one before.
const LONGEST_PATH: usize = 1_000;

impl Parser<'_> {
    /// `{ … }`, which may turn out to be the pattern of a function.
    pub(super) fn set_or_pattern(&mut self) -> ParseResult<Braces> {
        let start = self.lexer.start;
        self.lexer.advance()?;
        match self.lexer.token {
            Token::Ellipsis => self.formals(start, start, None).map(Braces::Pattern),
            Token::CloseBrace => {
                let span = Span { start, end: self.lexer.end };
                self.lexer.advance()?;
                if matches!(self.lexer.token, Token::Colon | Token::At) {
                    let pattern = WrittenPattern { span, braces: span, names: Vec::new() };
                    return self.bound(pattern, Vec::new(), false).map(Braces::Pattern);
                }
                let set = self.arena.open_set(false, start);
                Ok(Braces::Set(self.closed(set, span, false)))
            }
            Token::Ident => {
                let first = self.ident()?;
                match self.lexer.token {
                    Token::Comma | Token::Question | Token::CloseBrace => {
                        self.formals(start, start, Some(first)).map(Braces::Pattern)
                    }
                    _ => self.set(start, false, Some(first)).map(Braces::Set),
                }
            }
            _ => self.set(start, false, None).map(Braces::Set),
        }
    }

    /// A set, read from after its brace, or from after its first name.
    pub(super) fn set(
        &mut self,
        start: usize,
        recursive: bool,
        first: Option<(Name, Span)>,
    ) -> ParseResult<ExprNode> {
        let set = self.arena.open_set(recursive, start);
        self.bindings(set, first, Token::CloseBrace)?;
        let span = Span { start, end: self.lexer.end };
        self.lexer.advance()?;
        Ok(self.closed(set, span, recursive))
    }

    fn closed(&mut self, set: ExprId, span: Span, recursive: bool) -> ExprNode {
        if let Some(notes) = self.notes() {
            notes.set(set, span, recursive);
        }
        self.arena.close_set(set, span)
    }

    /// `let { … }`, read from its brace: `(rec { … }).body`.
    pub(super) fn old_let(&mut self, start: usize) -> ParseResult<ExprNode> {
        self.expect(Token::OpenBrace, "`{`")?;
        let notes = self.written.take();
        let set = self.set(start, true, None)?;
        self.written = notes;
        let path = vec![Part::Text(self.names.get("body"))];
        self.arena.push(Expr::Select(set.id, path, None), set.span)
    }

    /// Reads bindings up to the closing token, which is then the current one.
    pub(super) fn bindings(
        &mut self,
        set: ExprId,
        mut first: Option<(Name, Span)>,
        close: Token,
    ) -> ParseResult<()> {
        loop {
            match self.lexer.token {
                _ if first.is_some() => self.binding(set, first.take())?,
                token if token == close => return Ok(()),
                Token::Inherit => self.inherited(set)?,
                _ => self.binding(set, None)?,
            }
        }
    }

    /// `path.of.names = value;`
    fn binding(&mut self, set: ExprId, first: Option<(Name, Span)>) -> ParseResult<()> {
        let (mut name, mut span) = match first {
            Some((name, span)) => (Part::Text(name), span),
            None => self.attr()?,
        };
        let first = span.start;
        let mut sets = Vec::new();
        let mut inner = set;
        let mut path = Vec::new();
        let is_noted = self.notes().is_some();
        while self.lexer.token == Token::Dot {
            self.lexer.advance()?;
            sets.push(inner);
            if is_noted {
                path.push(WrittenName::of(&name, span));
            }
            let written = self.lexer.slice(first, span.end);
            inner = self.arena.nested(inner, name, span, written)?;
            (name, span) = self.attr()?;
        }
        self.expect(Token::Assign, "`=`")?;
        let value = self.expr()?;
        let whole = Span { start: first, end: self.lexer.end };
        self.expect(Token::Semicolon, "`;`")?;
        if let Some(notes) = self.notes() {
            path.push(WrittenName::of(&name, span));
            let value = AttrValue::Expr(value.id);
            notes.binding(set, WrittenBinding { span: whole, path, value });
        }
        self.arena.bind(inner, name, span, value, self.lexer.slice(first, span.end))?;
        while let Some(outer) = sets.pop() {
            self.arena.grow(outer, inner)?;
            inner = outer;
        }
        Ok(())
    }

    /// `inherit a b;` and `inherit (set) a b;`
    fn inherited(&mut self, set: ExprId) -> ParseResult<()> {
        let start = self.lexer.start;
        let mut names = Vec::new();
        self.lexer.advance()?;
        let value = if self.lexer.token == Token::OpenParen {
            let from = self.parentheses()?;
            self.arena.grow(set, from.id)?;
            AttrValue::InheritedFrom(from.id)
        } else {
            AttrValue::Inherited
        };
        while self.lexer.token != Token::Semicolon {
            let (name, span) = self.attr()?;
            let Part::Text(name) = name else {
                let message = "names that are inherited cannot be computed";
                return Err(self.lexer.wrong(message, span.start, span.end));
            };
            if self.notes().is_some() {
                names.push(WrittenName { name: Some(name.clone()), span });
            }
            self.arena.inherit(set, name, span, value)?;
        }
        let span = Span { start, end: self.lexer.end };
        if let Some(notes) = self.notes() {
            for name in names {
                notes.binding(set, WrittenBinding { span, path: vec![name], value });
            }
        }
        self.lexer.advance()
    }

    /// The names of a path, and its end.
    pub(super) fn path_of_names(&mut self) -> ParseResult<(Vec<Part>, usize)> {
        let (first, span) = self.attr()?;
        let mut path = vec![first];
        let mut end = span.end;
        while self.lexer.token == Token::Dot {
            self.lexer.advance()?;
            let (name, span) = self.attr()?;
            if path.len() >= LONGEST_PATH {
                return Err(self.arena.too_tall(span.start, span.end));
            }
            path.push(name);
            end = span.end;
        }
        Ok((path, end))
    }

    /// One name of a path, and its place.
    fn attr(&mut self) -> ParseResult<(Part, Span)> {
        let start = self.lexer.start;
        match self.lexer.token {
            Token::Ident | Token::Or => {
                let (name, span) = self.ident()?;
                Ok((Part::Text(name), span))
            }
            Token::Quote => {
                let (parts, end) = self.string()?;
                let span = Span { start, end };
                let part = match self.plain(&parts) {
                    Some(name) => Part::Text(name),
                    None => Part::Interpolated(self.arena.push(Expr::Text(parts), span)?.id),
                };
                Ok((part, span))
            }
            Token::Interpolation => {
                let inner = self.interpolation(start)?;
                let span = Span { start, end: self.lexer.end };
                self.lexer.advance()?;
                // `${"x"}` is just a name.
                let name = match self.arena.expr(inner) {
                    Expr::Text(parts) => plain(parts).map(|name| self.names.get(name)),
                    _ => None,
                };
                Ok((name.map_or(Part::Interpolated(inner), Part::Text), span))
            }
            _ => Err(self.unexpected("")),
        }
    }

    /// The name that a string without interpolations stands for.
    fn plain(&mut self, parts: &[Part]) -> Option<Name> {
        plain(parts).map(|name| self.names.get(name))
    }

    /// `name@{ … }`, read from after the name.
    pub(super) fn bound_pattern(&mut self, name: Name, span: Span) -> ParseResult<Param> {
        self.lexer.advance()?;
        let brace = self.lexer.start;
        self.expect(Token::OpenBrace, "`{`")?;
        let mut param = self.formals(span.start, brace, None)?;
        if let Param::Pattern { formals, bound, .. } = &mut param {
            if bound.is_some() {
                let message = "a second name for one argument";
                return Err(self.lexer.wrong(message, span.start, span.end));
            }
            if formals.iter().any(|(known, _)| *known == name) {
                return Err(self.twice(&name, span));
            }
            *bound = Some(name);
        }
        Ok(param)
    }

    /// The pattern of a function, read from after its brace, or from after its first name. The
    /// function begins at `start`.
    fn formals(
        &mut self,
        start: usize,
        brace: usize,
        mut first: Option<(Name, Span)>,
    ) -> ParseResult<Param> {
        let mut formals = Vec::new();
        let mut names = Vec::new();
        let mut known = HashSet::with_hasher(foldhash::fast::RandomState::default());
        let mut open = false;
        loop {
            let (name, span) = match (first.take(), self.lexer.token) {
                (Some(first), _) => first,
                (None, Token::Ident) => self.ident()?,
                (None, Token::Ellipsis) => {
                    open = true;
                    self.lexer.advance()?;
                    break;
                }
                (None, Token::CloseBrace) => break,
                _ => return Err(self.unexpected("")),
            };
            if !known.insert(name.clone()) {
                return Err(self.twice(&name, span));
            }
            let default = if self.lexer.token == Token::Question {
                self.lexer.advance()?;
                Some(self.expr()?.id)
            } else {
                None
            };
            formals.push((name, default));
            if self.notes().is_some() {
                names.push(span);
            }
            if self.lexer.token != Token::Comma {
                break;
            }
            self.lexer.advance()?;
        }
        let end = self.lexer.end;
        self.expect(Token::CloseBrace, "`}`")?;
        let (span, braces) = (Span { start, end }, Span { start: brace, end });
        self.bound(WrittenPattern { span, braces, names }, formals, open)
    }

    /// The name for the whole pattern, if there is one.
    fn bound(
        &mut self,
        mut pattern: WrittenPattern,
        formals: Vec<(Name, Option<ExprId>)>,
        open: bool,
    ) -> ParseResult<Param> {
        let mut bound = None;
        if self.lexer.token == Token::At {
            self.lexer.advance()?;
            if self.lexer.token != Token::Ident {
                return Err(self.unexpected("a name"));
            }
            let (name, span) = self.ident()?;
            if formals.iter().any(|(known, _)| *known == name) {
                return Err(self.twice(&name, span));
            }
            bound = Some(name);
            pattern.span.end = span.end;
        }
        if let Some(notes) = self.notes() {
            notes.pattern(pattern);
        }
        Ok(Param::Pattern { formals, open, bound })
    }

    fn twice(&self, name: &Name, span: Span) -> Box<super::SyntaxError> {
        self.lexer.wrong(format!("the argument `{name}` stands twice"), span.start, span.end)
    }
}

impl WrittenName {
    fn of(name: &Part, span: Span) -> Self {
        let name = match name {
            Part::Text(name) => Some(name.clone()),
            Part::Interpolated(_) => None,
        };
        Self { name, span }
    }
}

/// The text of a string without interpolations.
fn plain(parts: &[Part]) -> Option<&str> {
    match parts {
        [] => Some(""),
        [Part::Text(text)] => Some(text),
        _ => None,
    }
}
