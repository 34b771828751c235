//! Systems within a host: containers, guests and specialisations.

use std::rc::Rc;

use super::contexts::Within;
use super::pending::Pending;
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{InstanceId, MadeBy, Place};
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{Base, Set, Thunk, Value, Why, attr};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// A system within a system: its `config` is a module.
    fn inner_system(&mut self, host: ClassId, inner: Inner, place: Option<Place>) -> ClassId {
        let class = self.new_class(ModuleKind::Nixos, place);
        let own = match inner.packages {
            Some(Packages::Are(own)) => own,
            Some(Packages::Of(base)) => self.system_instance(base, class, MadeBy::Nixos, place),
            None => {
                let base = self.packages_of(host).map_or(Base::Other, Base::Instance);
                self.system_instance(base, class, MadeBy::Nixos, place)
            }
        };
        self.give_packages(class, own);
        self.place_within(class, host);
        if let Some(special) = inner.special {
            self.special_arguments(class, &special);
        }
        for module in inner.modules {
            self.collect(class, &module);
        }
        self.packages_option(class, own);
        class
    }

    /// `containers.NAME.{config,nixpkgs,specialArgs}`
    ///
    /// Source: nixpkgs `nixos/modules/virtualisation/nixos-containers.nix`.
    pub(super) fn containers(
        &mut self,
        walk: &mut OutputWalk,
        host: ClassId,
        thunk: Thunk,
        within: &Within,
    ) {
        let value = self.force(thunk);
        for (set, place) in self.named_sets(walk, &value, within) {
            let of = Value::Set(set);
            let config = self.member(&of, &Name::from("config"), None);
            let nixpkgs = self.member(&of, &Name::from("nixpkgs"), None);
            let base = match self.resolve(nixpkgs) {
                Value::Flake(slot, _) if self.is_packages(slot) => Some(Base::Input(slot)),
                Value::Source(base, path, _) if path.is_empty() => Some(base),
                _ => None,
            };
            let special = Some(self.member(&of, &Name::from("specialArgs"), None));
            let inner = Inner { modules: vec![config], special, packages: base.map(Packages::Of) };
            let class = self.inner_system(host, inner, place);
            self.look_at_system(walk, class, within.clone());
        }
    }

    /// `microvm`: what is in `vms` is not the host's.
    pub(super) fn microvms(
        &mut self,
        walk: &mut OutputWalk,
        host: ClassId,
        thunk: Thunk,
        within: &Within,
    ) {
        let value = self.force(thunk);
        let parts = self.parts(&value, within.conditional);
        for (other, conditional) in parts.others {
            walk.push(Pending::Value(other), Within { conditional, ..within.clone() });
        }
        for (set, conditional) in parts.sets {
            let within = Within { conditional, ..within.clone() };
            for attr in set.attrs.iter() {
                match &*attr.name {
                    "vms" => self.guests(walk, host, attr.thunk, &within),
                    _ => walk.push(Pending::Thunk(attr.thunk), within.clone()),
                }
            }
            if let Some(rest) = set.rest {
                walk.push(Pending::Thunk(rest), within);
            }
        }
    }

    /// `microvm.vms.NAME.{config,flake,pkgs}`
    ///
    /// Source: microvm.nix `nixos-modules/host/options.nix`: `pkgs` is the host's, and if it is null
    /// one with the guest's own settings.
    fn guests(&mut self, walk: &mut OutputWalk, host: ClassId, vms: Thunk, within: &Within) {
        let vms = self.force(vms);
        for (set, place) in self.named_sets(walk, &vms, within) {
            let has_pkgs = set.get("pkgs").is_some();
            let of = Value::Set(set);
            let config = self.member(&of, &Name::from("config"), None);
            let pkgs = self.member(&of, &Name::from("pkgs"), None);
            let pkgs = self.resolve(pkgs);
            let given = match has_pkgs {
                true => self.instance_of(&pkgs),
                false => self.packages_of(host),
            };
            let more = self.member(&of, &Name::from("extraModules"), None);
            let modules = [config, more].into_iter().filter(|of| !of.is_unknown());
            let modules: Vec<Value> = modules.collect();
            if !modules.is_empty() || has_pkgs && given.is_some() {
                let packages = given.map(Packages::Are);
                let inner = Inner { modules, special: None, packages };
                let class = self.inner_system(host, inner, place);
                self.look_at_system(walk, class, within.clone());
            }
        }
    }

    /// `specialisation.NAME.configuration`: the host with more modules. It is started instead of the
    /// host and not compared with it: a GPU that is off there is off on purpose. It has nothing of the
    /// host if it says so.
    ///
    /// Source: nixpkgs `nixos/modules/system/activation/specialisation.nix`.
    pub(super) fn specialisations(
        &mut self,
        walk: &mut OutputWalk,
        host: ClassId,
        thunk: Thunk,
        within: &Within,
    ) {
        let value = self.force(thunk);
        for (set, place) in self.named_sets(walk, &value, within) {
            let of = Value::Set(set);
            let configuration = self.member(&of, &Name::from("configuration"), None);
            let inherits = self.member(&of, &Name::from("inheritParentConfig"), None);
            let class = if let Value::Bool(false) = self.resolve(inherits) {
                let inner = Inner { modules: vec![configuration], special: None, packages: None };
                Some(self.inner_system(host, inner, place))
            } else {
                let modules = self.done(configuration);
                let arg = self.done(Value::set(vec![attr("modules", modules)], None, false));
                match self.extend_modules(host, arg) {
                    Value::System(class) => Some(class),
                    _ => None,
                }
            };
            if let Some(class) = class {
                self.without_variants(class);
                let beside = Within { builder: None, ..within.clone() };
                self.look_at_system(walk, class, beside);
            }
        }
    }

    /// The sets under the names of a set; anything else is examined as a plain value.
    fn named_sets(
        &mut self,
        walk: &mut OutputWalk,
        value: &Value,
        within: &Within,
    ) -> Vec<(Rc<Set>, Option<Place>)> {
        let value = self.resolve(value.clone());
        let mut found = Vec::new();
        let outer = self.sets_and_others(walk, &value, within);
        for set in outer {
            if let Some(rest) = set.rest {
                walk.push(Pending::Packages(rest, None), within.clone());
            }
            for attr in set.attrs.clone() {
                let inner = self.force_known(attr.thunk);
                let place = attr.place;
                let sets = self.sets_and_others(walk, &inner, within);
                found.extend(sets.into_iter().map(|set| (set, place)));
            }
        }
        found
    }

    fn sets_and_others(
        &mut self,
        walk: &mut OutputWalk,
        value: &Value,
        within: &Within,
    ) -> Vec<Rc<Set>> {
        let (mut sets, mut others) = (Vec::new(), Vec::new());
        sets_of(value, &mut sets);
        others_of(value, &mut others);
        if matches!(value, Value::Unknown(Why::Outside)) {
            self.not_understood(walk, None);
        }
        for other in others {
            walk.push(Pending::Value(other), within.clone());
        }
        sets
    }
}

/// A system within a system.
struct Inner {
    modules: Vec<Value>,
    /// Its `specialArgs`: it gets none of those of the system around it.
    special: Option<Value>,
    packages: Option<Packages>,
}

/// The packages of a system within a system, if it says so.
enum Packages {
    /// They are made from this, with settings of its own.
    Of(Base),
    /// They are these packages.
    Are(InstanceId),
}
