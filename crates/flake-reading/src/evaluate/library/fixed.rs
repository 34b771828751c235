//! Sets that refer to their own result: fixed points, and overlays on them.

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Function, Thunk, Value, above, attr};
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
                let extender = (name == "makeExtensibleWithCustomName").then(|| args.thunk(self));
                let function = args.thunk(self);
                if !name.starts_with("makeExtensible") {
                    return self.fixed(function);
                }
                let extender = extender.unwrap_or_else(|| self.done(Value::text("extend")));
                self.extensible(extender, function)
            }
        }
    }

    /// What a function returns that gets its own result.
    fn fixed(&mut self, function: Thunk) -> Value {
        let function = self.force_known(function);
        let own = self.thunk(State::Fixed(Box::new(function)));
        self.force(own)
    }

    /// The set that `makeExtensible` makes of a function that gets the set: it has `extend`, or
    /// what else that is called.
    ///
    /// Source: nixpkgs `lib/fixed-points.nix`.
    fn extensible(&mut self, extender: Thunk, function: Thunk) -> Value {
        let made = self.fixed(function);
        match self.force_known(extender) {
            Value::Text(name) if matches!(made, Value::Set(_)) => {
                let extend = Value::native(Function::ExtendSet, vec![extender, function]);
                let extend = vec![attr(name, self.done(extend))];
                self.update(made, Value::set(extend, None, false))
            }
            _ => made,
        }
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
        let function = self.extended(*function, *overlay);
        self.scope(*new_scope, function)
    }

    /// `set.extend overlay`, for the function that makes the set: what refers to the set gets the
    /// extended one.
    pub(in crate::evaluate) fn extend_set(&mut self, args: &[Thunk]) -> Value {
        let [extender, function, overlay, ..] = args else { return Value::outside() };
        let function = self.extended(*function, *overlay);
        self.extensible(*extender, function)
    }

    /// `extends overlay function`
    fn extended(&mut self, function: Thunk, overlay: Thunk) -> Thunk {
        let extends = Function::Library(None, "extends".into());
        self.done(Value::native(extends, vec![overlay, function]))
    }
}
