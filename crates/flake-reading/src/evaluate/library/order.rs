//! Functions that put lists in order, or leave out what is there twice.
//!
//! Source: Nix manual, "Built-ins", `sort`; nixpkgs `lib/lists.nix`.

use std::cmp::Ordering;

use super::Args;
use crate::TreePath;
use crate::evaluate::collections::FastSet;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Thunk, Value};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

/// The most items that are put in order.
const MOST: usize = 1_000;

/// An item with what it is compared by.
type Keyed = (Value, Thunk);

impl Evaluator<'_> {
    /// `sort less list`, `sortOn key list`, `naturalSort list`. A list whose order cannot be decided
    /// has the same items, and no places.
    pub(super) fn sorted(&mut self, name: &str, args: &mut Args) -> Value {
        let function = (name != "naturalSort").then(|| args.next(self));
        let list = args.next(self);
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let is_whole = matches!(&list, Value::List(list) if !list.unsure);
        if open || !is_whole || items.len() > MOST {
            return Value::unordered(items, open);
        }
        let all = items.clone();
        let keyed = items.into_iter().map(|item| {
            let key = match (name, &function) {
                ("sortOn", Some(key)) => self.asked(key, item, args.place),
                ("sort", _) => Value::Null,
                _ => self.force_known(item),
            };
            (key, item)
        });
        let keyed: Vec<_> = keyed.collect();
        let place = args.place;
        let in_order = match (name, function) {
            ("sort", Some(less)) => self.in_order(keyed, |evaluator, (_, a), (_, b)| {
                let is_less = evaluator.apply_both(&less, *a, *b, place);
                match evaluator.resolve(is_less) {
                    Value::Bool(is_less) => Some(is_less),
                    _ => None,
                }
            }),
            ("sortOn", _) => self.in_order(keyed, |_, (a, _), (b, _)| less(a, b)),
            _ => self.in_order(keyed, |_, (a, _), (b, _)| match (a, b) {
                (Value::Text(a), Value::Text(b)) => Some(natural(a, b) == Ordering::Less),
                _ => None,
            }),
        };
        match in_order {
            Some(items) => Value::list(items, false),
            None => Value::unordered(all, false),
        }
    }

    /// Items in the order that a test gives; `None` if that cannot be decided. The test is the flake's
    /// own, and need not give any order at all.
    fn in_order(
        &mut self,
        items: Vec<Keyed>,
        mut less: impl FnMut(&mut Self, &Keyed, &Keyed) -> Option<bool>,
    ) -> Option<Vec<Thunk>> {
        let mut sorted: Vec<Keyed> = Vec::with_capacity(items.len());
        for item in items {
            // After those that are not more: equal items keep their order.
            let (mut from, mut to) = (0, sorted.len());
            while from < to {
                if !self.budget.step() {
                    return None;
                }
                let middle = usize::midpoint(from, to);
                match less(self, &item, sorted.get(middle)?)? {
                    true => to = middle,
                    false => from = middle + 1,
                }
            }
            sorted.insert(from, item);
        }
        Some(sorted.into_iter().map(|(_, item)| item).collect())
    }

    /// `unique list`: the first of equal items. One of which it is not known whether it is equal to
    /// another may be missing.
    pub(super) fn unique(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        let open = self.items_into(list, &mut items);
        let mut unsure = !matches!(list, Value::List(list) if !list.unsure);
        let mut known = FastSet::default();
        let mut is_any_unknown = false;
        let mut kept = Vec::with_capacity(items.len());
        for item in items {
            match Key::of(&self.force_known(item)) {
                Some(key) => {
                    if known.insert(key) {
                        kept.push(item);
                    }
                }
                None => {
                    is_any_unknown = true;
                    kept.push(item);
                }
            }
        }
        // It may be any of the others, before it or after it.
        unsure |= is_any_unknown && kept.len() > 1;
        Value::list_of_some(kept, open, unsure)
    }
}

/// What tells plain values apart.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key {
    Text(Name),
    Number(i64),
    Bool(bool),
    Path(FlakeId, TreePath),
}

impl Key {
    /// Of a value that is plain and known.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Text(text) => Key::Text(text.clone()),
            Value::Number(Some(number)) => Key::Number(*number),
            Value::Bool(value) => Key::Bool(*value),
            Value::Path(flake, path) => Key::Path(*flake, path.clone()),
            _ => return None,
        })
    }
}

/// `a < b`, if that is certain: numbers, and texts by their bytes.
pub(super) fn less(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Number(Some(a)), Value::Number(Some(b))) => Some(a < b),
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes() < b.as_bytes()),
        _ => None,
    }
}

/// Texts compared with the numbers in them as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (left, right) = (run(&mut a), run(&mut b));
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            _ => left.cmp(right),
        };
        if order != Ordering::Equal || left.is_empty() {
            return order;
        }
    }
}

/// Takes the first digits off a text, or all before the first digit.
fn run<'t>(text: &mut &'t str) -> &'t str {
    let is_digit = text.starts_with(|first: char| first.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(text.len());
    let (first, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    *text = rest;
    first
}
