//! Attributes of sets: their names, their values, and what leads to them.

use std::rc::Rc;

use super::sets::every;
use super::{Args, MOST};
use crate::source::evaluate::expression::one_of;
use crate::source::evaluate::facts::Place;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{Set, SetAttr, Value};
use crate::source::syntax::Name;

/// Attributes without known names that are alternatives of each other.
const FEW: u32 = 6;

impl Machine<'_> {
    /// `attrValues set`
    pub(super) fn attr_values(&mut self, set: &Value, place: Place) -> Value {
        match set.unconditional().0 {
            Value::Set(set) => {
                let items = set.attrs.iter().map(|attr| attr.thunk).chain(set.rest);
                Value::list(items.collect(), set.open)
            }
            Value::Inputs => {
                let all = (0..self.inputs.len()).take(MOST).map(|at| {
                    let input = u32::try_from(at).unwrap_or(u32::MAX);
                    self.done(Value::Input(input, every(), place))
                });
                let all = all.collect::<Vec<_>>();
                Value::list(all, false)
            }
            Value::Input(..) | Value::Package(..) => {
                let any = self.any_member(set, place);
                let any = self.done(any);
                Value::list(vec![any], true)
            }
            _ => Value::outside(),
        }
    }

    /// `attrNames set`
    pub(super) fn attr_names(&mut self, set: &Value) -> Value {
        match set.unconditional().0 {
            Value::Set(set) => {
                let names: Vec<Name> = set
                    .attrs
                    .iter()
                    .map(|attr| attr.name.clone())
                    .filter(|name| !name.starts_with('‹'))
                    .collect();
                let open = set.open || set.rest.is_some();
                let items = names.into_iter().map(|name| self.done(Value::Text(name)));
                let items = items.collect::<Vec<_>>();
                Value::list(items, open)
            }
            _ => Value::condition(),
        }
    }

    /// `nameValuePair name value`
    pub(super) fn name_value_pair(&mut self, args: &mut Args) -> Value {
        let (name, value) = (self.done(args.next()), self.done(args.next()));
        let attr = |text: &str, thunk| SetAttr {
            name: text.into(),
            thunk,
            place: None,
            conditional: false,
        };
        Value::set(vec![attr("name", name), attr("value", value)], None, false)
    }

    /// `listToAttrs list`
    pub(super) fn list_to_attrs(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        let mut open = self.items_into(list, &mut items);
        let mut attrs = Vec::new();
        let mut rest: Option<Value> = None;
        let mut unnamed = 0;
        let (name, value) = (Name::from("name"), Name::from("value"));
        for item in items.into_iter().take(MOST) {
            let pair = self.force(item);
            let pairs: Vec<Value> = match pair {
                Value::Either(all) => all.iter().cloned().collect(),
                pair => vec![pair],
            };
            for pair in pairs {
                let (name, value) =
                    (self.member(&pair, &name, None), self.member(&pair, &value, None));
                match name {
                    Value::Text(name) => {
                        let thunk = self.done(value);
                        attrs.push(SetAttr { name, thunk, place: None, conditional: false });
                    }
                    _ => {
                        open = true;
                        unnamed += 1;
                        if unnamed > FEW {
                            // Alternatives are few; whoever goes through all has to meet each.
                            let name = Name::from(format!("‹{unnamed}›"));
                            let thunk = self.done(value);
                            attrs.push(SetAttr { name, thunk, place: None, conditional: false });
                            continue;
                        }
                        rest = Some(match rest.take() {
                            Some(before) => one_of(before, value),
                            None => value,
                        });
                    }
                }
            }
        }
        let rest = rest.map(|value| self.done(value));
        Value::set(attrs, rest, open)
    }

    /// `removeAttrs set names`
    pub(super) fn without_attributes(&mut self, args: &mut Args) -> Value {
        let (set, names) = (args.next(), args.next());
        let removed = self.texts(&names);
        match set.unconditional().0 {
            Value::Set(inner) => {
                let attrs = inner.attrs.iter().filter(|a| !removed.contains(&a.name));
                let attrs = attrs.cloned().collect();
                Value::Set(Rc::new(Set { attrs, rest: inner.rest, open: inner.open }))
            }
            _ => set,
        }
    }

    /// `getAttr name set`
    pub(super) fn attribute(&mut self, args: &mut Args, place: Place) -> Value {
        let (name, set) = (args.next(), args.next());
        self.attribute_named(&name, &set, place)
    }

    fn attribute_named(&mut self, name: &Value, set: &Value, place: Place) -> Value {
        match name {
            Value::Text(name) => self.member(set, name, Some(place)),
            _ => self.any_member(set, place),
        }
    }

    /// `getAttrFromPath path set`, `attrByPath path default set`
    pub(super) fn attribute_by_path(&mut self, name: &str, args: &mut Args, place: Place) -> Value {
        let path = args.next();
        let default = if name == "attrByPath" { Some(args.next()) } else { None };
        let mut value = args.next();
        let mut items = Vec::new();
        if self.items_into(&path, &mut items) {
            return self.any_member(&value, place);
        }
        for item in items {
            let name = self.force(item);
            value = self.attribute_named(&name, &value, place);
        }
        match (default, &value) {
            (Some(default), Value::Unknown(_)) => default,
            _ => value,
        }
    }

    /// `setAttrByPath path value`
    pub(super) fn set_by_path(&mut self, args: &mut Args) -> Value {
        let (path, value) = (args.next(), args.next());
        let mut names = self.texts(&path);
        names.reverse();
        names.into_iter().fold(value, |value, name| {
            let thunk = self.done(value);
            let attr = SetAttr { name, thunk, place: None, conditional: false };
            Value::set(vec![attr], None, false)
        })
    }
}
