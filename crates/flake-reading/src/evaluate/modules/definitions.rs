//! What modules set at the paths of options: definitions, and how several of them combine.
//!
//! Source: nixpkgs `lib/modules.nix`, `mergeDefinitions`, `dischargeProperties`.

use std::rc::Rc;

use super::config::LONGEST;
use super::index::{ConfigId, Index};
use super::{Class, ClassId, Module};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::memo::Memory;
use crate::evaluate::settings::USUAL;
use crate::evaluate::unions::as_conditional_set;
use crate::evaluate::value::{Definition, Names, Thunk, Value};
use crate::syntax::Name;

/// The most definitions of one option that are looked at.
const MOST_DEFINITIONS: usize = 500;
/// The most texts that one option may have; beyond that it is any text.
const MOST_SCALARS: usize = 8;

/// What a module sets under a first name.
struct ModuleEntry {
    thunk: Thunk,
    place: Option<Place>,
    conditions: Rc<[Thunk]>,
    conditional: bool,
    priority: i64,
}

/// A definition of an option.
#[derive(Debug, Clone)]
pub(in crate::evaluate) struct OptionDefinition {
    pub(in crate::evaluate) value: Value,
    /// The place of its name.
    pub(in crate::evaluate) place: Option<Place>,
    /// The value of its attribute.
    pub(in crate::evaluate) thunk: Option<Thunk>,
    /// The lower number wins.
    pub(in crate::evaluate) priority: i64,
    pub(in crate::evaluate) conditional: bool,
}

impl Class {
    /// What sets of its modules have under a first name.
    fn set_under(&self, configs: Vec<ConfigId>, first: &Name) -> Vec<ModuleEntry> {
        let entries = configs.into_iter().filter_map(|ConfigId { module, config }| {
            let config = self.modules.get(module as usize)?.configs.get(config as usize)?;
            let attr = config.set.get(first)?;
            Some(ModuleEntry {
                thunk: attr.thunk,
                place: attr.place,
                conditions: config.conditions.clone(),
                conditional: config.conditional || attr.conditional,
                priority: config.priority,
            })
        });
        entries.collect()
    }
}

impl Evaluator<'_> {
    /// The definitions in a value that remain after `mkIf`, each with its priority and whether it
    /// depends on a condition that could not be decided.
    pub(in crate::evaluate) fn discharged(
        &mut self,
        value: Value,
        priority: i64,
        conditional: bool,
    ) -> Vec<(Value, i64, bool)> {
        let mut found = Vec::new();
        let mut open = vec![(value, priority, conditional)];
        while let Some((value, priority, conditional)) = open.pop() {
            if found.len() >= MOST_DEFINITIONS || !self.budget.step() {
                break;
            }
            match value {
                Value::Definition(definition) => match &*definition {
                    Definition::If(condition, content) => {
                        let condition = self.force_known(*condition);
                        match condition {
                            Value::Bool(false) => {}
                            Value::Bool(true) => {
                                let content = self.force(*content);
                                open.push((content, priority, conditional));
                            }
                            _ => {
                                let content = self.force(*content);
                                open.push((content, priority, true));
                            }
                        }
                    }
                    Definition::Merge(list) => {
                        let list = self.force_known(*list);
                        let mut items = Vec::new();
                        self.items_into(&list, &mut items);
                        for item in items.into_iter().rev() {
                            let item = self.force(item);
                            open.push((item, priority, conditional));
                        }
                    }
                    Definition::Override(of, content) => {
                        let content = self.force(*content);
                        open.push((content, *of, conditional));
                    }
                },
                Value::Conditional(inner) => open.push(((*inner).clone(), priority, true)),
                Value::Either(all) | Value::Further(all) => {
                    open.extend(all.iter().rev().map(|one| (one.clone(), priority, true)));
                }
                Value::Config(..) => match self.resolve(value.clone()) {
                    Value::Config(..) => found.push((value, priority, conditional)),
                    value => open.push((value, priority, conditional)),
                },
                value => found.push((value, priority, conditional)),
            }
        }
        found
    }

    /// The definitions in a value that apply by their priorities, each with whether it depends on a
    /// condition. Of sets all apply: each of their attributes may be of an option of its own.
    pub(in crate::evaluate) fn applying(&mut self, value: Value) -> Vec<(Value, bool)> {
        let is_set = |value: &Value| matches!(value, Value::Set(_) | Value::Update(_));
        let found = self.discharged(value, USUAL, false);
        let certain = found.iter().filter(|(value, _, conditional)| {
            !conditional && !value.is_unknown() && !is_set(value)
        });
        let lowest = certain.map(|(_, priority, _)| *priority).min();
        let applies = |(value, priority, _): &(Value, i64, bool)| {
            is_set(value) || lowest.is_none_or(|lowest| *priority <= lowest)
        };
        let found = found.into_iter().filter(applies);
        found.map(|(value, _, conditional)| (value, conditional)).collect()
    }

    /// Asks the index of a class for something about its modules.
    pub(super) fn indexed<T: Default>(
        &mut self,
        class: ClassId,
        ask: impl FnOnce(&mut Index, &[Module], Memory<'_>) -> (T, usize),
    ) -> T {
        let memory = Memory { heap: &self.heap, loaded: &self.loaded };
        let Some(of) = self.classes.get_mut(class.index()) else { return T::default() };
        let (found, cost) = ask(&mut of.index, &of.modules, memory);
        self.budget.weigh(cost);
        found
    }

    /// The definitions at a path that apply by their priorities, as far as they are known.
    pub(in crate::evaluate) fn definitions(
        &mut self,
        class: ClassId,
        path: &[Name],
    ) -> Vec<OptionDefinition> {
        let mut found = self.all_definitions(class, path);
        found.retain(|defined| !defined.value.is_unknown());
        found
    }

    /// The same, including definitions of unknown value.
    pub(in crate::evaluate) fn all_definitions(
        &mut self,
        class: ClassId,
        path: &[Name],
    ) -> Vec<OptionDefinition> {
        let mut found = self.every_definition(class, path);
        let certain = found.iter().filter(|defined| !defined.conditional);
        if let Some(lowest) = certain.map(|defined| defined.priority).min() {
            found.retain(|defined| defined.priority <= lowest);
        }
        found
    }

    /// The definitions at a path, of every priority.
    pub(super) fn every_definition(
        &mut self,
        class: ClassId,
        path: &[Name],
    ) -> Vec<OptionDefinition> {
        let mut found = Vec::new();
        let [first, rest @ ..] = path else { return found };
        let configs = self.indexed(class, |index, modules, of| index.set_at(modules, of, path));
        let Some(of) = self.class(class) else { return found };
        let is_known = of.collecting == 0;
        for entry in of.set_under(configs, first) {
            let value = self.force(entry.thunk);
            let ModuleEntry { thunk, place, priority, conditional, conditions } = entry;
            let thunk = Some(thunk);
            let mut here = Vec::new();
            self.walk_definition(
                OptionDefinition { value, place, thunk, priority, conditional },
                rest,
                &mut here,
            );
            if here.is_empty() {
                continue;
            }
            // Only decide the condition if the set has something for this option: it may be about
            // another one.
            let decided = if conditions.is_empty() {
                Some(true)
            } else if is_known {
                self.decided(&conditions)
            } else {
                None
            };
            match decided {
                Some(false) => continue,
                Some(true) => {}
                None => here.iter_mut().for_each(|defined| defined.conditional = true),
            }
            found.append(&mut here);
        }
        self.renamed_definitions(class, path, &mut found);
        found
    }

    pub(super) fn walk_definition(
        &mut self,
        defined: OptionDefinition,
        path: &[Name],
        found: &mut Vec<OptionDefinition>,
    ) {
        if found.len() >= MOST_DEFINITIONS || !self.budget.step() {
            return;
        }
        let OptionDefinition { value, place, thunk, priority, conditional } = defined;
        for (value, priority, conditional) in self.discharged(value, priority, conditional) {
            let [first, rest @ ..] = path else {
                found.push(OptionDefinition { value, place, thunk, priority, conditional });
                continue;
            };
            match value {
                Value::Set(set) => {
                    if let Some(attr) = set.get(first) {
                        let conditional = conditional || attr.conditional;
                        let value = self.force(attr.thunk);
                        let place = attr.place.or(place);
                        let thunk = Some(attr.thunk);
                        self.walk_definition(
                            OptionDefinition { value, place, thunk, priority, conditional },
                            rest,
                            found,
                        );
                    } else if let Some(any) = set.rest {
                        let value = self.force(any);
                        let defined =
                            OptionDefinition { value, place, thunk, priority, conditional: true };
                        self.walk_definition(defined, rest, found);
                    }
                }
                Value::Config(of, upper) if upper.len() + path.len() <= LONGEST => {
                    let below: Names = upper.iter().chain(path).cloned().collect();
                    let value = self.resolve(Value::Config(of, below));
                    if !matches!(value, Value::Config(..)) {
                        self.walk_definition(
                            OptionDefinition { value, place, thunk, priority, conditional },
                            &[],
                            found,
                        );
                    }
                }
                // An unknown value may have something for this option.
                Value::Unknown(_) => {
                    found.push(OptionDefinition { value, place, thunk, priority, conditional })
                }
                Value::Text(_) | Value::Bool(_) | Value::Null => {}
                // An attribute of a known value.
                value => {
                    let value =
                        path.iter().fold(value, |value, name| self.member(&value, name, None));
                    self.walk_definition(
                        OptionDefinition { value, place, thunk, priority, conditional },
                        &[],
                        found,
                    );
                }
            }
        }
    }

    /// The value of several definitions together.
    pub(super) fn combined(&mut self, found: Vec<OptionDefinition>) -> Value {
        let lowest = found.iter().filter(|d| !d.conditional).map(|d| d.priority).min();
        let found = found.into_iter().filter(|d| lowest.is_none_or(|lowest| d.priority <= lowest));
        let mut values: Vec<Value> =
            found.map(|d| if d.conditional { d.value.conditional() } else { d.value }).collect();
        if values.len() <= 1 {
            return values.pop().unwrap_or_else(Value::condition);
        }
        let any =
            |test: fn(&Value) -> bool| values.iter().any(|value| test(value.unconditional().0));
        let any_list = any(|value| matches!(value, Value::List(_)));
        let any_text = any(|value| matches!(value, Value::Text(_)));
        let any_module = any(|value| matches!(value, Value::Function(..) | Value::Path(..)));
        let any_set = any(|value| matches!(value, Value::Set(_)));
        if values.len() > MOST_SCALARS && any_text {
            return Value::condition();
        }
        if any_list {
            let mut items = Vec::new();
            let mut open = false;
            for value in &values {
                open |= self.items_into(value, &mut items);
            }
            return Value::list(items, open);
        }
        if any_module {
            // Of several modules all apply.
            let items = values.into_iter().map(|value| self.done(value)).collect();
            return Value::list(items, false);
        }
        if any_set {
            return values.into_iter().fold(Value::no_attrs(), |all, value| {
                let value = match &value {
                    Value::Conditional(inner) => as_conditional_set(inner),
                    _ => value,
                };
                self.merge_definitions(all, value)
            });
        }
        values.into_iter().reduce(Value::one_of).unwrap_or_else(Value::condition)
    }
}
