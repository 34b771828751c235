//! Sets that see their own result, and overlays of them.

use std::rc::Rc;

use super::MOST;
use crate::source::evaluate::machine::{Machine, State};
use crate::source::evaluate::select::nowhere;
use crate::source::evaluate::value::{Function, Partial, Set, SetAttr, Thunk, Value};
use crate::source::syntax::Name;

impl Machine<'_> {
    /// `fix function`, `makeExtensible function`
    pub(super) fn fixed(&mut self, name: &str, function: Value) -> Value {
        let own = self.thunk(State::Fixed(Box::new(function)));
        let fixed = self.force(own);
        match &fixed {
            Value::Set(set) if name == "makeExtensible" => self.extensible(set),
            _ => fixed,
        }
    }

    /// A set that `makeExtensible` made: it has `extend`.
    fn extensible(&mut self, set: &Rc<Set>) -> Value {
        let base = Value::Set(set.clone());
        let function = Function::Library(None, Name::from("‹extend›"));
        let place = nowhere();
        let extend = Value::Partial(Rc::new(Partial { function, args: vec![base], place }));
        let thunk = self.done(extend);
        let extend = SetAttr { name: "extend".into(), thunk, place: None, conditional: false };
        let extend = Set { attrs: vec![extend], rest: None, open: false };
        Value::Set(set.update(&extend).into())
    }

    /// `base.extend overlay`, or a list of overlays.
    pub(super) fn extended(&mut self, base: Value, overlay: Value) -> Value {
        let thunk = self.thunk(State::Extended(Box::new((base, overlay))));
        self.force(thunk)
    }

    /// What an overlay makes of a set; `own` stands for the result.
    pub(in crate::source::evaluate) fn extend_by(
        &mut self,
        base: Value,
        overlay: &Value,
        own: Thunk,
    ) -> Value {
        let place = nowhere();
        match overlay {
            Value::List(list) => {
                let overlays = list.items.clone();
                overlays.into_iter().take(MOST).fold(base, |base, overlay| {
                    let overlay = self.force(overlay);
                    self.extend_by(base, &overlay, own)
                })
            }
            Value::Unknown(_) => base,
            overlay => {
                let half = self.apply_lazily(overlay, own, place);
                match self.apply(&half, base.clone(), place) {
                    Value::Unknown(_) => base,
                    added => self.update(base, added),
                }
            }
        }
    }
}
