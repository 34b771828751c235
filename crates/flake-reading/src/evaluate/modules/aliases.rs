//! Modules that give an option another name.
//!
//! Source: nixpkgs `lib/modules.nix`, `mkAliasOptionModule`, `mkRenamedOptionModule`, `doRename`.

use super::ClassId;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Declared, Names, Thunk, Value, attr};
use crate::syntax::Name;

/// The most aliases of one class.
const MOST: usize = 200;

impl Evaluator<'_> {
    /// The module that defines an option by another one, `paths`: it declares the other one.
    pub(super) fn alias_module(&mut self, class: ClassId, paths: &[Thunk]) -> Option<Value> {
        let [from, to] = paths else { return None };
        let (from, to) = (self.option_path(*from)?, self.option_path(*to)?);
        // Modules of a home have to be read as such. The values of other options are looked at under
        // either name, and systems rename hundreds: each of these would be asked for each option.
        if to.first().is_none_or(|name| &**name != "home-manager") {
            return None;
        }
        let of = self.class_mut(class).filter(|of| of.aliases.len() < MOST)?;
        of.aliases.push(from.clone());
        let argument = self.done(Value::no_attrs());
        let option = self.done(Value::Declared(Declared::Option(argument)));
        let defined = self.done(Value::Config(class, from.clone()));
        let options = self.nested(&from, option);
        let config = self.nested(&to, defined);
        let attrs = vec![attr("options", options), attr("config", config)];
        Some(Value::set(attrs, None, false))
    }

    /// Whether an option is only another name, whose values are those of the other.
    pub(in crate::evaluate) fn is_alias(&self, class: ClassId, path: &[Name]) -> bool {
        self.class(class).is_some_and(|of| of.aliases.iter().any(|alias| **alias == *path))
    }

    /// A list of names.
    fn option_path(&mut self, list: Thunk) -> Option<Names> {
        let list = self.force_known(list);
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let names = items.into_iter().map(|item| match self.force_known(item) {
            Value::Text(name) => Some(name),
            _ => None,
        });
        let names: Option<Names> = names.collect();
        names.filter(|names| !open && !names.is_empty())
    }

    /// A set with a value at a path.
    fn nested(&mut self, path: &[Name], value: Thunk) -> Thunk {
        path.iter().rev().fold(value, |inner, name| {
            self.done(Value::set(vec![attr(name.clone(), inner)], None, false))
        })
    }
}
