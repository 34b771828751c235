//! Attribute sets as Nix's parser merges them.
//!
//! `inputs = { dep.url = …; }; inputs.dep.inputs.nixpkgs.follows = …;` is one set, in any order
//! (Nix source, `src/libexpr/include/nix/expr/parser-state.hh`, `addAttr`). A second definition of
//! the same leaf is a syntax error, so nothing here is defined twice.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

use super::literal::Term;
use super::{Binding, Refused};
use crate::source::syntax::{
    AttrValue, File, Name, Written, WrittenBinding, WrittenName, WrittenSet,
};
use crate::text::Span;

/// A set, merged from all places that define it.
#[derive(Debug, Default)]
pub(super) struct MergedSet<'f> {
    /// Boxed, because most sets have one or two, and a map has room for eleven.
    pub(super) entries: BTreeMap<&'f str, Box<MergedEntry<'f>>>,
}

/// One attribute.
#[derive(Debug)]
pub(super) struct MergedEntry<'f> {
    /// Every binding that names it, in the order of the file.
    pub(super) bindings: Vec<Binding>,
    pub(super) value: MergedValue<'f>,
}

#[derive(Debug)]
pub(super) enum MergedValue<'f> {
    Set(MergedSet<'f>),
    Term(Term<'f>),
    /// By an `inherit`; with the name, unless that is an attribute of another set.
    Inherited(Option<&'f Name>),
}

/// The most names in a path of attributes. Nix has no limit, and real files are far below this one;
/// it keeps hostile files from overflowing the stack.
const DEEPEST: usize = 128;

/// Merges the sets of a file.
#[derive(Clone, Copy)]
struct Merger<'f> {
    file: &'f File,
    written: &'f Written,
}

impl<'f> MergedSet<'f> {
    /// Merges all definitions of a set in a file.
    pub(super) fn of(
        file: &'f File,
        written: &'f Written,
        set: WrittenSet,
    ) -> Result<Self, Refused> {
        let mut merged = Self::default();
        Merger { file, written }.add(&mut merged, set, 0)?;
        Ok(merged)
    }

    /// The set that a name stands for, which another binding may have made.
    fn nested(&mut self, name: &'f str, binding: Binding) -> Option<&mut MergedSet<'f>> {
        let new =
            || MergedEntry { bindings: Vec::new(), value: MergedValue::Set(MergedSet::default()) };
        let entry = self.entries.entry(name).or_insert_with(|| Box::new(new()));
        entry.bindings.push(binding);
        match &mut entry.value {
            MergedValue::Set(inner) => Some(inner),
            MergedValue::Term(_) | MergedValue::Inherited(_) => None,
        }
    }

    fn insert(&mut self, name: &'f str, value: MergedValue<'f>, binding: Binding) {
        if let Place::Vacant(place) = self.entries.entry(name) {
            place.insert(Box::new(MergedEntry { bindings: vec![binding], value }));
        }
    }
}

impl<'f> Merger<'f> {
    /// Adds the contents of a set at this depth. Recurses as deep as the syntax, at most
    /// [`DEEPEST`].
    fn add(self, to: &mut MergedSet<'f>, set: WrittenSet, depth: usize) -> Result<(), Refused> {
        self.written.bindings(set).try_for_each(|binding| self.bind(to, binding, depth))
    }

    fn bind(
        self,
        mut to: &mut MergedSet<'f>,
        bound: &'f WrittenBinding,
        mut depth: usize,
    ) -> Result<(), Refused> {
        let Some((last, before)) = bound.path.split_last() else { return Ok(()) };
        let start = bound.path.first().map_or(bound.span.start, |first| first.span.start);
        let binding = |name: Span, block| {
            let path = Span { start, end: name.end };
            Binding { span: bound.span, path, name, block }
        };
        for name in before {
            let text = enter_name(name, &mut depth)?;
            match to.nested(text, binding(name.span, None)) {
                Some(inner) => to = inner,
                None => return Ok(()),
            }
        }
        let name = enter_name(last, &mut depth)?;
        let id = match bound.value {
            AttrValue::Expr(id) => id,
            AttrValue::Inherited | AttrValue::InheritedFrom(_) => {
                let looked_up = matches!(bound.value, AttrValue::Inherited).then_some(&last.name);
                let value = MergedValue::Inherited(looked_up.and_then(Option::as_ref));
                to.insert(name, value, binding(last.span, None));
                return Ok(());
            }
        };
        match self.written.find(id) {
            Some(set) => match to.nested(name, binding(last.span, Some(set.span))) {
                Some(inner) => self.add(inner, set, depth),
                None => Ok(()),
            },
            None => {
                let term = Term { file: self.file, written: self.written, id };
                to.insert(name, MergedValue::Term(term), binding(last.span, None));
                Ok(())
            }
        }
    }
}

impl MergedValue<'_> {
    /// A description, in words that follow "is".
    pub(super) fn describe(&self) -> &'static str {
        match self {
            MergedValue::Set(_) => "an attribute set",
            MergedValue::Term(term) => term.describe(),
            MergedValue::Inherited(_) => "inherited",
        }
    }

    /// The name to be looked up that it is.
    pub(super) fn name(&self) -> Option<Name> {
        match self {
            MergedValue::Set(_) => None,
            MergedValue::Term(term) => term.literal().name(),
            MergedValue::Inherited(name) => name.cloned(),
        }
    }
}

impl MergedEntry<'_> {
    /// The first place that names it.
    pub(super) fn name_span(&self) -> Span {
        self.bindings.first().map_or(Span { start: 0, end: 0 }, |binding| binding.name)
    }

    /// The binding of a leaf, which has only one; the first binding of a set.
    pub(super) fn span(&self) -> Span {
        self.bindings.first().map_or(Span { start: 0, end: 0 }, |binding| binding.span)
    }
}

/// Goes down one name: `dep`, `"dep"`, `${"dep"}`.
fn enter_name<'f>(name: &'f WrittenName, depth: &mut usize) -> Result<&'f str, Refused> {
    let Some(text) = &name.name else {
        let message = "an attribute's name must be written out, not computed";
        // Nix evaluates the file's own set, and no set inside it.
        let is_limit = *depth == 0;
        return Err(Refused { is_limit, ..Refused::new(name.span, message) });
    };
    *depth += 1;
    if *depth > DEEPEST {
        let message = format!("attributes are nested more than {DEEPEST} names deep");
        return Err(Refused { is_limit: true, ..Refused::new(name.span, message) });
    }
    Ok(text)
}
