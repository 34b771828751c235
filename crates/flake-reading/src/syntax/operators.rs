//! Operators, and everything else that waits for an expression that is still to come.
//!
//! Source: Nix, `src/libexpr/parser.y`, declarations of precedence, which decide between what waits
//! and the operator that follows.

use super::ParseResult;
use super::arena::ExprNode;
use super::expr::{Expr, Operator};
use super::lexer::Token;
use super::parser::{Parser, Pending};
use crate::Span;

/// How an operator combines with another of the same strength.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Associativity {
    Left,
    Right,
    /// `a == b == c` is not allowed.
    Neither,
}

const NOT: u8 = 8;
const HAS_ATTR: u8 = 12;
const NEGATE: u8 = 13;

fn binding_power(operator: Operator) -> (u8, Associativity) {
    match operator {
        Operator::PipeLeft => (1, Associativity::Right),
        Operator::PipeRight => (1, Associativity::Left),
        Operator::Implies => (2, Associativity::Right),
        Operator::Or => (3, Associativity::Left),
        Operator::And => (4, Associativity::Left),
        Operator::Equal | Operator::NotEqual => (5, Associativity::Neither),
        Operator::Less | Operator::LessOrEqual | Operator::More | Operator::MoreOrEqual => {
            (6, Associativity::Neither)
        }
        Operator::Update => (7, Associativity::Right),
        Operator::Add | Operator::Subtract => (9, Associativity::Left),
        Operator::Multiply | Operator::Divide => (10, Associativity::Left),
        Operator::Concat => (11, Associativity::Right),
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

impl Parser<'_> {
    /// Operators and their operands.
    pub(super) fn operation(&mut self, mut first: Option<ExprNode>) -> ParseResult<ExprNode> {
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
                left = self.reduce(base, left, HAS_ATTR, Associativity::Right)?;
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
                && (binding_power(*before).1 != side || side == Associativity::Neither)
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

    /// Completes operators that bind stronger than the one that follows.
    fn reduce(
        &mut self,
        base: usize,
        mut right: ExprNode,
        power: u8,
        side: Associativity,
    ) -> ParseResult<ExprNode> {
        while let Some(waiting) = self.waiting(base) {
            let binds = match waiting {
                Pending::Not { .. } => NOT > power,
                Pending::Negate { .. } => NEGATE > power,
                Pending::Binary { operator, .. } => {
                    let before = binding_power(*operator);
                    before.0 > power || before == (power, side) && side == Associativity::Left
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

    /// Completes everything that waits since then.
    pub(super) fn settle(&mut self, base: usize, mut last: ExprNode) -> ParseResult<ExprNode> {
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
}
