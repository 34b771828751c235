//! Operands: literals, brackets, calls and selections.

use super::ParseResult;
use super::arena::ExprNode;
use super::expr::{Expr, Name, Part};
use super::lexer::{Lexer, Token, is_path};
use super::parser::{Parser, Pending};
use crate::Span;

impl Parser<'_> {
    /// `function argument argument`
    pub(super) fn application(&mut self, first: Option<ExprNode>) -> ParseResult<ExprNode> {
        let mut function = self.selection(first)?;
        while self.is_operand() {
            let argument = self.selection(None)?;
            let span = Span { start: function.span.start, end: argument.span.end };
            function = self.arena.push(Expr::Apply(function.id, argument.id), span)?;
        }
        Ok(function)
    }

    fn is_operand(&self) -> bool {
        matches!(
            self.lexer.token,
            Token::Ident
                | Token::Integer(_)
                | Token::Float
                | Token::Uri
                | Token::Path
                | Token::SearchPath
                | Token::Quote
                | Token::Quotes
                | Token::OpenParen
                | Token::OpenBracket
                | Token::OpenBrace
                | Token::Let
                | Token::Rec
        )
    }

    /// `set.path or default`, or an operand without a path.
    fn selection(&mut self, mut first: Option<ExprNode>) -> ParseResult<ExprNode> {
        let base = self.pending.len();
        loop {
            let mut node = match first.take() {
                Some(node) => node,
                None => self.operand()?,
            };
            if self.lexer.token == Token::Dot {
                self.lexer.advance()?;
                let (path, end) = self.path_of_names()?;
                if self.lexer.token == Token::Or {
                    self.lexer.advance()?;
                    self.pending.push(Pending::Default { set: node, path });
                    continue;
                }
                let span = Span { start: node.span.start, end };
                node = self.arena.push(Expr::Select(node.id, path, None), span)?;
            } else if self.lexer.token == Token::Or {
                // Here `or` is a name, and the argument of what is before it.
                let (name, span) = self.ident()?;
                let or = self.arena.push(Expr::Ident(name), span)?;
                let span = Span { start: node.span.start, end: span.end };
                node = self.arena.push(Expr::Apply(node.id, or.id), span)?;
            }
            return self.settle(base, node);
        }
    }

    pub(super) fn name(&mut self, name: Name, span: Span) -> ParseResult<ExprNode> {
        let expr = if &*name == "__curPos" { Expr::Unknown } else { Expr::Ident(name) };
        self.arena.push(expr, span)
    }

    /// An operand without calls and selections.
    fn operand(&mut self) -> ParseResult<ExprNode> {
        let Lexer { start, end, token, .. } = self.lexer;
        let span = Span { start, end };
        let expr = match token {
            Token::Ident => {
                let (name, span) = self.ident()?;
                return self.name(name, span);
            }
            Token::Integer(number) => Expr::Number(number),
            Token::Float => Expr::Unknown,
            Token::Uri => Expr::Text(vec![Part::Text(self.lexer.slice(start, end).into())]),
            Token::SearchPath => Expr::OtherPath(self.lexer.slice(start, end).into()),
            Token::Path => return self.path(),
            Token::Quote | Token::Quotes => {
                let (parts, end) = self.string()?;
                return self.arena.push(Expr::Text(parts), Span { start, end });
            }
            Token::OpenParen => return self.parentheses(),
            Token::OpenBracket => return self.list(),
            Token::OpenBrace => {
                self.lexer.advance()?;
                return self.set(start, false, None);
            }
            Token::Rec => {
                self.lexer.advance()?;
                self.expect(Token::OpenBrace, "`{`")?;
                return self.set(start, true, None);
            }
            Token::Let => {
                self.lexer.advance()?;
                return self.old_let(start);
            }
            _ => return Err(self.unexpected("")),
        };
        self.lexer.advance()?;
        self.arena.push(expr, span)
    }

    /// An expression in parentheses; its place includes them.
    pub(super) fn parentheses(&mut self) -> ParseResult<ExprNode> {
        let start = self.lexer.start;
        self.lexer.advance()?;
        let inner = self.expr()?;
        let end = self.lexer.end;
        self.expect(Token::CloseParen, "`)`")?;
        Ok(ExprNode { id: inner.id, span: Span { start, end } })
    }

    fn list(&mut self) -> ParseResult<ExprNode> {
        self.enter()?;
        let start = self.lexer.start;
        self.lexer.advance()?;
        let mut items = Vec::new();
        while self.is_operand() {
            items.push(self.selection(None)?.id);
        }
        let end = self.lexer.end;
        if matches!(self.lexer.token, Token::Colon | Token::At) {
            let message = "a function in a list has to be in parentheses";
            return Err(self.lexer.wrong(message, self.lexer.start, end));
        }
        self.expect(Token::CloseBracket, "`]`")?;
        self.depth -= 1;
        self.arena.push(Expr::List(items), Span { start, end })
    }

    /// A path, read from its first byte.
    fn path(&mut self) -> ParseResult<ExprNode> {
        let start = self.lexer.start;
        let mut parts = Vec::new();
        let mut at = start;
        loop {
            let first = at + usize::from(at == start && self.lexer.byte(at) == b'~');
            let end = self.lexer.skip(first, |byte| is_path(byte) || byte == b'/');
            let segment = self.lexer.slice(at, end);
            let is_interpolated = self.lexer.is_interpolation(end);
            // Nix ends a path at the first of two slashes and then continues it, at most once and
            // only before an interpolation.
            if at == start
                && let Some((_, rest)) = segment.split_once("//")
                && (!is_interpolated || rest.starts_with('/') || rest.contains("//"))
            {
                return Err(self.lexer.wrong("a path cannot have two slashes here", start, end));
            }
            if at < end {
                parts.push(Part::Text(segment.into()));
            }
            if is_interpolated {
                parts.push(Part::Interpolated(self.interpolation(end)?));
                at = self.lexer.end;
                continue;
            }
            if segment.ends_with('/') {
                return Err(self.lexer.wrong("a path cannot end with `/`", start, end));
            }
            self.lexer.advance_from(end)?;
            let is_whole = parts.iter().all(|part| matches!(part, Part::Text(_)));
            let expr = match self.lexer.byte(start) {
                b'/' if !is_whole => Expr::Path(parts),
                b'/' | b'~' => Expr::OtherPath(self.lexer.slice(start, end).into()),
                _ => Expr::Path(parts),
            };
            return self.arena.push(expr, Span { start, end });
        }
    }
}
