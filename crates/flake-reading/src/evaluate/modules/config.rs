//! `config`: what the modules of a system set, as seen by its other modules.
//!
//! `config.a.b` stays a name until its value is needed; by then all modules are collected. If none
//! of them sets it and none of those that were read declares it, it is a condition, like everything
//! that options decide.
//!
//! Source: nixpkgs `lib/modules.nix`, `mergeDefinitions`, `dischargeProperties`.

use super::declarations::Holds;
use super::definitions::OptionDefinition;
use super::flake_parts::{Exported, exported};
use super::{ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::flakes::path_of;
use crate::evaluate::heap::State;
use crate::evaluate::settings::USUAL;
use crate::evaluate::value::{Names, SetAttr, Value};
use crate::gpu_packages;
use crate::syntax::Name;

/// The most names in a path into `config`.
pub(super) const LONGEST: usize = 12;

impl Evaluator<'_> {
    /// Goes one name further into `config`.
    pub(in crate::evaluate) fn in_config(
        &self,
        class: ClassId,
        path: &Names,
        name: &Name,
    ) -> Value {
        if path.len() >= LONGEST {
            return Value::condition();
        }
        Value::Config(class, path.iter().cloned().chain([name.clone()]).collect())
    }

    /// Whether `config` has a value at a path, if that is certain.
    pub(in crate::evaluate) fn config_has(
        &mut self,
        class: ClassId,
        path: &Names,
        name: &str,
    ) -> Option<bool> {
        let path: Names = path.iter().cloned().chain([Name::from(name)]).collect();
        let is_declared = self.declares_below(class, &path)
            || self.option_above(class, &path).is_some_and(|(_, below)| below.is_empty());
        if is_declared {
            return Some(true);
        }
        match self.is_defined(class, &path) {
            None if self.has_no_option(class, &path) => Some(false),
            is_defined => is_defined,
        }
    }

    /// Whether something at a path of `config` is set, or has a default, if that is certain.
    pub(super) fn is_defined(&mut self, class: ClassId, path: &[Name]) -> Option<bool> {
        if !self.definitions(class, path).is_empty() {
            return Some(true);
        }
        match self.default_above(class, path)? {
            (_, []) => Some(true),
            (default, [name]) => self.has(&default, name),
            _ => None,
        }
    }

    /// The value of a part of `config`, once all modules are known, with `mkIf` and similar
    /// resolved; other values unchanged.
    pub(in crate::evaluate) fn resolve(&mut self, value: Value) -> Value {
        match value {
            Value::Config(class, ref path) => {
                if self.class(class).is_some_and(|class| class.collecting > 0) {
                    return value;
                }
                self.configured(class, path)
            }
            Value::Definition(_) => {
                let parts = self.discharged(value.clone(), USUAL, false);
                let defined = parts.into_iter().map(|(value, priority, conditional)| {
                    OptionDefinition { value, place: None, thunk: None, priority, conditional }
                });
                let defined: Vec<_> = defined.collect();
                if defined.iter().any(|defined| matches!(defined.value, Value::Definition(_))) {
                    return value;
                }
                self.combined(defined)
            }
            Value::Conditional(ref inner)
                if matches!(**inner, Value::Config(..) | Value::Definition(_)) =>
            {
                self.resolve((**inner).clone()).conditional()
            }
            value => value,
        }
    }

    /// The value that the modules of a class set at a path.
    fn configured(&mut self, class: ClassId, path: &Names) -> Value {
        if path.is_empty() {
            return Value::Config(class, path.clone());
        }
        let Some(of) = self.class(class) else { return Value::condition() };
        let thunk = match of.found.get(path) {
            Some(thunk) => *thunk,
            None => {
                let thunk = self.thunk(State::Configured(class, path.clone()));
                if let Some(class) = self.class_mut(class) {
                    class.found.insert(path.clone(), thunk);
                }
                thunk
            }
        };
        match self.force(thunk) {
            // A set of options, each of which may be known.
            Value::Unknown(_) if self.declares_below(class, path) => {
                Value::Config(class, path.clone())
            }
            Value::Unknown(_) => function_in(path).unwrap_or_else(Value::condition),
            value => value,
        }
    }

    /// The value of an option, or of a part of one: what modules set, put through `apply` of the
    /// option's declaration.
    pub(in crate::evaluate) fn compute_configured(
        &mut self,
        class: ClassId,
        path: &Names,
    ) -> Value {
        let declared = self.option_above(class, path);
        let apply = match &declared {
            Some((Value::Set(option), _)) => option.get("apply").map(|apply| apply.thunk),
            _ => None,
        };
        let Some(apply) = apply else { return self.set_at(class, path, declared) };
        let below = declared.as_ref().map_or(&[][..], |(_, below)| *below);
        if below.is_empty() {
            let apply = self.force_known(apply);
            let merged = self.set_at(class, path, declared);
            return self.apply_to(&apply, merged, None);
        }
        let (upper, _) = path.split_at(path.len() - below.len());
        match self.resolve(Value::Config(class, upper.into())) {
            Value::Config(..) => Value::condition(),
            whole => below.iter().fold(whole, |value, name| self.member(&value, name, None)),
        }
    }

    /// What modules set at a path, with the option that is declared there or above it.
    fn set_at(
        &mut self,
        class: ClassId,
        path: &Names,
        declared: Option<(Value, &[Name])>,
    ) -> Value {
        if let Some(known) = self.of_host_platform(class, path) {
            return known;
        }
        // `specialisation = lib.mkOverride 0 { };` (`nixos/modules/system/activation/no-clone.nix`).
        if let [only] = &**path
            && &**only == "specialisation"
            && self.class(class).is_some_and(|of| of.is_variant)
        {
            return Value::no_attrs();
        }
        if let [first, below @ ..] = &**path {
            let is_parts = self.class(class).is_some_and(|of| of.kind == ModuleKind::Parts);
            let kind = self.class(class).map(|of| of.kind);
            let known = match &**first {
                "_module" => Some(self.module_of(class)),
                // flake-parts `modules/perSystem.nix`
                "allModuleArgs" if kind == Some(ModuleKind::PerSystem) => {
                    let [name, below @ ..] = below else { return Value::condition() };
                    let known = self.argument(class, name);
                    let value = below.iter().fold(known, |of, name| self.member(&of, name, None));
                    return self.resolve(value);
                }
                "allSystems" if is_parts => Some(self.all_systems(class)),
                _ => None,
            };
            if let Some(known) = known {
                let value = below.iter().fold(known, |value, name| self.member(&value, name, None));
                return self.resolve(value);
            }
        }
        if let Some(transposed) = self.transposed_at(class, path) {
            return transposed;
        }
        let deferred =
            declared.as_ref().and_then(|(option, below)| self.deferred_at(option, below));
        if let Some(value) = deferred.and_then(|what| self.deferred(class, path, what)) {
            return value;
        }
        let submodule = declared.and_then(|(option, below)| {
            let (holds, modules) = self.submodule_of(&option)?;
            Some((holds, modules, below))
        });
        if let Some((holds, modules, below)) = submodule {
            let (upper, _) = path.split_at(path.len() - below.len());
            // `nullOr (submodule …)`
            let is_null = if below.is_empty() { self.is_null(class, upper) } else { Some(false) };
            return match is_null {
                Some(true) => Value::Null,
                Some(false) => self.in_submodule(class, upper, below, holds, &modules),
                None => self.in_submodule(class, upper, below, holds, &modules).conditional(),
            };
        }
        let mut found = self.all_definitions(class, path);
        let is_parts = self.class(class).is_some_and(|class| class.kind == ModuleKind::Parts);
        if is_parts && matches!(exported(path), Exported::Module) {
            return self.exported_module(&[], found);
        }
        // A value that is set to something unknown is not the default.
        let is_unknown = found.iter().any(|defined| defined.value.is_unknown());
        found.retain(|defined| !defined.value.is_unknown());
        if is_unknown {
            return match self.combined(found) {
                value @ (Value::Bool(_) | Value::Text(_) | Value::Null) => value.conditional(),
                value => value,
            };
        }
        if found.is_empty()
            && let Some(now) = self.renamed_to(class, path)
        {
            return self.resolve(Value::Config(class, now));
        }
        if found.is_empty() {
            return match self.default_at(class, path) {
                Some(default) => default,
                None => self.well_known(class, path),
            };
        }
        // A value that is set only under a condition may be the default after all.
        if found.iter().all(|defined| defined.conditional)
            && let Some(default) = self.default_at(class, path)
        {
            let priority = found.iter().map(|defined| defined.priority).min().unwrap_or(USUAL);
            found.push(OptionDefinition {
                value: default,
                place: None,
                thunk: None,
                priority,
                conditional: true,
            });
        }
        self.combined(found)
    }

    /// Whether an option is null, if that is certain: what is set, or its default.
    fn is_null(&mut self, class: ClassId, path: &[Name]) -> Option<bool> {
        let defined = self.all_definitions(class, path);
        let is_certain = defined.iter().any(|defined| !defined.conditional);
        let default = if is_certain { None } else { Some(self.default_at(class, path)) };
        let default = default.map(|default| matches!(default, Some(Value::Null)));
        if defined.iter().any(|of| of.value.is_unknown()) {
            return None;
        }
        let mut all = defined.iter().map(|of| matches!(of.value, Value::Null)).chain(default);
        let first = all.next()?;
        all.all(|next| next == first).then_some(first)
    }

    fn in_submodule(
        &mut self,
        class: ClassId,
        upper: &[Name],
        below: &[Name],
        holds: Holds,
        modules: &Value,
    ) -> Value {
        match (holds, below) {
            (Holds::One, below) => {
                let inner = self.submodule(class, upper, None, modules);
                self.resolve(Value::Config(inner, below.into()))
            }
            (Holds::Named, []) => {
                let names = self.names_at(class, upper);
                let attrs = names.into_iter().map(|(name, place)| {
                    let inner = self.submodule(class, upper, Some(&name), modules);
                    let thunk = self.done(Value::Config(inner, [].into()));
                    SetAttr { name, thunk, place, conditional: false }
                });
                let attrs = attrs.collect();
                Value::set(attrs, None, false)
            }
            (Holds::Named, [name, below @ ..]) => {
                let inner = self.submodule(class, upper, Some(name), modules);
                self.resolve(Value::Config(inner, below.into()))
            }
        }
    }

    /// `config.nixpkgs.hostPlatform.isLinux` and similar: the option's value is a whole platform, however
    /// that was written.
    ///
    /// Source: nixpkgs `nixos/modules/misc/nixpkgs.nix`, `lib.systems.elaborate`.
    fn of_host_platform(&mut self, class: ClassId, path: &Names) -> Option<Value> {
        let [nixpkgs, platform, name] = &**path else { return None };
        let is_host = self.class(class)?.kind == ModuleKind::Nixos;
        let is_platform = &**nixpkgs == "nixpkgs" && &**platform == "hostPlatform";
        if !is_host || !is_platform || !(name.starts_with("is") || &**name == "system") {
            return None;
        }
        let packages = self.packages_of(class)?;
        Some(self.of_platform(packages, name))
    }

    /// Options of NixOS that many conditions depend on.
    fn well_known(&mut self, class: ClassId, path: &Names) -> Value {
        let kind = self.class(class).map(|class| class.kind);
        let names: Vec<&str> = path.iter().map(|name| &**name).collect();
        match (kind, names.as_slice()) {
            // Things made of the whole system: by NixOS, by nixvim, by home-manager.
            (
                Some(ModuleKind::Nixos | ModuleKind::Other),
                ["system", "build", _, ..]
                | ["build", "package" | "toplevel" | "activationPackage", ..],
            )
            | (Some(ModuleKind::Home), ["home", "activationPackage", ..]) => Value::System(class),
            // Modules that are not read may set it.
            (Some(ModuleKind::Nixos), ["services", "xserver", "videoDrivers"])
                if self.class(class).is_some_and(|class| class.unread.is_empty()) =>
            {
                let drivers = ["modesetting", "fbdev"].map(Value::text);
                let drivers = drivers.map(|driver| self.done(driver)).to_vec();
                Value::list(drivers, false)
            }
            (Some(ModuleKind::Nixos), ["hardware", "nvidia", "enabled"]) => {
                let path = ["services", "xserver", "videoDrivers"].map(Name::from).into();
                let drivers = self.resolve(Value::Config(class, path));
                self.elem(&Value::text("nvidia"), &drivers)
            }
            // Off unless something sets them; modules that are not read may.
            (
                Some(ModuleKind::Nixos),
                ["boot", "isContainer"]
                | ["virtualisation", "docker" | "podman" | "libvirtd" | "lxd" | "waydroid", "enable"],
            ) if self.class(class).is_some_and(|class| class.unread.is_empty()) => {
                Value::Bool(false)
            }
            (Some(ModuleKind::Nixos), ["specialisation"])
                if self.class(class).is_some_and(|class| class.unread.is_empty()) =>
            {
                Value::no_attrs()
            }
            // Its default.
            (Some(ModuleKind::Nixos), ["boot", "kernelPackages"]) => {
                match self.packages_of(class) {
                    Some(packages) => Value::Package(packages, path_of(&["linuxPackages"]), None),
                    None => Value::condition(),
                }
            }
            (Some(ModuleKind::Nixos), ["system", "name"]) => {
                let path = ["networking", "hostName"].map(Name::from).into();
                self.resolve(Value::Config(class, path))
            }
            (
                Some(ModuleKind::Nixos | ModuleKind::Home),
                ["nixpkgs", "system"] | ["nixpkgs", "hostPlatform", "system"],
            ) => match self.packages_of(class) {
                Some(packages) => {
                    let packages = Value::Package(packages, [].into(), None);
                    self.member(&packages, &Name::from("system"), None)
                }
                None => Value::condition(),
            },
            // A service whose package computes on the GPU, which no other module of NixOS switches on.
            (
                Some(ModuleKind::Nixos | ModuleKind::Home),
                ["services" | "programs", name, "enable"],
            ) if gpu_packages::top_level(name).is_some()
                && self.class(class).is_some_and(|of| of.unread.is_empty()) =>
            {
                Value::Bool(false)
            }
            _ => Value::condition(),
        }
    }
}

/// A function that home-manager's own modules add to `config.lib`: it returns its argument.
///
/// Source: home-manager `modules/files.nix`, `modules/misc/nixgl.nix`, `modules/programs/rofi.nix`.
fn function_in(path: &[Name]) -> Option<Value> {
    let names: Vec<&str> = path.iter().map(|name| &**name).collect();
    match names.as_slice() {
        ["lib", "file", "mkOutOfStoreSymlink"]
        | ["lib", "nixGL", "wrap"]
        | ["lib", "formats", "rasi", "mkLiteral"] => {
            Some(Value::Library(None, [Name::from("id")].into()))
        }
        ["lib", "dag", _] => Some(Value::Library(None, path.iter().skip(1).cloned().collect())),
        _ => None,
    }
}
