//! Values that may be one thing or another, or are there only if something holds.

use std::rc::Rc;

use super::Value;

/// Alternatives that are kept beyond those that are told apart.
pub(in crate::evaluate) const MOST_FURTHER: usize = 256;

impl Value {
    /// One of several values; what is unknown does not count beside what is known.
    pub(in crate::evaluate) fn either(values: Vec<Value>) -> Self {
        /// Alternatives that are told apart: what is done with one is done with each.
        const MOST: usize = 8;
        let mut flat: Vec<Value> = Vec::new();
        let mut further: Vec<Value> = Vec::new();
        let mut are_more = false;
        for value in values {
            match value {
                Value::Either(inner) => flat.extend(inner.iter().cloned()),
                Value::Conditional(ref inner) => match &**inner {
                    // What each of them depends on, all depend on.
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
            // Where these are too many, those that are left say that there are more.
            further.truncate(MOST_FURTHER);
            flat.push(Value::Further(further.into()));
        }
        match flat.len() {
            0 => Value::outside(),
            1 => flat.pop().unwrap_or_else(Value::outside),
            _ => Value::Either(flat.into()),
        }
    }

    /// What is one of two things, nobody knows which.
    pub(in crate::evaluate) fn one_of(a: Value, b: Value) -> Self {
        match (&a, &b) {
            (Value::Bool(x), Value::Bool(y)) if x == y => a,
            (Value::Text(x), Value::Text(y)) if x == y => a,
            (Value::Bool(_), Value::Bool(_)) => Value::condition(),
            // What is unknown says nothing, but that the other is not certain.
            (Value::Unknown(_), _) => b.conditional(),
            (_, Value::Unknown(_)) => a.conditional(),
            (Value::Null, _) => b.conditional(),
            (_, Value::Null) => a.conditional(),
            _ => Value::either(vec![a.conditional(), b.conditional()]),
        }
    }

    /// The value without the conditions it depends on, and whether there are any.
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
