//! Function calls.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::Place;
use super::frameworks::{self, import_tree};
use super::library;
use super::value::{Base, Function, How, Native, Thunk, Value, Why};
use crate::syntax::{Expr, Name};

impl Evaluator<'_> {
    /// `function arg`; the argument is not computed yet.
    pub(super) fn apply(&mut self, function: &Value, arg: Thunk, place: Option<Place>) -> Value {
        self.deeper(|evaluator| evaluator.call(function, arg, place))
    }

    /// `function a b`
    pub(super) fn apply_both(
        &mut self,
        function: &Value,
        a: Thunk,
        b: Thunk,
        place: Option<Place>,
    ) -> Value {
        let half = self.apply(function, a, place);
        self.apply(&half, b, place)
    }

    /// `function arg` with a known argument.
    pub(super) fn apply_to(&mut self, function: &Value, arg: Value, place: Option<Place>) -> Value {
        let arg = self.done(arg);
        self.apply(function, arg, place)
    }

    fn call(&mut self, function: &Value, arg: Thunk, place: Option<Place>) -> Value {
        match function {
            Value::Function(code, scope) => {
                let Some(file) = self.loaded.look_at(*code).cloned() else {
                    return Value::outside();
                };
                match file.expr(code.expr) {
                    Expr::Lambda(..) => self.call_function(*code, *scope, arg),
                    _ => Value::outside(),
                }
            }
            Value::Library(slot, path) => match library::name_at(path) {
                Some(name) => {
                    let function = Function::Library(*slot, name);
                    self.extend(&function, &[], arg, place)
                }
                None => self.handed(function, arg, place),
            },
            Value::Native(native) => self.extend(&native.function, &native.args, arg, place),
            Value::Unread(slot, path, _) => {
                if self.is_framework(*slot) {
                    let function = Function::Framework(*slot, path.clone());
                    return self.extend(&function, &[], arg, place);
                }
                self.handed(function, arg, place)
            }
            // Calling a flake calls the function in its outputs.
            Value::Flake(slot, _) => {
                if self.is_framework(*slot) {
                    let function = Function::Framework(*slot, [].into());
                    return self.extend(&function, &[], arg, place);
                }
                match self.readable(*slot) {
                    Some(_) => {
                        let name = Name::from("__functor");
                        let functor = self.in_input(*slot, &name, place);
                        let own = self.done(function.clone());
                        let bound = self.apply(&functor, own, place);
                        self.apply(&bound, arg, place)
                    }
                    None => self.handed(function, arg, place),
                }
            }
            Value::Package(instance, path, _) => self.call_package(*instance, path, arg, place),
            // A derivation that is called was still a function: `writeShellScript "name" "text"`.
            Value::Derivation(made) => self.made_of_more(made, arg, place),
            Value::Imported(base, path) => {
                let (base, path) = (*base, path.clone());
                self.instantiate(base, &path, arg, place)
            }
            Value::Config(..) | Value::Definition(_) => match self.resolve(function.clone()) {
                Value::Config(..) | Value::Definition(_) | Value::Unknown(_) => {
                    self.handed(&Value::outside(), arg, place)
                }
                function => self.apply(&function, arg, place),
            },
            Value::Conditional(inner) => self.apply(inner, arg, place).conditional(),
            Value::Either(all) => {
                let all: Vec<_> = all.iter().map(|one| self.apply(one, arg, place)).collect();
                Value::either(all.into_iter().filter(|value| !value.is_unknown()).collect())
            }
            Value::Set(set) => match set.get("__functor") {
                Some(functor) => {
                    let functor = self.force(functor.thunk);
                    let own = self.done(function.clone());
                    let bound = self.apply(&functor, own, place);
                    self.apply(&bound, arg, place)
                }
                None => self.handed(&Value::outside(), arg, place),
            },
            Value::Woven(woven) if woven.how == How::Handed => {
                let of = woven.of.iter().copied().chain([arg]).collect();
                Value::woven(How::Handed, of, woven.place)
            }
            // `throw` makes nothing.
            Value::Unknown(Why::Never) => function.clone(),
            other => self.handed(other, arg, place),
        }
    }

    /// The result of an unknown function: something made of its argument.
    pub(super) fn handed(&mut self, function: &Value, arg: Thunk, place: Option<Place>) -> Value {
        self.hand_all(function, &[arg], place)
    }

    /// The result of an unknown or unread function of several arguments: something made of all of
    /// them.
    pub(super) fn hand_all(
        &mut self,
        function: &Value,
        args: &[Thunk],
        place: Option<Place>,
    ) -> Value {
        let mut of = Vec::with_capacity(args.len() + 1);
        of.push(self.done(function.clone()));
        of.extend(args);
        Value::woven(How::Handed, of, place)
    }

    /// Adds an argument to a function that is known by its name.
    fn extend(
        &mut self,
        function: &Function,
        before: &[Thunk],
        arg: Thunk,
        place: Option<Place>,
    ) -> Value {
        let args: Vec<Thunk> = before.iter().copied().chain([arg]).collect();
        let arity = match function {
            Function::Library(_, name) => library::arity(name),
            Function::Framework(slot, path) => frameworks::arity(self.repository(*slot), path),
            Function::CallPackage(..) => 2,
            Function::Tree(_, function) => import_tree::arity(function),
            Function::NewScope
            | Function::OverrideScope
            | Function::ExtendSet
            | Function::OverrideArguments => 3,
            Function::OverrideMade(_)
            | Function::CallAgain
            | Function::SystemOf(_)
            | Function::Alias
            | Function::WithSystem(_) => 2,
            Function::Parts(_)
            | Function::Partition(_)
            | Function::GetSystem(_)
            | Function::ModuleWithSystem(_)
            | Function::ExtendModules(_) => 1,
        };
        if args.len() < arity {
            return Value::Native(Rc::new(Native { function: function.clone(), args }));
        }
        match function {
            Function::Library(slot, name) => self.library(*slot, name, args, place),
            Function::Framework(slot, path) => self.framework(*slot, path, args, place),
            Function::CallPackage(instance, path, set) => {
                self.call_package_file(*instance, path, *set, &args, place)
            }
            Function::NewScope => self.new_scope(&args),
            Function::OverrideScope => self.override_scope(&args),
            Function::OverrideMade(name) => self.override_made(name, &args, place),
            Function::CallAgain => self.call_again(&args, place),
            Function::ExtendSet => self.extend_set(&args),
            Function::OverrideArguments => self.override_arguments(&args, place),
            Function::SystemOf(slot) => {
                let base = slot.map_or(Base::Other, Base::Input);
                self.nixos_with_library(base, &args, place)
            }
            Function::Parts(class) => self.flake_parts_module(*class, arg, place),
            Function::Partition(class) => self.outputs_of_partition(*class, arg),
            Function::GetSystem(class) => self.get_system(*class, arg),
            Function::WithSystem(class) => self.with_system(*class, &args),
            Function::ModuleWithSystem(class) => self.module_with_system(*class, arg),
            Function::ExtendModules(class) => self.extend_modules(*class, arg),
            Function::Tree(loader, function) => self.tree_function(loader, function, &args, place),
            // It is a module, no function.
            Function::Alias => Value::outside(),
        }
    }
}
