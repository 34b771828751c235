//! Modules that give an option another name.
//!
//! Source: nixpkgs `lib/modules.nix`, `mkAliasOptionModule`, `mkRenamedOptionModule`, `doRename`.

use super::ClassId;
use super::definitions::OptionDefinition;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Declared, Names, Thunk, Value, attr};
use crate::syntax::Name;

/// The most aliases of one class.
const MOST: usize = 200;

/// How often an option may have been renamed.
const LONGEST_CHAIN: u8 = 4;

/// An option whose definitions are those of another one.
#[derive(Clone)]
pub(super) struct Renamed {
    from: Names,
    to: Names,
    /// The function that makes its value from `config`, if it is not the same.
    function: Option<Thunk>,
}

impl Evaluator<'_> {
    /// The module that defines an option by another one, `paths`: it declares the other one.
    pub(super) fn alias_module(&mut self, class: ClassId, paths: &[Thunk]) -> Option<Value> {
        let (from, to, function) = match paths {
            [from, to] => (*from, *to, None),
            [from, to, function] => (*from, *to, Some(*function)),
            _ => return None,
        };
        let (from, to) = (self.option_path(from)?, self.option_path(to)?);
        // Modules of a home have to be read as such. What is in other options is looked at under either
        // name.
        if function.is_some() || to.first().is_none_or(|name| &**name != "home-manager") {
            let of = self.class_mut(class).filter(|of| of.renamed.len() < MOST)?;
            of.renamed.push(Renamed { from, to, function });
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

    /// The definitions of an option under its other names.
    pub(super) fn renamed_definitions(
        &mut self,
        class: ClassId,
        path: &[Name],
        found: &mut Vec<OptionDefinition>,
    ) {
        let Some(of) = self.class(class).filter(|of| !of.renamed.is_empty()) else { return };
        if of.renaming >= LONGEST_CHAIN {
            return;
        }
        let renamed = of.renamed.iter().filter(|one| path.starts_with(&one.to));
        let renamed: Vec<Renamed> = renamed.cloned().collect();
        for Renamed { from, to, function } in renamed {
            let rest = path.get(to.len()..).unwrap_or_default();
            if let Some(of) = self.class_mut(class) {
                of.renaming += 1;
            }
            match function {
                None => {
                    let from = [&*from, rest].concat();
                    found.extend(self.every_definition(class, &from));
                }
                Some(function) => {
                    if let Some(first) = self.every_definition(class, &from).into_iter().next() {
                        let function = self.force_known(function);
                        let config = Value::Config(class, [].into());
                        let value = self.apply_to(&function, config, None);
                        self.walk_definition(OptionDefinition { value, ..first }, rest, found);
                    }
                }
            }
            if let Some(of) = self.class_mut(class) {
                of.renaming -= 1;
            }
        }
    }

    /// The name that an option has now, or something in one.
    pub(super) fn renamed_to(&self, class: ClassId, path: &[Name]) -> Option<Names> {
        let renamed = &self.class(class)?.renamed;
        let renamed =
            renamed.iter().find(|one| one.function.is_none() && path.starts_with(&one.from))?;
        let rest = path.get(renamed.from.len()..)?;
        Some(renamed.to.iter().chain(rest).cloned().collect())
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
