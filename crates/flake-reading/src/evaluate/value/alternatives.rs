//! Values that may be one thing or another, or depend on a condition.

use std::rc::Rc;

use super::Value;

/// The most alternatives that are kept beyond those that are told apart.
pub(in crate::evaluate) const MOST_FURTHER: usize = 256;

impl Value {
    /// One of several values; unknown ones are dropped if there are known ones.
    pub(in crate::evaluate) fn either(values: Vec<Value>) -> Self {
        /// The most alternatives that are told apart: an operation on them is done for each.
        const MOST: usize = 8;
        let mut flat: Vec<Value> = Vec::new();
        let mut further: Vec<Value> = Vec::new();
        let mut are_more = false;
        for value in values {
            match value {
                Value::Either(inner) => flat.extend(inner.iter().cloned()),
                Value::Conditional(ref inner) => match &**inner {
                    // If each of them depends on a condition, all do.
                    Value::Either(inner) => {
                        flat.extend(inner.iter().cloned().map(Value::conditional));
                    }
                    _ => flat.push(value),
                },
                value => flat.push(value),
            }
        }
        flat.retain(|value| match value {
            Value::Further(more) => {
                are_more = true;
                further.extend(more.iter().cloned());
                false
            }
            _ => true,
        });
        further.extend(flat.drain(flat.len().min(MOST)..));
        if are_more || !further.is_empty() {
            // If there are too many, the kept ones at least show that there are more.
            further.truncate(MOST_FURTHER);
            flat.push(Value::Further(further.into()));
        }
        match flat.len() {
            0 => Value::outside(),
            1 => flat.pop().unwrap_or_else(Value::outside),
            _ => Value::Either(flat.into()),
        }
    }

    /// An unknown one of two values.
    pub(in crate::evaluate) fn one_of(a: Value, b: Value) -> Self {
        match (&a, &b) {
            (Value::Bool(x), Value::Bool(y)) if x == y => a,
            (Value::Text(x), Value::Text(y)) if x == y => a,
            (Value::Bool(_), Value::Bool(_)) => Value::condition(),
            // An unknown value only makes the other uncertain.
            (Value::Unknown(_), _) => b.conditional(),
            (_, Value::Unknown(_)) => a.conditional(),
            (Value::Null, _) => b.conditional(),
            (_, Value::Null) => a.conditional(),
            _ => Value::either(vec![a.conditional(), b.conditional()]),
        }
    }

    /// The value without the conditions it depends on, and whether there were any.
    pub(in crate::evaluate) fn unconditional(&self) -> (&Value, bool) {
        let mut value = self;
        let mut conditional = false;
        while let Value::Conditional(inner) = value {
            value = inner;
            conditional = true;
        }
        (value, conditional)
    }

    pub(in crate::evaluate) fn conditional(self) -> Self {
        match self {
            Value::Conditional(_) | Value::Unknown(_) | Value::Further(_) => self,
            value => Value::Conditional(Rc::new(value)),
        }
    }
}
