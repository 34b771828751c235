//! Attribute sets as Nix's parser merges them.
//!
//! `inputs = { dep.url = …; }; inputs.dep.inputs.nixpkgs.follows = …;` is one set, in any order;
//! a second definition of the same leaf is an error (Nix source,
//! `src/libexpr/include/nix/expr/parser-state.hh`, `addAttr`).

use std::collections::BTreeMap;

use rnix::ast::{self, HasEntry};
use rowan::ast::AstNode;

use super::literal::{bare, span, text_of};
use super::{Binding, Refused};
use crate::text::{AttrPath, Span};

/// A set, of all places that define it.
#[derive(Debug, Default)]
pub(super) struct Set {
    pub(super) entries: BTreeMap<String, Entry>,
}

/// One attribute.
#[derive(Debug)]
pub(super) struct Entry {
    /// Every binding that names it, in the order of the file.
    pub(super) bindings: Vec<Binding>,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Set(Set),
    Expr(ast::Expr),
    Inherited,
}

/// Names in the longest path of attributes that is read. Nix itself has no limit, and nobody comes
/// near this one; it keeps hostile files from filling the stack.
const DEEPEST: usize = 128;

impl Set {
    /// The set of an attribute set literal.
    pub(super) fn of(literal: &ast::AttrSet) -> Result<Self, Refused> {
        let mut set = Self::default();
        set.add_all(literal, &mut Vec::new())?;
        Ok(set)
    }

    /// `above` is the path of this set. As deep as the syntax, and no deeper than [`DEEPEST`].
    fn add_all(&mut self, literal: &ast::AttrSet, above: &mut Vec<String>) -> Result<(), Refused> {
        for entry in literal.entries() {
            match entry {
                ast::Entry::Inherit(inherit) => self.inherit(&inherit, above)?,
                ast::Entry::AttrpathValue(binding) => self.bind(&binding, above)?,
            }
        }
        Ok(())
    }

    fn inherit(&mut self, inherit: &ast::Inherit, above: &mut Vec<String>) -> Result<(), Refused> {
        for attr in inherit.attrs() {
            let name = name_of(&attr)?;
            let here = span(attr.syntax());
            let binding =
                Binding { span: span(inherit.syntax()), path: here, name: here, block: None };
            above.push(name.clone());
            self.insert(name, Value::Inherited, binding, above)?;
            above.pop();
        }
        Ok(())
    }

    fn bind(&mut self, bound: &ast::AttrpathValue, above: &mut Vec<String>) -> Result<(), Refused> {
        let whole = span(bound.syntax());
        let (Some(path), Some(value)) = (bound.attrpath(), bound.value()) else {
            return Err(Refused::new(whole, "this binding has no name or no value"));
        };
        let start = span(path.syntax()).start;
        let depth = above.len();
        let attrs: Vec<_> = path.attrs().collect();
        let Some((last, before)) = attrs.split_last() else {
            return Err(Refused::new(whole, "this binding has no name"));
        };
        let mut set = self;
        for attr in before {
            let here = span(attr.syntax());
            let path = Span { start, end: here.end };
            let binding = Binding { span: whole, path, name: here, block: None };
            let name = enter(attr, above)?;
            set = set.inner(name, binding, above)?;
        }
        let here = span(last.syntax());
        let name = enter(last, above)?;
        let mut binding =
            Binding { span: whole, path: Span { start, end: here.end }, name: here, block: None };
        match bare(value) {
            ast::Expr::AttrSet(literal) => {
                binding.block = Some(span(literal.syntax()));
                set.inner(name, binding, above)?.add_all(&literal, above)?;
            }
            value => set.insert(name, Value::Expr(value), binding, above)?,
        }
        above.truncate(depth);
        Ok(())
    }

    /// The set of this name, of which a binding more tells. `path` leads to it.
    fn inner(
        &mut self,
        name: String,
        binding: Binding,
        path: &[String],
    ) -> Result<&mut Set, Refused> {
        let here = binding.name;
        let entry = self
            .entries
            .entry(name)
            .or_insert_with(|| Entry { bindings: Vec::new(), value: Value::Set(Set::default()) });
        entry.bindings.push(binding);
        match &mut entry.value {
            Value::Set(inner) => Ok(inner),
            Value::Expr(_) | Value::Inherited => Err(twice(here, path)),
        }
    }

    fn insert(
        &mut self,
        name: String,
        value: Value,
        binding: Binding,
        path: &[String],
    ) -> Result<(), Refused> {
        if self.entries.contains_key(&name) {
            return Err(twice(binding.name, path));
        }
        self.entries.insert(name, Entry { bindings: vec![binding], value });
        Ok(())
    }
}

impl Entry {
    /// The first place that names it.
    pub(super) fn name_span(&self) -> Span {
        self.bindings.first().map_or(Span { start: 0, end: 0 }, |binding| binding.name)
    }

    /// The binding of a leaf, which has only one; of a set the first.
    pub(super) fn span(&self) -> Span {
        self.bindings.first().map_or(Span { start: 0, end: 0 }, |binding| binding.span)
    }
}

/// Goes one name down.
fn enter(attr: &ast::Attr, path: &mut Vec<String>) -> Result<String, Refused> {
    let name = name_of(attr)?;
    path.push(name.clone());
    if path.len() > DEEPEST {
        let message = format!("attributes are nested more than {DEEPEST} names deep");
        return Err(Refused { is_limit: true, ..Refused::new(span(attr.syntax()), message) });
    }
    Ok(name)
}

/// A name that is known without evaluation: `dep`, `"dep"`, `${"dep"}`.
fn name_of(attr: &ast::Attr) -> Result<String, Refused> {
    let name = match attr {
        ast::Attr::Ident(name) => Some(name.syntax().text().to_string()),
        ast::Attr::Str(string) => text_of(string),
        ast::Attr::Dynamic(dynamic) => match dynamic.expr().map(bare) {
            Some(ast::Expr::Str(string)) => text_of(&string),
            _ => None,
        },
    };
    name.ok_or_else(|| {
        Refused::new(span(attr.syntax()), "an attribute's name must be written out, not computed")
    })
}

fn twice(span: Span, path: &[String]) -> Refused {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    Refused::new(span, format!("attribute `{}` is defined twice", AttrPath(&names)))
}
