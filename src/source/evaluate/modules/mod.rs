//! Module systems: NixOS, nix-darwin, home-manager, flake-parts.
//!
//! Modules are collected first (imports followed, arguments bound lazily), because one module may
//! set what another is given (`_module.args`, `nixpkgs.config`). Then what they set is looked at.
//! A file is one module for all hosts on the same nixpkgs, so a hundred hosts cost what one costs.
//!
//! Here is what all of them have in common; what is peculiar to one stands in a file of its own.
//!
//! Source: nixpkgs `lib/modules.nix`.

mod arguments;
mod collection;
mod flake_parts;
mod hive;
mod home_manager;
mod nixos;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::facts::{Place, Setting};
use super::machine::{Machine, Map};
use super::value::{Code, InstanceId, Names, Scope, Set, Thunk, Value};
use super::visit::Giver;
use crate::source::TreePath;
use crate::source::syntax::Name;

/// Which module system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ModuleKind {
    /// NixOS and nix-darwin.
    Nixos,
    /// home-manager.
    Home,
    /// flake-parts, outside of `perSystem`.
    Parts,
    /// flake-parts' `perSystem`.
    PerSystem,
    /// flake-parts' `flake`.
    Flake,
    /// A submodule of options.
    Sub(u32),
    /// One that somebody else evaluates.
    Other,
}

impl ModuleKind {
    /// Whether its modules stand for many evaluations: hosts, users.
    pub(super) fn is_shared(self) -> bool {
        matches!(self, ModuleKind::Nixos | ModuleKind::Home | ModuleKind::Other)
    }
}

/// The module system, and the packages that its modules get.
pub(super) type ClassKey = (ModuleKind, Option<InstanceId>);

/// What modules of one class share.
#[derive(Default)]
pub(super) struct ModuleClass {
    /// `specialArgs` and `_module.args`.
    args: Map<Name, Thunk>,
    pub(super) modules: Vec<Module>,
    by_path: Map<TreePath, usize>,
    by_code: Map<(Code, Scope), usize>,
    /// Modules are being collected: what they set is not known yet.
    pub(super) collecting: u32,
    /// What was asked of `config`, and how many modules there were.
    pub(super) found: Map<Names, (usize, Thunk)>,
    pub(super) index: super::options::Index,
}

/// A module, collected.
#[derive(Default, Clone)]
pub(super) struct Module {
    imports: Vec<usize>,
    /// What it sets, and whether on a condition.
    pub(super) configs: Vec<(Rc<Set>, bool)>,
    /// Options that it declares.
    pub(super) options: Vec<Rc<Set>>,
    /// Its settings of nixpkgs, once they are known.
    settings: Option<Vec<Setting>>,
    looked_at: bool,
}

impl Machine<'_> {
    pub(super) fn class(&mut self, key: ClassKey) -> &mut ModuleClass {
        self.classes.entry(key).or_default()
    }

    /// Collects modules and looks at what they set; their settings of nixpkgs.
    pub(super) fn modules(
        &mut self,
        key: ClassKey,
        roots: Vec<Value>,
        place: Place,
    ) -> Vec<Setting> {
        let mut first = Vec::new();
        for root in &roots {
            self.collect(key, root, &mut first);
        }
        let all = self.reached(key, &first);
        let mut settings: Vec<Setting> = Vec::new();
        for &at in &all {
            self.look_at_module(key, at, place);
        }
        for &at in &all {
            let module = self.class(key).modules.get(at);
            for setting in module.and_then(|m| m.settings.clone()).unwrap_or_default() {
                if !settings.contains(&setting) {
                    settings.push(setting);
                }
            }
        }
        settings.sort_by(|a, b| (a.place, &a.key).cmp(&(b.place, &b.key)));
        settings
    }

    fn reached(&mut self, key: ClassKey, first: &[usize]) -> Vec<usize> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = first.to_vec();
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(
                    self.class(key).modules.get(at).map(|m| m.imports.clone()).unwrap_or_default(),
                );
            }
        }
        seen.into_iter().collect()
    }

    /// Looks at what a module sets, once.
    fn look_at_module(&mut self, key: ClassKey, at: usize, place: Place) {
        let Some(module) = self.class(key).modules.get_mut(at) else { return };
        if std::mem::replace(&mut module.looked_at, true) {
            return;
        }
        let configs = module.configs.clone();
        let giver = Giver::Module(key.0, key.1);
        let mut settings = Vec::new();
        for (set, conditional) in configs {
            for attr in set.attrs.iter() {
                let conditional = conditional || attr.conditional;
                match (&*attr.name, key.0) {
                    ("imports" | "require" | "_module" | "_file" | "key" | "_class", _) => {}
                    (
                        "nixpkgs",
                        ModuleKind::Nixos
                        | ModuleKind::Home
                        | ModuleKind::Other
                        | ModuleKind::PerSystem,
                    ) => {
                        let nixpkgs = self.force(attr.thunk);
                        self.nixpkgs_options(key, &nixpkgs, conditional, &mut settings, place);
                    }
                    ("home-manager", ModuleKind::Nixos) => {
                        let options = self.force(attr.thunk);
                        let at = attr.place.unwrap_or(place);
                        // Users' modules may depend on what any of the hosts says: hosts first.
                        self.deferred.push((key, options, at, self.own));
                    }
                    ("assertions" | "warnings" | "meta", ModuleKind::Nixos | ModuleKind::Home) => {}
                    ("containers", ModuleKind::Nixos) => {
                        let containers = self.force(attr.thunk);
                        self.containers(key, &containers, attr.place.unwrap_or(place));
                        self.visit_thunk(attr.thunk, giver.clone());
                    }
                    ("perSystem" | "flake" | "systems", ModuleKind::Parts) => {}
                    _ => self.visit_thunk(attr.thunk, giver.clone()),
                }
            }
            if let Some(rest) = set.rest {
                self.visit_thunk(rest, giver.clone());
            }
        }
        if let Some(module) = self.class(key).modules.get_mut(at) {
            module.settings = Some(settings);
        }
    }
}
