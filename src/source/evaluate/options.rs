//! `config`: what modules of one system set, as other modules of it see it.
//!
//! `config.a.b` stays a name until somebody needs to know what it is; by then all modules are
//! collected. Where none of them sets it, it is a condition, as everything is that options decide.
//!
//! Source: nixpkgs `lib/modules.nix`.

use std::rc::Rc;

use super::declarations::Holds;
use super::expression::one_of;
use super::machine::{Machine, State};
use super::modules::{ClassKey, ModuleKind};
use super::value::{List, Names, SetAttr, Thunk, Value};
use crate::source::syntax::Name;

/// Definitions of one option that are looked at.
const MOST_DEFINITIONS: usize = 500;
/// Texts that one option may have, each on its host; with more it is any text.
const MOST_SCALARS: usize = 8;
/// Names of a path into `config`.
const LONGEST: usize = 12;

/// Where the modules of a class set and declare what, by the first name.
#[derive(Default)]
pub(super) struct Index {
    /// How many modules it covers.
    pub(super) modules: usize,
    pub(super) set: super::machine::Map<Name, Vec<(Thunk, bool)>>,
    pub(super) declared: super::machine::Map<Name, Vec<Thunk>>,
}

impl Machine<'_> {
    /// One name further into `config`.
    pub(super) fn in_config(&self, key: ClassKey, path: &Names, name: &Name) -> Value {
        if path.len() >= LONGEST {
            return Value::condition();
        }
        Value::Config(key, super::value::longer(path, name))
    }

    /// What a part of `config` is, once all modules are known; other values as they are.
    pub(super) fn resolve(&mut self, value: Value) -> Value {
        match value {
            Value::Config(key, ref path) => {
                if self.classes.get(&key).is_some_and(|class| class.collecting > 0) {
                    return value;
                }
                self.configured(key, path)
            }
            Value::List(ref list) if list.merge => {
                let list = list.clone();
                self.merged_set(&list).unwrap_or(value)
            }
            Value::Conditional(ref inner) if matches!(**inner, Value::Config(..)) => {
                self.resolve((**inner).clone()).conditional()
            }
            value => value,
        }
    }

    pub(super) fn force_config(&mut self, thunk: Thunk) -> Value {
        let value = self.force(thunk);
        self.resolve(value)
    }

    /// What the modules of a class set at a path.
    fn configured(&mut self, key: ClassKey, path: &Names) -> Value {
        let Some(class) = self.classes.get(&key) else { return Value::condition() };
        if path.is_empty() {
            return Value::condition();
        }
        let modules = class.modules.len();
        let thunk = match class.found.get(path) {
            Some((of, thunk)) if *of == modules => *thunk,
            _ => {
                let thunk = self.thunk(State::Configured(key, path.clone()));
                self.class(key).found.insert(path.clone(), (modules, thunk));
                thunk
            }
        };
        match self.force(thunk) {
            Value::Unknown(_) => Value::condition(),
            value => value,
        }
    }

    pub(super) fn compute_configured(&mut self, key: ClassKey, path: &Names) -> Value {
        self.index(key);
        for length in 1..=path.len() {
            let (upper, below) = path.split_at(length);
            let Some((holds, modules)) = self.submodule_at(key, upper) else { continue };
            let inner = self.submodule(key, upper, holds, modules);
            let no_names = self.no_names.clone();
            return match (holds, below) {
                (Holds::One, below) => {
                    let inner = Value::Config(inner, below.into());
                    if below.is_empty() { inner } else { self.resolve(inner) }
                }
                (Holds::Named, []) => {
                    let names = self.names_at(key, upper);
                    let attrs = names.into_iter().map(|(name, place)| {
                        let thunk = self.done(Value::Config(inner, no_names.clone()));
                        SetAttr { name, thunk, place, conditional: false }
                    });
                    let attrs = attrs.collect();
                    Value::set(attrs, None, true)
                }
                (Holds::Named, [_]) => Value::Config(inner, no_names),
                (Holds::Named, [_, below @ ..]) => self.resolve(Value::Config(inner, below.into())),
            };
        }
        let mut found = Vec::new();
        self.definitions(key, path, &mut found);
        if found.is_empty() {
            let default = self.default_of(key, path);
            found.extend(default.map(|default| (default, false)));
        }
        let value = self.combined(found);
        // One class of modules stands for all hosts: what one sets, another may not.
        match (key.0, value.unconditional().0) {
            (kind, Value::Bool(_)) if kind.is_shared() => Value::condition(),
            _ => value,
        }
    }

    /// Brings the index of a class up to date.
    fn index(&mut self, key: ClassKey) {
        let class = self.class(key);
        let (from, to) = (class.index.modules, class.modules.len());
        class.index.modules = to;
        for module in class.modules.get(from..to).unwrap_or_default() {
            for (set, conditional) in &module.configs {
                for attr in &set.attrs {
                    let conditional = *conditional || attr.conditional;
                    let found = class.index.set.entry(attr.name.clone()).or_default();
                    found.push((attr.thunk, conditional));
                }
            }
            for attr in module.options.iter().flat_map(|set| &set.attrs) {
                class.index.declared.entry(attr.name.clone()).or_default().push(attr.thunk);
            }
        }
    }

    /// What is set at a path, and whether on a condition.
    pub(super) fn definitions(
        &mut self,
        key: ClassKey,
        path: &[Name],
        found: &mut Vec<(Value, bool)>,
    ) {
        let [first, rest @ ..] = path else { return };
        let set = self.class(key).index.set.get(first).cloned().unwrap_or_default();
        for (thunk, conditional) in set {
            let value = self.force(thunk);
            self.walk(key, value, rest, conditional, found);
        }
    }

    fn walk(
        &mut self,
        key: ClassKey,
        value: Value,
        path: &[Name],
        conditional: bool,
        found: &mut Vec<(Value, bool)>,
    ) {
        if found.len() >= MOST_DEFINITIONS || !self.step() {
            return;
        }
        match &value {
            Value::List(list) if list.merge => {
                for item in list.items.clone() {
                    let item = self.force(item);
                    self.walk(key, item, path, conditional, found);
                }
                return;
            }
            Value::Conditional(inner) => {
                return self.walk(key, (**inner).clone(), path, true, found);
            }
            _ => {}
        }
        let [first, rest @ ..] = path else {
            match self.resolve(value) {
                Value::Unknown(_) | Value::Config(..) => {}
                value => found.push((value, conditional)),
            }
            return;
        };
        match value {
            Value::Set(set) => {
                if let Some(attr) = set.get(first) {
                    let conditional = conditional || attr.conditional;
                    let value = self.force(attr.thunk);
                    self.walk(key, value, rest, conditional, found);
                } else if let Some(any) = set.rest {
                    let value = self.force(any);
                    self.walk(key, value, rest, true, found);
                }
            }
            Value::Either(all) => {
                for one in all.iter() {
                    self.walk(key, one.clone(), path, true, found);
                }
            }
            Value::Update(both) => {
                self.walk(key, both.0.clone(), path, conditional, found);
                self.walk(key, both.1.clone(), path, conditional, found);
            }
            Value::Config(of, upper) if upper.len() + path.len() <= LONGEST => {
                let below: Names = upper.iter().chain(path).cloned().collect();
                let value = self.resolve(Value::Config(of, below));
                if !matches!(value, Value::Config(..)) {
                    self.walk(key, value, &[], conditional, found);
                }
            }
            // The option `flake` of flake-parts takes modules.
            Value::Function(code, scope) if key.0 == ModuleKind::Parts => {
                let value = self.call_module((ModuleKind::Flake, key.1), code, scope);
                if !matches!(value, Value::Function(..)) {
                    self.walk(key, value, path, conditional, found);
                }
            }
            // An attribute of something that is known.
            value @ (Value::Input(..) | Value::Package(..) | Value::Inputs | Value::Itself) => {
                let value = path.iter().fold(value, |value, name| self.member(&value, name, None));
                self.walk(key, value, &[], conditional, found);
            }
            _ => {}
        }
    }

    /// What several definitions come to.
    fn combined(&mut self, found: Vec<(Value, bool)>) -> Value {
        let mut values: Vec<Value> = found
            .into_iter()
            .map(|(value, conditional)| if conditional { value.conditional() } else { value })
            .collect();
        if values.len() <= 1 {
            return values.pop().unwrap_or_else(Value::condition);
        }
        let is = |test: fn(&Value) -> bool| {
            let values = &values;
            move || values.iter().any(|value| test(value.unconditional().0))
        };
        let any_list = is(|value| matches!(value, Value::List(_)))();
        if values.len() > MOST_SCALARS && is(|value| matches!(value, Value::Text(_)))() {
            return Value::condition();
        }
        let any_module = is(|value| matches!(value, Value::Function(..) | Value::Path(_)))();
        let any_set = is(|value| matches!(value, Value::Set(_)))();
        if any_list {
            let mut items = Vec::new();
            let mut open = false;
            for value in &values {
                open |= self.items_into(value, &mut items);
            }
            return Value::list(items, open);
        }
        if any_module {
            // Modules beside modules: all of them count.
            let items = values.into_iter().map(|value| self.done(value)).collect();
            return Value::list(items, false);
        }
        if any_set {
            let empty = Value::set(Vec::new(), None, false);
            return values.into_iter().fold(empty, |all, value| {
                let value = match &value {
                    Value::Conditional(inner) => self.as_conditional_set(inner),
                    _ => value,
                };
                self.merge(all, value, 0)
            });
        }
        values.into_iter().reduce(one_of).unwrap_or_else(Value::condition)
    }

    /// The one set that `mkMerge` of sets is; `None` where they are something else.
    fn merged_set(&mut self, list: &List) -> Option<Value> {
        let mut merged = Value::set(Vec::new(), None, list.open);
        for item in &list.items {
            let item = self.force_config(*item);
            let item = match &item {
                Value::Conditional(inner) => self.as_conditional_set(inner),
                _ => item,
            };
            match item {
                Value::Set(_) => merged = self.merge(merged, item, 0),
                Value::Unknown(_) => {}
                _ => return None,
            }
        }
        Some(merged)
    }

    /// `mkMerge`
    pub(super) fn merged_list(&mut self, list: Value) -> Value {
        match list {
            Value::List(list) => Value::List(Rc::new(List {
                items: list.items.clone(),
                open: list.open,
                merge: true,
            })),
            other => other,
        }
    }
}
