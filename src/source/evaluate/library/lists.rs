//! Lists.

use super::{Args, MOST};
use crate::source::evaluate::facts::Place;
use crate::source::evaluate::lists::LONGEST_LIST;
use crate::source::evaluate::machine::{Machine, State};
use crate::source::evaluate::value::{Thunk, Value};
use crate::source::syntax::Name;

impl Machine<'_> {
    /// `singleton value`, or `toList value`, which leaves lists as they are.
    pub(super) fn as_list(&mut self, name: &str, value: Value) -> Value {
        match value {
            list @ Value::List(_) if name == "toList" => list,
            value => {
                let item = self.done(value);
                Value::list(vec![item], false)
            }
        }
    }

    /// The first item of a list, or any of the first few.
    pub(super) fn item_of(&mut self, name: &str, list: &Value) -> Value {
        let mut items = Vec::new();
        self.items_into(list, &mut items);
        let values: Vec<_> = items.into_iter().take(8).map(|item| self.force(item)).collect();
        match name {
            "head" => values.into_iter().next().unwrap_or_else(Value::outside),
            _ => Value::either(values),
        }
    }

    /// `filter predicate list`: without the items that certainly do not fit.
    pub(super) fn filter(&mut self, args: &mut Args, place: Place) -> Value {
        let (predicate, list) = (args.next(), args.next());
        let (Value::List(inner), Value::Function(..) | Value::Partial(_)) = (&list, &predicate)
        else {
            return list;
        };
        let inner = inner.clone();
        let mut items = Vec::with_capacity(inner.items.len());
        for (at, item) in inner.items.iter().enumerate() {
            let fits = at >= MOST || {
                let value = self.force(*item);
                !matches!(self.apply(&predicate, value, place), Value::Bool(false))
            };
            if fits {
                items.push(*item);
            }
        }
        Value::list(items, inner.open)
    }

    /// `map function list` and its like.
    pub(super) fn map(&mut self, name: &str, args: &mut Args, place: Place) -> Value {
        let (first, second) = (args.next(), args.next());
        let (function, list) = if name == "forEach" { (second, first) } else { (first, second) };
        if name == "mapNullable" {
            return self.apply(&function, list, place);
        }
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let indexed = name.starts_with("imap");
        let mut mapped = Vec::with_capacity(items.len());
        let mut more = open;
        let known = items.into_iter().take(MOST).collect::<Vec<_>>();
        let unknown = open.then(|| self.done(Value::outside()));
        for item in known.into_iter().chain(unknown) {
            let item = self.force(item);
            let args = if indexed { vec![Value::Number, item] } else { vec![item] };
            if name == "concatMap" {
                let one =
                    args.into_iter().fold(function.clone(), |f, arg| self.apply(&f, arg, place));
                more |= self.items_into(&one, &mut mapped);
            } else {
                mapped.push(self.thunk(State::Call(Box::new((function.clone(), args)))));
            }
        }
        Value::list(mapped, more)
    }

    /// `concatLists lists`
    pub(super) fn flattened(&mut self, lists: &Value) -> Value {
        let mut items = Vec::new();
        let open = self.flatten(lists, &mut items, 0);
        Value::list(items, open)
    }

    fn flatten(&mut self, list: &Value, items: &mut Vec<Thunk>, depth: u32) -> bool {
        let mut outer = Vec::new();
        let mut open = self.items_into(list, &mut outer);
        for item in outer {
            let value = self.force(item);
            match value.unconditional().0 {
                inner @ Value::List(_) if depth < 8 => {
                    let inner = inner.clone();
                    open |= self.flatten(&inner, items, depth + 1);
                }
                Value::Unknown(_) => open = true,
                _ => items.push(item),
            }
            if items.len() > LONGEST_LIST {
                self.facts.cut_short = true;
                return true;
            }
        }
        open
    }

    /// `foldl' function start list` and its like.
    pub(super) fn fold(&mut self, name: &str, args: &mut Args, place: Place) -> Value {
        let (function, start, list) = (args.next(), args.next(), args.next());
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let from_left = name.starts_with("foldl");
        if !from_left {
            items.reverse();
        }
        let mut all = start;
        for item in items.into_iter().take(MOST) {
            let item = self.force(item);
            let (a, b) = if from_left { (all, item) } else { (item, all) };
            let partial = self.apply(&function, a, place);
            all = self.apply(&partial, b, place);
        }
        if open && matches!(all, Value::Set(_)) {
            let any = self.apply(&function, Value::outside(), place);
            let any = self.apply(&any, Value::outside(), place);
            all = self.merge(all, any, 0);
        }
        all
    }

    /// `pipe value functions`
    pub(super) fn pipe(&mut self, args: &mut Args, place: Place) -> Value {
        let (value, functions) = (args.next(), args.next());
        let mut items = Vec::new();
        self.items_into(&functions, &mut items);
        items.into_iter().fold(value, |value, function| {
            let function = self.force(function);
            self.apply(&function, value, place)
        })
    }

    /// The texts of a list.
    pub(in crate::source::evaluate) fn texts(&mut self, list: &Value) -> Vec<Name> {
        let mut items = Vec::new();
        self.items_into(list, &mut items);
        let texts = items.into_iter().take(MOST).filter_map(|item| match self.force(item) {
            Value::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }
}
