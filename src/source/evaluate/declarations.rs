//! Options that modules declare: their defaults, and their types as far as these are modules.
//!
//! Source: nixpkgs `lib/options.nix`, `lib/types.nix`.

use std::rc::Rc;

use super::facts::Place;
use super::framework::output_sets;
use super::machine::Machine;
use super::modules::{ClassKey, ModuleKind};
use super::value::{Names, Set, SetAttr, Thunk, Value};
use crate::source::syntax::Name;

/// The attribute under which `mkOption` keeps what it is given, and types what they are made of.
const OPTION: &str = "‹option›";
const SUBMODULE: &str = "‹submodule›";
const ELEMENTS: &str = "‹elements›";

/// What options hold that are sets of options themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// One set.
    One,
    /// Any number, by names.
    Named,
}

impl Machine<'_> {
    /// The option that is declared at a path: what `mkOption` was given.
    fn option_at(&mut self, key: ClassKey, path: &[Name]) -> Option<Value> {
        let [first, rest @ ..] = path else { return None };
        let declared = self.class(key).index.declared.get(first).cloned()?;
        for thunk in declared {
            let mut value = self.force(thunk);
            for name in rest {
                value = match &value {
                    Value::Set(set) if set.get(name).is_some() => self.member(&value, name, None),
                    _ => Value::outside(),
                };
            }
            if let Value::Set(set) = value.unconditional().0
                && let Some(option) = set.get(OPTION)
            {
                let option = option.thunk;
                return Some(self.force(option));
            }
        }
        None
    }

    pub(super) fn default_of(&mut self, key: ClassKey, path: &[Name]) -> Option<Value> {
        let option = self.option_at(key, path)?;
        let Value::Set(set) = &option else { return None };
        let default = set.get("default")?.thunk;
        match self.force_config(default) {
            Value::Unknown(_) | Value::Config(..) => None,
            Value::Bool(_) => Some(Value::condition()),
            // Whoever uses the module may set it.
            value => Some(value.conditional()),
        }
    }

    /// The submodule that is the type of an option.
    pub(super) fn submodule_at(&mut self, key: ClassKey, path: &[Name]) -> Option<(Holds, Value)> {
        let option = self.option_at(key, path)?;
        let mut kind = self.member(&option, &Name::from("type"), None);
        let mut holds = Holds::One;
        for _ in 0..6 {
            let Value::Set(set) = &kind else { return None };
            if let Some(modules) = set.get(SUBMODULE) {
                let modules = modules.thunk;
                return Some((holds, self.force(modules)));
            }
            holds = Holds::Named;
            let inner = set.get(ELEMENTS)?.thunk;
            kind = self.force(inner);
        }
        None
    }

    /// The class of the modules of a submodule: one for all sets of its kind.
    pub(super) fn submodule(
        &mut self,
        key: ClassKey,
        path: &[Name],
        holds: Holds,
        modules: Value,
    ) -> ClassKey {
        let next = u32::try_from(self.submodules.len()).unwrap_or(u32::MAX);
        let known = (key, Names::from(path));
        if let Some(known) = self.submodules.get(&known) {
            return (ModuleKind::Sub(*known), key.1);
        }
        self.submodules.insert(known, next);
        let inner = (ModuleKind::Sub(next), key.1);
        let mut found = Vec::new();
        self.definitions(key, path, &mut found);
        let mut roots = vec![modules];
        for (value, _) in found {
            let mut sets = Vec::new();
            match holds {
                Holds::One => roots.push(value),
                Holds::Named => output_sets(&value, &mut sets),
            }
            for set in sets {
                let elements: Vec<Thunk> =
                    set.attrs.iter().map(|a| a.thunk).chain(set.rest).collect();
                roots.extend(elements.into_iter().map(|element| self.force(element)));
            }
        }
        let mut first = Vec::new();
        for root in &roots {
            self.collect(inner, root, &mut first);
        }
        inner
    }

    /// The names that definitions give to what is at a path.
    pub(super) fn names_at(&mut self, key: ClassKey, path: &[Name]) -> Vec<(Name, Option<Place>)> {
        let mut found = Vec::new();
        self.definitions(key, path, &mut found);
        let mut sets = Vec::new();
        found.iter().for_each(|(value, _)| output_sets(value, &mut sets));
        sets.iter().flat_map(|set| &set.attrs).map(|attr| (attr.name.clone(), attr.place)).collect()
    }

    /// `mkOption`, and the types that options may have.
    pub(super) fn option_function(&mut self, name: &str, arg: Value) -> Value {
        let under = match name {
            "mkOption" => OPTION,
            "submodule" | "deferredModuleWith" => SUBMODULE,
            "submoduleWith" => {
                let modules = self.member(&arg, &Name::from("modules"), None);
                return self.option_function("submodule", modules);
            }
            "attrsOf" | "lazyAttrsOf" | "listOf" => ELEMENTS,
            _ => return arg,
        };
        let thunk = self.done(arg);
        let attr = SetAttr { name: under.into(), thunk, place: None, conditional: false };
        Value::Set(Rc::new(Set { attrs: vec![attr], rest: None, open: false }))
    }
}
