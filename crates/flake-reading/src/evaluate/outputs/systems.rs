//! Hosts, homes, and everything else that is evaluated as modules: the values of their options.

use std::rc::Rc;

use super::contexts::Within;
use super::defaults::NAMED_AFTER_PACKAGES;
use super::handed::holds_packages;
use super::pending::Pending;
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::modules::{ClassId, ModuleKind, Overruled, is_among};
use crate::evaluate::value::{Names, SetAttr, Thunk, Value, Woven};
use crate::syntax::Name;

/// Options of systems whose values are not built into them.
const NOTHING: [&str; 12] = [
    "_module",
    "imports",
    "require",
    "_file",
    "key",
    "_class",
    "assertions",
    "warnings",
    "meta",
    "nixpkgs",
    "options",
    "disabledModules",
];

impl Evaluator<'_> {
    pub(super) fn look_at_system(&mut self, walk: &mut OutputWalk, class: ClassId, within: Within) {
        let kind = self.kind_of_class(class);
        let place = self.class(class).and_then(|class| class.place);
        let packages = self.packages_of(class);
        let is_own = match kind {
            Some(ModuleKind::Nixos | ModuleKind::Home) => true,
            // An unknown kind of system counts if it says how its packages are made.
            Some(ModuleKind::Other) => packages.is_some(),
            _ => false,
        };
        let mut inner = Within { caller: Caller::Modules(class), ..within };
        if let Some(packages) = packages.filter(|_| is_own) {
            let id = self.use_instance(walk, packages);
            inner.builder = walk.builder(id, &inner, true, place);
        }
        walk.push(Pending::Class(class), inner);
    }

    pub(super) fn walk_class(&mut self, walk: &mut OutputWalk, class: ClassId, within: Within) {
        if !walk.is_new_class(class, &within) {
            return;
        }
        let Some(of) = self.class(class) else { return };
        let kind = of.kind;
        let unread = of.unread.clone();
        let modules = of.modules.clone();
        if matches!(kind, ModuleKind::Nixos | ModuleKind::Home) {
            self.note_accelerated(walk, class);
        }
        for module in unread {
            // Where code is not read, a function of one argument whose result is not understood hardly
            // is a module: most return texts.
            let may_be_none = kind == ModuleKind::Other
                && matches!(&module, Value::Function(code, _) if self.formals(*code).is_none());
            if !may_be_none {
                self.not_read(walk, "a module", &module);
            }
            // What an unknown function makes of a module may be taken all the same; the module
            // itself is no package of its flake.
            match module {
                Value::Woven(woven) => {
                    let woven = Woven { offer: None, ..(*woven).clone() };
                    walk.push(Pending::Value(Value::Woven(Rc::new(woven))), within.clone());
                }
                Value::Native(_) | Value::Mapped(_) => {
                    walk.push(Pending::Value(module), within.clone());
                }
                _ => {}
            }
        }
        for module in &modules {
            for config in &module.configs {
                let set = &config.set;
                let unsure = match self.decided(&config.conditions) {
                    Some(false) => continue,
                    Some(true) => config.conditional,
                    None => true,
                };
                let conditional = within.conditional || unsure;
                let inner = Within { conditional, ..within.clone() };
                let flake = walk.flake;
                walk.push_options(class, set, &inner, |attr| {
                    let of = self.recorder.flake_at(attr.place);
                    of.is_none_or(|of| of == flake)
                });
                if let Some(rest) = set.rest {
                    let inner = Within { conditional: true, ..within.clone() };
                    walk.push(Pending::Packages(rest, None), inner);
                }
            }
        }
        if kind == ModuleKind::Nixos {
            for home in self.homes_of(class) {
                self.look_at_system(walk, home, within.clone());
            }
        }
    }

    /// Examines what a module sets at the top: a system within this one, or values of options.
    pub(super) fn look_at_option(
        &mut self,
        walk: &mut OutputWalk,
        class: ClassId,
        set: &SetAttr,
        within: Within,
    ) {
        let Some(of) = self.class(class) else { return };
        let (kind, is_variant) = (of.kind, of.is_variant);
        match (&*set.name, kind) {
            (name, _) if NOTHING.contains(&name) => {}
            ("home-manager", ModuleKind::Nixos) => {}
            ("containers", ModuleKind::Nixos) => self.containers(walk, class, set.thunk, &within),
            ("microvm", ModuleKind::Nixos) => self.microvms(walk, class, set.thunk, &within),
            ("specialisation", ModuleKind::Nixos) if is_variant => {}
            // A variant has all modules of its host again, so the host comes first.
            ("specialisation", ModuleKind::Nixos) if walk.depth() == 0 => {
                walk.push_part(Pending::Option(class, set.clone()), &within);
            }
            ("specialisation", ModuleKind::Nixos) => {
                self.specialisations(walk, class, set.thunk, &within);
            }
            _ => {
                if NAMED_AFTER_PACKAGES.contains(&&*set.name) {
                    self.look_at_defaults(walk, class, (&set.name, set.thunk), &within);
                }
                self.option(
                    walk,
                    class,
                    std::slice::from_ref(&set.name),
                    (set.thunk, set.place),
                    within,
                );
            }
        }
    }

    /// Examines the value of an option. An option declared by modules that were read has no effect
    /// but through these modules, and is examined there; a value that is not reached so is
    /// conditional.
    fn option(
        &mut self,
        walk: &mut OutputWalk,
        class: ClassId,
        path: &[Name],
        (thunk, place): (Thunk, Option<Place>),
        within: Within,
    ) {
        /// The most names of an option.
        const DEEPEST: usize = 5;
        let overruled = self.overruled(class);
        if place.is_some_and(|place| overruled.contains(&(place, thunk))) {
            return;
        }
        if self.is_alias(class, path) {
            return;
        }
        let kind = self.kind_of_class(class);
        let is_system = matches!(kind, Some(ModuleKind::Nixos | ModuleKind::Home));
        if is_system && is_beside_toplevel(path) {
            return;
        }
        let units = if is_system { units(path) } else { None };
        if units.is_some_and(|units| path.len() <= units)
            || is_system && begin_alike(BUILDS, path) && path.len() <= BUILDS.len()
            || path.len() <= DEEPEST && self.declares_below(class, path)
        {
            let value = self.force(thunk);
            let parts = self.parts(&value, within.conditional);
            let is_of_builds = is_system && path.len() == BUILDS.len() && begin_alike(BUILDS, path);
            for (other, conditional) in parts.others {
                if is_of_builds {
                    continue;
                }
                let other = Pending::Packages(self.done(other), place);
                walk.push(other, Within { conditional, ..within.clone() });
            }
            for (set, conditional) in parts.sets {
                if let Some(rest) = set.rest.filter(|_| !is_of_builds) {
                    let rest = Pending::Packages(rest, place);
                    walk.push(rest, Within { conditional, ..within.clone() });
                }
                for attr in &set.attrs {
                    let path: Vec<Name> = path.iter().cloned().chain([attr.name.clone()]).collect();
                    let conditional = conditional || attr.conditional;
                    let inner = Within { conditional, ..within.clone() };
                    self.option(walk, class, &path, (attr.thunk, attr.place), inner);
                }
            }
            return;
        }
        let is_declared = self.is_declared(class, path);
        let mut within = within;
        if units.is_some_and(|units| path.len() == units + 1) && !is_declared {
            match (self.is_on(class, path), is_whole_unit(path)) {
                (Some(true), _) => {}
                (Some(false), true) => return,
                (None, true) => within.conditional = true,
                (is_on, false) => {
                    return self.service_that_may_be_off(walk, thunk, within, is_on.is_none());
                }
            }
        }
        if is_declared && self.is_switched_off(class, path) {
            return;
        }
        let thunk = if is_declared { self.without_switched_off(class, path, thunk) } else { thunk };
        // A whole set of options, or one that contains packages.
        let what = match path {
            [_] => Pending::Packages(thunk, place),
            [.., name] if holds_packages(name) => Pending::Packages(thunk, place),
            _ => Pending::Thunk(thunk),
        };
        if is_declared {
            walk.push_declared(what, &Within { conditional: true, ..within });
        } else {
            walk.push(what, within);
        }
    }

    /// Whether a service or program is switched on, if that is certain. Who chooses a package for one
    /// that no module switches wants it built: others are on by default, or by another option.
    fn is_on(&mut self, class: ClassId, path: &[Name]) -> Option<bool> {
        let path: Names = path.iter().cloned().chain([Name::from("enable")]).collect();
        if self.all_definitions(class, &path).is_empty() {
            return Some(true);
        }
        match self.resolve(Value::Config(class, path)) {
            Value::Bool(on) => Some(on),
            _ => None,
        }
    }

    /// Whether options that modules of the flake declare are switched off by an `enable` among them,
    /// beside this one or above it: what they hold is taken by these modules alone, if at all.
    fn is_switched_off(&mut self, class: ClassId, path: &[Name]) -> bool {
        let enable = Name::from("enable");
        (1..path.len()).any(|length| {
            let switch: Vec<Name> = path.iter().take(length).chain([&enable]).cloned().collect();
            switch != path
                && self.is_declared(class, &switch)
                && matches!(self.resolve(Value::Config(class, switch.into())), Value::Bool(false))
        })
    }

    /// What is set at an option that has submodules by name, without those that their own `enable`
    /// switches off.
    fn without_switched_off(&mut self, class: ClassId, path: &[Name], thunk: Thunk) -> Thunk {
        let off = self.switched_off_below(class, path);
        if off.is_empty() {
            return thunk;
        }
        let value = self.force(thunk);
        let parts = self.parts(&value, false);
        let sets = parts.sets.into_iter().map(|(set, conditional)| {
            let attrs = set.attrs.iter().filter(|attr| !off.contains(&attr.name));
            let left = Value::set(attrs.cloned().collect(), set.rest, set.open);
            if conditional { left.conditional() } else { left }
        });
        let others = parts.others.into_iter().map(|(other, _)| other);
        let left: Vec<Value> = sets.chain(others).collect();
        let left = left.into_iter().map(|value| self.done(value)).collect();
        self.done(Value::list(left, false))
    }

    /// Examines the options of a service that is off, or may be: its package is not built then.
    fn service_that_may_be_off(
        &mut self,
        walk: &mut OutputWalk,
        thunk: Thunk,
        within: Within,
        may_be_on: bool,
    ) {
        let overruled = match within.caller {
            Caller::Modules(class) => self.overruled(class),
            _ => Overruled::default(),
        };
        let value = self.force(thunk);
        let parts = self.parts(&value, within.conditional);
        for (other, conditional) in parts.others {
            walk.push(Pending::Value(other), Within { conditional, ..within.clone() });
        }
        for (set, conditional) in parts.sets {
            let (packages, others): (Vec<_>, Vec<_>) =
                set.attrs.iter().cloned().partition(|attr| is_of_service(&attr.name));
            let packages =
                packages.into_iter().filter(|attr| may_be_on && !is_among(&overruled, attr));
            for package in packages {
                let package = Pending::Packages(package.thunk, package.place);
                walk.push(package, Within { conditional: true, ..within.clone() });
            }
            let rest = Value::set(others, set.rest, set.open);
            walk.push(Pending::Value(rest), Within { conditional, ..within.clone() });
        }
    }
}

/// How many names there are before that of a unit which may be switched off, if the options below
/// these names, or at them, are such units.
fn units(path: &[Name]) -> Option<usize> {
    let mut all = SERVICES.iter().chain(WHOLE_UNITS);
    all.find(|units| begin_alike(units, path)).map(|units| units.len())
}

/// Services and programs: what is in their options may be built although they are off.
const SERVICES: &[&[&str]] = &[&["services"], &["programs"]];
/// Units of which nothing is built if they are off: services that are written out, and files.
const WHOLE_UNITS: &[&[&str]] = &[
    &["systemd", "services"],
    &["systemd", "user", "services"],
    &["environment", "etc"],
    &["home", "file"],
    &["xdg", "configFile"],
    &["xdg", "dataFile"],
];

/// What can be built of a system: itself, and images, scripts and tests of it.
///
/// Source: nixpkgs `nixos/modules/system/build.nix`.
const BUILDS: &[&str] = &["system", "build"];

/// Whether an option of a system holds what is not in it, and is built only by who names it.
fn is_beside_toplevel(path: &[Name]) -> bool {
    begin_alike(BUILDS, path) && path.get(BUILDS.len()).is_some_and(|name| &**name != "toplevel")
}

/// Whether nothing of a unit is built if it is off.
fn is_whole_unit(path: &[Name]) -> bool {
    WHOLE_UNITS.iter().any(|units| path.len() > units.len() && begin_alike(units, path))
}

/// Whether the names of an option are those of units, as far as both go.
fn begin_alike(units: &[&str], path: &[Name]) -> bool {
    units.iter().zip(path).all(|(unit, name)| *unit == &**name)
}

/// Whether an option of a service or program holds what is built only if that is on.
fn is_of_service(name: &str) -> bool {
    holds_packages(name) || matches!(name, "path" | "virtualHosts")
}
