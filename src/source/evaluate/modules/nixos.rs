//! NixOS and nix-darwin: systems, and the options that say which nixpkgs they are made of.
//!
//! Source: nixpkgs `nixos/lib/eval-config.nix`, `nixos/modules/misc/nixpkgs.nix`; nix-darwin
//! `eval-config.nix`.

use super::{ClassKey, ModuleKind};
use crate::source::evaluate::facts::{MadeBy, Place, Setting};
use crate::source::evaluate::framework::output_sets;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::select::nowhere;
use crate::source::evaluate::value::{Base, InstanceId, SetAttr, Value};
use crate::source::evaluate::visit::Giver;
use crate::source::syntax::Name;

impl Machine<'_> {
    /// Systems within a system: each has a nixpkgs of its own, made like the host's.
    pub(super) fn containers(&mut self, key: ClassKey, containers: &Value, place: Place) {
        let mut sets = Vec::new();
        self.config_parts(containers, false, &mut sets);
        let mut roots = Vec::new();
        for (set, _) in sets {
            for container in set.attrs.iter().map(|attr| attr.thunk).chain(set.rest) {
                let container = self.force(container);
                roots.push(self.member(&container, &Name::from("config"), None));
            }
        }
        let settings = self.modules((ModuleKind::Other, key.1), roots, place);
        if !settings.is_empty() {
            let from = key.1.map_or(Base::Other, Base::Instance);
            self.instance(from, MadeBy::Nixos, Some(place), settings, None);
        }
    }

    /// The options `nixpkgs.*`.
    pub(super) fn nixpkgs_options(
        &mut self,
        key: ClassKey,
        nixpkgs: &Value,
        conditional: bool,
        settings: &mut Vec<Setting>,
        place: Place,
    ) {
        let mut parts = Vec::new();
        self.config_parts(nixpkgs, conditional, &mut parts);
        for (set, conditional) in parts {
            for attr in &set.attrs {
                let conditional = conditional || attr.conditional;
                match &*attr.name {
                    "config" => {
                        let config = self.force(attr.thunk);
                        let at = attr.place.unwrap_or(place);
                        self.settings(&config, at, conditional, settings);
                    }
                    "overlays" => {
                        let giver = match key.1 {
                            Some(instance) => Giver::Packages(instance),
                            None => Giver::Callers,
                        };
                        self.visit_thunk(attr.thunk, giver);
                    }
                    _ => self.visit_thunk(attr.thunk, Giver::Module(key.0, key.1)),
                }
            }
        }
    }

    /// `nixosSystem { modules, specialArgs, pkgs, … }` of a nixpkgs.
    pub(in crate::source::evaluate) fn nixos_of(
        &mut self,
        base: Base,
        args: Value,
        place: Place,
    ) -> Value {
        let get = |machine: &mut Self, name: &str| {
            let mut sets = Vec::new();
            output_sets(&args, &mut sets);
            let found = sets.iter().find_map(|set| set.get(name).map(|attr| attr.thunk));
            found.map(|thunk| machine.force_config(thunk))
        };
        let pkgs = get(self, "pkgs");
        let given = pkgs.as_ref().and_then(|pkgs| self.instance_of(pkgs));
        let class_instance = match given {
            Some(instance) => instance,
            None => self.instance(base, MadeBy::Nixos, None, Vec::new(), None),
        };
        let key = (ModuleKind::Nixos, Some(class_instance));
        for name in ["specialArgs", "extraArgs"] {
            if let Some(special) = get(self, name) {
                self.special_arguments(key, &special);
            }
        }
        // nix-darwin hands its `inputs` on.
        if let Some(inputs) = get(self, "inputs") {
            let thunk = self.done(inputs);
            self.class(key).args.entry("inputs".into()).or_insert(thunk);
        }
        let mut roots = Vec::new();
        for name in ["modules", "extraModules", "configuration", "customFormats"] {
            roots.extend(get(self, name));
        }
        let settings = self.modules(key, roots, place);
        let set_by_option = self.packages_option(key);
        let host = match given.or(set_by_option) {
            Some(instance) => {
                self.record_package(instance, &[], place);
                instance
            }
            None => self.instance(base, MadeBy::Nixos, Some(place), settings, None),
        };
        let attr = |name: &str, thunk| SetAttr {
            name: name.into(),
            thunk,
            place: None,
            conditional: false,
        };
        let packages = self.done(Value::Package(host, self.no_names.clone(), place));
        let config = self.done(Value::condition());
        Value::set(vec![attr("pkgs", packages), attr("config", config)], None, true)
    }

    /// The instance that `nixpkgs.pkgs` names in any module of a class.
    fn packages_option(&mut self, key: ClassKey) -> Option<InstanceId> {
        let modules = self.class(key).modules.clone();
        for module in modules {
            for (set, _) in &module.configs {
                let Some(nixpkgs) = set.get("nixpkgs") else { continue };
                let nixpkgs = self.force(nixpkgs.thunk);
                let pkgs = self.member(&nixpkgs, &Name::from("pkgs"), None);
                let pkgs = self.resolve(pkgs);
                if let Some(instance) = self.instance_of(&pkgs) {
                    return Some(instance);
                }
            }
        }
        None
    }

    /// Modules that somebody else evaluates: exported ones, and those of test drivers.
    pub(in crate::source::evaluate) fn outside_modules(&mut self, modules: &Value) {
        let callers = self.callers();
        let key = (ModuleKind::Other, Some(callers));
        let nowhere = nowhere();
        let settings = self.modules(key, vec![modules.clone()], nowhere);
        if !settings.is_empty() {
            self.instance(Base::Instance(callers), MadeBy::Nixos, None, settings, None);
        }
    }
}
