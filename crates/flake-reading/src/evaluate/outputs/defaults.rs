//! Packages that systems take by an option that is only switched on: `programs.firefox.enable`
//! takes `pkgs.firefox`. If the system's overlays replace it, it is built with the replacement; and
//! if a home or a container has another nixpkgs than its host, packages that a GPU setting changes
//! show it. Of the system's own nixpkgs only services need a report, which may compute on a GPU.
//!
//! Source: nixpkgs `lib/options.nix`, `mkPackageOption`, and the convention of its modules, and of
//! home-manager's, to be named after the package that they run.

use super::accelerated::ACCELERATION;
use super::contexts::Within;
use super::pending::Pending;
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::InstanceId;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::{Segment, SetAttr, Thunk, Value};
use crate::gpu_packages;
use crate::syntax::Name;

/// Sets of options that are named after packages.
pub(super) const NAMED_AFTER_PACKAGES: [&str; 2] = ["programs", "services"];

impl Evaluator<'_> {
    /// Examines the packages that options in `programs` and `services` take by being on.
    pub(super) fn look_at_defaults(
        &mut self,
        walk: &mut OutputWalk,
        class: ClassId,
        (set, options): (&Name, Thunk),
        within: &Within,
    ) {
        let Some(packages) = self.packages_of(class) else { return };
        let outer = self.class(class).and_then(|class| class.outer);
        let outer = outer.and_then(|outer| self.packages_of(outer));
        let differs = outer.is_some_and(|o| self.after_all(o) != self.after_all(packages));
        let has_overlays =
            self.added(packages).is_some() || self.overlays_below(packages).is_some();
        let of_own = differs || &**set == "services";
        if !of_own && !has_overlays {
            return;
        }
        let options = self.force(options);
        let sets = self.parts(&options, within.conditional).sets;
        for (options, _) in sets {
            for attr in &options.attrs {
                if let Some((package, conditional)) =
                    self.default_package(class, (packages, of_own), (set, attr))
                {
                    let conditional = within.conditional || conditional;
                    let within = Within { conditional, ..within.clone() };
                    walk.push(Pending::Value(package), within);
                }
            }
        }
    }

    /// The package that an option takes, and whether that depends on a condition.
    fn default_package(
        &mut self,
        class: ClassId,
        (packages, of_own): (InstanceId, bool),
        (set, attr): (&Name, &SetAttr),
    ) -> Option<(Value, bool)> {
        let (name, options, place) = (&attr.name, attr.thunk, attr.place);
        let is_changed = of_own && gpu_packages::top_level(name).is_some();
        let own = || {
            let path = [Segment::Named(name.clone())].into();
            is_changed.then_some(Value::Package(packages, path, place))
        };
        let package = self.added_by_overlays(packages, name, None).or_else(own)?;
        let path = |option: &str| [set.clone(), name.clone(), Name::from(option)];
        // The user chose a package, or for which GPU it is built.
        for chosen in ["package", ACCELERATION] {
            if !self.definitions(class, &path(chosen)).is_empty() {
                return None;
            }
        }
        // An unknown value of the set is not a definition of one option.
        let options = self.force(options);
        let parts = self.parts(&options, false);
        let says = |option: &str| parts.sets.iter().any(|(set, _)| set.get(option).is_some());
        if says("package") || says(ACCELERATION) {
            return None;
        }
        let may_say = says("enable") || !parts.others.is_empty();
        if !may_say && self.definitions(class, &path("enable")).is_empty() {
            return None;
        }
        match self.resolve(Value::Config(class, path("enable").into())) {
            Value::Bool(true) => Some((package, false)),
            Value::Bool(false) => None,
            _ => Some((package, true)),
        }
    }
}
