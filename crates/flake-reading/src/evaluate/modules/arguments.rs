//! The arguments of modules.
//!
//! Source: nixpkgs `lib/modules.nix`, `applyModuleArgs`; flake-parts `modules/perSystem.nix`,
//! `modules/nixpkgs.nix`; home-manager `nixos/common.nix`.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::LazyLock;

use super::{ArgumentIf, Class, ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::heap::State;
use crate::evaluate::settings::USUAL;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Code, Function, Scope, Segment, SetAttr, Thunk, Value, attr};
use crate::syntax::Name;

/// Arguments of modules in one system or another.
const USUALLY_ASKED: [&str; 15] = [
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

static USUAL_NAMES: LazyLock<[Name; USUALLY_ASKED.len()]> =
    LazyLock::new(|| USUALLY_ASKED.map(Name::from));

impl Class {
    /// Whether there is an argument of this name, under no conditions.
    fn has_argument(&self, name: &str) -> bool {
        self.args.contains_key(name) || self.args_set.contains_key(name)
    }

    /// The names of its modules' further arguments, sorted. Every module asks for them, and names
    /// are only ever added.
    fn bound(&mut self) -> Rc<[Name]> {
        let count = self.special.len() + self.args.len() + self.args_set.len() + self.args_if.len();
        match &self.bound {
            Some((known, names)) if *known == count => names.clone(),
            _ => {
                let names = self.special.keys().chain(self.args.keys()).chain(self.args_set.keys());
                let names: BTreeSet<Name> = names.chain(self.args_if.keys()).cloned().collect();
                let names: Rc<[Name]> = names.into_iter().collect();
                self.bound = Some((count, names.clone()));
                names
            }
        }
    }
}

impl Evaluator<'_> {
    /// `specialArgs`
    pub(in crate::evaluate) fn special_arguments(&mut self, class: ClassId, special: &Value) {
        let special = self.resolve(special.clone());
        let mut inputs = Vec::new();
        inputs_in(&special, &mut inputs);
        for flake in inputs {
            for (name, slot) in self.inputs_of(flake) {
                let thunk = self.done(Value::Flake(slot, None));
                if let Some(class) = self.class_mut(class) {
                    class.special.entry(name).or_insert(thunk);
                }
            }
        }
        let mut sets = Vec::new();
        sets_of(&special, &mut sets);
        for attr in sets.iter().flat_map(|set| &set.attrs) {
            if let Some(class) = self.class_mut(class) {
                class.special.insert(attr.name.clone(), attr.thunk);
            }
        }
    }

    /// `_module.args`, under these conditions of `mkIf`.
    pub(super) fn module_arguments(
        &mut self,
        class: ClassId,
        args: &Value,
        conditions: &Rc<[Thunk]>,
    ) {
        for (set, _) in self.parts(args, false).sets {
            for attr in &set.attrs {
                let Some(class) = self.class_mut(class) else { return };
                if conditions.is_empty() {
                    class.args_set.entry(attr.name.clone()).or_default().push(attr.thunk);
                } else {
                    let of = class.args_if.entry(attr.name.clone()).or_default();
                    of.push(ArgumentIf { conditions: conditions.clone(), value: attr.thunk });
                }
            }
        }
    }

    /// An argument that modules set under conditions: one whose condition holds, or else one whose
    /// condition is not decided. Options decide these, once all modules are known.
    fn argument_if(&mut self, class: ClassId, name: &Name) -> Option<Value> {
        let all = self.class(class)?.args_if.get(name)?.clone();
        let mut undecided = None;
        for argument in all.into_iter().rev() {
            match self.decided(&argument.conditions) {
                Some(true) => return Some(self.force(argument.value)),
                Some(false) => {}
                None => undecided = undecided.or(Some(argument.value)),
            }
        }
        undecided.map(|value| self.force(value).conditional())
    }

    /// The definition of an argument that has the strongest priority; of equal ones the last.
    fn strongest(&mut self, all: &[Thunk]) -> Value {
        if let [only] = all {
            return self.force(*only);
        }
        let mut strongest: Option<(i64, Value)> = None;
        for thunk in all {
            let value = self.force(*thunk);
            for (value, priority, conditional) in self.discharged(value, USUAL, false) {
                if strongest.as_ref().is_none_or(|(known, _)| priority <= *known) {
                    let value = if conditional { value.conditional() } else { value };
                    strongest = Some((priority, value));
                }
            }
        }
        strongest.map_or_else(Value::outside, |(_, value)| value)
    }

    /// `_module` of a system, and `config._module` of its modules: the arguments of both kinds. Among
    /// these are the modules that a host was made of, from which people make others.
    ///
    /// Source: nixpkgs `nixos/lib/eval-config.nix`.
    pub(in crate::evaluate) fn module_of(&mut self, class: ClassId) -> Value {
        let Some(of) = self.class(class) else { return Value::outside() };
        // Each system has a `_class` of its own.
        let special = of.special.iter().filter(|(name, _)| &***name != "_class");
        let special = special.map(|(name, thunk)| attr(name.clone(), *thunk)).collect();
        let pkgs = Name::from("pkgs");
        let names: BTreeSet<&Name> =
            of.args.keys().chain(of.args_set.keys()).chain([&pkgs]).collect();
        let names: Vec<Name> = names.into_iter().cloned().collect();
        let (kind, roots) = (of.kind, of.roots.clone());
        let argument = |name: Name| {
            let thunk = self.thunk(State::Argument(class, name.clone()));
            attr(name, thunk)
        };
        let mut args: Vec<SetAttr> = names.into_iter().map(argument).collect();
        let modules = Name::from("modules");
        if kind == ModuleKind::Nixos && args.iter().all(|arg| arg.name != modules) {
            let roots: Vec<Thunk> = roots.into_iter().map(|module| self.done(module)).collect();
            args.push(attr(modules, self.done(Value::list(roots, false))));
        }
        let both = [("specialArgs", special), ("args", args)].map(|(name, attrs)| {
            let set = Value::set(attrs, None, true);
            attr(name, self.done(set))
        });
        Value::set(both.into(), None, true)
    }

    /// Binds an argument of the modules of a class.
    pub(in crate::evaluate) fn bind_argument(&mut self, class: ClassId, name: &str, value: Value) {
        let thunk = self.done(value);
        if let Some(class) = self.class_mut(class) {
            class.args.insert(name.into(), thunk);
        }
    }

    /// Binds `_class`: what a module system calls itself.
    ///
    /// Source: nixpkgs `lib/modules.nix`, `evalModules`; `nixos/lib/eval-config-minimal.nix`; home-manager
    /// `modules/default.nix`; nix-darwin `eval-config.nix`; flake-parts `lib.nix`.
    pub(super) fn bind_class_name(&mut self, class: ClassId, name: &str) {
        let name = self.done(Value::text(Name::from(name)));
        if let Some(class) = self.class_mut(class) {
            class.special.insert("_class".into(), name);
        }
    }

    /// Whether the modules of a class have an argument of this name.
    pub(in crate::evaluate) fn is_bound(&self, class: ClassId, name: &str) -> bool {
        self.class(class).is_some_and(|class| class.has_argument(name))
    }

    /// Calls a module that is a function, with arguments that are looked up when they are used.
    pub(in crate::evaluate) fn call_module(
        &mut self,
        class: ClassId,
        code: Code,
        scope: Scope,
    ) -> Value {
        let mut names: Vec<Name> = Vec::new();
        // A module may also ask for arguments that it does not name, by `args.name`.
        if self.binds_whole(code) {
            let bound = self.class_mut(class).map(Class::bound).unwrap_or_default();
            names.extend(bound.iter().chain(&*USUAL_NAMES).cloned());
        }
        let formals = self.formals(code).unwrap_or_default();
        names.extend(formals.into_iter().map(|(name, _)| name));
        // Each is in a set, in a scope and in the key of the call, which are kept: as much memory as a
        // thunk takes.
        self.budget.weigh(32 * names.len());
        let attrs = names.into_iter().map(|name| {
            let thunk = match self.argument_at_once(class, &name) {
                Some(known) => known,
                None => self.thunk(State::Argument(class, name.clone())),
            };
            attr(name, thunk)
        });
        let attrs = attrs.collect();
        let arg = self.done(Value::set(attrs, None, true));
        self.call_function(code, scope, arg)
    }

    /// An argument whose value does not depend on other modules. With it, calls of a module from
    /// several systems are equal: a library that loads a folder of modules does so once.
    fn argument_at_once(&mut self, class: ClassId, name: &Name) -> Option<Thunk> {
        if let Some(special) = self.class(class)?.special.get(name) {
            return Some(*special);
        }
        // It is a special argument of each system.
        if &**name != "lib" || self.class(class)?.has_argument(name) {
            return None;
        }
        match self.argument(class, name) {
            library @ Value::Library(Some(_), _) => Some(self.done(library)),
            _ => None,
        }
    }

    /// The value of an argument, once all modules are known.
    pub(in crate::evaluate) fn argument(&mut self, class: ClassId, name: &Name) -> Value {
        // Special arguments precede all others (`specialArgs` of nixpkgs `lib/modules.nix`).
        if let Some(known) = self.class(class).and_then(|of| of.special.get(name)) {
            let known = *known;
            return self.force(known);
        }
        if let Some(known) = self.argument_if(class, name) {
            return known;
        }
        let Some(of) = self.class(class) else { return Value::outside() };
        match (of.args_set.get(name), of.args.get(name)) {
            (Some(set), _) => {
                let set = set.clone();
                return self.strongest(&set);
            }
            (None, Some(bound)) => {
                let bound = *bound;
                return self.force(bound);
            }
            (None, None) => {}
        }
        let (kind, flake, outer) = (of.kind, of.flake, of.outer);
        let (packages, system) = (of.packages, of.system.clone());
        match (&**name, kind) {
            ("pkgs", _) if packages.is_some() => packages
                .map_or_else(Value::outside, |packages| Value::Package(packages, [].into(), None)),
            ("pkgs", ModuleKind::PerSystem) => {
                let system = system.as_ref().and_then(Segment::name);
                match self.world.input_named(flake, "nixpkgs") {
                    Some(slot) if self.is_packages(slot) => self.legacy(slot, system, None),
                    _ => Value::outside(),
                }
            }
            ("pkgs", ModuleKind::Parts) => Value::outside(),
            // These inherit the argument of the system around them: home-manager makes the `lib` of
            // a host's homes from the host's own, and `submodule` uses the `lib` at hand.
            ("lib", ModuleKind::Home | ModuleKind::Sub | ModuleKind::Other) if outer.is_some() => {
                outer.map_or_else(Value::outside, |outer| self.argument(outer, name))
            }
            ("lib", _) => {
                let slot = packages.and_then(|packages| self.base_of(packages));
                Value::Library(slot, [].into())
            }
            ("config", ModuleKind::Other) => Value::Config(class, [].into()),
            ("config", _) => Value::Config(class, [].into()),
            ("osConfig" | "nixosConfig" | "darwinConfig", ModuleKind::Home) => match outer {
                Some(outer) => Value::Config(outer, [].into()),
                None => Value::condition(),
            },
            ("system", ModuleKind::PerSystem) => match system {
                Some(Segment::Named(system)) => Value::Text(system),
                _ => Value::condition(),
            },
            // The packages with those of `overlayAttrs` (flake-parts `extras/easyOverlay.nix`).
            ("final", ModuleKind::PerSystem) => {
                let packages = self.argument(class, &Name::from("pkgs"));
                self.update(packages, Value::Config(class, ["overlayAttrs".into()].into()))
            }
            ("inputs'", ModuleKind::PerSystem) => {
                Value::SystemInputs(flake, system.unwrap_or(Segment::Any))
            }
            ("self'", ModuleKind::PerSystem) => {
                Value::SystemItself(flake, system.unwrap_or(Segment::Any))
            }
            ("inputs", ModuleKind::Parts | ModuleKind::PerSystem) => Value::Inputs(flake),
            ("self", ModuleKind::Parts | ModuleKind::PerSystem) => Value::Itself(flake),
            ("withSystem" | "moduleWithSystem" | "getSystem", ModuleKind::PerSystem) => match outer
            {
                Some(outer) => self.argument(outer, name),
                None => Value::outside(),
            },
            ("getSystem", ModuleKind::Parts) => {
                Value::native(Function::GetSystem(class), Vec::new())
            }
            ("withSystem", _) => Value::native(Function::WithSystem(class), Vec::new()),
            ("moduleWithSystem", _) => Value::native(Function::ModuleWithSystem(class), Vec::new()),
            ("system", _) => match packages {
                Some(packages) => {
                    let packages = Value::Package(packages, [].into(), None);
                    self.member(&packages, name, None)
                }
                None => Value::condition(),
            },
            ("options", _) => Value::Options(class, [].into()),
            ("osConfig" | "nixosConfig" | "darwinConfig" | "name", _) => Value::condition(),
            ("flake-parts-lib", _) => Value::Library(None, [].into()),
            ("modulesPath" | "nixosModulesPath", _) => {
                let base = packages.and_then(|packages| self.base_of(packages));
                let base = base.map_or(Base::Other, Base::Input);
                Value::Source(base, "/nixos/modules".into(), None)
            }
            _ => match outer {
                Some(outer) if matches!(kind, ModuleKind::Sub | ModuleKind::Other) => {
                    self.argument(outer, name)
                }
                _ => self.guess_argument(name, flake, &Caller::Nobody, None),
            },
        }
    }
}

/// The sets of all inputs in a value.
fn inputs_in(value: &Value, found: &mut Vec<crate::evaluate::world::FlakeId>) {
    match value {
        Value::Inputs(flake) => found.push(*flake),
        Value::Conditional(inner) => inputs_in(inner, found),
        Value::Either(all) | Value::Further(all) => {
            all.iter().for_each(|one| inputs_in(one, found))
        }
        Value::Update(both) => {
            inputs_in(&both.0, found);
            inputs_in(&both.1, found);
        }
        _ => {}
    }
}
