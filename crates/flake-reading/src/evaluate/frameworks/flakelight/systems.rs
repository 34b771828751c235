//! Hosts and homes, and what they are given of the flake.

use super::Flake;
use crate::evaluate::frameworks::folders::{at, home, later_host, set_of};
use crate::evaluate::machine::Machine;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Segment, Thunk, Value, attr};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

impl Flake {
    /// A host or home, by what `nixosSystem` or `homeManagerConfiguration` is given, or one that is made.
    pub(super) fn system(
        &self,
        machine: &mut Machine<'_>,
        name: &Name,
        value: Value,
        is_host: bool,
    ) -> Thunk {
        let value = self.called(machine, value);
        let (Value::Set(_), Some(input)) = (&value, self.nixpkgs(machine)) else {
            return machine.done(value);
        };
        let mut propagated = self.propagated(machine);
        if is_host {
            let shared = machine.done(propagated.clone());
            let shared = Value::list(vec![shared], false);
            let shared = set_of(machine, vec![("sharedModules".into(), shared)]);
            let shared = set_of(machine, vec![("home-manager".into(), shared)]);
            propagated = machine.update(propagated, shared);
        }
        let mut modules = vec![propagated];
        modules.extend(at(machine, &value, &["modules"]));
        let inputs = machine.argument(self.class, &Name::from("inputs"));
        let inputs = machine.done(inputs);
        let mut special = vec![attr("inputs", inputs)];
        let own = if is_host { "specialArgs" } else { "extraSpecialArgs" };
        if let Some(own) = at(machine, &value, &[own]) {
            let mut sets = Vec::new();
            sets_of(&own, &mut sets);
            special.extend(sets.iter().flat_map(|set| set.attrs.clone()));
        }
        if is_host {
            let host_name = machine.done(Value::Text(name.clone()));
            special.push(attr("hostname", host_name));
            let packages = at(machine, &value, &["pkgs"]);
            return later_host(machine, packages.as_ref(), input, modules, special, self.place);
        }
        let packages = machine.legacy(input, None, self.place);
        let made = home(machine, Some(&packages), modules, special, self.place);
        machine.done(made)
    }

    /// The module that hosts, homes, and homes in hosts are given: settings, overlays, and what modules of the flake
    /// are given as `flake`.
    pub(super) fn propagated(&self, machine: &mut Machine<'_>) -> Value {
        let own = machine.recorder.flake_at(self.place).unwrap_or(FlakeId::ROOT);
        let mut given = vec![
            ("inputs'".into(), Value::SystemInputs(own, Segment::Any)),
            ("outputs'".into(), Value::SystemItself(own, Segment::Any)),
            ("outputs".into(), Value::Itself(own)),
        ];
        for name in ["inputs", "src", "lib", "pkgsFor"] {
            given.push((name.into(), machine.argument(self.class, &Name::from(name))));
        }
        let given = set_of(machine, given);
        let args = set_of(machine, vec![("flake".into(), given)]);
        let args = set_of(machine, vec![("args".into(), args)]);
        let mut nixpkgs = Vec::new();
        if let Some(config) = self.option(machine, &["nixpkgs", "config"]) {
            nixpkgs.push(("config".into(), config));
        }
        if let Some(overlays) = self.overlays(machine, false) {
            nixpkgs.push(("overlays".into(), overlays));
        }
        let mut module = vec![("_module".into(), args)];
        if !nixpkgs.is_empty() {
            module.push(("nixpkgs".into(), set_of(machine, nixpkgs)));
        }
        set_of(machine, module)
    }
}
