//! Parses a text to [`Expr`] in one pass.
//!
//! Source: Nix, `src/libexpr/parser.y`; if versions differ, the newest, including pipe operators.
//!
//! Only brackets are parsed by recursion, with a limit. Operators, functions and everything else
//! that extends as far as it can (`a: …`, `with a; …`, `else …`) wait in a list until their last
//! operand is known.

use super::arena::{Arena, ExprNode};
use super::expr::{ExprId, Name, Operator, Param, Part};
use super::lexer::{Lexer, Token};
use super::names::Names;
use super::written::Written;
use super::{ParseResult, SyntaxError};
use crate::Span;

/// The most brackets that may be open at one place. Of 10,000 real files the deepest has 21.
const DEEPEST: usize = 400;

/// The parser: the rest of the text, and the expressions so far.
pub(super) struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) arena: Arena,
    pub(super) names: Names,
    pub(super) pending: Vec<Pending>,
    pub(super) depth: usize,
    /// The current string so far.
    pub(super) buffer: String,
    /// The bindings as they are written, if they are wanted.
    pub(super) written: Option<Written>,
}

/// What waits for the expression that ends it.
pub(super) enum Pending {
    Lambda {
        start: usize,
        param: Param,
    },
    With {
        start: usize,
        namespace: ExprNode,
    },
    Assert {
        start: usize,
        condition: ExprNode,
    },
    Let {
        start: usize,
        bindings: ExprId,
    },
    Else {
        start: usize,
        condition: ExprNode,
        then: ExprNode,
    },
    Not {
        start: usize,
    },
    Negate {
        start: usize,
    },
    Binary {
        operator: Operator,
        left: ExprNode,
    },
    /// `set.path or …`
    Default {
        set: ExprNode,
        path: Vec<Part>,
    },
}

/// What braces are at a place where a function may begin.
pub(super) enum Braces {
    Set(ExprNode),
    Pattern(Param),
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
            written: None,
        }
    }

    /// Where to record what is written here, if that is wanted and this can be reached without
    /// evaluation.
    pub(super) fn notes(&mut self) -> Option<&mut Written> {
        self.written.as_mut().filter(|_| self.pending.is_empty())
    }

    /// The expression of the whole text.
    pub(super) fn file(&mut self) -> ParseResult<ExprId> {
        self.lexer.advance()?;
        let root = self.expr()?;
        match self.lexer.token {
            Token::End => Ok(root.id),
            _ => Err(self.unexpected("")),
        }
    }

    /// The error for a token that does not belong here; `wanted` says what does, or is empty.
    pub(super) fn unexpected(&self, wanted: &str) -> Box<SyntaxError> {
        let Lexer { token, start, mut end, .. } = self.lexer;
        if token == Token::Path {
            end = self.lexer.skip(start, |byte| !byte.is_ascii_whitespace());
        }
        let found: String = self.lexer.slice(start, end).chars().take(30).collect();
        let found = match token {
            Token::End if start < self.lexer.text.len() => "null byte".to_owned(),
            Token::End => "end of file".to_owned(),
            _ => format!("`{found}`"),
        };
        let wanted = if wanted.is_empty() { String::new() } else { format!(", expected {wanted}") };
        self.lexer.wrong(format!("unexpected {found}{wanted}"), start, end.max(start))
    }

    /// Skips a token that must be here.
    pub(super) fn expect(&mut self, token: Token, written: &str) -> ParseResult<()> {
        if self.lexer.token != token {
            return Err(self.unexpected(written));
        }
        self.lexer.advance()
    }

    /// The name at the current token, and its place.
    pub(super) fn ident(&mut self) -> ParseResult<(Name, Span)> {
        let Lexer { start, end, .. } = self.lexer;
        let name = self.names.get(self.lexer.slice(start, end));
        self.lexer.advance()?;
        Ok((name, Span { start, end }))
    }

    /// An expression, as long as possible.
    pub(super) fn expr(&mut self) -> ParseResult<ExprNode> {
        self.enter()?;
        let base = self.pending.len();
        let first = self.heads()?;
        let body = self.operation(first)?;
        let expr = self.settle(base, body)?;
        self.depth -= 1;
        Ok(expr)
    }

    pub(super) fn enter(&mut self) -> ParseResult<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.arena.too_tall(self.lexer.start, self.lexer.end));
        }
        Ok(())
    }

    /// Reads everything before the expression that ends it, such as `a:` or `with a;`. Returns the
    /// operand that was read to see that nothing more follows.
    fn heads(&mut self) -> ParseResult<Option<ExprNode>> {
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
}
