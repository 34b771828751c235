//! Whether two texts of a file are the same to a reader who has looked at some of its expressions,
//! and the new places of what was said.
//!
//! Everything else may differ: an input that is declared in between changes nothing for those who
//! read the outputs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Attr, AttrValue, Expr, ExprId, File, Param, Part, SetExpr};
use crate::Span;

/// The expressions of a file that were looked at.
#[derive(Debug, Default)]
pub struct Looked {
    /// One bit for each.
    exprs: Vec<u64>,
    /// Spans that were looked at as a whole and are not among those yet.
    within: Vec<Span>,
}

/// The places in another text of places in this one.
#[derive(Debug, Default)]
pub struct Moves(HashMap<Span, Span>);

impl Looked {
    /// Marks an expression as looked at.
    pub fn add(&mut self, expr: ExprId) {
        let (word, bit) = (expr.index() / 64, expr.index() % 64);
        if word >= self.exprs.len() {
            self.exprs.resize(word + 1, 0);
        }
        if let Some(word) = self.exprs.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Marks all expressions in this span as looked at, once `settle` is called.
    pub fn add_within(&mut self, whole: Span) {
        if self.within.last() != Some(&whole) {
            self.within.push(whole);
        }
    }

    /// Records which expressions are in spans that were looked at as a whole: all of them at once,
    /// since there may be one for each package of a file.
    pub fn settle(&mut self, file: &File) {
        let mut within = std::mem::take(&mut self.within);
        if within.is_empty() {
            return;
        }
        within.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        // Keep the outermost ones: spans of a tree are nested or disjoint.
        within.dedup_by(|inner, outer| inner.end <= outer.end);
        for (index, (_, span)) in file.exprs.iter().enumerate() {
            let before = within.partition_point(|whole| whole.start <= span.start);
            let whole = before.checked_sub(1).and_then(|last| within.get(last));
            if whole.is_some_and(|whole| span.end <= whole.end) {
                self.add(ExprId::new(index));
            }
        }
    }

    fn has(&self, expr: ExprId) -> bool {
        self.exprs.get(expr.index() / 64).is_some_and(|word| word >> (expr.index() % 64) & 1 == 1)
    }
}

impl Moves {
    /// The new place of a place in this text; `None` if no reader could know it.
    pub fn to(&self, span: Span) -> Option<Span> {
        self.0.get(&span).copied()
    }
}

/// Two files that are being compared.
struct Comparison<'f> {
    old: &'f File,
    new: &'f File,
    /// The new expression for each old one.
    pairs: Vec<Option<ExprId>>,
    open: Vec<(ExprId, ExprId)>,
    to: HashMap<Span, Span>,
    from: HashMap<Span, Span>,
}

impl File {
    /// The new places in another text of the same file, if it is the same to a reader who has
    /// looked at these expressions.
    pub fn moves(&self, other: &Self, looked: &Looked) -> Option<Moves> {
        let mut comparison = Comparison {
            old: self,
            new: other,
            pairs: vec![None; self.exprs.len()],
            open: Vec::new(),
            to: HashMap::new(),
            from: HashMap::new(),
        };
        let mut is_same = comparison.pair(self.root, other.root);
        while let Some((old, new)) = comparison.open.pop().filter(|_| is_same) {
            is_same = !looked.has(old) || comparison.is_same(old, new);
        }
        is_same.then_some(Moves(comparison.to))
    }
}

impl Comparison<'_> {
    /// Pairs two expressions; false if that is impossible.
    fn pair(&mut self, old: ExprId, new: ExprId) -> bool {
        match self.pairs.get_mut(old.index()) {
            Some(Some(known)) => *known == new,
            Some(free) => {
                *free = Some(new);
                self.open.push((old, new));
                self.stands(self.old.span(old), self.new.span(new))
            }
            None => false,
        }
    }

    /// Records a place and its new place. The mapping must be one to one, because places tell
    /// things apart.
    fn stands(&mut self, old: Span, new: Span) -> bool {
        let is_one = |map: &mut HashMap<Span, Span>, key, value| match map.entry(key) {
            Entry::Occupied(known) => *known.get() == value,
            Entry::Vacant(free) => *free.insert(value) == value,
        };
        is_one(&mut self.to, old, new) && is_one(&mut self.from, new, old)
    }

    fn all<'e>(&mut self, pairs: impl IntoIterator<Item = (&'e ExprId, &'e ExprId)>) -> bool {
        pairs.into_iter().all(|(old, new)| self.pair(*old, *new))
    }

    fn perhaps(&mut self, old: Option<ExprId>, new: Option<ExprId>) -> bool {
        match (old, new) {
            (Some(old), Some(new)) => self.pair(old, new),
            (None, None) => true,
            _ => false,
        }
    }

    fn parts(&mut self, old: &[Part], new: &[Part]) -> bool {
        old.len() == new.len()
            && old.iter().zip(new).all(|both| match both {
                (Part::Text(old), Part::Text(new)) => old == new,
                (Part::Interpolated(old), Part::Interpolated(new)) => self.pair(*old, *new),
                _ => false,
            })
    }

    fn sets(&mut self, old: &SetExpr, new: &SetExpr) -> bool {
        let attr = |comparison: &mut Self, old: &Attr, new: &Attr| {
            old.name == new.name
                && comparison.stands(old.span, new.span)
                && match (old.value, new.value) {
                    (AttrValue::Expr(old), AttrValue::Expr(new))
                    | (AttrValue::InheritedFrom(old), AttrValue::InheritedFrom(new)) => {
                        comparison.pair(old, new)
                    }
                    (AttrValue::Inherited, AttrValue::Inherited) => true,
                    _ => false,
                }
        };
        old.recursive == new.recursive
            && old.attrs.len() == new.attrs.len()
            && old.dynamic.len() == new.dynamic.len()
            && old.attrs.iter().zip(&new.attrs).all(|(old, new)| attr(self, old, new))
            && old.dynamic.iter().zip(&new.dynamic).all(|((key, value), (new_key, new_value))| {
                self.pair(*key, *new_key) && self.pair(*value, *new_value)
            })
    }

    fn params(&mut self, old: &Param, new: &Param) -> bool {
        match (old, new) {
            (Param::Ident(old), Param::Ident(new)) => old == new,
            (
                Param::Pattern { formals, open, bound },
                Param::Pattern { formals: new_formals, open: new_open, bound: new_bound },
            ) => {
                formals.len() == new_formals.len()
                    && (open, bound) == (new_open, new_bound)
                    && formals.iter().zip(new_formals).all(|((name, default), (new_name, new))| {
                        name == new_name && self.perhaps(*default, *new)
                    })
            }
            _ => false,
        }
    }

    /// Whether two expressions are the same, except for their parts, which are compared later.
    fn is_same(&mut self, old: ExprId, new: ExprId) -> bool {
        let (old_file, new_file) = (self.old, self.new);
        match (old_file.expr(old), new_file.expr(new)) {
            (Expr::Unknown, Expr::Unknown) => true,
            (Expr::Number(old), Expr::Number(new)) => old == new,
            (Expr::Ident(old), Expr::Ident(new)) | (Expr::OtherPath(old), Expr::OtherPath(new)) => {
                old == new
            }
            (Expr::Text(old), Expr::Text(new)) | (Expr::Path(old), Expr::Path(new)) => {
                self.parts(old, new)
            }
            (Expr::List(old), Expr::List(new)) => {
                old.len() == new.len() && self.all(old.iter().zip(new))
            }
            (Expr::Set(old), Expr::Set(new)) => self.sets(old, new),
            (Expr::Let(old, body), Expr::Let(new, new_body)) => {
                self.sets(old, new) && self.pair(*body, *new_body)
            }
            (Expr::Lambda(old, body), Expr::Lambda(new, new_body)) => {
                self.params(old, new) && self.pair(*body, *new_body)
            }
            (Expr::Select(old, path, default), Expr::Select(new, new_path, new_default)) => {
                self.pair(*old, *new)
                    && self.parts(path, new_path)
                    && self.perhaps(*default, *new_default)
            }
            (Expr::HasAttr(old, path), Expr::HasAttr(new, new_path)) => {
                self.pair(*old, *new) && self.parts(path, new_path)
            }
            (Expr::If(a, b, c), Expr::If(x, y, z)) => self.all([(a, x), (b, y), (c, z)]),
            (Expr::Binary(old, a, b), Expr::Binary(new, x, y)) => {
                old == new && self.all([(a, x), (b, y)])
            }
            (Expr::Apply(a, b), Expr::Apply(x, y))
            | (Expr::With(a, b), Expr::With(x, y))
            | (Expr::Assert(a, b), Expr::Assert(x, y)) => self.all([(a, x), (b, y)]),
            (Expr::Not(old), Expr::Not(new)) | (Expr::Negate(old), Expr::Negate(new)) => {
                self.pair(*old, *new)
            }
            _ => false,
        }
    }
}
