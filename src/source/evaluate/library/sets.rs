//! Sets: mapped over, made of names, merged.

use std::rc::Rc;

use super::{Args, MOST};
use crate::source::evaluate::expression::one_of;
use crate::source::evaluate::facts::Place;
use crate::source::evaluate::machine::{Machine, State};
use crate::source::evaluate::select::EVERY;
use crate::source::evaluate::value::{Names, Set, SetAttr, Value};
use crate::source::syntax::Name;

impl Machine<'_> {
    /// `filterAttrs predicate set`: without the attributes that certainly do not fit.
    pub(super) fn filter_attrs(&mut self, args: &mut Args, place: Place) -> Value {
        let (predicate, set) = (args.next(), args.next());
        let (Value::Set(inner), Value::Function(..)) = (&set, &predicate) else { return set };
        let inner = inner.clone();
        let mut attrs = Vec::with_capacity(inner.attrs.len());
        for (at, attr) in inner.attrs.iter().enumerate() {
            let fits = at >= MOST || {
                let partial = self.apply(&predicate, Value::Text(attr.name.clone()), place);
                let fits = self.apply_lazily(&partial, attr.thunk, place);
                !matches!(fits, Value::Bool(false))
            };
            if fits {
                attrs.push(attr.clone());
            }
        }
        Value::Set(Rc::new(Set { attrs, rest: inner.rest, open: inner.open }))
    }

    /// `mapAttrs function set` and its like.
    pub(super) fn map_attrs(&mut self, name: &str, args: &mut Args, place: Place) -> Value {
        let (function, set) = (args.next(), args.next());
        let (set, conditional) = set.unconditional();
        let pairs: Vec<(Option<Name>, Value, Option<Place>)> = match set {
            Value::Set(set) => {
                let set = set.clone();
                let known = set.attrs.iter().take(MOST).map(|attr| {
                    let value = self.force(attr.thunk);
                    let value = if attr.conditional { value.conditional() } else { value };
                    (Some(attr.name.clone()), value, attr.place)
                });
                let mut pairs: Vec<_> = known.collect();
                if let Some(rest) = set.rest {
                    let rest = self.force(rest);
                    pairs.push((None, rest, None));
                } else if set.open {
                    pairs.push((None, Value::outside(), None));
                }
                pairs
            }
            Value::Inputs => {
                let names = self.names.clone();
                let known = names.into_iter().take(MOST).map(|name| {
                    let value = self.every_input(&name, place);
                    (Some(name), value, None)
                });
                known.collect()
            }
            Value::Input(..) | Value::Package(..) | Value::Either(_) => {
                let any = self.any_member(set, place);
                vec![(None, any, None)]
            }
            _ => vec![(None, Value::outside(), None)],
        };
        if name == "mapAttrs" || name == "mapAttrsRecursive" {
            let mut attrs = Vec::with_capacity(pairs.len());
            let mut rest = None;
            let open = pairs.iter().any(|(name, ..)| name.is_none());
            for (name, value, place) in pairs {
                let text = name.clone().map_or_else(Value::condition, text_of_name);
                let call = State::Call(Box::new((function.clone(), vec![text, value])));
                let thunk = self.thunk(call);
                match name {
                    Some(name) => attrs.push(SetAttr { name, thunk, place, conditional }),
                    None => rest = Some(thunk),
                }
            }
            return Value::set(attrs, rest, open);
        }
        let mut results = Vec::with_capacity(pairs.len());
        for (name, value, _) in pairs {
            let text = name.map_or_else(Value::condition, text_of_name);
            let partial = self.apply(&function, text, place);
            results.push(self.apply(&partial, value, place));
        }
        match name {
            "mapAttrsToList" => {
                let items = results.into_iter().map(|value| self.done(value));
                let items = items.collect::<Vec<_>>();
                Value::list(items, false)
            }
            "mapAttrs'" => {
                let items = results.into_iter().map(|value| self.done(value));
                let items = items.collect::<Vec<_>>();
                let list = Value::list(items, false);
                self.list_to_attrs(&list)
            }
            _ => {
                let empty = Value::set(Vec::new(), None, false);
                results.into_iter().fold(empty, |all, one| self.merge(all, one, 0))
            }
        }
    }

    fn every_input(&self, name: &Name, place: Place) -> Value {
        match self.input_named(name, Some(place)) {
            Value::Input(input, _, place) => Value::Input(input, every(), place),
            other => other,
        }
    }

    /// `genAttrs names function`
    pub(in crate::source::evaluate) fn generate(
        &mut self,
        names: &Value,
        function: &Value,
    ) -> Value {
        let mut items = Vec::new();
        let open = self.items_into(names, &mut items);
        let mut attrs = Vec::new();
        let mut rest = None;
        for item in items.into_iter().take(MOST) {
            let value = self.force(item);
            let (value, conditional) = value.unconditional();
            let thunk = State::Call(Box::new((function.clone(), vec![value.clone()])));
            let thunk = self.thunk(thunk);
            match value {
                Value::Text(name) => {
                    attrs.push(SetAttr { name: name.clone(), thunk, place: None, conditional });
                }
                _ => rest = Some(thunk),
            }
        }
        if open && rest.is_none() {
            let call = State::Call(Box::new((function.clone(), vec![Value::condition()])));
            rest = Some(self.thunk(call));
        }
        Value::set(attrs, rest, open)
    }

    /// `recursiveUpdate left right`
    pub(in crate::source::evaluate) fn merge(
        &mut self,
        left: Value,
        right: Value,
        depth: u32,
    ) -> Value {
        let (Value::Set(a), Value::Set(b)) = (&left, &right) else {
            return self.update(left, right);
        };
        if self.weigh_sets(a, b) {
            return Value::outside();
        }
        let mut merged = a.update(b);
        if depth < 6 {
            for attr in &mut merged.attrs {
                if let (Some(x), Some(y)) = (a.get(&attr.name), b.get(&attr.name)) {
                    let (x, y) = (self.force(x.thunk), self.force(y.thunk));
                    if matches!((&x, &y), (Value::Set(_), Value::Set(_))) {
                        let both = self.merge(x, y, depth + 1);
                        attr.thunk = self.done(both);
                    }
                }
            }
            if let (Some(x), Some(y)) = (a.rest, b.rest) {
                let (x, y) = (self.force(x), self.force(y));
                let both = match (&x, &y) {
                    (Value::Set(_), Value::Set(_)) => self.merge(x, y, depth + 1),
                    _ => one_of(x, y),
                };
                merged.rest = Some(self.done(both));
            }
        }
        Value::Set(Rc::new(merged))
    }

    /// `mergeAttrsList sets`
    pub(super) fn merged_sets(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        self.items_into(list, &mut items);
        let mut all = Value::set(Vec::new(), None, false);
        for item in items {
            let item = self.force(item);
            all = self.merge(all, item, 0);
        }
        all
    }

    /// `cartesianProduct set`: sets that have one of each list, told as one.
    pub(super) fn product(&mut self, lists: Value) -> Value {
        match lists {
            Value::Set(set) => {
                let attrs = set.attrs.clone();
                let attrs = attrs.into_iter().map(|attr| {
                    let list = self.force(attr.thunk);
                    let mut items = Vec::new();
                    self.items_into(&list, &mut items);
                    let values = items.into_iter().take(8).map(|i| self.force(i)).collect();
                    let thunk = self.done(Value::either(values));
                    SetAttr { thunk, ..attr }
                });
                let attrs = attrs.collect();
                let one = Value::set(attrs, None, false);
                let one = self.done(one);
                Value::list(vec![one], true)
            }
            _ => Value::outside(),
        }
    }
}

/// The name of an attribute as text; those of attributes whose names are not known are not known.
fn text_of_name(name: Name) -> Value {
    if name.starts_with('‹') { Value::condition() } else { Value::Text(name) }
}

/// Where an input is that was come upon by going through all of them.
pub(super) fn every() -> Names {
    Rc::from([Name::from(EVERY)])
}
