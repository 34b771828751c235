//! Sets that see their own result: fixed points, and overlays of them.

use std::rc::Rc;

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Function, Set, Thunk, Value, above, attr};
use crate::evaluate::world::FlakeInput;

impl Evaluator<'_> {
    /// Sets that see their own result, and overlays of them.
    pub(super) fn fixed_point(
        &mut self,
        slot: Option<FlakeInput>,
        name: &str,
        args: &mut Args,
    ) -> Value {
        match name {
            "extend" => {
                // Of the library itself.
                let overlay = args.next(self);
                let base = Value::Library(slot, [].into());
                let thunk = self.thunk(State::Extended(Box::new((base, overlay))));
                self.force(thunk)
            }
            "composeExtensions" => {
                let (a, b) = (args.thunk(self), args.thunk(self));
                Value::list(vec![a, b], false)
            }
            "extends" => {
                // `extends overlay function`: a function of the result.
                let overlay = args.next(self);
                let function = args.next(self);
                let base = self.thunk(State::Fixed(Box::new(function)));
                let base = self.force(base);
                let thunk = self.thunk(State::Extended(Box::new((base, overlay))));
                let constant = Function::Library(None, "const".into());
                Value::native(constant, vec![thunk])
            }
            "makeScope" => {
                let scope = args.next(self);
                let function = args.next(self);
                let own = match scope {
                    Value::Package(instance, path, place) => {
                        let packages = Value::Package(instance, above(&path), place);
                        self.thunk(State::Scoped(Box::new((packages, function))))
                    }
                    _ => self.thunk(State::Fixed(Box::new(function))),
                };
                self.force(own)
            }
            _ => {
                if name == "makeExtensibleWithCustomName" {
                    args.thunk(self);
                }
                let function = args.next(self);
                let own = self.thunk(State::Fixed(Box::new(function)));
                match self.force(own) {
                    Value::Set(set) if name.starts_with("makeExtensible") => self.extensible(&set),
                    fixed => fixed,
                }
            }
        }
    }

    /// A set that `makeExtensible` made: it has `extend`.
    fn extensible(&mut self, set: &Rc<Set>) -> Value {
        let base = self.done(Value::Set(set.clone()));
        let extend = self.done(Value::native(Function::ExtendSet, vec![base]));
        let extend = Set { attrs: vec![attr("extend", extend)], rest: None, open: false };
        Value::Set(set.update(&extend).into())
    }

    /// `base.extend overlay`
    pub(in crate::evaluate) fn extend_set(&mut self, args: &[Thunk]) -> Value {
        let [base, overlay, ..] = args else { return Value::outside() };
        let (base, overlay) = (self.force(*base), self.force(*overlay));
        let thunk = self.thunk(State::Extended(Box::new((base, overlay))));
        self.force(thunk)
    }
}
