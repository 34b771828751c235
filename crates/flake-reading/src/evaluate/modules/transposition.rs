//! Options of flake-parts' `perSystem` that become outputs.
//!
//! Source: flake-parts `modules/transposition.nix`.

use super::{ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;

/// Those that flake-parts itself has, each below its system.
const TRANSPOSED: [&str; 7] =
    ["packages", "legacyPackages", "devShells", "checks", "apps", "formatter", "bundlers"];

impl Evaluator<'_> {
    /// Their names, with those that modules of the flake add.
    pub(super) fn transposed(&mut self, class: ClassId) -> Vec<Name> {
        let mut names: Vec<Name> = TRANSPOSED.map(Name::from).into();
        for (name, _) in self.names_at(class, &[Name::from("transposition")]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What is at a path of the options of a flake if it is made of options of `perSystem`:
    /// `config.flake.packages`, or `config.packages` in a module of `flake`.
    pub(super) fn transposed_at(&mut self, class: ClassId, path: &[Name]) -> Option<Value> {
        let of = self.class(class)?;
        let (parts, below) = match (of.kind, path) {
            (ModuleKind::Parts, [flake, below @ ..]) if &**flake == "flake" => (class, below),
            (ModuleKind::Sub, below) => {
                (of.outer.filter(|outer| self.has_flake(*outer, class))?, below)
            }
            _ => return None,
        };
        let [name, below @ ..] = below else { return None };
        if !self.transposed(parts).contains(name) {
            return None;
        }
        let systems = self.class(parts).map(|of| of.systems.clone()).unwrap_or_default();
        let of_systems = systems.into_iter().filter_map(|(system, inner)| {
            let thunk = self.thunk(State::Configured(inner, [name.clone()].into()));
            Some(attr(system.name()?, thunk))
        });
        let of_systems = of_systems.collect();
        let mut all = Value::set(of_systems, None, false);
        let (own, _) = path.split_at(path.len() - below.len());
        for defined in self.all_definitions(class, own) {
            all = self.merge(all, defined.value, 0);
        }
        let found = below.iter().fold(all, |all, name| self.member(&all, name, None));
        Some(self.resolve(found))
    }

    /// Whether a class is that of the modules of `flake`.
    fn has_flake(&self, parts: ClassId, class: ClassId) -> bool {
        self.class(parts).is_some_and(|of| {
            let key = (["flake".into()].into(), None);
            of.kind == ModuleKind::Parts && of.subs.get(&key) == Some(&class)
        })
    }

    /// The module of `mkTransposedPerSystemModule { name; … }`.
    ///
    /// Source: flake-parts `lib.nix`.
    pub(in crate::evaluate) fn transposing_module(&mut self, arg: &Value) -> Value {
        let name = self.member(arg, &Name::from("name"), None);
        let Value::Text(name) = self.resolve(name) else { return Value::no_attrs() };
        let mut inner = self.done(Value::no_attrs());
        for name in [name, "transposition".into()] {
            inner = self.done(Value::set(vec![attr(name, inner)], None, false));
        }
        self.force(inner)
    }
}
