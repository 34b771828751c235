//! Results of functions that can be made again with other arguments.
//!
//! Source: nixpkgs `lib/customisation.nix`, `makeOverridable`.

use std::rc::Rc;

use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::value::{Derivation, Function, PackageCall, Thunk, Value, attr};

impl Evaluator<'_> {
    /// `makeOverridable function arg`: a set gets `override`.
    pub(super) fn overridable(
        &mut self,
        function: Thunk,
        arg: Thunk,
        place: Option<Place>,
    ) -> Value {
        let make = self.force_known(function);
        let made = self.apply(&make, arg, place);
        if let (Value::Derivation(made), Value::Function(code, _)) = (&made, &make)
            && made.called.is_none()
            && self.formals(*code).is_some()
        {
            // Its function gets what it is given, and no packages by their names.
            let packages = Value::no_attrs();
            let (instance, path) = (made.maker, [].into());
            let call = PackageCall { instance, path, packages, function: make.clone(), given: arg };
            let called = Some(Rc::new(call));
            return Value::Derivation(Rc::new(Derivation { called, ..(**made).clone() }));
        }
        if let Value::System(class) = made {
            self.overridable_system(class, function, arg);
        }
        if !matches!(made, Value::Set(_)) {
            return made;
        }
        let again = Value::native(Function::OverrideArguments, vec![function, arg]);
        let again = vec![attr("override", self.done(again))];
        self.update(made, Value::set(again, None, false))
    }

    /// `made.override more`, where `more` may be a function of the arguments before.
    pub(in crate::evaluate) fn override_arguments(
        &mut self,
        args: &[Thunk],
        place: Option<Place>,
    ) -> Value {
        let [function, before, more, ..] = args else { return Value::outside() };
        let more = match self.force_known(*more) {
            change @ (Value::Function(..) | Value::Native(_)) => {
                self.apply(&change, *before, place)
            }
            more => more,
        };
        let before = self.force_known(*before);
        let both = self.update(before, more);
        let both = self.done(both);
        self.overridable(*function, both, place)
    }
}
