//! What modules are given.
//!
//! Source: nixpkgs `lib/modules.nix`, `applyModuleArgs`; flake-parts `modules/perSystem.nix`,
//! `modules/nixpkgs.nix`; home-manager `nixos/common.nix`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{ClassKey, ModuleKind};
use crate::source::evaluate::framework::output_sets;
use crate::source::evaluate::machine::{Machine, State};
use crate::source::evaluate::select::nowhere;
use crate::source::evaluate::value::{
    Base, Code, Function, InstanceId, Partial, Scope, SetAttr, Value,
};
use crate::source::evaluate::visit::Giver;
use crate::source::syntax::{Expr, Name, Param};

impl Machine<'_> {
    /// What modules of a class get under a name.
    pub(in crate::source::evaluate) fn class_argument(
        &mut self,
        kind: ModuleKind,
        instance: Option<InstanceId>,
        name: &Name,
    ) -> Option<Value> {
        let thunk = *self.classes.get(&(kind, instance))?.args.get(name)?;
        Some(self.force(thunk))
    }

    pub(in crate::source::evaluate) fn special_arguments(
        &mut self,
        key: ClassKey,
        special: &Value,
    ) {
        let special = &self.resolve(special.clone());
        let mut sets = Vec::new();
        output_sets(special, &mut sets);
        for set in sets {
            for attr in &set.attrs {
                self.class(key).args.entry(attr.name.clone()).or_insert(attr.thunk);
            }
        }
        if matches!(special, Value::Inputs | Value::Update(_)) {
            for (at, name) in self.names.clone().into_iter().enumerate() {
                let input = u32::try_from(at).unwrap_or(u32::MAX);
                let value = Value::Input(input, self.no_names.clone(), nowhere());
                let thunk = self.done(value);
                self.class(key).args.entry(name).or_insert(thunk);
            }
        }
    }

    /// `_module.args`
    pub(super) fn module_arguments(&mut self, key: ClassKey, args: &Value) {
        let mut sets = Vec::new();
        output_sets(args, &mut sets);
        for set in sets {
            for attr in &set.attrs {
                self.class(key).args.insert(attr.name.clone(), attr.thunk);
            }
        }
    }

    /// Calls a module that is a function, with arguments that are looked up when they are used.
    pub(in crate::source::evaluate) fn call_module(
        &mut self,
        key: ClassKey,
        code: Code,
        scope: Scope,
    ) -> Value {
        let Some(file) = self.file(code.file).cloned() else { return Value::outside() };
        let Expr::Lambda(param, body) = file.expr(code.expr) else { return Value::outside() };
        const USUAL: [&str; 15] = [
            "getSystem",
            "config",
            "lib",
            "pkgs",
            "inputs",
            "self",
            "options",
            "modulesPath",
            "inputs'",
            "self'",
            "system",
            "withSystem",
            "flake-parts-lib",
            "osConfig",
            "moduleWithSystem",
        ];
        let names: Vec<Name> = match param {
            Param::Pattern { formals, bound, .. } => {
                let usual = bound.iter().flat_map(|_| USUAL.map(Name::from));
                formals.iter().map(|(name, _)| name.clone()).chain(usual).collect()
            }
            Param::Ident(_) => {
                let args = self.class(key).args.keys().cloned().collect::<BTreeSet<_>>();
                USUAL.map(Name::from).into_iter().chain(args).collect()
            }
        };
        let attrs = names.into_iter().map(|name| {
            let thunk = self.thunk(State::Argument(key, name.clone()));
            SetAttr { name, thunk, place: None, conditional: false }
        });
        let attrs = attrs.collect();
        let arg = self.done(Value::set(attrs, None, true));
        self.call_function(code, scope, *body, arg)
    }

    /// What a module gets under a name, now that all modules are known.
    pub(in crate::source::evaluate) fn argument(&mut self, key: ClassKey, name: &Name) -> Value {
        let (kind, instance) = key;
        if let Some(value) = self.class_argument(kind, instance, name) {
            return value;
        }
        let place = nowhere();
        match (&**name, kind) {
            ("pkgs", ModuleKind::PerSystem) => match self.input_names.get("nixpkgs").copied() {
                Some(input) => self.legacy(input, None, place),
                None => Value::outside(),
            },
            ("pkgs", ModuleKind::Parts) => Value::outside(),
            ("config", ModuleKind::Flake) => {
                Value::Config((ModuleKind::Parts, None), Rc::from([Name::from("flake")]))
            }
            ("config", kind) if kind != ModuleKind::Other => {
                Value::Config(key, self.no_names.clone())
            }
            ("osConfig", ModuleKind::Home) => {
                Value::Config((ModuleKind::Nixos, instance), self.no_names.clone())
            }
            ("withSystem" | "moduleWithSystem", _) => {
                let function = Function::Library(None, Name::from(format!("‹{name}›")));
                Value::Partial(Rc::new(Partial { function, args: Vec::new(), place }))
            }
            ("system" | "config" | "options" | "osConfig" | "name", _) => Value::condition(),
            ("flake-parts-lib", _) => Value::Library(None, self.no_names.clone()),
            ("modulesPath", _) => {
                let base =
                    instance.and_then(|i| self.base_input(i)).map_or(Base::Other, Base::Input);
                Value::Source(base, "/nixos/modules".into(), place)
            }
            _ => self.by_name(name, &Giver::Module(kind, instance), place),
        }
    }
}
