//! Bindings as they stand in a file, for readers to whom it matters how and where something is
//! said: each by itself, with its path and its semicolon, before sets are merged.
//!
//! Only what Nix can know of a file without evaluating anything is kept: sets that are written out,
//! not those inside functions, `let` and operations.

use super::expr::{AttrValue, ExprId, Name};
use crate::Span;

/// The sets of a file, and the patterns of the functions that stand in them.
#[derive(Debug, Default)]
pub struct Written {
    sets: Vec<WrittenSet>,
    /// With the sets that they stand in: of each in the order of the file.
    bindings: Vec<(ExprId, WrittenBinding)>,
    patterns: Vec<WrittenPattern>,
}

/// A set.
#[derive(Debug, Clone, Copy)]
pub struct WrittenSet {
    id: ExprId,
    /// From its brace, or from `rec`, to its brace.
    pub span: Span,
    /// Whether it begins with `rec`.
    pub recursive: bool,
}

/// A binding, or one name of an `inherit`.
#[derive(Debug)]
pub struct WrittenBinding {
    /// All of it, the semicolon included.
    pub span: Span,
    /// The names of its path, at least one.
    pub path: Vec<WrittenName>,
    /// What it is bound to.
    pub value: AttrValue,
}

/// A name of a path.
#[derive(Debug, Clone)]
pub struct WrittenName {
    /// What it says; nothing where that is computed.
    pub name: Option<Name>,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// The pattern of a function.
#[derive(Debug)]
pub struct WrittenPattern {
    /// All of it, a name for the whole included. The function begins where it begins.
    pub span: Span,
    /// From brace to brace.
    pub braces: Span,
    /// Where the names in it stand, in the order of the file.
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

    /// All that there is was added, in the order in which it ends.
    pub(super) fn finish(&mut self) {
        self.sets.sort_by_key(|set| set.id);
        self.bindings.sort_by_key(|(set, _)| *set);
    }

    /// The sets, in no order that matters.
    pub fn sets(&self) -> &[WrittenSet] {
        &self.sets
    }

    /// The set that an expression is.
    pub fn find(&self, id: ExprId) -> Option<WrittenSet> {
        let at = self.sets.binary_search_by_key(&id, |set| set.id).ok()?;
        self.sets.get(at).copied()
    }

    /// What stands between the braces of a set.
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
