//! Functions that keep some items of a list, or pick one: by their places, or by what they are.

use super::{Args, MOST};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::value::{Thunk, Value};

impl Evaluator<'_> {
    /// The items of a list without those that go; what may go is perhaps there.
    pub(super) fn without(
        &mut self,
        list: &Value,
        goes: impl Fn(&mut Self, &Value) -> Option<bool>,
    ) -> Value {
        let mut items = Vec::new();
        let open = self.items_into(list, &mut items);
        let mut unsure = !matches!(list, Value::List(list) if !list.unsure);
        let mut left = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let value = self.force_known(item);
            let (value, is_perhaps) = value.unconditional();
            let goes = if at < MOST { goes(self, value) } else { None };
            unsure |= is_perhaps || goes.is_none();
            if goes != Some(true) {
                left.push(self.perhaps(item, goes.is_none()));
            }
        }
        Value::list_of_some(left, open, unsure)
    }

    /// A part of a list, by the places of a list of its length. Where they are not known, it has the same
    /// items, perhaps.
    pub(super) fn cut(
        &mut self,
        list: &Value,
        places: impl FnOnce(usize) -> Option<std::ops::Range<usize>>,
    ) -> Value {
        let mut items = Vec::new();
        let open = self.items_into(list, &mut items);
        let known = if !open && has_places(list) { places(items.len()) } else { None };
        match known {
            Some(known) => {
                let (start, end) = (known.start.min(items.len()), known.end.min(items.len()));
                let part = items.get(start..end).unwrap_or_default().to_vec();
                Value::list(part, false)
            }
            None => {
                let items = items.into_iter().map(|item| self.perhaps(item, true)).collect();
                Value::list_of_some(items, open, true)
            }
        }
    }

    pub(super) fn end_of(&mut self, name: &str, list: &Value) -> Value {
        if let Value::Either(all) = list {
            // One of them it is.
            let ends = all.iter().map(|one| self.end_of(name, one.unconditional().0)).collect();
            return Value::either(ends);
        }
        let mut items = Vec::new();
        let open = self.items_into(list, &mut items);
        if name == "last" {
            if open {
                return self.any_of(items);
            }
            items.reverse();
        }
        if !has_places(list) {
            // The first that certainly is there, or one of those before it.
            let mut is_perhaps = |item: &Thunk| self.force_known(*item).unconditional().1;
            let certain = items.iter().position(|item| !is_perhaps(item));
            if !matches!(list, Value::List(list) if list.unordered) {
                items.truncate(certain.map_or(items.len(), |at| at + 1));
            }
            return self.any_of(items);
        }
        items.first().map_or_else(Value::outside, |item| self.force(*item))
    }

    /// What a predicate says of an item, with options replaced by their values.
    pub(super) fn asked(&mut self, predicate: &Value, item: Thunk, place: Option<Place>) -> Value {
        let says = self.apply(predicate, item, place);
        self.resolve(says)
    }

    /// `findFirst predicate default list`
    pub(super) fn find_item(&mut self, name: &str, args: &mut Args) -> Value {
        let predicate = args.next(self);
        let default = args.thunk(self);
        if name == "findSingle" {
            args.thunk(self);
        }
        let list = args.next(self);
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let mut perhaps = Vec::new();
        let mut is_found = false;
        for item in self.first(items) {
            match self.asked(&predicate, item, args.place) {
                Value::Bool(true) => {
                    perhaps.push(self.force(item));
                    is_found = true;
                    break;
                }
                Value::Bool(false) => {}
                _ => perhaps.push(self.force(item).conditional()),
            }
        }
        if !is_found {
            let default = self.force(default);
            perhaps.push(if perhaps.is_empty() && !open { default } else { default.conditional() });
        }
        Value::either(perhaps)
    }

    /// `filter predicate list`: drops items for which the predicate is certainly false.
    pub(super) fn filter(&mut self, name: &str, args: &mut Args) -> Value {
        let (predicate, list) = (args.next(self), args.next(self));
        self.filtered(name, &predicate, list, args.place)
    }

    fn filtered(
        &mut self,
        name: &str,
        predicate: &Value,
        list: Value,
        place: Option<Place>,
    ) -> Value {
        let inner = match &list {
            Value::List(inner) => inner.clone(),
            Value::Conditional(inner) if is_list(inner) => {
                return self.filtered(name, predicate, (**inner).clone(), place).conditional();
            }
            Value::Either(all) if all.iter().all(is_list) => {
                let all = all.iter().map(|one| self.filtered(name, predicate, one.clone(), place));
                return Value::either(all.collect());
            }
            _ => return list,
        };
        let mut items = Vec::with_capacity(inner.items.len());
        let mut unsure = inner.unsure;
        for (at, item) in inner.items.iter().enumerate() {
            let predicate = match name {
                "ifilter0" => {
                    let index = Value::Number(i64::try_from(at).ok());
                    self.apply_to(predicate, index, place)
                }
                _ => predicate.clone(),
            };
            // If an item is there on a condition, the predicate is asked of the item.
            let asked = match inner.unsure.then(|| self.force_known(*item)) {
                Some(Value::Conditional(inner)) => self.done((*inner).clone()),
                _ => *item,
            };
            let fits = match at < MOST {
                true => self.asked(&predicate, asked, place),
                false => Value::condition(),
            };
            let is_sure = matches!(fits, Value::Bool(_));
            unsure |= !is_sure;
            if !matches!(fits, Value::Bool(false)) {
                items.push(self.perhaps(*item, !is_sure));
            }
        }
        Value::list_of_some(items, inner.open, unsure)
    }
}

/// Whether it is certain which item of a list is where.
pub(super) fn has_places(list: &Value) -> bool {
    matches!(list, Value::List(list) if !list.unsure)
}

fn is_list(value: &Value) -> bool {
    matches!(value.unconditional().0, Value::List(_))
}
