//! Bindings as they are written in a file, for readers that need the spelling and the place: each
//! by itself, with its path and its semicolon, before sets are merged.
//!
//! Only what Nix can know without evaluating anything is kept: literal sets, but not those inside
//! functions, `let` and operations.

use super::expr::{AttrValue, ExprId, Name};
use crate::Span;

/// The sets of a file, and the patterns of functions among them.
#[derive(Debug, Default)]
pub struct Written {
    sets: Vec<WrittenSet>,
    /// The bindings with the sets that they are in: for each set in the order of the file.
    bindings: Vec<(ExprId, WrittenBinding)>,
    patterns: Vec<WrittenPattern>,
}

/// A set.
#[derive(Debug, Clone, Copy)]
pub struct WrittenSet {
    id: ExprId,
    /// From its brace, or from `rec`, to its closing brace.
    pub span: Span,
    /// Whether it begins with `rec`.
    pub recursive: bool,
}

/// A binding, or one name of an `inherit`.
#[derive(Debug)]
pub struct WrittenBinding {
    /// All of it, including the semicolon.
    pub span: Span,
    /// The names of its path, at least one.
    pub path: Vec<WrittenName>,
    /// Its value.
    pub value: AttrValue,
}

/// A name of a path.
#[derive(Debug, Clone)]
pub struct WrittenName {
    /// The name; `None` if it is computed.
    pub name: Option<Name>,
    /// Its place, including quotes.
    pub span: Span,
}

/// The pattern of a function.
#[derive(Debug)]
pub struct WrittenPattern {
    /// All of it, including a name for the whole argument. The function begins where it begins.
    pub span: Span,
    /// From brace to brace.
    pub braces: Span,
    /// The places of its names, in the order of the file.
    pub names: Vec<Span>,
}

impl Written {
    pub(super) fn set(&mut self, id: ExprId, span: Span, recursive: bool) {
        self.sets.push(WrittenSet { id, span, recursive });
    }

    pub(super) fn binding(&mut self, set: ExprId, binding: WrittenBinding) {
        self.bindings.push((set, binding));
    }

    pub(super) fn pattern(&mut self, pattern: WrittenPattern) {
        self.patterns.push(pattern);
    }

    /// Sorts by set, once everything is added.
    pub(super) fn finish(&mut self) {
        self.sets.sort_by_key(|set| set.id);
        self.bindings.sort_by_key(|(set, _)| *set);
    }

    /// The sets, in no particular order.
    pub fn sets(&self) -> &[WrittenSet] {
        &self.sets
    }

    /// The set that an expression is, if it is one.
    pub fn find(&self, id: ExprId) -> Option<WrittenSet> {
        let at = self.sets.binary_search_by_key(&id, |set| set.id).ok()?;
        self.sets.get(at).copied()
    }

    /// The bindings of a set.
    pub fn bindings(&self, set: WrittenSet) -> impl Iterator<Item = &WrittenBinding> {
        let start = self.bindings.partition_point(|(of, _)| *of < set.id);
        let all = self.bindings.get(start..).unwrap_or_default().iter();
        all.take_while(move |(of, _)| *of == set.id).map(|(_, binding)| binding)
    }

    /// The pattern of the function that begins there.
    pub fn pattern_at(&self, start: usize) -> Option<&WrittenPattern> {
        self.patterns.iter().find(|pattern| pattern.span.start == start)
    }
}
