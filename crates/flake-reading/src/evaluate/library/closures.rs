//! Everything that can be reached from some elements.
//!
//! Source: Nix manual, "Built-ins", `genericClosure`.

use std::collections::VecDeque;

use super::order::Key;
use super::{Args, MOST};
use crate::evaluate::collections::FastSet;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{How, Thunk, Value};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// `genericClosure { startSet; operator; }`: elements in the order in which they are found, each
    /// key once. Where a key is not known, it is a list of something made of the arguments.
    pub(super) fn closure(&mut self, args: &mut Args) -> Value {
        let (arg, place) = (args.thunk(self), args.place);
        let given = self.force_known(arg);
        let start = self.member(&given, &Name::from("startSet"), None);
        let operator = self.member(&given, &Name::from("operator"), None);
        let mut items = Vec::new();
        let mut is_open = self.items_into(&start, &mut items);
        let mut open: VecDeque<Thunk> = items.into();
        let (mut seen, mut found) = (FastSet::default(), Vec::new());
        while let Some(item) = open.pop_front() {
            if found.len() >= MOST || !self.budget.step() {
                self.budget.within(false);
                is_open = true;
                break;
            }
            let key = self.member_thunk(item, "key");
            let Some(key) = Key::of(&self.force_known(key)) else {
                return Value::woven(How::Made, vec![arg], place);
            };
            if !seen.insert(key) {
                continue;
            }
            found.push(item);
            let further = self.apply(&operator, item, place);
            let mut items = Vec::new();
            is_open |= self.items_into(&further, &mut items);
            open.extend(items);
        }
        Value::list(found, is_open)
    }
}
