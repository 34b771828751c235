//! Functions for sets: mapping, making them of names, merging.

use std::rc::Rc;

use super::Args;
use super::attributes::{Pairs, name_value};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Function, Set, SetAttr, Thunk, Value, attr};
use crate::syntax::Name;

impl Evaluator<'_> {
    pub(super) fn set_function(&mut self, name: &str, args: &mut Args) -> Value {
        match name {
            "filterAttrs" => self.filter_attrs(args, false),
            "filterAttrsRecursive" => self.filter_attrs(args, true),
            "genAttrs" | "genAttrs'" => {
                let (names, function) = (args.next(self), args.next(self));
                self.generate(&names, &function)
            }
            "mergeAttrs" | "unionOfDisjoint" => {
                let (left, right) = (args.next(self), args.next(self));
                self.update(left, right)
            }
            // What is not there is not added.
            "overrideExisting" => {
                let (left, right) = (args.next(self), args.next(self));
                let more = match (left.unconditional().0, right) {
                    (Value::Set(old), Value::Set(new)) if old.is_certain() => {
                        let attrs = new.attrs.iter().filter(|attr| old.get(&attr.name).is_some());
                        Value::set(attrs.cloned().collect(), new.rest, new.open)
                    }
                    (_, right) => right,
                };
                self.update(left, more)
            }
            "recursiveUpdate" => {
                let (left, right) = (args.next(self), args.next(self));
                self.merge(left, right, 0)
            }
            "recursiveUpdateUntil" => {
                args.thunk(self);
                let (left, right) = (args.next(self), args.next(self));
                self.merge(left, right, 0)
            }
            "mergeAttrsList" => {
                let list = args.next(self);
                self.merged_sets(&list)
            }
            "zipAttrs" | "zipAttrsWith" | "zipAttrsWithNames" => self.zipped_sets(name, args),
            "foldAttrs" => self.fold_attrs(args),
            "foldlAttrs" => self.fold_set(args),
            "concatAttrValues" => {
                let set = args.next(self);
                let pairs = self.pairs_of(&set, args);
                let lists = self.values_of(pairs);
                let mut items = Vec::new();
                let open = self.flattened(&lists, &mut items, 0);
                Value::list(items, open)
            }
            "cartesianProduct" | "cartesianProductOfSets" | "mapCartesianProduct" => {
                let function = (name == "mapCartesianProduct").then(|| args.next(self));
                let lists = args.next(self);
                self.product(function, &lists)
            }
            "updateManyAttrsByPath" => self.updated_by_paths(args),
            _ => self.map_attrs(name, args),
        }
    }

    /// `filterAttrs predicate set`: drops attributes for which the predicate is certainly false; also
    /// in sets within the set, if it `is_recursive`.
    fn filter_attrs(&mut self, args: &mut Args, is_recursive: bool) -> Value {
        let (predicate, set) = (args.next(self), args.next(self));
        // Only sets within it are filtered.
        if is_recursive && !matches!(set.unconditional().0, Value::Set(_)) {
            return set;
        }
        // Of an unknown set everything may be left.
        if set.is_plain() || self.has_unknown_names(&set) {
            return set;
        }
        let pairs = self.pairs_of(&set, args);
        let mut attrs = Vec::with_capacity(pairs.known.len());
        for pair in pairs.known {
            let name = self.done(name_value(&pair.name));
            let fits = self.apply_both(&predicate, name, pair.thunk, args.place);
            match self.resolve(fits) {
                Value::Bool(true) => attrs.push(pair),
                Value::Bool(false) => {}
                _ => attrs.push(SetAttr { conditional: true, ..pair }),
            }
        }
        if is_recursive {
            let again = Value::native(
                Function::Library(None, "filterAttrsRecursive".into()),
                vec![self.done(predicate)],
            );
            for attr in &mut attrs {
                attr.thunk = self.call_thunk(&again, vec![attr.thunk]);
            }
        }
        Value::Set(Rc::new(Set::new(attrs, pairs.rest, pairs.open)))
    }

    /// `mapAttrs function set` and similar.
    fn map_attrs(&mut self, name: &str, args: &mut Args) -> Value {
        if name.starts_with("mapAttrsRecursive") {
            return self.map_nested(name, args);
        }
        let (function, set) = (args.next(self), args.next(self));
        if name == "mapAttrs" && self.has_unknown_names(&set) {
            return Value::Mapped(Rc::new((function, set)));
        }
        let pairs = self.pairs_of(&set, args);
        let mut called: Vec<(Option<SetAttr>, Thunk)> = Vec::new();
        for pair in pairs.known {
            let text = self.done(name_value(&pair.name));
            let thunk = self.call_thunk(&function, vec![text, pair.thunk]);
            called.push((Some(pair), thunk));
        }
        if let Some(rest) = pairs.rest {
            let text = self.done(Value::condition());
            let thunk = self.call_thunk(&function, vec![text, rest]);
            called.push((None, thunk));
        }
        match name {
            "mapAttrsToList" => {
                let items = called.into_iter().map(|(pair, thunk)| {
                    self.perhaps(thunk, pair.is_some_and(|pair| pair.conditional))
                });
                let items = items.collect();
                Value::list(items, pairs.open)
            }
            "mapAttrs'" => {
                let items = called.into_iter().map(|(pair, thunk)| {
                    self.perhaps(thunk, pair.is_some_and(|pair| pair.conditional))
                });
                let list = Value::list(items.collect(), pairs.open);
                self.list_to_attrs(&list)
            }
            "concatMapAttrs" => {
                let mut all = Value::no_attrs();
                for (pair, thunk) in called {
                    let one = self.force_known(thunk);
                    let is_sure = pair.is_none_or(|pair| !pair.conditional);
                    all = self.update(all, if is_sure { one } else { one.conditional() });
                }
                all
            }
            _ => {
                let mut attrs = Vec::with_capacity(called.len());
                let mut rest = None;
                for (pair, thunk) in called {
                    match pair {
                        Some(pair) => attrs.push(SetAttr { thunk, ..pair }),
                        None => rest = Some(thunk),
                    }
                }
                Value::set(attrs, rest, pairs.open)
            }
        }
    }

    /// Whether a value has attributes that are only known once they are named: a package set, or an
    /// input whose code is not read.
    fn has_unknown_names(&self, set: &Value) -> bool {
        match set {
            Value::Unread(..) | Value::Package(..) | Value::Mapped(_) => true,
            Value::Flake(slot, _) => self.readable(*slot).is_none(),
            _ => false,
        }
    }

    /// `genAttrs names function`
    pub(in crate::evaluate) fn generate(&mut self, names: &Value, function: &Value) -> Value {
        let mut items = Vec::new();
        let open = self.items_into(names, &mut items);
        let mut attrs = Vec::new();
        let mut rest = None;
        for item in self.first(items) {
            let value = self.force_known(item);
            let (value, conditional) = value.unconditional();
            let given = self.done(value.clone());
            let thunk = self.call_thunk(function, vec![given]);
            match value {
                Value::Text(name) => {
                    attrs.push(SetAttr { name: name.clone(), thunk, place: None, conditional });
                }
                _ => rest = Some(thunk),
            }
        }
        if open && rest.is_none() {
            let given = self.done(Value::condition());
            rest = Some(self.call_thunk(function, vec![given]));
        }
        Value::set(attrs, rest, open)
    }

    /// `mergeAttrsList sets`
    fn merged_sets(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        self.items_into(list, &mut items);
        let mut all = Value::no_attrs();
        for item in items {
            let item = self.force_known(item);
            all = self.update(all, item);
        }
        all
    }

    /// `zipAttrsWith function sets`: for each name the function applied to all its values.
    fn zipped_sets(&mut self, name: &str, args: &mut Args) -> Value {
        if name == "zipAttrsWithNames" {
            args.thunk(self);
        }
        let function = (name != "zipAttrs").then(|| args.next(self));
        let list = args.next(self);
        let mut items = Vec::new();
        let mut open = self.items_into(&list, &mut items);
        let mut values: Vec<(Name, Vec<SetAttr>)> = Vec::new();
        for item in self.first(items) {
            let set = self.force_known(item);
            let pairs = self.pairs_of(&set, args);
            open |= pairs.open;
            for pair in pairs.known {
                match values.iter_mut().find(|(known, _)| *known == pair.name) {
                    Some((_, of)) => of.push(pair),
                    None => values.push((pair.name.clone(), vec![pair])),
                }
            }
        }
        let attrs = values.into_iter().map(|(name, known)| {
            let conditional = known.iter().all(|pair| pair.conditional);
            let list = self.values_of(Pairs { known, rest: None, open });
            let list = self.done(list);
            let thunk = match &function {
                Some(function) => {
                    let text = self.done(Value::Text(name.clone()));
                    self.call_thunk(function, vec![text, list])
                }
                None => list,
            };
            SetAttr { conditional, ..attr(name, thunk) }
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, open)
    }

    /// `cartesianProduct lists`: sets with one item of each list.
    fn product(&mut self, function: Option<Value>, lists: &Value) -> Value {
        /// The most sets that are told apart.
        const MOST: usize = 64;
        let Value::Set(set) = lists else { return Value::outside() };
        let mut all: Vec<Vec<SetAttr>> = vec![Vec::new()];
        let mut open = false;
        for list in set.attrs.clone() {
            let value = self.force_known(list.thunk);
            let mut items = Vec::new();
            open |= self.items_into(&value, &mut items);
            let mut next = Vec::new();
            for before in &all {
                for item in &items {
                    if next.len() < MOST {
                        let mut one = before.clone();
                        one.push(attr(list.name.clone(), *item));
                        next.push(one);
                    } else {
                        open = true;
                    }
                }
            }
            all = next;
        }
        let items = all.into_iter().map(|attrs| {
            let one = self.done(Value::set(attrs, None, false));
            match &function {
                Some(function) => self.call_thunk(function, vec![one]),
                None => one,
            }
        });
        let items = items.collect();
        Value::list(items, open)
    }
}
