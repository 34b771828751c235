//! Packages and shells, called with the packages of the flake.

use super::Flake;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::frameworks::folders::set_of;
use crate::evaluate::heap::State;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Function, SetAttr, Thunk, Value, attr};
use crate::syntax::Name;

impl Flake {
    /// The flake's own packages, as an overlay has them.
    pub(super) fn own_packages(&self, evaluator: &mut Evaluator<'_>, packages: &Value) -> Value {
        let mut all = Value::no_attrs();
        for (option, single) in [("packages", false), ("package", true)] {
            for value in self.defined(evaluator, option) {
                let value = match single {
                    true => set_of(evaluator, vec![("default".into(), value)]),
                    false => self.called(evaluator, value),
                };
                let mut sets = Vec::new();
                sets_of(&value, &mut sets);
                let mut made = Vec::new();
                for of in sets.iter().flat_map(|set| &set.attrs) {
                    let value = evaluator.force_known(of.thunk);
                    let thunk = self.package(evaluator, &of.name, value, packages);
                    made.push(SetAttr { thunk, ..of.clone() });
                }
                all = evaluator.update(all, Value::set(made, None, false));
            }
        }
        all
    }

    /// A package, called with those of a set once somebody asks for it.
    pub(super) fn package(
        &self,
        evaluator: &mut Evaluator<'_>,
        name: &Name,
        value: Value,
        packages: &Value,
    ) -> Thunk {
        let (Value::Function(code, _), Some(instance)) = (&value, evaluator.instance_of(packages))
        else {
            return evaluator.done(value);
        };
        let Some(formals) = evaluator.formals(*code) else {
            let packages = evaluator.done(packages.clone());
            return evaluator.call_thunk_at(&value, vec![packages], self.place);
        };
        // One that takes another of its own name is given what nixpkgs has.
        let before = formals.iter().find(|(of, _)| of == name).map(|(of, _)| {
            let before = evaluator.done(Value::Before(instance, self.place));
            let before = evaluator.thunk(State::Member(before, of.clone()));
            attr(of.clone(), before)
        });
        let given = Value::set(before.into_iter().collect(), None, false);
        let args = vec![evaluator.done(value), evaluator.done(given)];
        let make = Value::native(Function::CallPackage(instance, [].into(), None), Vec::new());
        evaluator.call_thunk_at(&make, args, self.place)
    }

    /// A shell: a package, or what `mkShell` is given, each a function of packages or not.
    pub(super) fn shell(&self, evaluator: &mut Evaluator<'_>, value: Value) -> Value {
        let packages = self.packages(evaluator);
        let value = match &value {
            Value::Function(..) => {
                let made = self.package(evaluator, &Name::from("default"), value, &packages);
                evaluator.force_known(made)
            }
            _ => value,
        };
        let (Value::Set(set), Some(maker)) = (&value, evaluator.instance_of(&packages)) else {
            return value;
        };
        let mut given = Vec::new();
        for of in &set.attrs {
            let value = evaluator.force_known(of.thunk);
            let thunk = match value {
                Value::Function(..) => {
                    let packages = evaluator.done(packages.clone());
                    evaluator.call_thunk_at(&value, vec![packages], self.place)
                }
                _ => of.thunk,
            };
            given.push(SetAttr { thunk, ..of.clone() });
        }
        let given = evaluator.done(Value::set(given, set.rest, set.open));
        evaluator.shell_of(maker, given, self.place)
    }
}
