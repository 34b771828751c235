//! Items of lists.

use super::machine::Machine;
use super::value::{Thunk, Value};

/// Items of a list that was joined.
pub(super) const LONGEST_LIST: usize = 150_000;

impl Machine<'_> {
    /// `left ++ right`
    pub(super) fn concat(&mut self, left: &Value, right: &Value) -> Value {
        let mut items = Vec::new();
        let mut open = false;
        for side in [left, right] {
            open |= self.items_into(side, &mut items);
        }
        open |= self.shorten(&mut items);
        Value::list(items, open)
    }

    /// Bounds how long a list gets by joining it with itself; true where some of it is left out.
    pub(super) fn shorten(&mut self, items: &mut Vec<Thunk>) -> bool {
        let long = items.len() > LONGEST_LIST;
        if long {
            items.truncate(LONGEST_LIST);
            self.facts.cut_short = true;
        }
        self.weigh(items.len()) || long
    }

    /// The items of a list, as far as it is one; true where there may be more.
    pub(super) fn items_into(&mut self, value: &Value, items: &mut Vec<Thunk>) -> bool {
        match value {
            Value::List(list) => {
                if self.weigh(list.items.len()) {
                    return true;
                }
                items.extend(&list.items);
                list.open
            }
            Value::Conditional(inner) => self.items_into(inner, items),
            Value::Config(..) => match self.resolve(value.clone()) {
                Value::Config(..) => true,
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
            Value::Set(_) | Value::Package(..) | Value::Input(..) => {
                let item = self.done(value.clone());
                items.push(item);
                true
            }
            _ => true,
        }
    }
}
