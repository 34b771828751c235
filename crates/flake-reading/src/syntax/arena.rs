//! The expressions of a file while it is parsed, each with its place and height, and with sets
//! still open, since later bindings may add to an earlier one.
//!
//! How sets merge: Nix source, `src/libexpr/parser-state.hh`, `addAttr`.

use std::collections::HashMap;

use super::expr::{Attr, AttrValue, Expr, ExprId, Name, Param, Part, SetExpr};
use super::{ParseResult, SyntaxError};
use crate::Span;

/// Taller trees are refused, because evaluation recurses over them. Of 10,000 real files the
/// tallest has 238.
const TALLEST: u16 = 1_000;

/// Most sets have fewer names, and need no index.
const FEW: usize = 16;

/// An expression with its whole text, including parentheses around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExprNode {
    pub(super) id: ExprId,
    pub(super) span: Span,
}

/// The expressions of a file.
#[derive(Default)]
pub(super) struct Arena {
    exprs: Vec<(Expr, Span)>,
    heights: Vec<u16>,
    /// The positions of names in sets that are too large to search.
    index: HashMap<(ExprId, Name), usize, foldhash::fast::RandomState>,
    /// How many bindings were moved from one set into another.
    moved: usize,
}

impl Arena {
    /// All expressions with their places.
    pub(super) fn finish(mut self) -> Vec<(Expr, Span)> {
        self.exprs.shrink_to_fit();
        self.exprs
    }

    /// Adds an expression; its parts were added before.
    pub(super) fn push(&mut self, expr: Expr, span: Span) -> ParseResult<ExprNode> {
        let height = self.tallest_in(&expr) + 1;
        if height > TALLEST {
            return Err(self.too_tall(span.start, span.end));
        }
        let id = self.add(expr, span, height);
        Ok(ExprNode { id, span })
    }

    fn add(&mut self, expr: Expr, span: Span, height: u16) -> ExprId {
        let id = ExprId::new(self.exprs.len());
        self.exprs.push((expr, span));
        self.heights.push(height);
        id
    }

    pub(super) fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.index()).map_or(&Expr::Unknown, |(expr, _)| expr)
    }

    fn span(&self, id: ExprId) -> Span {
        self.exprs.get(id.index()).map_or(Span { start: 0, end: 0 }, |(_, span)| *span)
    }

    fn height(&self, id: ExprId) -> u16 {
        self.heights.get(id.index()).copied().unwrap_or(TALLEST)
    }

    /// The height of the tallest part of an expression.
    fn tallest_in(&self, expr: &Expr) -> u16 {
        let of = |ids: &[ExprId]| ids.iter().map(|id| self.height(*id)).max().unwrap_or(0);
        let of_parts = |parts: &[Part]| {
            let heights = parts.iter().map(|part| match part {
                Part::Text(_) => 0,
                Part::Interpolated(id) => self.height(*id),
            });
            heights.max().unwrap_or(0)
        };
        match expr {
            Expr::Unknown | Expr::Number(_) | Expr::Ident(_) | Expr::OtherPath(_) => 0,
            // They grow; see `grow`.
            Expr::Set(_) | Expr::Let(..) => 0,
            Expr::Text(parts) | Expr::Path(parts) => of_parts(parts),
            Expr::List(items) => of(items),
            Expr::Lambda(Param::Ident(_), body) => self.height(*body),
            Expr::Lambda(Param::Pattern { formals, .. }, body) => {
                let defaults = formals.iter().filter_map(|(_, default)| *default);
                defaults.map(|id| self.height(id)).max().unwrap_or(0).max(self.height(*body))
            }
            Expr::Select(set, path, default) => {
                of(&[*set]).max(of_parts(path)).max(default.map_or(0, |id| self.height(id)))
            }
            Expr::HasAttr(set, path) => of(&[*set]).max(of_parts(path)),
            Expr::Not(inner) | Expr::Negate(inner) => self.height(*inner),
            Expr::Apply(a, b) | Expr::With(a, b) | Expr::Assert(a, b) | Expr::Binary(_, a, b) => {
                of(&[*a, *b])
            }
            Expr::If(a, b, c) => of(&[*a, *b, *c]),
        }
    }

    /// Makes an expression at least one taller than a part of it.
    pub(super) fn grow(&mut self, id: ExprId, inner: ExprId) -> ParseResult<()> {
        let height = self.height(inner) + 1;
        if height > TALLEST {
            let Span { start, end } = self.span(inner);
            return Err(self.too_tall(start, end));
        }
        if let Some(known) = self.heights.get_mut(id.index()) {
            *known = height.max(*known);
        }
        Ok(())
    }

    pub(super) fn too_tall(&self, start: usize, end: usize) -> Box<SyntaxError> {
        let message = "it nests too deeply to be read".to_owned();
        Box::new(SyntaxError { message, span: Span { start, end }, is_limit: true })
    }

    /// Opens a set without bindings.
    pub(super) fn open_set(&mut self, recursive: bool, start: usize) -> ExprId {
        let set = SetExpr { recursive, ..SetExpr::default() };
        self.add(Expr::Set(set), Span { start, end: start }, 1)
    }

    /// Closes a set: all its bindings are added.
    pub(super) fn close_set(&mut self, set: ExprId, span: Span) -> ExprNode {
        if let Some((_, place)) = self.exprs.get_mut(set.index()) {
            *place = span;
        }
        ExprNode { id: set, span }
    }

    /// Turns an open set into a `let` with these bindings.
    pub(super) fn close_let(
        &mut self,
        set: ExprId,
        body: ExprNode,
        span: Span,
    ) -> ParseResult<ExprNode> {
        self.grow(set, body.id)?;
        let bindings = self.take_set(set).unwrap_or_default();
        if let Some(place) = self.exprs.get_mut(set.index()) {
            *place = (Expr::Let(bindings, body.id), span);
        }
        Ok(ExprNode { id: set, span })
    }

    /// Whether a set has names that are computed.
    pub(super) fn has_dynamic(&self, set: ExprId) -> bool {
        matches!(self.expr(set), Expr::Set(set) if !set.dynamic.is_empty())
    }

    fn set_mut(&mut self, id: ExprId) -> Option<&mut SetExpr> {
        match self.exprs.get_mut(id.index()) {
            Some((Expr::Set(set), _)) => Some(set),
            _ => None,
        }
    }

    fn take_set(&mut self, id: ExprId) -> Option<SetExpr> {
        self.set_mut(id).map(std::mem::take)
    }

    /// What a name of a set is bound to.
    fn find(&self, id: ExprId, name: &Name) -> Option<AttrValue> {
        let Expr::Set(set) = self.expr(id) else { return None };
        let at = if set.attrs.len() <= FEW {
            set.attrs.iter().position(|attr| attr.name == *name)
        } else {
            self.index.get(&(id, name.clone())).copied()
        };
        Some(set.attrs.get(at?)?.value)
    }

    /// Adds a name that the set does not have yet.
    fn add_attr(&mut self, id: ExprId, attr: Attr) {
        let Some((Expr::Set(set), _)) = self.exprs.get_mut(id.index()) else { return };
        let at = set.attrs.len();
        if at == FEW {
            let known = set.attrs.iter().zip(0..).map(|(attr, at)| ((id, attr.name.clone()), at));
            self.index.extend(known);
        }
        if at >= FEW {
            self.index.insert((id, attr.name.clone()), at);
        }
        set.attrs.push(attr);
    }

    /// Binds a name by `inherit`, which never merges.
    pub(super) fn inherit(
        &mut self,
        set: ExprId,
        name: Name,
        span: Span,
        value: AttrValue,
    ) -> ParseResult<()> {
        if self.find(set, &name).is_some() {
            return Err(twice(&name, span));
        }
        self.add_attr(set, Attr { name, span, value });
        Ok(())
    }

    /// The set at a name of a dotted path, which other bindings may have made.
    pub(super) fn nested(
        &mut self,
        set: ExprId,
        name: Part,
        span: Span,
        written: &str,
    ) -> ParseResult<ExprId> {
        match name {
            Part::Interpolated(key) => {
                let inner = self.open_set(false, span.start);
                self.close_set(inner, span);
                self.grow(set, key)?;
                if let Some(set) = self.set_mut(set) {
                    set.dynamic.push((key, inner));
                }
                Ok(inner)
            }
            Part::Text(name) => match self.find(set, &name) {
                Some(AttrValue::Expr(known)) if matches!(self.expr(known), Expr::Set(_)) => {
                    Ok(known)
                }
                Some(_) => Err(twice(written, span)),
                None => {
                    let inner = self.open_set(false, span.start);
                    self.close_set(inner, span);
                    self.add_attr(set, Attr { name, span, value: AttrValue::Expr(inner) });
                    Ok(inner)
                }
            },
        }
    }

    /// Binds a name to a value.
    pub(super) fn bind(
        &mut self,
        set: ExprId,
        name: Part,
        span: Span,
        value: ExprNode,
        written: &str,
    ) -> ParseResult<()> {
        self.grow(set, value.id)?;
        let name = match name {
            Part::Text(name) => name,
            Part::Interpolated(key) => {
                self.grow(set, key)?;
                if let Some(set) = self.set_mut(set) {
                    set.dynamic.push((key, value.id));
                }
                return Ok(());
            }
        };
        match self.find(set, &name) {
            Some(AttrValue::Expr(known)) => self.merge(known, value.id, written, span),
            Some(_) => Err(twice(written, span)),
            None => {
                // A set that other bindings may add to has the place of its first name.
                let is_plain = value.span == self.span(value.id);
                if let Some((Expr::Set(set), place)) = self.exprs.get_mut(value.id.index())
                    && !set.recursive
                    && is_plain
                {
                    *place = span;
                }
                self.add_attr(set, Attr { name, span, value: AttrValue::Expr(value.id) });
                Ok(())
            }
        }
    }

    /// Merges two sets of one name into the first, which decides about `rec`.
    fn merge(
        &mut self,
        known: ExprId,
        added: ExprId,
        written: &str,
        span: Span,
    ) -> ParseResult<()> {
        let mut open = vec![(known, added, Name::from(written), span)];
        while let Some((known, added, name, span)) = open.pop() {
            let are_sets = [known, added].map(|id| matches!(self.expr(id), Expr::Set(_)));
            let Some(set) = self.take_set(added).filter(|_| are_sets == [true; 2]) else {
                return Err(twice(&name, span));
            };
            let height = self.height(added);
            if let Some(kept) = self.heights.get_mut(known.index()) {
                *kept = height.max(*kept);
            }
            self.moved += set.attrs.len();
            // Normally each binding moves once; only a hostile file exceeds this.
            if self.moved > self.exprs.len().saturating_mul(16) {
                let message = "too many sets are merged here to be read".to_owned();
                return Err(Box::new(SyntaxError { message, span, is_limit: true }));
            }
            for attr in set.attrs {
                match (self.find(known, &attr.name), attr.value) {
                    (None, _) => self.add_attr(known, attr),
                    (Some(AttrValue::Expr(known)), AttrValue::Expr(added)) => {
                        open.push((known, added, attr.name, attr.span));
                    }
                    _ => return Err(twice(&attr.name, attr.span)),
                }
            }
            if let Some(known) = self.set_mut(known) {
                known.dynamic.extend(set.dynamic);
            }
        }
        Ok(())
    }
}

/// The error for a name that is bound twice; `written` is the path to it.
fn twice(written: &str, span: Span) -> Box<SyntaxError> {
    let message = format!("attribute `{written}` is defined twice");
    Box::new(SyntaxError { message, span, is_limit: false })
}
