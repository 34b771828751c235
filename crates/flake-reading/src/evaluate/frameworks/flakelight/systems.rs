//! Hosts and homes, and what they get from the flake.

use super::Flake;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::frameworks::folders::{arguments, at, home, later_host, set_of};
use crate::evaluate::value::{Segment, Thunk, Value, attr};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

impl Flake {
    /// A host or home, from the arguments of `nixosSystem` or `homeManagerConfiguration`, or
    /// already made.
    pub(super) fn system(
        &self,
        evaluator: &mut Evaluator<'_>,
        name: &Name,
        value: Value,
        is_host: bool,
    ) -> Thunk {
        let value = self.called(evaluator, value);
        let (Value::Set(_), Some(input)) = (&value, self.nixpkgs(evaluator)) else {
            return evaluator.done(value);
        };
        let mut propagated = self.propagated(evaluator);
        if is_host {
            let shared = evaluator.done(propagated.clone());
            let shared = Value::list(vec![shared], false);
            let shared = set_of(evaluator, vec![("sharedModules".into(), shared)]);
            let shared = set_of(evaluator, vec![("home-manager".into(), shared)]);
            propagated = evaluator.update(propagated, shared);
        }
        let mut modules = vec![propagated];
        modules.extend(at(evaluator, &value, &["modules"]));
        let inputs = evaluator.argument(self.class, &Name::from("inputs"));
        let inputs = evaluator.done(inputs);
        let mut special = vec![attr("inputs", inputs)];
        let own = if is_host { "specialArgs" } else { "extraSpecialArgs" };
        special.extend(arguments(evaluator, &value, &[own]));
        if is_host {
            let host_name = evaluator.done(Value::Text(name.clone()));
            special.push(attr("hostname", host_name));
            let packages = at(evaluator, &value, &["pkgs"]);
            return later_host(evaluator, packages.as_ref(), input, modules, special, self.place);
        }
        let packages = evaluator.legacy(input, None, self.place);
        let made = home(evaluator, Some(&packages), modules, special, self.place);
        evaluator.done(made)
    }

    /// The module for hosts, homes, and homes in hosts: settings, overlays, and the argument
    /// `flake`.
    pub(super) fn propagated(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let own = evaluator.recorder.flake_at(self.place).unwrap_or(FlakeId::ROOT);
        let mut given = vec![
            ("inputs'".into(), Value::SystemInputs(own, Segment::Any)),
            ("outputs'".into(), Value::SystemItself(own, Segment::Any)),
            ("outputs".into(), Value::Itself(own)),
        ];
        for name in ["inputs", "src", "lib", "pkgsFor"] {
            given.push((name.into(), evaluator.argument(self.class, &Name::from(name))));
        }
        let given = set_of(evaluator, given);
        let args = set_of(evaluator, vec![("flake".into(), given)]);
        let args = set_of(evaluator, vec![("args".into(), args)]);
        let mut nixpkgs = Vec::new();
        if let Some(config) = self.option(evaluator, &["nixpkgs", "config"]) {
            nixpkgs.push(("config".into(), config));
        }
        if let Some(overlays) = self.overlays(evaluator, false) {
            nixpkgs.push(("overlays".into(), overlays));
        }
        let mut module = vec![("_module".into(), args)];
        if !nixpkgs.is_empty() {
            module.push(("nixpkgs".into(), set_of(evaluator, nixpkgs)));
        }
        set_of(evaluator, module)
    }
}
