//! Module systems: NixOS, nix-darwin, home-manager, flake-parts, and similar ones.
//!
//! Each evaluation of modules is a class of its own: a host has its own arguments and its own
//! settings. Modules are collected first (imports followed, arguments bound lazily), because one
//! module may set what another gets (`_module.args`, `nixpkgs.config`). Their values are evaluated
//! when they are needed.
//!
//! Source: nixpkgs `lib/modules.nix`.

mod aliases;
mod arguments;
mod collection;
mod config;
mod declarations;
mod deferred;
mod definitions;
mod flake_parts;
mod home;
mod index;
mod nixos;
mod options;
mod partitions;
mod parts;
mod priorities;
mod transposition;

use std::rc::Rc;

use super::collections::{FastMap, FastSet};
use super::evaluator::Evaluator;
use super::facts::{InstanceId, Place};
pub(super) use super::value::ClassId;
use super::value::{Base, Code, Names, Scope, Segment, Set, Thunk, Value};
use super::world::FlakeId;
use crate::TreePath;
use crate::syntax::Name;
pub(super) use definitions::OptionDefinition;
pub(super) use priorities::{Overruled, is_among};

/// A kind of module system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModuleKind {
    /// NixOS and nix-darwin.
    Nixos,
    /// home-manager.
    Home,
    /// flake-parts, outside of `perSystem`.
    Parts,
    /// flake-parts' `perSystem`, for one system.
    PerSystem,
    /// A submodule of options.
    Sub,
    /// An unknown one: modules in options of modules that are not read.
    Other,
}

impl ModuleKind {
    /// What such a module system calls itself; nix-darwin has a name of its own.
    fn class_name(self) -> Option<&'static str> {
        match self {
            Self::Nixos => Some("nixos"),
            Self::Home => Some("homeManager"),
            Self::Parts => Some("flake"),
            Self::PerSystem => Some("perSystem"),
            Self::Sub | Self::Other => None,
        }
    }
}

/// One evaluation of modules.
pub(super) struct Class {
    pub(super) kind: ModuleKind,
    /// The nixpkgs whose packages its modules get.
    pub(super) packages: Option<InstanceId>,
    /// The evaluation around it: a home's host, a system's flake.
    pub(super) outer: Option<ClassId>,
    /// The flake whose code it is, and whose inputs its names mean.
    pub(super) flake: FlakeId,
    /// Its system, if known.
    pub(super) system: Option<Segment>,
    /// The place where it is evaluated.
    pub(super) place: Option<Place>,
    /// `specialArgs`: arguments of modules that precede all others.
    special: FastMap<Name, Thunk>,
    /// Arguments that are bound by name.
    args: FastMap<Name, Thunk>,
    /// `_module.args`: all definitions of each, in order. They precede those that are bound.
    args_set: FastMap<Name, Vec<Thunk>>,
    /// The same under conditions.
    args_if: FastMap<Name, Vec<ArgumentIf>>,
    /// The names of both, sorted, and how many arguments there were then.
    bound: Option<(usize, Rc<[Name]>)>,
    pub(super) modules: Vec<Module>,
    /// The modules it was given.
    roots: Vec<Value>,
    by_path: FastMap<(FlakeId, TreePath), usize>,
    /// Files in `disabledModules`.
    disabled: FastSet<(FlakeId, TreePath)>,
    by_code: FastMap<(Code, Scope), usize>,
    /// Modules that are not read.
    pub(super) unread: Vec<Value>,
    /// The function of `makeOverridable` that made it, and its argument.
    made_by: Option<(Thunk, Thunk)>,
    /// Whether it is a `specialisation` of another one.
    pub(super) is_variant: bool,
    /// Whether modules are being collected, so that what they set is not known yet; counts nesting.
    collecting: u32,
    /// The values of `config` that were needed.
    found: FastMap<Names, Thunk>,
    index: index::Index,
    /// What its modules set to no effect, once that was needed.
    overruled: Option<Overruled>,
    /// Submodules, by the path of their option and their name if there are several.
    subs: FastMap<(Names, Option<Name>), ClassId>,
    /// Options whose definitions are those of others.
    renamed: Vec<aliases::Renamed>,
    /// How many of them are being followed.
    renaming: u8,
    /// Options that are other names of a home's.
    aliases: Vec<Names>,
    /// Classes for single systems.
    pub(super) systems: Vec<(Segment, ClassId)>,
    /// Classes of flake-parts' partitions.
    partitions: Vec<(Name, ClassId)>,
}

/// An argument that modules set under conditions, which options decide.
#[derive(Clone)]
struct ArgumentIf {
    conditions: Rc<[Thunk]>,
    value: Thunk,
}

/// A collected module.
#[derive(Default, Clone)]
pub(super) struct Module {
    pub(super) configs: Vec<Config>,
    /// Options that it declares.
    pub(super) options: Vec<Rc<Set>>,
}

/// What a module sets.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) set: Rc<Set>,
    /// The conditions of `mkIf` around it: options decide them, once all modules are known.
    pub(super) conditions: Rc<[Thunk]>,
    /// Whether it depends on a condition that cannot be decided.
    pub(super) conditional: bool,
    /// The lower number wins.
    pub(super) priority: i64,
}

impl Class {
    fn new(kind: ModuleKind, flake: FlakeId, place: Option<Place>) -> Self {
        Self {
            kind,
            packages: None,
            outer: None,
            flake,
            system: None,
            place,
            special: FastMap::default(),
            args: FastMap::default(),
            args_set: FastMap::default(),
            args_if: FastMap::default(),
            bound: None,
            modules: Vec::new(),
            roots: Vec::new(),
            by_path: FastMap::default(),
            disabled: FastSet::default(),
            by_code: FastMap::default(),
            unread: Vec::new(),
            made_by: None,
            renamed: Vec::new(),
            renaming: 0,
            is_variant: false,
            collecting: 0,
            found: FastMap::default(),
            index: index::Index::default(),
            overruled: None,
            subs: FastMap::default(),
            aliases: Vec::new(),
            systems: Vec::new(),
            partitions: Vec::new(),
        }
    }

    /// The modules it was given.
    pub(super) fn roots(&self) -> &[Value] {
        &self.roots
    }
}

impl Evaluator<'_> {
    /// A new evaluation of modules; the place says whose code it is.
    pub(super) fn new_class(&mut self, kind: ModuleKind, place: Option<Place>) -> ClassId {
        /// What one takes in memory, in items of a list.
        const WEIGHT: usize = 512;
        self.budget.weigh(WEIGHT);
        let flake = self.recorder.flake_at(place).unwrap_or(FlakeId::new(0));
        let id = ClassId::new(self.classes.len());
        self.classes.push(Box::new(Class::new(kind, flake, place)));
        if let Some(name) = kind.class_name() {
            self.bind_class_name(id, name);
        }
        id
    }

    pub(super) fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.get(id.index()).map(|class| &**class)
    }

    fn class_mut(&mut self, id: ClassId) -> Option<&mut Class> {
        self.classes.get_mut(id.index()).map(|class| &mut **class)
    }

    /// The packages that modules of a class get: from an argument, otherwise its instance.
    pub(super) fn packages_of(&mut self, class: ClassId) -> Option<InstanceId> {
        let packages = self.argument(class, &Name::from("pkgs"));
        let packages = self.resolve(packages);
        self.instance_of(&packages).or_else(|| self.class(class)?.packages)
    }

    /// An attribute of a system: `config`, `pkgs`, and what is made of it.
    pub(super) fn in_system(&mut self, class: ClassId, name: &Name) -> Value {
        use super::value::Function;
        match &**name {
            "config" => Value::Config(class, [].into()),
            "pkgs" => self.argument(class, &Name::from("pkgs")),
            "options" => Value::Options(class, [].into()),
            "extendModules" => Value::native(Function::ExtendModules(class), Vec::new()),
            "_module" => self.module_of(class),
            "override" => match self.class(class).and_then(|of| of.made_by) {
                Some((function, arg)) => {
                    Value::native(Function::OverrideArguments, vec![function, arg])
                }
                None => Value::outside(),
            },
            "type" | "class" | "lib" => Value::outside(),
            // `system`, `activationPackage` and similar are the whole system.
            _ => Value::System(class),
        }
    }

    /// Remembers the function of `makeOverridable` that made a system, and its argument.
    pub(super) fn overridable_system(&mut self, class: ClassId, function: Thunk, arg: Thunk) {
        if let Some(of) = self.class_mut(class) {
            of.made_by = Some((function, arg));
        }
    }

    /// Whether the result of a module system has an attribute.
    ///
    /// Source: nixpkgs `nixos/lib/eval-config.nix`, nix-darwin `eval-config.nix`.
    pub(super) fn system_has(&mut self, class: ClassId, name: &str) -> Option<bool> {
        let is_host = self.class(class)?.kind == ModuleKind::Nixos;
        match name {
            "config" | "options" | "extendModules" => Some(true),
            // nix-darwin has the system itself under this name, NixOS in `config` alone.
            "system" if is_host => {
                let packages = self.packages_of(class)?;
                match self.of_platform(packages, "isDarwin") {
                    Value::Bool(is_mac) => Some(is_mac),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `extendModules { modules, specialArgs }`: the same system, with more of both.
    pub(super) fn extend_modules(&mut self, class: ClassId, arg: Thunk) -> Value {
        let Some(old) = self.class(class) else { return Value::outside() };
        let (kind, place, packages) = (old.kind, old.place, old.packages);
        let (outer, flake, system) = (old.outer, old.flake, old.system.clone());
        let (special, args, roots) = (old.special.clone(), old.args.clone(), old.roots.clone());
        let (args_set, args_if) = (old.args_set.clone(), old.args_if.clone());
        let new = self.new_class(kind, place);
        if let Some(class) = self.class_mut(new) {
            class.packages = packages;
            class.outer = outer;
            class.flake = flake;
            class.system = system;
            class.special = special;
            class.args = args;
            class.args_set = args_set;
            class.args_if = args_if;
        }
        let given = self.force_known(arg);
        let special = self.member(&given, &Name::from("specialArgs"), None);
        self.special_arguments(new, &special);
        self.own_packages(class, new);
        // Modules are called again: they see the options and packages of the new system.
        for modules in roots {
            self.collect(new, &modules);
        }
        if self.has(&given, "modules") != Some(false) {
            let more = self.member(&given, &Name::from("modules"), None);
            self.collect(new, &more);
        }
        if let Some(packages) = self.class(new).and_then(|class| class.packages) {
            self.packages_option(new, packages);
        }
        Value::System(new)
    }

    /// The packages of an extended system: its own options configure them, if those of the original
    /// did.
    fn own_packages(&mut self, old: ClassId, new: ClassId) {
        let Some(packages) = self.class(old).and_then(|class| class.packages) else { return };
        let says = self.makings.get(packages.index()).is_some_and(|of| of.class == Some(old));
        let (true, Some(made)) = (says, self.made(packages)) else { return };
        let (from, slot, made_by, system) =
            (made.from, made.base, made.made_by, made.system.clone());
        let given = made.same_as;
        let base = from.map(Base::Instance).or_else(|| slot.map(Base::Input));
        let place = self.class(new).and_then(|class| class.place);
        let kept = self.makings.get(packages.index()).map(|of| (of.inherits, of.keeps_overlays));
        let own = self.system_instance(base.unwrap_or(Base::Other), new, made_by, place);
        if let (Some(making), Some(kept)) = (self.makings.get_mut(own.index()), kept) {
            (making.inherits, making.keeps_overlays) = kept;
        }
        if let Some(made) = self.recorder.reading.instances.get_mut(own.index()) {
            made.system = system;
            // The `pkgs` that the original was given.
            made.same_as = given;
        }
        self.give_packages(new, own);
    }

    /// Marks a system as a variant, which has no variants of its own.
    pub(super) fn without_variants(&mut self, class: ClassId) {
        if let Some(class) = self.class_mut(class) {
            class.is_variant = true;
            class.found.clear();
        }
    }
}

impl Evaluator<'_> {
    /// Sets the packages that modules of a class get.
    pub(super) fn give_packages(&mut self, class: ClassId, packages: InstanceId) {
        if let Some(class) = self.class_mut(class) {
            class.packages = Some(packages);
        }
    }
}

impl Evaluator<'_> {
    /// Sets the flake whose code gives a class its modules.
    pub(super) fn place_in(&mut self, class: ClassId, flake: FlakeId) {
        if let Some(class) = self.class_mut(class) {
            class.flake = flake;
        }
    }

    /// Places a class within another, from which it gets what it has not itself.
    pub(super) fn place_within(&mut self, class: ClassId, outer: ClassId) {
        let flake = self.class(outer).map(|outer| outer.flake);
        if let Some(class) = self.class_mut(class) {
            class.outer = Some(outer);
            if let Some(flake) = flake {
                class.flake = flake;
            }
        }
    }
}
