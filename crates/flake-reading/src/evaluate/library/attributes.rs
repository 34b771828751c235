//! Attributes of sets: their names, their values, and paths to them.

use std::rc::Rc;

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::heap::State;
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{Set, SetAttr, Thunk, Value, attr};
use crate::syntax::Name;

impl Evaluator<'_> {
    pub(super) fn attribute_function(&mut self, name: &str, args: &mut Args) -> Value {
        match name {
            "attrValues" => {
                let set = args.next(self);
                let pairs = self.pairs_of(&set, args);
                self.values_of(pairs)
            }
            "attrNames" => {
                let set = args.next(self);
                let pairs = self.pairs_of(&set, args);
                let items = pairs.known.iter().map(|pair| {
                    let name = Value::Text(pair.name.clone());
                    let name = if pair.conditional { name.conditional() } else { name };
                    self.done(name)
                });
                let items = items.collect();
                let unsure = pairs.known.iter().any(|pair| pair.conditional);
                Value::list_of_some(items, pairs.open, unsure)
            }
            "attrsToList" => {
                let set = args.next(self);
                let pairs = self.pairs_of(&set, args);
                let unsure = pairs.known.iter().any(|pair| pair.conditional);
                let items =
                    pairs.known.into_iter().map(|SetAttr { name, thunk, conditional, .. }| {
                        let name = self.done(Value::Text(name));
                        let pair = vec![attr("name", name), attr("value", thunk)];
                        let pair = self.done(Value::set(pair, None, false));
                        self.perhaps(pair, conditional)
                    });
                let items = items.collect();
                Value::list_of_some(items, pairs.open, unsure)
            }
            "attrVals" => {
                let (names, set) = (args.next(self), args.thunk(self));
                let picked = self.picked(&names, set, args.place);
                self.values_of(picked)
            }
            "getAttrs" => {
                let (names, set) = (args.next(self), args.thunk(self));
                let picked = self.picked(&names, set, args.place);
                Value::set(picked.known, picked.rest, picked.open)
            }
            "catAttrs" => {
                let (name, list) = (args.next(self), args.next(self));
                let Value::Text(name) = name else { return Value::outside() };
                let mut items = Vec::new();
                let open = self.items_into(&list, &mut items);
                let mut found = Vec::new();
                for item in self.first(items) {
                    let set = self.force_known(item);
                    if self.has(&set, &name) != Some(false) {
                        found.push(self.thunk(State::Member(item, name.clone())));
                    }
                }
                Value::list(found, open)
            }
            "intersectAttrs" => {
                let (names, set) = (args.next(self), args.next(self));
                match (&names, &set) {
                    (Value::Set(names), Value::Set(set)) => {
                        let kept = set.attrs.iter().filter_map(|attr| {
                            let named = names.get(&attr.name);
                            let is_named = named.is_some();
                            let may_be = names.open || names.rest.is_some();
                            let is_sure = named.is_some_and(|named| !named.conditional);
                            let conditional = attr.conditional || !is_sure;
                            (is_named || may_be).then(|| SetAttr { conditional, ..attr.clone() })
                        });
                        Value::set(kept.collect(), set.rest, names.open || set.open)
                    }
                    (Value::Set(names), _) => {
                        let set = self.done(set);
                        let attrs = names.attrs.iter().map(|a| {
                            let thunk = self.thunk(State::Member(set, a.name.clone()));
                            attr(a.name.clone(), thunk)
                        });
                        let attrs = attrs.collect();
                        Value::set(attrs, None, true)
                    }
                    _ => set,
                }
            }
            "nameValuePair" => {
                let (name, value) = (args.thunk(self), args.thunk(self));
                Value::set(vec![attr("name", name), attr("value", value)], None, false)
            }
            "listToAttrs" => {
                let list = args.next(self);
                self.list_to_attrs(&list)
            }
            "removeAttrs" => {
                let (set, names) = (args.next(self), args.next(self));
                self.without_attributes(set, &names)
            }
            "getAttr" => {
                let (name, set) = (args.next(self), args.next(self));
                self.attribute_named(&name, &set, args)
            }
            "getAttrFromPath" | "attrByPath" => self.attribute_by_path(name, args),
            "setAttrByPath" => {
                let path = args.next(self);
                let value = args.thunk(self);
                let mut names = Vec::new();
                let is_open = self.items_into(&path, &mut names);
                if is_open && names.is_empty() {
                    return Value::set(Vec::new(), Some(value), true);
                }
                names.reverse();
                let thunk = names.into_iter().fold(value, |value, name| {
                    let set = match self.force_known(name) {
                        Value::Text(name) => Value::set(vec![attr(name, value)], None, false),
                        _ => Value::set(Vec::new(), Some(value), true),
                    };
                    self.done(set)
                });
                self.force(thunk)
            }
            // `collect predicate set`
            _ => self.collect_nested(args),
        }
    }

    /// `listToAttrs list`
    pub(super) fn list_to_attrs(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        let mut open = self.items_into(list, &mut items);
        let mut attrs: Vec<SetAttr> = Vec::new();
        let mut unnamed: Vec<Thunk> = Vec::new();
        for item in self.first(items) {
            let pair = self.force_known(item);
            let pairs: Vec<Value> = match &pair {
                Value::Either(all) => all.iter().cloned().collect(),
                _ => vec![pair],
            };
            for pair in pairs {
                let conditional = matches!(pair, Value::Conditional(_));
                let pair = self.done(pair);
                let name = self.member_thunk(pair, "name");
                let thunk = self.member_thunk(pair, "value");
                match self.force_known(name).unconditional() {
                    (Value::Text(name), unsure) => {
                        let conditional = conditional || unsure;
                        let name = name.clone();
                        attrs.push(SetAttr { name, thunk, place: None, conditional });
                    }
                    _ => {
                        open = true;
                        unnamed.push(thunk);
                    }
                }
            }
        }
        let rest = match unnamed.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => Some(self.thunk(State::AnyOf(unnamed))),
        };
        // Of several with one name the first counts.
        attrs.reverse();
        Value::set(attrs, rest, open)
    }

    /// The values of attributes, as a list.
    pub(super) fn values_of(&mut self, pairs: Pairs) -> Value {
        let unsure = pairs.known.iter().any(|pair| pair.conditional);
        let known = pairs.known.into_iter();
        let mut items: Vec<_> =
            known.map(|pair| self.perhaps(pair.thunk, pair.conditional)).collect();
        items.extend(pairs.rest);
        Value::list_of_some(items, pairs.open, unsure)
    }

    /// Makes a thunk conditional, if something it depends on is.
    pub(in crate::evaluate) fn perhaps(&mut self, thunk: Thunk, conditional: bool) -> Thunk {
        if !conditional {
            return thunk;
        }
        let never = self.done(Value::outside());
        self.thunk(State::Either(thunk, never))
    }

    /// The attributes of a set that are named in a list.
    fn picked(&mut self, names: &Value, set: Thunk, place: Option<Place>) -> Pairs {
        let mut items = Vec::new();
        let mut picked = Pairs { open: self.items_into(names, &mut items), ..Pairs::default() };
        for item in self.first(items) {
            match self.force_known(item).unconditional() {
                (Value::Text(name), conditional) => {
                    let name = name.clone();
                    let thunk = self.thunk(State::Member(set, name.clone()));
                    picked.known.push(SetAttr { name, thunk, place: None, conditional });
                }
                _ => picked.open = true,
            }
        }
        if picked.open {
            let set = self.force_known(set);
            let any = self.any_member(&set, place);
            picked.rest = Some(self.done(any.conditional()));
        }
        picked
    }

    /// `removeAttrs set names`
    fn without_attributes(&mut self, set: Value, names: &Value) -> Value {
        let mut items = Vec::new();
        self.items_into(names, &mut items);
        let (mut removed, mut perhaps) = (Vec::new(), Vec::new());
        for item in self.first(items) {
            match self.force_known(item).unconditional() {
                (Value::Text(name), false) => removed.push(name.clone()),
                (Value::Text(name), true) => perhaps.push(name.clone()),
                _ => {}
            }
        }
        match set.unconditional().0 {
            Value::Set(inner) => {
                let attrs = inner.attrs.iter().filter(|a| !removed.contains(&a.name));
                let attrs = attrs.map(|attr| {
                    let conditional = attr.conditional || perhaps.contains(&attr.name);
                    SetAttr { conditional, ..attr.clone() }
                });
                let attrs = attrs.collect();
                Value::Set(Rc::new(Set { attrs, rest: inner.rest, open: inner.open }))
            }
            Value::Inputs(flake) => {
                let inputs = self.inputs_of(*flake);
                let attrs = inputs.into_iter().filter(|(name, _)| !removed.contains(name));
                let attrs = attrs.map(|(name, slot)| {
                    let value = Value::Flake(slot, None);
                    let thunk = self.done(value);
                    attr(name, thunk)
                });
                let attrs = attrs.collect();
                Value::set(attrs, None, false)
            }
            _ => set,
        }
    }

    fn attribute_named(&mut self, name: &Value, set: &Value, args: &Args) -> Value {
        match name.unconditional() {
            (Value::Text(name), false) => self.member(set, name, args.place),
            (Value::Text(name), true) => self.member(set, name, args.place).conditional(),
            _ => self.any_member(set, args.place),
        }
    }

    /// `getAttrFromPath path set`, `attrByPath path default set`
    fn attribute_by_path(&mut self, name: &str, args: &mut Args) -> Value {
        let path = args.next(self);
        let default = (name == "attrByPath").then(|| args.thunk(self));
        let mut value = args.next(self);
        let mut items = Vec::new();
        if self.items_into(&path, &mut items) {
            return self.any_member(&value, args.place);
        }
        for item in items {
            let name = self.force_known(item);
            if let (Some(default), Value::Text(name)) = (default, &name)
                && self.has(&value, name) == Some(false)
            {
                return self.force(default);
            }
            value = self.attribute_named(&name, &value, args);
        }
        value = self.resolve(value);
        match (default, &value) {
            (Some(default), Value::Unknown(_)) => self.force(default),
            _ => value,
        }
    }

    /// The attributes of a value that is a set, and what else there may be.
    pub(super) fn pairs_of(&mut self, set: &Value, args: &Args) -> Pairs {
        let (set, conditional) = set.unconditional();
        match set {
            Value::Set(set) => Pairs {
                known: self
                    .first(set.attrs.clone())
                    .into_iter()
                    .map(|attr| SetAttr { conditional: conditional || attr.conditional, ..attr })
                    .collect(),
                rest: set.rest,
                open: set.open,
            },
            Value::Inputs(flake) => {
                let inputs = self.inputs_of(*flake);
                let known = self.first(inputs).into_iter().map(|(name, slot)| {
                    let thunk = self.done(Value::Flake(slot, args.place));
                    attr(name, thunk)
                });
                Pairs { known: known.collect(), rest: None, open: false }
            }
            Value::Itself(flake) => match self.outputs_of(*flake) {
                Value::Itself(_) => Pairs::default(),
                outputs => self.pairs_of(&outputs, args),
            },
            Value::Flake(slot, _) => match self.readable(*slot) {
                Some(flake) => self.pairs_of(&Value::Itself(flake), args),
                None => Pairs { open: true, ..Pairs::default() },
            },
            // Its attributes are not known: outputs are only taken by name.
            Value::Unread(..) | Value::Package(..) | Value::Mapped(_) => {
                let any = self.any_member(set, args.place);
                let any = self.done(any);
                Pairs { known: Vec::new(), rest: Some(any), open: true }
            }
            Value::Either(_) | Value::Update(_) => {
                let mut sets = Vec::new();
                sets_of(set, &mut sets);
                let mut known = Vec::new();
                let mut rest = Vec::new();
                for set in &sets {
                    known.extend(self.first(set.attrs.clone()));
                    rest.extend(set.rest);
                }
                let mut others = Vec::new();
                others_of(set, &mut others);
                for other in others {
                    rest.extend(self.pairs_of(&other, args).rest);
                }
                let rest = match rest.as_slice() {
                    [] => None,
                    [one] => Some(*one),
                    _ => Some(self.thunk(State::AnyOf(rest))),
                };
                Pairs { known, rest, open: true }
            }
            Value::Unknown(_) => {
                let unknown = self.done(Value::outside());
                Pairs { known: Vec::new(), rest: Some(unknown), open: true }
            }
            other if other.is_plain() => Pairs::default(),
            other => {
                let thunk = self.done(other.clone());
                Pairs { known: Vec::new(), rest: Some(thunk), open: true }
            }
        }
    }
}

/// The attributes of a set.
#[derive(Default)]
pub(super) struct Pairs {
    pub(super) known: Vec<SetAttr>,
    /// The value under other names.
    pub(super) rest: Option<Thunk>,
    pub(super) open: bool,
}

/// The name of an attribute as a value.
pub(super) fn name_value(name: &Name) -> Value {
    Value::Text(name.clone())
}
