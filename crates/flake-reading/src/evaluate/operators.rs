//! Operators.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::Place;
use super::heap::State;
use super::library;
use super::value::{Derivation, How, Path, Segment, Set, Thunk, Value, Why, last};
use crate::syntax::Operator;

/// The most items of a concatenated list.
pub(super) const LONGEST_LIST: usize = 150_000;

impl Evaluator<'_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: Thunk,
        right: Thunk,
        place: Option<Place>,
    ) -> Value {
        match operator {
            Operator::Update => {
                let (left, right) = (self.force(left), self.force(right));
                self.update(left, right)
            }
            Operator::Concat => {
                let (left, right) = (self.force(left), self.force(right));
                self.concat(&left, &right)
            }
            Operator::Add => {
                let (left, right) = (self.force_known(left), self.force_known(right));
                self.add(left, right, place)
            }
            Operator::Equal | Operator::NotEqual => {
                let (left, right) = (self.force_known(left), self.force_known(right));
                match self.equal(&left, &right) {
                    Some(same) => Value::Bool(same == (operator == Operator::Equal)),
                    None => Value::condition(),
                }
            }
            Operator::And | Operator::Or | Operator::Implies => self.logical(operator, left, right),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::More
            | Operator::MoreOrEqual
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide => {
                let (left, right) = (self.force_known(left), self.force_known(right));
                match (left, right) {
                    (Value::Number(Some(a)), Value::Number(Some(b))) => numeric(operator, a, b),
                    (Value::Text(a), Value::Text(b)) => of_texts(operator, &a, &b),
                    _ => Value::condition(),
                }
            }
            Operator::PipeRight => {
                let function = self.force(right);
                self.apply(&function, left, place)
            }
            Operator::PipeLeft => {
                let function = self.force(left);
                self.apply(&function, right, place)
            }
        }
    }

    fn logical(&mut self, operator: Operator, left: Thunk, right: Thunk) -> Value {
        // One operand may decide alone: `false && …`, `true || …`, `false -> …`.
        let decides = operator == Operator::Or;
        let gives = operator != Operator::And;
        let left = match self.force_known(left) {
            Value::Bool(value) => Some(value),
            _ => None,
        };
        if left == Some(decides) {
            return Value::Bool(gives);
        }
        match (left, self.force_known(right)) {
            (Some(_), Value::Bool(right)) => Value::Bool(right),
            (None, Value::Bool(right)) if right == gives => Value::Bool(right),
            _ => Value::condition(),
        }
    }

    /// Whether two values are equal, if that is certain.
    pub(super) fn equal(&mut self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Text(a), Value::Text(b)) => Some(a == b),
            (Value::Bool(a), Value::Bool(b)) => Some(a == b),
            (Value::Number(Some(a)), Value::Number(Some(b))) => Some(a == b),
            (Value::Path(f, a), Value::Path(g, b)) => Some(f == g && a == b),
            (Value::Null, Value::Null) => Some(true),
            (Value::Package(i, a, _), Value::Package(j, b, _)) => {
                let is_known = |path: &Path| !path.contains(&Segment::Any);
                match is_known(a) && is_known(b) {
                    true if i == j && are_platforms(a, b) => self.is_native(*i).then_some(true),
                    true if i == j => Some(a == b),
                    // Those of one name in two sets may be one.
                    true if last(a) != last(b) => Some(false),
                    _ => None,
                }
            }
            (Value::Derivation(a), Value::Derivation(b)) => self.same_derivation(a, b),
            // What somebody makes is none that nixpkgs has.
            (Value::Derivation(made), Value::Package(..))
            | (Value::Package(..), Value::Derivation(made))
                if !made.is_override =>
            {
                Some(false)
            }
            (one, other) if is_unsure(one) || is_unsure(other) => None,
            (Value::Null, Value::Config(class, path))
            | (Value::Config(class, path), Value::Null) => {
                // A set of options.
                (path.is_empty() || self.declares_below(*class, path)).then_some(false)
            }
            (Value::Null, other) | (other, Value::Null) => {
                let may_be_null = match other {
                    Value::Unread(_, path, _) => !library::is_something(path),
                    other => {
                        matches!(other, Value::Woven(_) | Value::Update(_) | Value::Mapped(_))
                    }
                };
                (!may_be_null).then_some(false)
            }
            (Value::List(a), Value::List(b)) if a.unsure || b.unsure => None,
            (Value::List(a), Value::List(b)) if !a.open && !b.open => {
                if a.items.len() != b.items.len() {
                    return Some(false);
                }
                let pairs: Vec<_> = a.items.iter().copied().zip(b.items.iter().copied()).collect();
                let mut same = Some(true);
                for (x, y) in pairs.into_iter().take(64) {
                    let (x, y) = (self.force_known(x), self.force_known(y));
                    match self.deeper_equal(&x, &y) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => same = None,
                    }
                }
                same
            }
            (Value::Set(a), Value::Set(b)) if a.is_certain() && b.is_certain() => {
                if a.attrs.len() != b.attrs.len() {
                    return Some(false);
                }
                let pairs: Option<Vec<_>> = a
                    .attrs
                    .iter()
                    .map(|attr| Some((attr.thunk, b.get(&attr.name)?.thunk)))
                    .collect();
                let mut same = Some(true);
                for (x, y) in pairs.unwrap_or_default().into_iter().take(64) {
                    let (x, y) = (self.force_known(x), self.force_known(y));
                    match self.deeper_equal(&x, &y) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => same = None,
                    }
                }
                let has_all = a.attrs.iter().all(|attr| b.get(&attr.name).is_some());
                if has_all { same.filter(|_| a.attrs.len() <= 64) } else { Some(false) }
            }
            (Value::Set(a), Value::Set(b)) if a.attrs.is_empty() || b.attrs.is_empty() => {
                let is_there = |set: &Set| set.attrs.iter().any(|attr| !attr.conditional);
                if is_there(a) || is_there(b) {
                    return Some(false);
                }
                let is_empty = |set: &Set| set.attrs.is_empty() && !set.open && set.rest.is_none();
                (is_empty(a) && is_empty(b)).then_some(true)
            }
            _ => None,
        }
    }

    /// Whether two derivations are one, by what they are made with, or by their names.
    fn same_derivation(&mut self, a: &Rc<Derivation>, b: &Rc<Derivation>) -> Option<bool> {
        let made = |of: &Derivation| (of.maker, of.path.clone(), of.given.clone(), of.is_override);
        if Rc::ptr_eq(a, b) || made(a) == made(b) {
            return Some(true);
        }
        if !a.is_override && !b.is_override && last(&a.path) != last(&b.path) {
            return Some(false);
        }
        let names = (self.name_given(a)?, self.name_given(b)?);
        (names.0 != names.1).then_some(false)
    }

    fn deeper_equal(&mut self, left: &Value, right: &Value) -> Option<bool> {
        let mut same = None;
        self.deeper(|evaluator| {
            same = evaluator.equal(left, right);
            Value::Null
        });
        same
    }

    /// `left ++ right`
    fn concat(&mut self, left: &Value, right: &Value) -> Value {
        let mut items = Vec::new();
        let mut open = false;
        for side in [left, right] {
            open |= self.items_into(side, &mut items);
        }
        open |= self.shorten(&mut items);
        Value::list_of_some(items, open, may_lack_items(left) || may_lack_items(right))
    }

    /// Limits the length of a list that is concatenated with itself; true if items were left out.
    pub(super) fn shorten(&mut self, items: &mut Vec<Thunk>) -> bool {
        let long = items.len() > LONGEST_LIST;
        if long {
            items.truncate(LONGEST_LIST);
            self.budget.within(false);
        }
        self.budget.weigh(items.len()) || long
    }

    /// Appends the items of a list, as far as it is one; true if there may be more. Items that
    /// depend on a condition become conditional.
    pub(super) fn items_into(&mut self, value: &Value, items: &mut Vec<Thunk>) -> bool {
        match value {
            Value::List(list) => {
                if self.budget.weigh(list.items.len()) {
                    return true;
                }
                items.extend(&list.items);
                list.open
            }
            Value::Conditional(inner) => {
                let mut own = Vec::new();
                let open = self.items_into(inner, &mut own);
                let never = self.done(Value::outside());
                for item in own {
                    items.push(self.thunk(State::Either(item, never)));
                }
                open
            }
            Value::Config(..) | Value::Definition(_) => match self.resolve(value.clone()) {
                Value::Config(..) | Value::Definition(_) => true,
                value => self.items_into(&value, items),
            },
            Value::Either(all) => {
                let mut open = false;
                for one in all.iter() {
                    open |= self.items_into(one, items);
                }
                open
            }
            Value::Null => false,
            // An item that is not understood stands for any number of items.
            Value::Unknown(Why::Outside) => {
                items.push(self.done(Value::outside()));
                true
            }
            Value::Unknown(_) => true,
            other => {
                let item = self.done(other.clone());
                items.push(item);
                true
            }
        }
    }

    /// `left + right`
    pub(super) fn add(&mut self, left: Value, right: Value, place: Option<Place>) -> Value {
        let ((a, perhaps), (b, also_perhaps)) = (left.unconditional(), right.unconditional());
        let sum = match (a, b) {
            (Value::Number(Some(a)), Value::Number(Some(b))) => Value::Number(a.checked_add(*b)),
            (Value::Number(_), Value::Number(_)) => Value::Number(None),
            (a, b) => match self.joined_path(a, b, place) {
                Some(path) => path,
                None => {
                    let of = vec![self.done(left), self.done(right)];
                    return Value::woven(How::Text, of, place);
                }
            },
        };
        if perhaps || also_perhaps { sum.conditional() } else { sum }
    }
}

/// Whether a list may lack some of the items that are known of it.
fn may_lack_items(value: &Value) -> bool {
    match value {
        Value::List(list) => list.unsure,
        value => is_unsure(value),
    }
}

/// Whether a value may be one thing or another.
fn is_unsure(value: &Value) -> bool {
    matches!(
        value,
        Value::Unknown(_) | Value::Conditional(_) | Value::Either(_) | Value::Further(_)
    )
}

/// Texts are compared by their bytes.
fn of_texts(operator: Operator, a: &str, b: &str) -> Value {
    match operator {
        Operator::Less => Value::Bool(a < b),
        Operator::LessOrEqual => Value::Bool(a <= b),
        Operator::More => Value::Bool(a > b),
        Operator::MoreOrEqual => Value::Bool(a >= b),
        _ => Value::condition(),
    }
}

fn numeric(operator: Operator, a: i64, b: i64) -> Value {
    match operator {
        Operator::Less => Value::Bool(a < b),
        Operator::LessOrEqual => Value::Bool(a <= b),
        Operator::More => Value::Bool(a > b),
        Operator::MoreOrEqual => Value::Bool(a >= b),
        Operator::Subtract => Value::Number(a.checked_sub(b)),
        Operator::Multiply => Value::Number(a.checked_mul(b)),
        Operator::Divide => Value::Number(a.checked_div(b)),
        _ => Value::condition(),
    }
}

/// Whether these are platforms of one package set: `stdenv.hostPlatform` and `stdenv.buildPlatform`.
fn are_platforms(a: &Path, b: &Path) -> bool {
    let is_platform = |path: &Path| {
        let above = path.iter().rev().skip(1).map(Segment::name);
        matches!(last(path), Some("buildPlatform" | "hostPlatform" | "targetPlatform"))
            && above.eq([Some("stdenv")].into_iter().take(path.len().saturating_sub(1)))
    };
    is_platform(a) && is_platform(b)
}
