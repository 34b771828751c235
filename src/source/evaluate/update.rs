//! What sets become together: `left // right`, and what is one of several.

use std::rc::Rc;

use super::machine::{Machine, State};
use super::value::{Set, Value};
use super::visit::Giver;

impl Machine<'_> {
    /// `left // right`
    pub(super) fn update(&mut self, left: Value, right: Value) -> Value {
        let (left, right) = (self.resolve(left), self.resolve(right));
        match (&left, &right) {
            (Value::Set(a), Value::Set(b)) => {
                if self.weigh_sets(a, b) {
                    return right;
                }
                Value::Set(a.update(b).into())
            }
            (Value::Conditional(inner), Value::Set(_)) if matches!(**inner, Value::Set(_)) => {
                let left = self.as_conditional_set(inner);
                self.update(left, right)
            }
            (Value::Set(_), Value::Conditional(inner)) if matches!(**inner, Value::Set(_)) => {
                let right = self.as_conditional_set(inner);
                self.update(left, right)
            }
            (Value::Set(a), Value::Unknown(_)) | (Value::Unknown(_), Value::Set(a)) => {
                Value::Set(Set { open: true, ..(**a).clone() }.into())
            }
            (Value::Unknown(_), Value::Unknown(_)) => left,
            (Value::Either(a), Value::Either(b)) => {
                let (a, b) = (a.clone(), b.clone());
                let (a, b) = (self.joined(&a), self.joined(&b));
                match (&a, &b) {
                    (Value::Either(_), _) | (_, Value::Either(_)) => Value::Update((a, b).into()),
                    _ => self.update(a, b),
                }
            }
            (Value::Either(all), _) if all.len() > 4 => {
                let all = all.clone();
                match self.joined(&all) {
                    all @ Value::Either(_) => Value::Update((all, right).into()),
                    all => self.update(all, right),
                }
            }
            (Value::Either(all), _) if all.len() <= 4 => {
                let all: Vec<_> = all.iter().cloned().collect();
                let all = all.into_iter().map(|one| self.update(one, right.clone())).collect();
                Value::either(all)
            }
            (_, Value::Either(all)) if all.len() <= 4 => {
                let all: Vec<_> = all.iter().cloned().collect();
                let all = all.into_iter().map(|one| self.update(left.clone(), one)).collect();
                Value::either(all)
            }
            // What an overlay adds to packages does not make them others.
            (Value::Package(..), Value::Set(_) | Value::Unknown(_)) => {
                self.visit(right, Giver::Nobody);
                left
            }
            _ => Value::Update((left, right).into()),
        }
    }

    /// Several alternatives as one set, each attribute on a condition; as they are where some are
    /// no sets. Alternatives of alternatives would double with every step of a loop.
    fn joined(&mut self, all: &Rc<[Value]>) -> Value {
        let mut joined: Option<Set> = None;
        for one in all.iter() {
            let Value::Set(set) = one.unconditional().0 else {
                return Value::Either(all.clone());
            };
            joined = Some(match joined {
                None => (**set).clone(),
                Some(before) => self.join(&before, set),
            });
        }
        joined.map_or_else(Value::outside, |set| Value::Set(set.into()))
    }

    /// What is one of two sets.
    fn join(&mut self, a: &Set, b: &Set) -> Set {
        if self.weigh_sets(a, b) {
            return Set { open: true, ..Set::default() };
        }
        let mut joined = a.update(b);
        for attr in &mut joined.attrs {
            match (a.get(&attr.name), b.get(&attr.name)) {
                (Some(x), Some(y)) => {
                    attr.conditional |= x.conditional;
                    if x.thunk != y.thunk {
                        attr.thunk = self.thunk(State::Either(x.thunk, y.thunk));
                    }
                }
                _ => attr.conditional = true,
            }
        }
        if let (Some(x), Some(y)) = (a.rest, b.rest)
            && x != y
        {
            joined.rest = Some(self.thunk(State::Either(x, y)));
        }
        joined
    }

    /// A set whose attributes are there only if something holds.
    pub(super) fn as_conditional_set(&mut self, value: &Value) -> Value {
        match value {
            Value::Set(set) => {
                let mut set = (**set).clone();
                set.attrs.iter_mut().for_each(|attr| attr.conditional = true);
                Value::Set(set.into())
            }
            other => other.clone(),
        }
    }
}
