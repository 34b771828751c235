//! flake-parts: a flake that is a module, and modules for each system.
//!
//! Source: flake-parts `lib.nix`, `modules/{flake,perSystem,withSystem,moduleWithSystem}.nix`,
//! `modules/{packages,devShells,checks,apps,formatter,legacyPackages}.nix`.

use std::rc::Rc;

use super::{Class, ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Function, Segment, SetAttr, Thunk, Value, Why, attr};
use crate::syntax::Name;

/// Options of the flake itself that are neither outputs nor used by other modules.
const OWN: [&str; 11] = [
    "flake",
    "perSystem",
    "systems",
    "imports",
    "_module",
    "debug",
    "transposition",
    "partitionedAttrs",
    "partitions",
    "_file",
    "key",
];

/// What is at a path of the options of a flake.
pub(super) enum Exported {
    Module,
    /// Modules are below it.
    Above,
    Nothing,
}

/// Where a flake exports modules: `flake.nixosModules.NAME` and similar, and
/// `flake.modules.CLASS.NAME`.
pub(super) fn exported(path: &[Name]) -> Exported {
    let [flake, kind, below @ ..] = path else { return Exported::Nothing };
    let names = match &**kind {
        _ if &**flake != "flake" => return Exported::Nothing,
        "modules" => 2,
        kind if kind.ends_with("Modules") => 1,
        _ => return Exported::Nothing,
    };
    match below.len() {
        length if length == names => Exported::Module,
        length if length < names => Exported::Above,
        _ => Exported::Nothing,
    }
}

impl Class {
    /// The system that stands for all where one is enough: the first that is no Mac, because GPU
    /// settings change nothing on Macs.
    fn shown_system(&self) -> Option<ClassId> {
        let is_mac = |system: &Segment| system.name().is_some_and(|name| name.ends_with("-darwin"));
        let other = self.systems.iter().find(|(system, _)| !is_mac(system));
        other.or(self.systems.first()).map(|(_, inner)| *inner)
    }
}

impl Evaluator<'_> {
    /// flake-parts' `mkFlake { inputs } module`: with its first argument, it waits for the module.
    pub(in crate::evaluate) fn flake_parts(&mut self, args: Thunk, place: Option<Place>) -> Value {
        let args = self.force_known(args);
        let special = self.member(&args, &Name::from("specialArgs"), None);
        let inputs = self.member(&args, &Name::from("inputs"), None);
        let class = self.new_class(ModuleKind::Parts, place);
        self.special_arguments(class, &special);
        match self.resolve(inputs) {
            Value::Inputs(flake) => {
                if let Some(class) = self.class_mut(class) {
                    class.flake = flake;
                }
            }
            Value::Unknown(_) => {}
            inputs => self.bind_argument(class, "inputs", inputs),
        }
        Value::native(Function::Parts(class), Vec::new())
    }

    /// The module of `mkFlake`, and the outputs of the flake.
    pub(in crate::evaluate) fn flake_parts_module(
        &mut self,
        class: ClassId,
        module: Thunk,
        _place: Option<Place>,
    ) -> Value {
        let module = self.force(module);
        self.collect(class, &module);
        if let Some(flake) = self.class(class).map(|class| class.flake) {
            self.parts.insert(flake, class);
        }
        let outputs = self.parts_outputs(class);
        self.with_partitions(class, outputs)
    }

    /// The outputs that the modules of a flake make.
    pub(super) fn parts_outputs(&mut self, class: ClassId) -> Value {
        let (systems, open) = self.systems_of(class);
        for system in &systems {
            self.per_system_class(class, system);
        }
        let mut outputs = Value::no_attrs();
        let flakes = self.all_definitions(class, &[Name::from("flake")]);
        let mut others = Vec::new();
        let is_module =
            flakes.iter().any(|of| matches!(of.value.unconditional().0, Value::Function(..)));
        if is_module {
            // A module whose `config` is the flake.
            let own = self.submodule(class, &[Name::from("flake")], None, &Value::Null);
            for config in self.configs_of(own) {
                outputs = self.merge(outputs, Value::Set(config), 0);
            }
        } else {
            for defined in flakes {
                let parts = self.parts(&defined.value, defined.conditional);
                for (set, _) in parts.sets {
                    outputs = self.merge(outputs, Value::Set(set), 0);
                }
                others.extend(parts.others.into_iter().map(|(other, _)| other));
            }
        }
        let outputs = self.with_exported_modules(class, outputs, &[Name::from("flake")]);
        let mut transposed = Vec::new();
        for name in self.transposed(class) {
            let mut attrs: Vec<SetAttr> = Vec::new();
            for system in &systems {
                let inner = self.per_system_class(class, system);
                let path: [Name; 1] = [name.clone()];
                let defined = self.all_definitions(inner, &path);
                if defined.is_empty() {
                    continue;
                }
                let is_unknown =
                    defined.iter().all(|of| matches!(of.value, Value::Unknown(Why::Outside)));
                let thunk = match is_unknown {
                    true => self.done(Value::outside()),
                    false => self.thunk(State::Configured(inner, path.into())),
                };
                if let Segment::Named(system) = system {
                    attrs.push(attr(system.clone(), thunk));
                }
            }
            if !attrs.is_empty() {
                let thunk = self.done(Value::set(attrs, None, open));
                transposed.push(attr(name, thunk));
            }
        }
        let transposed = Value::set(transposed, None, false);
        let outputs = self.merge(transposed, outputs, 0);
        others.into_iter().fold(outputs, |outputs, other| self.update(outputs, other))
    }

    /// An attribute of a flake while its outputs are being made.
    pub(in crate::evaluate) fn in_parts(&mut self, class: ClassId, name: &Name) -> Value {
        let value = match self.transposed(class).contains(name) {
            true => {
                let systems = self.class(class).map(|of| of.systems.clone()).unwrap_or_default();
                let of_systems = systems.into_iter().filter_map(|(system, inner)| {
                    let path = [name.clone()].into();
                    let thunk = self.thunk(State::Configured(inner, path));
                    Some(attr(system.name()?, thunk))
                });
                Value::set(of_systems.collect(), None, true)
            }
            false => self.resolve(Value::Config(class, ["flake".into(), name.clone()].into())),
        };
        if value.is_unknown() { Value::outside() } else { value }
    }

    /// Outputs that are modules: the definitions of one in several files are combined, while for
    /// other outputs one definition replaces another.
    ///
    /// Source: flake-parts `modules/nixosModules.nix`, `extras/modules.nix`: the options have the
    /// type `deferredModule`, whose definitions are all imported.
    fn with_exported_modules(&mut self, class: ClassId, outputs: Value, path: &[Name]) -> Value {
        let Value::Set(set) = &outputs else { return outputs };
        let mut set = (**set).clone();
        for attr in &mut set.attrs {
            let path = [path, std::slice::from_ref(&attr.name)].concat();
            match exported(&path) {
                Exported::Module => {
                    attr.thunk = self.thunk(State::Configured(class, path.into()));
                }
                Exported::Above => {
                    let value = self.force_known(attr.thunk);
                    let value = self.with_exported_modules(class, value, &path);
                    attr.thunk = self.done(value);
                }
                Exported::Nothing => {}
            }
        }
        Value::Set(Rc::new(set))
    }

    /// The systems of a flake, and whether there may be others.
    fn systems_of(&mut self, class: ClassId) -> (Vec<Segment>, bool) {
        let mut found: Vec<Segment> = Vec::new();
        let mut open = false;
        for defined in self.definitions(class, &[Name::from("systems")]) {
            let mut items = Vec::new();
            open |= self.items_into(&defined.value, &mut items);
            for item in items {
                match self.force_known(item).unconditional().0 {
                    Value::Text(system) => {
                        let system = Segment::Named(system.clone());
                        if !found.contains(&system) {
                            found.push(system);
                        }
                    }
                    _ => open = true,
                }
            }
        }
        if found.is_empty() {
            let usual = crate::evaluate::frameworks::DEFAULT_SYSTEMS;
            found.extend(usual.map(|system| Segment::Named(system.into())));
            open = true;
        }
        (found, open)
    }

    /// `config.allSystems`: the `config` of each system.
    ///
    /// Source: flake-parts `modules/perSystem.nix`, `modules/debug.nix`.
    pub(in crate::evaluate) fn all_systems(&mut self, class: ClassId) -> Value {
        let (systems, open) = self.systems_of(class);
        let attrs = systems.iter().filter_map(|system| {
            let inner = self.per_system_class(class, system);
            let thunk = self.done(Value::Config(inner, [].into()));
            Some(attr(system.name()?, thunk))
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, open)
    }

    /// The modules of `perSystem` for one system.
    pub(in crate::evaluate) fn per_system_class(
        &mut self,
        class: ClassId,
        system: &Segment,
    ) -> ClassId {
        let known = self.class(class).and_then(|class| {
            class.systems.iter().find(|(of, _)| of == system).map(|(_, inner)| *inner)
        });
        if let Some(known) = known {
            return known;
        }
        let (place, flake) =
            self.class(class).map_or((None, None), |class| (class.place, Some(class.flake)));
        let inner = self.new_class(ModuleKind::PerSystem, place);
        if let Some(of) = self.class_mut(inner) {
            of.outer = Some(class);
            of.system = Some(system.clone());
            if let Some(flake) = flake {
                of.flake = flake;
            }
        }
        if let Some(of) = self.class_mut(class) {
            of.systems.push((system.clone(), inner));
        }
        for module in self.declared_per_system(class) {
            self.collect(inner, &module);
        }
        for defined in self.all_definitions(class, &[Name::from("perSystem")]) {
            self.collect(inner, &defined.value);
        }
        inner
    }

    /// Modules of a flake-parts flake that are not understood, and may make any output. Modules of
    /// an input are covered by the options that are set for them.
    pub(in crate::evaluate) fn unread_parts(&self, class: ClassId) -> Vec<Value> {
        let Some(of) = self.class(class) else { return Vec::new() };
        let inner = of.shown_system().and_then(|inner| self.class(inner));
        let all = [Some(of), inner].into_iter().flatten().flat_map(|of| &of.unread);
        let all = all.filter(|of| !matches!(of, Value::Unread(..) | Value::Flake(..)));
        all.cloned().collect()
    }

    /// `getSystem system`: the `config` of a system, in which `allModuleArgs` are the arguments of its
    /// modules.
    pub(in crate::evaluate) fn get_system(&mut self, class: ClassId, system: Thunk) -> Value {
        let system = match self.force_known(system).unconditional().0 {
            Value::Text(system) => Some(Segment::Named(system.clone())),
            _ => None,
        };
        Value::Config(self.some_system(class, system), [].into())
    }

    /// `withSystem system function`: the function gets the arguments of modules of `perSystem`.
    pub(in crate::evaluate) fn with_system(&mut self, class: ClassId, args: &[Thunk]) -> Value {
        let [system, function, ..] = args else { return Value::outside() };
        let system = match self.force_known(*system).unconditional().0 {
            Value::Text(system) => Some(Segment::Named(system.clone())),
            _ => None,
        };
        let inner = self.some_system(class, system);
        match self.force_known(*function).unconditional().0 {
            Value::Function(code, scope) => self.call_module(inner, *code, *scope),
            // `withSystem system (lib.getAttr "pkgs")`
            function @ Value::Native(_) => {
                let function = function.clone();
                let arguments = self.module_of(inner);
                let arguments = self.member(&arguments, &Name::from("args"), None);
                self.apply_to(&function, arguments, None)
            }
            _ => Value::outside(),
        }
    }

    /// `moduleWithSystem function`: a module that gets the arguments of modules of `perSystem`.
    pub(in crate::evaluate) fn module_with_system(
        &mut self,
        class: ClassId,
        function: Thunk,
    ) -> Value {
        let inner = self.some_system(class, None);
        match self.force_known(function).unconditional().0 {
            Value::Function(code, scope) => self.call_module(inner, *code, *scope),
            _ => Value::outside(),
        }
    }

    fn some_system(&mut self, class: ClassId, system: Option<Segment>) -> ClassId {
        let system = match system {
            Some(system) => system,
            None => {
                let first = self.class(class).and_then(|class| class.systems.first());
                first.map_or(Segment::Named("x86_64-linux".into()), |(system, _)| system.clone())
            }
        };
        self.per_system_class(class, &system)
    }

    /// Options of a flake-parts flake that unread modules make something of: their names, the class
    /// that sets them, and their values.
    pub(super) fn handed_options_of(&mut self, class: ClassId) -> Vec<(Vec<Name>, ClassId, Value)> {
        let mut found = Vec::new();
        let transposed = self.transposed(class);
        let inner = self.class(class).and_then(Class::shown_system);
        for (of, upper) in [(Some(class), None), (inner, Some("perSystem"))] {
            let Some(of) = of else { continue };
            let mut names: Vec<Name> = Vec::new();
            if let Some(class) = self.class(of) {
                for config in class.modules.iter().flat_map(|module| &module.configs) {
                    names.extend(config.set.attrs.iter().map(|attr| attr.name.clone()));
                }
            }
            names.sort();
            names.dedup();
            for name in names {
                let is_own = match upper {
                    None => OWN.contains(&&*name),
                    Some(_) => {
                        transposed.contains(&name)
                            || matches!(
                                &*name,
                                "_module" | "imports" | "overlayAttrs" | "formatter"
                            )
                    }
                };
                let path = [name.clone()];
                if is_own || self.is_declared(of, &path) || self.declares_below(of, &path) {
                    continue;
                }
                let values = self.definitions(of, std::slice::from_ref(&name)).into_iter();
                let values: Vec<Thunk> = values.map(|defined| self.done(defined.value)).collect();
                if !values.is_empty() {
                    let path = upper.map(Name::from).into_iter().chain([name.clone()]).collect();
                    found.push((path, of, Value::list(values, false)));
                }
            }
        }
        found
    }
}
