//! Sets that refer to their own result: fixed points, and overlays on them.

use std::rc::Rc;

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Function, Set, Thunk, Value, above, attr};
use crate::evaluate::world::FlakeInput;

impl Evaluator<'_> {
    /// Functions that make sets which refer to their own result, and overlays on them.
    pub(super) fn fixed_point(
        &mut self,
        slot: Option<FlakeInput>,
        name: &str,
        args: &mut Args,
    ) -> Value {
        match name {
            "extend" => {
                // Extends the library itself.
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
                // `extends overlay function result`
                let overlay = args.next(self);
                let function = args.next(self);
                let result = args.thunk(self);
                let base = self.apply(&function, result, None);
                self.extend_by(base, &overlay, result)
            }
            "makeScope" => {
                let new_scope = args.thunk(self);
                let function = args.thunk(self);
                self.scope(new_scope, function)
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

    /// The set that `makeExtensible` makes: it has `extend`.
    fn extensible(&mut self, set: &Rc<Set>) -> Value {
        let base = self.done(Value::Set(set.clone()));
        let extend = self.done(Value::native(Function::ExtendSet, vec![base]));
        let extend = Set { attrs: vec![attr("extend", extend)], rest: None, open: false };
        Value::Set(set.update(&extend).into())
    }

    /// `makeScope newScope function`: a set that refers to itself, and whose `callPackage` takes
    /// arguments from it first.
    ///
    /// Source: nixpkgs `lib/customisation.nix`, `makeScope`.
    pub(in crate::evaluate) fn scope(&mut self, new_scope: Thunk, function: Thunk) -> Value {
        let own = self.thunk(State::Scoped(new_scope, function));
        self.force(own)
    }

    /// What a scope is, given its own result.
    pub(in crate::evaluate) fn scope_of(
        &mut self,
        new_scope: Thunk,
        function: Thunk,
        own: Thunk,
    ) -> Value {
        let make = self.force(function);
        let made = self.apply(&make, own, None);
        let opener = self.force(new_scope);
        // Packages of Python by the versions in a lock: to resolve these costs more than all the
        // rest of a flake, so their set stands for one of nixpkgs.
        if let Value::Package(instance, path, place) = &opener
            && self.resolves_versions(&make)
        {
            let packages = Value::Package(*instance, above(path), *place);
            return self.update(packages, made);
        }
        let call = self.thunk(State::Call(Box::new((opener, vec![own], None))));
        let further = self.done(Value::native(Function::NewScope, vec![new_scope, own]));
        let again = self.done(Value::native(Function::OverrideScope, vec![new_scope, function]));
        let own_names = [
            ("callPackage", call),
            ("newScope", further),
            ("overrideScope", again),
            ("packages", function),
        ];
        let own_names = own_names.map(|(name, thunk)| attr(name, thunk)).to_vec();
        self.update(made, Value::set(own_names, None, false))
    }

    /// Whether a function is code of `pyproject.nix`.
    fn resolves_versions(&self, function: &Value) -> bool {
        let Value::Function(code, _) = function else { return false };
        let flake = self.recorder.flake_of(code.file);
        let repository = self.world.reference(flake).and_then(|of| of.repository.as_deref());
        repository.is_some_and(|repository| repository.ends_with("/pyproject.nix"))
    }

    /// `scope.newScope more`: a `callPackage` of the scope with more in it.
    pub(in crate::evaluate) fn new_scope(&mut self, args: &[Thunk]) -> Value {
        let [new_scope, own, more, ..] = args else { return Value::outside() };
        let (opener, own, more) = (self.force(*new_scope), self.force(*own), self.force(*more));
        let both = self.update(own, more);
        self.apply_to(&opener, both, None)
    }

    /// `scope.overrideScope overlay`
    pub(in crate::evaluate) fn override_scope(&mut self, args: &[Thunk]) -> Value {
        let [new_scope, function, overlay, ..] = args else { return Value::outside() };
        let extends = Function::Library(None, "extends".into());
        let function = self.done(Value::native(extends, vec![*overlay, *function]));
        self.scope(*new_scope, function)
    }

    /// `base.extend overlay`
    pub(in crate::evaluate) fn extend_set(&mut self, args: &[Thunk]) -> Value {
        let [base, overlay, ..] = args else { return Value::outside() };
        let (base, overlay) = (self.force(*base), self.force(*overlay));
        let thunk = self.thunk(State::Extended(Box::new((base, overlay))));
        self.force(thunk)
    }
}
