//! flake-parts: a flake that is a module, and modules for each system.
//!
//! Source: flake-parts `lib.nix`, `modules/{flake,perSystem,withSystem,moduleWithSystem}.nix`.

use std::rc::Rc;

use super::{Module, ModuleKind};
use crate::source::evaluate::facts::{MadeBy, Place};
use crate::source::evaluate::framework::output_sets;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{Base, Function, Partial, SetAttr, Value};
use crate::source::syntax::Name;

impl Machine<'_> {
    /// `withSystem system function`: the function gets what modules of `perSystem` get.
    pub(in crate::source::evaluate) fn with_system(&mut self, function: &Value) -> Value {
        match function.unconditional().0 {
            Value::Function(code, scope) => {
                self.call_module((ModuleKind::PerSystem, None), *code, *scope)
            }
            _ => Value::outside(),
        }
    }

    /// flake-parts' `mkFlake { inputs } module`: called with the first argument, it waits for the
    /// module.
    pub(in crate::source::evaluate) fn flake_parts(&mut self, args: Value, place: Place) -> Value {
        let special = self.member(&args, &Name::from("specialArgs"), None);
        let key = (ModuleKind::Parts, None);
        self.special_arguments(key, &special);
        let function = Function::Library(None, Name::from("‹flake-parts›"));
        Value::Partial(Rc::new(Partial { function, args: Vec::new(), place }))
    }

    /// The module of `mkFlake`, and what the flake becomes of it.
    pub(in crate::source::evaluate) fn flake_parts_module(
        &mut self,
        module: Value,
        place: Place,
    ) -> Value {
        let key = (ModuleKind::Parts, None);
        let mut first = Vec::new();
        self.collect(key, &module, &mut first);
        let all = self.reached(key, &first);
        let modules = self.class(key).modules.clone();
        let modules: Vec<&Module> = all.iter().filter_map(|at| modules.get(*at)).collect();
        let mut outputs = Value::set(Vec::new(), None, false);
        let mut systems = Vec::new();
        let mut systems_open = false;
        let mut per_system = Vec::new();
        for module in &modules {
            for (set, _) in &module.configs {
                for attr in &set.attrs {
                    match &*attr.name {
                        "flake" => {
                            let mut sets = Vec::new();
                            let mut value = self.force(attr.thunk);
                            if let Value::Function(code, scope) = value {
                                value = self.call_module((ModuleKind::Flake, None), code, scope);
                            }
                            self.config_parts(&value, false, &mut sets);
                            for (set, _) in sets {
                                outputs = self.merge(outputs, Value::Set(set), 0);
                            }
                        }
                        "perSystem" => {
                            let value = self.force(attr.thunk);
                            let mut items = Vec::new();
                            match &value {
                                Value::List(_) => {
                                    self.items_into(&value, &mut items);
                                    for item in items {
                                        per_system.push(self.force(item));
                                    }
                                }
                                _ => per_system.push(value.unconditional().0.clone()),
                            }
                        }
                        "systems" => {
                            let value = self.force(attr.thunk);
                            let mut items = Vec::new();
                            systems_open |= self.items_into(&value, &mut items);
                            systems.extend(self.texts(&value));
                        }
                        _ => {}
                    }
                }
            }
        }
        let inner = (ModuleKind::PerSystem, None);
        let mut first = Vec::new();
        for module in &per_system {
            self.collect(inner, module, &mut first);
        }
        let all = self.reached(inner, &first);
        let modules = self.class(inner).modules.clone();
        let mut by_system = Value::set(Vec::new(), None, false);
        for module in all.iter().filter_map(|at| modules.get(*at)) {
            for (set, _) in &module.configs {
                by_system = self.merge(by_system, Value::Set(set.clone()), 0);
            }
        }
        let mut sets = Vec::new();
        output_sets(&by_system, &mut sets);
        let mut attrs = Vec::new();
        for attr in sets.iter().flat_map(|set| &set.attrs) {
            if matches!(&*attr.name, "_module" | "imports") {
                continue;
            }
            let of = |name: &Name| SetAttr { name: name.clone(), ..attr.clone() };
            let names: Vec<SetAttr> = systems.iter().map(of).collect();
            let rest = (systems_open || names.is_empty()).then_some(attr.thunk);
            let thunk = self.done(Value::set(names, rest, systems_open));
            attrs.push(SetAttr { thunk, ..attr.clone() });
        }
        let settings = self.modules(inner, per_system.clone(), place);
        if let (false, Some(input)) =
            (settings.is_empty(), self.input_names.get("nixpkgs").copied())
        {
            self.instance(Base::Input(input), MadeBy::Import, Some(place), settings, None);
        }
        // Options of flake-parts modules (treefmt, devshells) are looked through like outputs.
        let outputs = self.merge(Value::set(attrs, None, false), outputs, 0);
        self.modules(key, vec![module], place);
        outputs
    }
}
