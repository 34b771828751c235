//! Functions for lists.

use super::picked::has_places;
use super::{Args, MOST};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::operators::LONGEST_LIST;
use crate::evaluate::value::{Thunk, Value, Why, attr};
use crate::syntax::Name;

impl Evaluator<'_> {
    pub(super) fn list_function(&mut self, name: &str, args: &mut Args) -> Value {
        match name {
            "singleton" => Value::list(vec![args.thunk(self)], false),
            "toList" => {
                let thunk = args.thunk(self);
                match self.force_known(thunk) {
                    list @ Value::List(_) => list,
                    _ => Value::list(vec![thunk], false),
                }
            }
            "head" | "last" => {
                let list = args.next(self);
                self.end_of(name, &list)
            }
            "elemAt" => {
                let (list, at) = (args.next(self), args.next(self));
                let mut items = Vec::new();
                self.items_into(&list, &mut items);
                match at {
                    Value::Number(Some(at)) if has_places(&list) => {
                        let item = usize::try_from(at).ok().and_then(|at| items.get(at).copied());
                        item.map_or_else(Value::outside, |item| self.force(item))
                    }
                    _ => self.any_of(items),
                }
            }
            "findFirst" | "findSingle" => self.find_item(name, args),
            "filter" | "ifilter0" => self.filter(name, args),
            "partition" => self.partition(args),
            "groupBy" => self.group_by(args),
            "map" | "concatMap" | "forEach" | "imap0" | "imap1" | "imap" | "mapNullable" => {
                self.map(name, args)
            }
            "concatLists" | "flatten" => {
                let lists = args.next(self);
                let mut items = Vec::new();
                let open = self.flattened(&lists, &mut items, 0);
                Value::list(items, open)
            }
            "concat" => {
                let (a, b) = (args.next(self), args.next(self));
                let mut items = Vec::new();
                let open = self.items_into(&a, &mut items) | self.items_into(&b, &mut items);
                Value::list(items, open)
            }
            "foldl'" | "foldl" | "foldr" | "fold" => self.fold(name, args),
            "pipe" => self.pipe(args),
            "genList" => {
                let function = args.next(self);
                let Value::Number(Some(length)) = args.next(self) else {
                    let unknown = self.done(Value::Number(None));
                    let one = self.call_thunk(&function, vec![unknown]);
                    return Value::list(vec![one], true);
                };
                let length = usize::try_from(length).unwrap_or(0).min(MOST);
                let items = (0..length).map(|at| {
                    let at = self.done(Value::Number(i64::try_from(at).ok()));
                    self.call_thunk(&function, vec![at])
                });
                let items = items.collect();
                Value::list(items, false)
            }
            "range" => {
                let (Value::Number(Some(a)), Value::Number(Some(b))) =
                    (args.next(self), args.next(self))
                else {
                    return Value::condition();
                };
                let items = (a..=b).take(MOST).map(|at| self.done(Value::Number(Some(at))));
                let items = items.collect();
                Value::list(items, false)
            }
            "replicate" => {
                let count = args.next(self);
                let item = args.thunk(self);
                match count {
                    Value::Number(Some(count)) => {
                        let count = usize::try_from(count).unwrap_or(0).min(MOST);
                        self.budget.weigh(count);
                        Value::list(vec![item; count], false)
                    }
                    _ => Value::list(vec![item], true),
                }
            }
            "zipListsWith" | "zipLists" => self.zipped(name, args),
            "reverseList" => {
                let list = args.next(self);
                let mut items = Vec::new();
                let open = self.items_into(&list, &mut items);
                items.reverse();
                Value::list(items, open)
            }
            "tail" | "init" => {
                let list = args.next(self);
                let mut items = Vec::new();
                let open = self.items_into(&list, &mut items);
                let left = if open { items.len() } else { items.len().saturating_sub(1) };
                match name {
                    "tail" => items.drain(..items.len() - left).for_each(drop),
                    _ => items.truncate(left),
                }
                Value::list(items, open)
            }
            "take" | "drop" | "takeEnd" | "dropEnd" => {
                let (count, list) = (args.next(self), args.next(self));
                self.cut(&list, |length| {
                    let count = match count {
                        Value::Number(Some(count)) => usize::try_from(count).unwrap_or(0),
                        _ => return None,
                    };
                    let rest = length.saturating_sub(count);
                    Some(match name {
                        "take" => 0..count,
                        "drop" => count..length,
                        "takeEnd" => rest..length,
                        _ => 0..rest,
                    })
                })
            }
            "sublist" => {
                let (start, count) = (args.next(self), args.next(self));
                let list = args.next(self);
                self.cut(&list, |_| match (start, count) {
                    (Value::Number(Some(start)), Value::Number(Some(count))) => {
                        let start = usize::try_from(start).unwrap_or(0);
                        Some(start..start.saturating_add(usize::try_from(count).unwrap_or(0)))
                    }
                    _ => None,
                })
            }
            "remove" => {
                let (what, list) = (args.next(self), args.next(self));
                self.without(&list, |evaluator, item| evaluator.equal(&what, item))
            }
            "subtractLists" => {
                let (what, list) = (args.next(self), args.next(self));
                self.without(&list, |evaluator, item| match evaluator.elem(item, &what) {
                    Value::Bool(is) => Some(is),
                    _ => None,
                })
            }
            "intersectLists" => {
                let (what, list) = (args.next(self), args.next(self));
                self.without(&list, |evaluator, item| match evaluator.elem(item, &what) {
                    Value::Bool(is) => Some(!is),
                    _ => None,
                })
            }
            "unique" | "uniqueStrings" => {
                let list = args.next(self);
                self.unique(&list)
            }
            "sort" | "sortOn" | "naturalSort" => self.sorted(name, args),
            // Shortened, it still consists of the same items.
            _ => args.second(self),
        }
    }

    /// `map function list` and similar.
    fn map(&mut self, name: &str, args: &mut Args) -> Value {
        let (first, second) = (args.thunk(self), args.thunk(self));
        let (function, list) = if name == "forEach" { (second, first) } else { (first, second) };
        let function = self.force_known(function);
        if name == "mapNullable" {
            return match self.force_known(list) {
                Value::Null => Value::Null,
                value @ (Value::Conditional(_) | Value::Either(_) | Value::Unknown(_)) => {
                    let made = self.apply_to(&function, value, args.place);
                    Value::one_of(made, Value::Null)
                }
                _ => self.apply(&function, list, args.place),
            };
        }
        let list = self.force_known(list);
        let unsure = !matches!(&list, Value::List(list) if !list.unsure);
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let first_index = i64::from(name == "imap1");
        let mut mapped = Vec::with_capacity(items.len());
        let mut more = open;
        let known = self.first(items);
        let unknown = (open && known.is_empty()).then(|| self.done(Value::outside()));
        for (at, item) in known.into_iter().chain(unknown).enumerate() {
            let given = if name.starts_with("imap") {
                let index = i64::try_from(at).ok().map(|at| at + first_index);
                vec![self.done(Value::Number(index)), item]
            } else {
                vec![item]
            };
            // What is made of an item is there if the item is.
            let is_perhaps = unsure && self.force_known(item).unconditional().1;
            let call = self.call_thunk(&function, given);
            if name == "concatMap" {
                let one = self.force_known(call);
                let mut own = Vec::new();
                more |= self.items_into(&one, &mut own);
                mapped.extend(own.into_iter().map(|item| self.perhaps(item, is_perhaps)));
            } else {
                mapped.push(self.perhaps(call, is_perhaps));
            }
        }
        Value::list_of_some(mapped, more, unsure)
    }

    pub(in crate::evaluate) fn flattened(
        &mut self,
        list: &Value,
        items: &mut Vec<Thunk>,
        depth: u32,
    ) -> bool {
        let mut outer = Vec::new();
        let mut open = self.items_into(list, &mut outer);
        for item in outer {
            let value = self.force_known(item);
            match &value {
                Value::Conditional(inner) if matches!(**inner, Value::List(_)) => {
                    open |= self.items_into(&value, items);
                }
                inner @ (Value::List(_) | Value::Either(_)) if depth < 8 => {
                    open |= self.flattened(inner, items, depth + 1);
                }
                Value::Unknown(why) => {
                    open = true;
                    items.extend((*why == Why::Outside).then_some(item));
                }
                _ => items.push(item),
            }
            if items.len() > LONGEST_LIST {
                self.budget.within(false);
                return true;
            }
        }
        open
    }

    /// `pipe value functions`
    fn pipe(&mut self, args: &mut Args) -> Value {
        let mut value = args.thunk(self);
        let functions = args.next(self);
        let mut items = Vec::new();
        self.items_into(&functions, &mut items);
        for function in items {
            let function = self.force(function);
            let next = self.apply(&function, value, args.place);
            value = self.done(next);
        }
        self.force(value)
    }

    fn zipped(&mut self, name: &str, args: &mut Args) -> Value {
        let function = (name == "zipListsWith").then(|| args.next(self));
        let (a, b) = (args.next(self), args.next(self));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let open = self.items_into(&a, &mut left) | self.items_into(&b, &mut right);
        let pairs = self.first(left.into_iter().zip(right).collect());
        let items = pairs.into_iter().map(|(a, b)| match &function {
            Some(function) => self.call_thunk(function, vec![a, b]),
            None => self.done(Value::set(vec![attr("fst", a), attr("snd", b)], None, false)),
        });
        let items = items.collect();
        Value::list(items, open)
    }

    /// The texts that certainly are in a list.
    pub(in crate::evaluate) fn texts(&mut self, list: &Value) -> Vec<Name> {
        let mut items = Vec::new();
        self.items_into(list, &mut items);
        let items = self.first(items);
        let texts = items.into_iter().filter_map(|item| match self.force_known(item) {
            Value::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// An attribute of a value that is not computed before it is needed.
    pub(in crate::evaluate) fn member_thunk(&mut self, value: Thunk, name: &str) -> Thunk {
        self.thunk(State::Member(value, name.into()))
    }
}
