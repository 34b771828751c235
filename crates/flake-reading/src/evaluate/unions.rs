//! Combining sets: `//` and similar, and the sets that a value consists of.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::heap::State;
use super::value::{Alternatives, Declared, Definition, Set, Value, Why};

impl Evaluator<'_> {
    /// One of two values, of which it is not known which one: a list that may be longer is one list.
    /// As alternatives, a list to which a loop adds items would double with each.
    pub(super) fn one_of(&mut self, a: Value, b: Value) -> Value {
        let (Value::List(one), Value::List(other)) = (&a, &b) else { return Value::one_of(a, b) };
        let (longer, shorter) =
            if one.items.len() >= other.items.len() { (one, other) } else { (other, one) };
        // Both are looked through, and one is copied.
        let is_too_much = self.budget.weigh(longer.items.len());
        if is_too_much || !longer.items.starts_with(&shorter.items) {
            return Value::one_of(a, b);
        }
        let mut items = shorter.items.clone();
        let never = self.done(Value::outside());
        for item in longer.items.iter().skip(items.len()) {
            items.push(self.thunk(State::Either(*item, never)));
        }
        Value::list_of_some(items, longer.open || shorter.open, true)
    }

    /// `left // right`
    pub(super) fn update(&mut self, left: Value, right: Value) -> Value {
        let (left, right) = (self.resolve(left), self.resolve(right));
        match (&left, &right) {
            (Value::Set(a), Value::Set(b)) => {
                if self.budget.weigh_sets(a, b) {
                    // It has other names, too, whose values are not known.
                    let kept = if b.attrs.len() <= 64 { (**b).clone() } else { Set::default() };
                    return Value::Set(Set { open: true, ..kept }.into());
                }
                Value::Set(self.set_updated(a, b).into())
            }
            (Value::Conditional(a), Value::Conditional(b))
                if matches!((&**a, &**b), (Value::Set(_), Value::Set(_))) =>
            {
                let (left, right) = (as_conditional_set(a), as_conditional_set(b));
                self.update(left, right)
            }
            (Value::Conditional(inner), Value::Set(_)) if matches!(**inner, Value::Set(_)) => {
                let left = as_conditional_set(inner);
                self.update(left, right)
            }
            (Value::Set(_), Value::Conditional(inner)) if matches!(**inner, Value::Set(_)) => {
                let right = as_conditional_set(inner);
                self.update(left, right)
            }
            (Value::Set(a), Value::Unknown(why)) | (Value::Unknown(why), Value::Set(a)) => {
                let mut set = Set { open: true, ..(**a).clone() };
                // Something that is not understood may have any other name.
                if *why == Why::Outside && set.rest.is_none() {
                    set.rest = Some(self.done(Value::outside()));
                }
                Value::Set(set.into())
            }
            // `mkEnableOption "…" // { default = true; }`
            (Value::Declared(Declared::Option(option)), Value::Set(_)) => {
                // Anything else may be an option again: `let o = mkOption o; in o // { }`.
                match self.force_known(*option) {
                    option @ Value::Set(_) => {
                        let option = self.update(option, right);
                        Value::Declared(Declared::Option(self.done(option)))
                    }
                    _ => left,
                }
            }
            (Value::Unknown(_), Value::Unknown(_)) => left,
            (Value::Unknown(_), _) => right,
            (_, Value::Unknown(_)) => left,
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
            // A union would be in it once for each alternative, and in a loop over them again in
            // each round.
            (Value::Update(_), Value::Either(_)) | (Value::Either(_), Value::Update(_)) => {
                Value::Update((left, right).into())
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
            _ => Value::Update((left, right).into()),
        }
    }

    /// `left // right`: where an attribute on the right may be missing, the one on the left counts.
    fn set_updated(&mut self, left: &Set, right: &Set) -> Set {
        let mut updated = left.update(right);
        for attr in &mut updated.attrs {
            if attr.conditional
                && let (Some(before), Some(after)) = (left.get(&attr.name), right.get(&attr.name))
            {
                attr.thunk = self.thunk(State::Either(after.thunk, before.thunk));
                attr.conditional = before.conditional;
            }
        }
        updated
    }

    /// Several alternatives as one set with conditional attributes; unchanged if some are no sets.
    /// Alternatives of alternatives would double with every round of a loop.
    fn joined(&mut self, all: &Rc<Alternatives>) -> Value {
        let mut joined: Option<Set> = None;
        let single = all.iter().filter(|one| !matches!(one, Value::Further(_)));
        let further = all.iter().filter_map(|one| match one {
            Value::Further(more) => Some(more.iter()),
            _ => None,
        });
        for one in single.chain(further.flatten()) {
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

    /// One of two sets.
    fn join(&mut self, a: &Set, b: &Set) -> Set {
        if self.budget.weigh_sets(a, b) {
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

    /// `recursiveUpdate left right`
    pub(super) fn merge(&mut self, left: Value, right: Value, depth: u32) -> Value {
        self.merged(Merging::Updates, left, right, depth)
    }

    /// Two sets that modules define for one option: what is in both is defined twice.
    pub(super) fn merge_definitions(&mut self, left: Value, right: Value) -> Value {
        self.merged(Merging::Definitions, left, right, 0)
    }

    fn merged(&mut self, how: Merging, left: Value, right: Value, depth: u32) -> Value {
        let (Value::Set(a), Value::Set(b)) = (&left, &right) else {
            return self.update(left, right);
        };
        if self.budget.weigh_sets(a, b) {
            return Value::outside();
        }
        let mut merged = a.update(b);
        if depth < 6 {
            for attr in &mut merged.attrs {
                if let (Some(x), Some(y)) = (a.get(&attr.name), b.get(&attr.name)) {
                    let (first, second) = (x.thunk, y.thunk);
                    let (x, y) = (self.force_known(first), self.force_known(second));
                    if matches!((&x, &y), (Value::Set(_), Value::Set(_))) {
                        let both = self.merged(how, x, y, depth + 1);
                        attr.thunk = self.done(both);
                    } else if how == Merging::Updates
                        && matches!(y, Value::Set(_))
                        && is_set_like(&x)
                    {
                        let both = self.update(x, y);
                        attr.thunk = self.done(both);
                    } else if how == Merging::Definitions && !(x.is_plain() && y.is_plain()) {
                        let list = self.done(Value::list(vec![first, second], false));
                        let both = Value::Definition(Rc::new(Definition::Merge(list)));
                        attr.thunk = self.done(both);
                    }
                }
            }
            if let (Some(x), Some(y)) = (a.rest, b.rest) {
                merged.rest = Some(self.thunk(State::Either(x, y)));
            }
        }
        Value::Set(Rc::new(merged))
    }
}

/// How two sets are merged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Merging {
    /// The right one wins.
    Updates,
    /// Both are definitions of an option.
    Definitions,
}

/// Whether a value is a set whose attributes are not listed: a package set, what an input offers.
fn is_set_like(value: &Value) -> bool {
    matches!(
        value,
        Value::Package(..)
            | Value::Before(..)
            | Value::Unread(..)
            | Value::Update(_)
            | Value::Mapped(_)
            | Value::Derivation(_)
            | Value::Library(..)
    )
}

/// A set whose attributes are all conditional.
pub(super) fn as_conditional_set(value: &Value) -> Value {
    match value {
        Value::Set(set) => {
            let mut set = (**set).clone();
            set.attrs.iter_mut().for_each(|attr| attr.conditional = true);
            Value::Set(set.into())
        }
        other => other.clone(),
    }
}

/// The sets that a value consists of, flattened.
pub(super) fn sets_of(value: &Value, sets: &mut Vec<Rc<Set>>) {
    match value {
        Value::Set(set) => sets.push(set.clone()),
        Value::Conditional(inner) => match as_conditional_set(inner) {
            Value::Set(set) => sets.push(set),
            other => sets_of(&other, sets),
        },
        Value::Either(all) => all.iter().for_each(|one| sets_of(one, sets)),
        Value::Further(all) => {
            all.iter().for_each(|one| sets_of(&one.clone().conditional(), sets));
        }
        Value::Update(both) => {
            sets_of(&both.0, sets);
            sets_of(&both.1, sets);
        }
        _ => {}
    }
}

/// The parts of a value that are no sets and may be built: not whole package sets, inputs that are
/// passed on, or functions.
pub(super) fn others_of(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Update(both) => {
            others_of(&both.0, found);
            others_of(&both.1, found);
        }
        Value::Either(all) => all.iter().for_each(|one| others_of(one, found)),
        Value::Conditional(inner) => others_of(inner, found),
        Value::Set(_) | Value::Inputs(_) | Value::Flake(..) | Value::Itself(_) => {}
        Value::Package(_, path, _) if path.is_empty() => {}
        Value::Function(..) | Value::Native(_) => {}
        other if other.is_plain() => {}
        other => found.push(other.clone()),
    }
}
