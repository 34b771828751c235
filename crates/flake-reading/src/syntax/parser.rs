//! From a text to [`Expr`], in one pass.
//!
//! Source: Nix, `src/libexpr/parser.y`; where versions differ, as the newest has it, pipe operators
//! included.
//!
//! Only what is in brackets of some kind is parsed by recursion, so deep and no deeper. Operators,
//! functions and whatever else extends as far as it can (`a: …`, `with a; …`, `else …`) wait in a
//! list of their own until what they take is known.

use super::arena::{Arena, Node};
use super::bindings::Braces;
use super::expr::{Expr, ExprId, Name, Operator, Param, Part};
use super::lexer::{Lexer, Token};
use super::names::Names;
use super::{Parsed, SyntaxError};
use crate::Span;

/// Brackets that may be open at one place. Of 100,000 real files the deepest has 40.
const DEEPEST: usize = 400;

/// The parser: what is read, and what was made of it.
pub(super) struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) arena: Arena,
    pub(super) names: Names,
    pending: Vec<Pending>,
    depth: usize,
    /// What a string has so far.
    pub(super) buffer: String,
}

/// What waits for the expression that it ends with.
enum Pending {
    Lambda {
        start: usize,
        param: Param,
    },
    With {
        start: usize,
        namespace: Node,
    },
    Assert {
        start: usize,
        condition: Node,
    },
    Let {
        start: usize,
        bindings: ExprId,
    },
    Else {
        start: usize,
        condition: Node,
        then: Node,
    },
    Not {
        start: usize,
    },
    Negate {
        start: usize,
    },
    Binary {
        operator: Operator,
        left: Node,
    },
    /// `set.path or …`
    Default {
        set: Node,
        path: Vec<Part>,
    },
}

/// How much stronger than others an operator binds, and with what is beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    /// `a == b == c` is no expression.
    Neither,
}

const NOT: u8 = 8;
const HAS_ATTR: u8 = 12;
const NEGATE: u8 = 13;

fn binding_power(operator: Operator) -> (u8, Side) {
    match operator {
        Operator::PipeLeft => (1, Side::Right),
        Operator::PipeRight => (1, Side::Left),
        Operator::Implies => (2, Side::Right),
        Operator::Or => (3, Side::Left),
        Operator::And => (4, Side::Left),
        Operator::Equal | Operator::NotEqual => (5, Side::Neither),
        Operator::Less | Operator::LessOrEqual | Operator::More | Operator::MoreOrEqual => {
            (6, Side::Neither)
        }
        Operator::Update => (7, Side::Right),
        Operator::Add | Operator::Subtract => (9, Side::Left),
        Operator::Multiply | Operator::Divide => (10, Side::Left),
        Operator::Concat => (11, Side::Right),
    }
}

fn operator(token: Token) -> Option<Operator> {
    let operator = match token {
        Token::PipeLeft => Operator::PipeLeft,
        Token::PipeRight => Operator::PipeRight,
        Token::Implies => Operator::Implies,
        Token::OrOr => Operator::Or,
        Token::AndAnd => Operator::And,
        Token::Equal => Operator::Equal,
        Token::NotEqual => Operator::NotEqual,
        Token::Less => Operator::Less,
        Token::LessOrEqual => Operator::LessOrEqual,
        Token::More => Operator::More,
        Token::MoreOrEqual => Operator::MoreOrEqual,
        Token::Update => Operator::Update,
        Token::Plus => Operator::Add,
        Token::Minus => Operator::Subtract,
        Token::Times => Operator::Multiply,
        Token::Divide => Operator::Divide,
        Token::Concat => Operator::Concat,
        _ => return None,
    };
    Some(operator)
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            lexer: Lexer::new(text),
            arena: Arena::default(),
            names: Names::default(),
            pending: Vec::new(),
            depth: 0,
            buffer: String::new(),
        }
    }

    /// The whole text's expression.
    pub(super) fn file(&mut self) -> Parsed<ExprId> {
        self.lexer.advance()?;
        let root = self.expr()?;
        match self.lexer.token {
            Token::End => Ok(root.id),
            _ => Err(self.unexpected("")),
        }
    }

    /// The current token is none that belongs there; something else does, or nothing that is to be
    /// named.
    pub(super) fn unexpected(&self, wanted: &str) -> Box<SyntaxError> {
        let Lexer { text, token, start, mut end, .. } = self.lexer;
        if token == Token::Path {
            end = self.lexer.skip(start, |byte| !byte.is_ascii_whitespace());
        }
        let found: String = self.lexer.slice(start, end).chars().take(30).collect();
        let (found, place) = match token {
            Token::End => ("end of file".to_owned(), text.len()),
            _ => (format!("`{found}`"), start),
        };
        let wanted = if wanted.is_empty() { String::new() } else { format!(", expected {wanted}") };
        self.lexer.wrong(format!("unexpected {found}{wanted}"), place, end.max(place))
    }

    /// Goes on behind a token that has to be there.
    pub(super) fn expect(&mut self, token: Token, written: &str) -> Parsed<()> {
        if self.lexer.token != token {
            return Err(self.unexpected(written));
        }
        self.lexer.advance()
    }

    /// The name that is the current token, and where it stands.
    pub(super) fn ident(&mut self) -> Parsed<(Name, Span)> {
        let Lexer { start, end, .. } = self.lexer;
        let name = self.names.get(self.lexer.slice(start, end));
        self.lexer.advance()?;
        Ok((name, Span { start, end }))
    }

    /// An expression, as far as it goes.
    pub(super) fn expr(&mut self) -> Parsed<Node> {
        self.enter()?;
        let base = self.pending.len();
        let first = self.heads()?;
        let body = self.operation(first)?;
        let expr = self.settle(base, body)?;
        self.depth -= 1;
        Ok(expr)
    }

    fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.arena.too_tall(self.lexer.start, self.lexer.end));
        }
        Ok(())
    }

    /// What stands before the expression that it ends with. Returns what was read to see that there
    /// is no more of it.
    fn heads(&mut self) -> Parsed<Option<Node>> {
        loop {
            let start = self.lexer.start;
            let head = match self.lexer.token {
                Token::Let => {
                    self.lexer.advance()?;
                    if self.lexer.token == Token::OpenBrace {
                        return self.old_let(start).map(Some);
                    }
                    let bindings = self.arena.open_set(true, start);
                    self.bindings(bindings, None, Token::In)?;
                    if self.arena.has_dynamic(bindings) {
                        let message = "names that a `let` binds cannot be computed";
                        return Err(self.lexer.wrong(message, start, self.lexer.end));
                    }
                    self.lexer.advance()?;
                    Pending::Let { start, bindings }
                }
                Token::With => {
                    self.lexer.advance()?;
                    let namespace = self.expr()?;
                    self.expect(Token::Semicolon, "`;`")?;
                    Pending::With { start, namespace }
                }
                Token::Assert => {
                    self.lexer.advance()?;
                    let condition = self.expr()?;
                    self.expect(Token::Semicolon, "`;`")?;
                    Pending::Assert { start, condition }
                }
                Token::If => {
                    self.lexer.advance()?;
                    let condition = self.expr()?;
                    self.expect(Token::Then, "`then`")?;
                    let then = self.expr()?;
                    self.expect(Token::Else, "`else`")?;
                    Pending::Else { start, condition, then }
                }
                Token::Ident => {
                    let (name, span) = self.ident()?;
                    let param = match self.lexer.token {
                        Token::Colon => Param::Ident(name),
                        Token::At => self.bound_pattern(name, span)?,
                        _ => return self.name(name, span).map(Some),
                    };
                    self.expect(Token::Colon, "`:`")?;
                    Pending::Lambda { start, param }
                }
                Token::OpenBrace => match self.set_or_pattern()? {
                    Braces::Set(set) => return Ok(Some(set)),
                    Braces::Pattern(param) => {
                        self.expect(Token::Colon, "`:`")?;
                        Pending::Lambda { start, param }
                    }
                },
                _ => return Ok(None),
            };
            self.pending.push(head);
        }
    }

    /// Operators and what stands between them.
    fn operation(&mut self, mut first: Option<Node>) -> Parsed<Node> {
        let base = self.pending.len();
        loop {
            while first.is_none() {
                let start = self.lexer.start;
                self.pending.push(match self.lexer.token {
                    Token::Bang => Pending::Not { start },
                    Token::Minus => Pending::Negate { start },
                    _ => break,
                });
                self.lexer.advance()?;
            }
            let mut left = self.application(first.take())?;
            while self.lexer.token == Token::Question {
                left = self.reduce(base, left, HAS_ATTR, Side::Right)?;
                self.lexer.advance()?;
                let (path, end) = self.path_of_names()?;
                let span = Span { start: left.span.start, end };
                left = self.arena.push(Expr::HasAttr(left.id, path), span)?;
            }
            let Some(operator) = operator(self.lexer.token) else {
                return self.settle(base, left);
            };
            let (power, side) = binding_power(operator);
            let left = self.reduce(base, left, power, side)?;
            if let Some(Pending::Binary { operator: before, .. }) = self.waiting(base)
                && binding_power(*before).0 == power
                && (binding_power(*before).1 != side || side == Side::Neither)
            {
                return Err(self.unexpected("parentheses around what is before it"));
            }
            self.pending.push(Pending::Binary { operator, left });
            self.lexer.advance()?;
        }
    }

    fn waiting(&self, base: usize) -> Option<&Pending> {
        self.pending.get(base..).and_then(<[Pending]>::last)
    }

    /// Operators that bind stronger than the one that follows have all that they take.
    fn reduce(&mut self, base: usize, mut right: Node, power: u8, side: Side) -> Parsed<Node> {
        while let Some(waiting) = self.waiting(base) {
            let binds = match waiting {
                Pending::Not { .. } => NOT > power,
                Pending::Negate { .. } => NEGATE > power,
                Pending::Binary { operator, .. } => {
                    let before = binding_power(*operator);
                    before.0 > power || before == (power, side) && side == Side::Left
                }
                _ => false,
            };
            if !binds {
                break;
            }
            right = self.settle(self.pending.len() - 1, right)?;
        }
        Ok(right)
    }

    /// All that waits since then has what it takes.
    fn settle(&mut self, base: usize, mut last: Node) -> Parsed<Node> {
        while self.pending.len() > base {
            let Some(pending) = self.pending.pop() else { break };
            let (start, expr) = match pending {
                Pending::Lambda { start, param } => (start, Expr::Lambda(param, last.id)),
                Pending::With { start, namespace } => (start, Expr::With(namespace.id, last.id)),
                Pending::Assert { start, condition } => {
                    (start, Expr::Assert(condition.id, last.id))
                }
                Pending::Else { start, condition, then } => {
                    (start, Expr::If(condition.id, then.id, last.id))
                }
                Pending::Let { start, bindings } => {
                    let span = Span { start, end: last.span.end };
                    last = self.arena.close_let(bindings, last, span)?;
                    continue;
                }
                Pending::Not { start } => (start, Expr::Not(last.id)),
                Pending::Negate { start } => (start, Expr::Negate(last.id)),
                Pending::Binary { operator, left } => {
                    (left.span.start, Expr::Binary(operator, left.id, last.id))
                }
                Pending::Default { set, path } => {
                    (set.span.start, Expr::Select(set.id, path, Some(last.id)))
                }
            };
            last = self.arena.push(expr, Span { start, end: last.span.end })?;
        }
        Ok(last)
    }

    /// `function argument argument`
    fn application(&mut self, first: Option<Node>) -> Parsed<Node> {
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

    /// `set.path or default`, and what has no path.
    fn selection(&mut self, mut first: Option<Node>) -> Parsed<Node> {
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
                // A name here, and the argument of what is before it, whatever that is one of.
                let (name, span) = self.ident()?;
                let or = self.arena.push(Expr::Ident(name), span)?;
                let span = Span { start: node.span.start, end: span.end };
                node = self.arena.push(Expr::Apply(node.id, or.id), span)?;
            }
            return self.settle(base, node);
        }
    }

    fn name(&mut self, name: Name, span: Span) -> Parsed<Node> {
        let expr = if &*name == "__curPos" { Expr::Unknown } else { Expr::Ident(name) };
        self.arena.push(expr, span)
    }

    /// What no operator and no argument is part of.
    fn operand(&mut self) -> Parsed<Node> {
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

    /// What is in parentheses is what it is, but its place has them.
    pub(super) fn parentheses(&mut self) -> Parsed<Node> {
        let start = self.lexer.start;
        self.lexer.advance()?;
        let inner = self.expr()?;
        let end = self.lexer.end;
        self.expect(Token::CloseParen, "`)`")?;
        Ok(Node { id: inner.id, span: Span { start, end } })
    }

    fn list(&mut self) -> Parsed<Node> {
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

    /// A path, from its first byte on.
    fn path(&mut self) -> Parsed<Node> {
        let start = self.lexer.start;
        let mut parts = Vec::new();
        let mut at = start;
        loop {
            let first = at + usize::from(at == start && self.lexer.byte(at) == b'~');
            let end = self.lexer.skip(first, |byte| super::lexer::is_path(byte) || byte == b'/');
            let segment = self.lexer.slice(at, end);
            let is_interpolated = self.lexer.is_interpolation(end);
            // Nix reads the first slash of two as the end of a path that then goes on, once at most
            // and only before an interpolation.
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
            let expr = match self.lexer.byte(start) {
                b'/' | b'~' => Expr::OtherPath(self.lexer.slice(start, end).into()),
                _ => Expr::Path(parts),
            };
            return self.arena.push(expr, Span { start, end });
        }
    }
}
