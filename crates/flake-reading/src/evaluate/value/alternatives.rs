//! Values that may be one thing or another, or depend on a condition.

use std::rc::Rc;

use super::Value;

/// The most alternatives that are kept beyond those that are told apart.
const MOST_FURTHER: usize = 256;

/// Several alternatives. Those that a loop adds to are not copied each time: the longer list has
/// the shorter one before its own.
#[derive(Debug, Default)]
pub(in crate::evaluate) struct Alternatives {
    before: Option<Rc<Alternatives>>,
    own: Vec<Value>,
    /// The number of all.
    len: usize,
    /// Whether there are others that are not kept.
    are_more: bool,
}

impl Alternatives {
    /// `before`, then the first of the others, as long as they are no more than [`MOST_FURTHER`].
    fn after(before: Option<Rc<Self>>, others: impl IntoIterator<Item = Value>) -> Rc<Self> {
        let known = before.as_ref().map_or(0, |before| before.len);
        let mut others = others.into_iter();
        let mut own: Vec<_> = others.by_ref().take(MOST_FURTHER.saturating_sub(known)).collect();
        own.shrink_to_fit();
        let are_more = others.next().is_some();
        match before {
            Some(before) if own.is_empty() && (before.are_more || !are_more) => before,
            before => {
                let are_more = are_more || before.as_ref().is_some_and(|before| before.are_more);
                Rc::new(Self { len: known + own.len(), before, own, are_more })
            }
        }
    }

    /// The same without being complete.
    fn and_more(self: Rc<Self>) -> Rc<Self> {
        if self.are_more {
            return self;
        }
        Rc::new(Self { len: self.len, before: Some(self), own: Vec::new(), are_more: true })
    }

    /// Whether there are others that are not kept.
    pub(in crate::evaluate) fn are_more(&self) -> bool {
        self.are_more
    }

    pub(in crate::evaluate) fn len(&self) -> usize {
        self.len
    }

    pub(in crate::evaluate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Value> {
        let mut lists = vec![self];
        while let Some(before) = lists.last().and_then(|list| list.before.as_deref()) {
            lists.push(before);
        }
        lists.into_iter().rev().flat_map(|list| &list.own)
    }
}

impl FromIterator<Value> for Alternatives {
    fn from_iter<T: IntoIterator<Item = Value>>(values: T) -> Self {
        // They are kept to the end, and there are many.
        let mut own = Vec::from_iter(values);
        own.shrink_to_fit();
        Self { before: None, len: own.len(), own, are_more: false }
    }
}

impl Value {
    /// Alternatives beyond those that are told apart, made of others of which each gives one: if these
    /// are not all, neither are they.
    pub(in crate::evaluate) fn further_of(
        others: &Alternatives,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        let all: Alternatives = values.into_iter().collect();
        Value::Further(Rc::new(Alternatives { are_more: others.are_more, ..all }))
    }

    /// Alternatives of which nothing is known.
    pub(in crate::evaluate) fn more() -> Self {
        Value::Further(Rc::new(Alternatives { are_more: true, ..Alternatives::default() }))
    }

    /// One of several values; unknown ones are dropped if there are known ones.
    pub(in crate::evaluate) fn either(values: Vec<Value>) -> Self {
        /// The most alternatives that are told apart: an operation on them is done for each.
        const MOST: usize = 8;
        let mut flat: Vec<Value> = Vec::new();
        let mut further: Option<Rc<Alternatives>> = None;
        let mut add = |value| match value {
            Value::Further(more) => {
                further = Some(match further.take() {
                    None => more,
                    before => {
                        let both = Alternatives::after(before, more.iter().cloned());
                        if more.are_more { both.and_more() } else { both }
                    }
                });
            }
            value => flat.push(value),
        };
        for value in values {
            match value {
                Value::Either(inner) => inner.iter().cloned().for_each(&mut add),
                Value::Conditional(ref inner) => match &**inner {
                    // If each of them depends on a condition, all do.
                    Value::Either(inner) => {
                        inner.iter().cloned().map(Value::conditional).for_each(&mut add);
                    }
                    _ => add(value),
                },
                value => add(value),
            }
        }
        if further.is_some() || flat.len() > MOST {
            let others = flat.drain(flat.len().min(MOST)..);
            let further = Alternatives::after(further, others);
            flat.push(Value::Further(further));
        }
        match flat.len() {
            0 => Value::outside(),
            1 => flat.pop().unwrap_or_else(Value::outside),
            _ => Value::Either(Rc::new(flat.into_iter().collect())),
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
