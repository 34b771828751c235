//! Folds of lists and of sets.
//!
//! Source: nixpkgs `lib/lists.nix` and `lib/attrsets.nix`.

use std::rc::Rc;

use super::Args;
use super::attributes::name_value;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Set, SetAttr, Thunk, Value};

impl Evaluator<'_> {
    /// `foldl' function start list` and similar.
    pub(super) fn fold(&mut self, name: &str, args: &mut Args) -> Value {
        let function = args.next(self);
        let start = args.thunk(self);
        let list = args.next(self);
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let from_left = name.starts_with("foldl");
        if !from_left {
            items.reverse();
        }
        let count = items.len();
        let items = self.first(items);
        let open = open || items.len() < count;
        let unsure = !matches!(&list, Value::List(list) if !list.unsure);
        let mut all = start;
        for item in items {
            let (a, b) = if from_left { (all, item) } else { (item, all) };
            let mut next = self.apply_both(&function, a, b, args.place);
            if unsure && self.force_known(item).unconditional().1 {
                next = self.perhaps_folded(next, all);
            }
            all = self.done(next);
        }
        let all = self.force(all);
        if open && matches!(all, Value::Set(_)) {
            let (a, b) = (self.done(Value::outside()), self.done(Value::outside()));
            let any = self.apply_both(&function, a, b, args.place);
            return self.merge(all, any, 0);
        }
        all
    }

    /// What a fold comes to with an item that may be missing, from what it comes to with it, and what
    /// it was before.
    fn perhaps_folded(&mut self, next: Value, before: Thunk) -> Value {
        match next {
            Value::List(_) => {
                let before = self.force(before);
                self.one_of(next, before)
            }
            // As alternatives, sets would double with each item.
            Value::Set(next) => match self.force(before) {
                Value::Set(before) => Value::Set(Rc::new(self.perhaps_grown(&next, &before))),
                _ => Value::Set(next),
            },
            _ => next,
        }
    }

    /// A set of which what it has beside another is there on a condition.
    fn perhaps_grown(&mut self, next: &Set, before: &Set) -> Set {
        let mut attrs = Vec::with_capacity(next.attrs.len());
        for attr in &next.attrs {
            attrs.push(match before.get(&attr.name) {
                Some(same) if same.thunk == attr.thunk => attr.clone(),
                Some(other) => {
                    let thunk = self.thunk(State::Either(attr.thunk, other.thunk));
                    SetAttr { thunk, ..attr.clone() }
                }
                None => SetAttr { conditional: true, ..attr.clone() },
            });
        }
        Set::new(attrs, next.rest.or(before.rest), next.open || before.open)
    }

    /// `foldlAttrs function start set`
    pub(super) fn fold_set(&mut self, args: &mut Args) -> Value {
        let function = args.next(self);
        let start = args.thunk(self);
        let set = args.next(self);
        let pairs = self.pairs_of(&set, args);
        let mut all = start;
        for pair in pairs.known {
            let name = self.done(name_value(&pair.name));
            let half = self.apply_both(&function, all, name, args.place);
            let mut next = self.apply(&half, pair.thunk, args.place);
            if pair.conditional {
                next = self.perhaps_folded(next, all);
            }
            all = self.done(next);
        }
        self.force(all)
    }

    /// `foldAttrs function start sets`
    pub(super) fn fold_attrs(&mut self, args: &mut Args) -> Value {
        let function = args.next(self);
        let start = args.thunk(self);
        let list = args.next(self);
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        items.reverse();
        let mut folded: Vec<SetAttr> = Vec::new();
        for item in self.first(items) {
            let set = self.force_known(item);
            for pair in self.pairs_of(&set, args).known {
                let before = folded.iter_mut().find(|known| known.name == pair.name);
                let Some(before) = before else {
                    let thunk = self.call_thunk(&function, vec![pair.thunk, start]);
                    folded.push(SetAttr { thunk, ..pair });
                    continue;
                };
                let next = self.call_thunk(&function, vec![pair.thunk, before.thunk]);
                before.thunk = match pair.conditional {
                    true => self.thunk(State::Either(next, before.thunk)),
                    false => next,
                };
                before.conditional &= pair.conditional;
            }
        }
        Value::set(folded, None, open)
    }
}
