//! What modules and systems are made with: values on a condition, systems, modules of others.

use super::Args;
use crate::source::evaluate::facts::{Place, Taken};
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{Base, Value};
use crate::source::evaluate::visit::Giver;

impl Machine<'_> {
    /// `mkIf condition value`, `optional condition value` and their like.
    pub(super) fn on_condition(&mut self, name: &str, args: &mut Args) -> Value {
        let (condition, value) = (args.next(), args.next());
        let value = if name == "optional" {
            let item = self.done(value);
            Value::list(vec![item], false)
        } else {
            value
        };
        match condition.unconditional().0 {
            Value::Bool(true) => value,
            Value::Bool(false) if matches!(name, "optional" | "optionals") => {
                Value::list(Vec::new(), false)
            }
            Value::Bool(false) => Value::set(Vec::new(), None, false),
            _ => value.conditional(),
        }
    }

    /// `nixosSystem` of a library: it is that of the input which the library is of.
    pub(super) fn library_nixos(&mut self, input: Option<u32>, args: Value, place: Place) -> Value {
        let from = input.map_or(Base::Other, Base::Input);
        if let Some(input) = input {
            self.record_taken(input, Taken::Lib, place);
        }
        self.nixos_of(from, args, place)
    }

    /// `evalModules` and what runs tests: who evaluates the modules is not read.
    pub(super) fn modules_of_others(&mut self, arg: Value) -> Value {
        if let Value::Set(set) = &arg
            && let Some(modules) = set.get("modules").or_else(|| set.get("imports"))
        {
            let modules = self.force(modules.thunk);
            self.outside_modules(&modules);
        }
        self.visit(arg, Giver::Outside);
        Value::outside()
    }
}
