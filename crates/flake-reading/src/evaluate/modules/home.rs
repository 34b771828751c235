//! home-manager: standalone homes, and homes as parts of NixOS.
//!
//! Source: home-manager `lib/default.nix`, `nixos/common.nix`; nix-on-droid
//! `modules/home-manager.nix`.

use super::{ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{MadeBy, Place};
use crate::evaluate::packages::Making;
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{Base, Thunk, Value};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// `homeManagerConfiguration { pkgs, modules, extraSpecialArgs }`
    pub(in crate::evaluate) fn home_configuration(
        &mut self,
        args: Thunk,
        place: Option<Place>,
    ) -> Value {
        let args = self.force_known(args);
        let pkgs = self.given(&args, "pkgs");
        let special = self.given(&args, "extraSpecialArgs");
        let library = self.given(&args, "lib");
        let mut modules = self.given_modules(&args, &["modules", "configuration", "extraModules"]);
        if args.is_unknown() {
            modules.push(args);
        }
        let class = self.new_class(ModuleKind::Home, place);
        let given = pkgs.as_ref().and_then(|pkgs| self.instance_of(pkgs));
        let base = given.map_or(Base::Other, Base::Instance);
        let packages = self.home_instance(base, class, place);
        if let Some(class) = self.class_mut(class) {
            class.packages = Some(packages);
        }
        if let Some(special) = special {
            self.special_arguments(class, &special);
        }
        if let Some(library) = library {
            self.bind_argument(class, "lib", library);
        }
        for modules in modules {
            self.collect(class, &modules);
        }
        // Without settings of its own it has the packages that it was given.
        let config = [Name::from("nixpkgs"), Name::from("config")];
        let overlays = [Name::from("nixpkgs"), Name::from("overlays")];
        let has_config = !self.all_definitions(class, &config).is_empty();
        let has_overlays = !self.all_definitions(class, &overlays).is_empty();
        let making = self.makings.get_mut(packages.index());
        let made = self.recorder.reading.instances.get_mut(packages.index());
        if let (Some(making), Some(made)) = (making, made) {
            if has_config || has_overlays {
                // Its own settings replace those of the packages it was given; overlays are added.
                making.inherits = !has_config;
                making.keeps_overlays = true;
            } else {
                made.same_as = given;
            }
        }
        Value::System(class)
    }

    fn home_instance(
        &mut self,
        base: Base,
        class: ClassId,
        place: Option<Place>,
    ) -> crate::evaluate::facts::InstanceId {
        let making = Making { class: Some(class), ..Making::default() };
        self.instance(base, MadeBy::HomeManager, place, making)
    }

    /// The homes of a host, by the options `home-manager.*`: each user's modules, and whether they
    /// share the host's packages.
    pub(in crate::evaluate) fn homes_of(&mut self, host: ClassId) -> Vec<ClassId> {
        let option = |name: &str| [Name::from("home-manager"), Name::from(name)];
        let users = self.all_definitions(host, &option("users"));
        // A phone with nix-on-droid has one user.
        let only = self.all_definitions(host, &option("config"));
        if users.is_empty() && only.is_empty() {
            return Vec::new();
        }
        let global = self
            .definitions(host, &option("useGlobalPkgs"))
            .iter()
            .any(|defined| !matches!(defined.value.unconditional().0, Value::Bool(false)));
        let shared = self.definitions(host, &option("sharedModules"));
        let special = self.definitions(host, &option("extraSpecialArgs"));
        let packages = self.packages_of(host);
        let mut named: Vec<(Name, Vec<Value>, Option<Place>)> = Vec::new();
        for defined in users {
            let mut sets = Vec::new();
            sets_of(&defined.value, &mut sets);
            // Unknown users have unknown homes.
            let mut others = Vec::new();
            others_of(&defined.value, &mut others);
            if defined.value.is_unknown() {
                others.push(defined.value);
            }
            named.extend(others.into_iter().map(|other| ("user".into(), vec![other], None)));
            for set in sets {
                for attr in &set.attrs {
                    let value = self.force(attr.thunk);
                    match named.iter_mut().find(|(name, ..)| *name == attr.name) {
                        Some((_, values, _)) => values.push(value),
                        None => named.push((attr.name.clone(), vec![value], attr.place)),
                    }
                }
                if let Some(rest) = set.rest {
                    let value = self.force(rest);
                    named.push(("user".into(), vec![value], None));
                }
            }
        }
        if !only.is_empty() {
            let modules = only.into_iter().map(|defined| defined.value).collect();
            named.push(("user".into(), modules, None));
        }
        let flake = self.class(host).map(|class| class.flake);
        let mut homes = Vec::new();
        for (name, modules, place) in named {
            let place = place.or_else(|| self.class(host)?.place);
            let class = self.new_class(ModuleKind::Home, place);
            let own = match (global, packages) {
                (true, _) => packages,
                (false, packages) => {
                    let base = packages.map_or(Base::Other, Base::Instance);
                    Some(self.home_instance(base, class, place))
                }
            };
            if let Some(class) = self.class_mut(class) {
                class.packages = own;
                class.outer = Some(host);
                if let Some(flake) = flake {
                    class.flake = flake;
                }
            }
            self.bind_argument(class, "name", Value::Text(name));
            for defined in &special {
                self.special_arguments(class, &defined.value);
            }
            for value in modules.iter().chain(shared.iter().map(|defined| &defined.value)) {
                self.collect(class, value);
            }
            homes.push(class);
        }
        homes
    }
}
