//! Options of flake-parts' `perSystem` that become outputs.
//!
//! Source: flake-parts `modules/transposition.nix`.

use super::ClassId;
use crate::evaluate::evaluator::Evaluator;
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
