//! What is taken in: packages of instances, results of their functions, and parts of flakes that
//! are not read.

use std::rc::Rc;

use super::checks::without_checks;
use super::contexts::Within;
use super::package::{Switch, is_built, named, switch};
use super::pending::Pending;
use super::walk::{OutputWalk, WhatKey};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{InstanceId, MadeBy, PackageKind, Place, Taken, Use, What};
use crate::evaluate::flakes::is_system;
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::recorder::kind_of_output;
use crate::evaluate::replaced::OVERLAY_ARGUMENTS;
use crate::evaluate::value::{Derivation, Path, Segment, Set, Thunk, Value, above, last};
use crate::evaluate::world::{FlakeInput, FlakeKind};
use crate::gpu_packages::Gpu;

/// Where something stands that is not read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StandsAs {
    /// Where packages are listed.
    Package,
    /// It is called.
    Function,
    Anything,
}

/// What other arguments a package is given.
pub(super) struct Overridden {
    /// Whether they switch something on or off, and for which GPU.
    switched: Option<(bool, Gpu)>,
}

impl Evaluator<'_> {
    /// Marks an instance as used: its settings are evaluated, and unread parts are recorded.
    pub(super) fn use_instance(
        &mut self,
        walk: &mut OutputWalk,
        instance: InstanceId,
    ) -> InstanceId {
        let id = self.after_all(instance);
        let first = self.recorder.reading.instances.get(id.index()).is_some_and(|made| !made.used);
        for of in [instance, id] {
            if let Some(made) = self.recorder.reading.instances.get_mut(of.index()) {
                made.used = true;
            }
        }
        if first {
            self.settle(id);
        }
        // A host adds overlays of its own to the packages that it is given.
        let own = (instance != id).then_some(instance);
        if let Some(added) = own.and_then(|own| self.added(own)) {
            self.force(added);
        }
        // It also has the overlays of those it is made from.
        let mut below = Vec::new();
        while let Some(next) = self.overlays_below(*below.last().unwrap_or(&id))
            && below.len() < 8
        {
            if let Some(added) = self.added(next) {
                self.force(added);
            }
            below.push(next);
        }
        for of in own.into_iter().chain([id]).chain(below) {
            let unread = self.makings.get(of.index()).map(|making| making.unread.clone());
            for overlay in unread.unwrap_or_default() {
                self.not_read(walk, "an overlay", &overlay);
            }
        }
        if let Some(made) = self.made(id)
            && let (MadeBy::Legacy, Some(slot), place) = (made.made_by, made.base, made.made_at)
        {
            self.recorder.used(slot, Use::LegacyPackages, place);
        }
        walk.saw = true;
        id
    }

    /// The instance that another one turns out to be.
    pub(in crate::evaluate) fn after_all(&self, instance: InstanceId) -> InstanceId {
        let mut id = instance;
        for _ in 0..8 {
            match self.made(id).and_then(|made| made.same_as) {
                Some(other) if other != id => id = other,
                _ => break,
            }
        }
        id
    }

    pub(super) fn take_package(
        &mut self,
        walk: &mut OutputWalk,
        instance: InstanceId,
        path: &Path,
        place: Option<Place>,
        within: &Within,
        overridden: Option<Overridden>,
    ) {
        let is_callers = self.made(instance).is_none_or(|made| made.made_by == MadeBy::Callers);
        if path.is_empty() || is_callers {
            if path.is_empty() && !is_callers && within.handed.is_none() {
                // The whole set as it is: no particular package.
                self.use_instance(walk, instance);
            }
            return;
        }
        let id = self.use_instance(walk, instance);
        if !is_built(path) || within.inputs_only {
            return;
        }
        let by_module = || walk.switched.get(&(instance, path.clone(), place?)).copied();
        let is_override = overridden.is_some();
        let switched = overridden.and_then(|of| of.switched).or_else(by_module);
        // Whichever it is, among packages of the same instance it is none of another.
        if path.last() == Some(&Segment::Any) && !walk.is_built_with(id, within) {
            walk.add_reason("a package whose name is not known".into());
        }
        let (name, kind) = named(path);
        let kind = match (kind, switched) {
            (PackageKind::Changed(_), Some((true, gpu))) => PackageKind::Switched(gpu),
            // A toolkit that is an argument of a package is for that package only.
            (PackageKind::Toolkit(_), _) if within.in_override => PackageKind::Plain,
            // No setting changes support that the package itself switches off.
            (PackageKind::Changed(by), Some((false, gpu))) => {
                by.without(gpu).map_or(PackageKind::Plain, PackageKind::Changed)
            }
            (kind, _) => kind,
        };
        let key = WhatKey::Package(id, name.clone(), kind, is_override);
        let what = What::Package { instance: id, name, kind };
        walk.take(key, what, place, within);
    }

    /// Takes something of a flake that is not read.
    pub(super) fn take_unread(
        &mut self,
        walk: &mut OutputWalk,
        slot: FlakeInput,
        path: &Path,
        place: Option<Place>,
        within: &Within,
        as_what: StandsAs,
    ) {
        let target = self.world.target(slot);
        let kind = target.map_or(FlakeKind::Source, |target| self.world.kind(target));
        if kind != FlakeKind::Flake {
            return;
        }
        // The kind of output may be unknown.
        let first = path.first().map(|first| first.name().unwrap_or("*"));
        let Some(first) = first else { return };
        let taken = kind_of_output(first);
        let is_built = taken.is_built() && first != "formatter" && first != "bundlers";
        // A name that flakes do not usually have is a text or a number of somebody's own more often
        // than a package, unless it is there for each system.
        let is_for_a_system = path.get(1).is_some_and(|step| step.name().is_none_or(is_system));
        if taken == Taken::Unknown && as_what == StandsAs::Anything && !is_for_a_system {
            return;
        }
        if is_built || (taken == Taken::Unknown && as_what != StandsAs::Function) {
            walk.saw = true;
            self.take_opaque(walk, slot, path, place, within);
            return;
        }
        let what = match taken {
            Taken::Modules => "a module",
            Taken::Overlays => "an overlay",
            Taken::Lib | Taken::Unknown => "a function",
            _ => return,
        };
        self.not_read(walk, what, &Value::Unread(slot, path.clone(), place));
    }

    /// Takes something that a flake builds and of which only the path is known.
    fn take_opaque(
        &mut self,
        walk: &mut OutputWalk,
        slot: FlakeInput,
        path: &Path,
        place: Option<Place>,
        within: &Within,
    ) {
        // Unknown steps, usually the system, are not part of the name.
        let mut names: Vec<&str> = path.iter().map(|step| step.name().unwrap_or("*")).collect();
        // A package with other arguments is still that package.
        while names.len() > 1 && names.last().is_some_and(|n| Self::override_function(n)) {
            names.pop();
        }
        let taken = names.first().map_or(Taken::Unknown, |first| kind_of_output(first));
        let name = names.join(".");
        let key = WhatKey::Opaque(slot, name.clone());
        walk.take(key, What::Opaque { slot, name, taken }, place, within);
    }

    /// Takes a package of a dependency that is not fully known, as if its code were not there.
    pub(super) fn take_in_part(&mut self, walk: &mut OutputWalk, within: &Within) {
        if let Some(offer) = within.part_of.0.clone() {
            self.take_opaque(walk, offer.slot, &offer.path, None, within);
        }
    }

    pub(super) fn look_at_derivation(
        &mut self,
        walk: &mut OutputWalk,
        made: &Rc<Derivation>,
        within: &Within,
    ) {
        if made.is_override {
            let switched = self.switched(&made.given, made);
            if last(&made.path).is_some() {
                let (maker, path, place) = (made.maker, made.path.clone(), made.place);
                self.take_package(walk, maker, &path, place, within, Some(Overridden { switched }));
            }
        }
        if let Some(gpu) = self.settings_read_for(made)
            && self.switched(made.given.get(1..).unwrap_or_default(), made).is_none()
        {
            self.take_reader(walk, made, gpu, within);
        }
        if last(&made.path) == Some("callPackage")
            && let Some(file) = made.given.first()
        {
            match self.force_known(*file) {
                Value::Function(..) => {}
                file => self.not_read(walk, "a file", &file),
            }
        }
        let is_callers = self.made(made.maker).is_none_or(|of| of.made_by == MadeBy::Callers);
        let own = self.recorder.flake_at(made.place) == Some(walk.flake)
            || self.base_of(made.maker).is_some_and(|slot| slot.flake == walk.flake);
        let builder = if own && !made.is_override && !is_callers && !is_farm(&made.path) {
            let id = self.use_instance(walk, made.maker);
            walk.builder(id, within, false, made.place)
        } else {
            if !is_callers {
                self.use_instance(walk, made.maker);
            }
            within.builder
        };
        let inner = Within {
            builder,
            conditional: within.conditional,
            caller: Caller::Packages(made.maker, above(&made.path)),
            handed: None,
            by_others: within.by_others,
            in_override: made.is_override && last(&made.path).is_some(),
            inputs_only: false,
            for_macs: within.for_macs,
            part_of: within.part_of.clone(),
        };
        let packages = self.overridden_set(made, &above(&made.path));
        for given in made.given.iter().rev() {
            let what = match &packages {
                _ if within.inputs_only && !made.is_override => match self.force(*given) {
                    Value::Set(set) => Pending::Value(only_inputs(&set)),
                    Value::Function(..) if !picks_packages(&made.path) => Pending::Thunk(*given),
                    _ => continue,
                },
                // `(python3.override { packageOverrides = …; }).withPackages (ps: …)`: of the
                // result of an override, the picked packages count.
                Some(packages) => match self.force(*given) {
                    function @ Value::Function(..) => {
                        Pending::Value(self.apply_to(&function, packages.clone(), made.place))
                    }
                    Value::Set(set) => Pending::Value(without_overlays(&set)),
                    _ => Pending::Thunk(*given),
                },
                None if last(&made.path) == Some("mkDerivation") => match self.force(*given) {
                    Value::Set(set) => match without_checks(made, &set) {
                        Some(set) => Pending::Value(Value::Set(set.into())),
                        None => Pending::Thunk(*given),
                    },
                    _ => Pending::Thunk(*given),
                },
                None => Pending::Thunk(*given),
            };
            walk.push_part(what, &inner);
        }
    }

    /// Takes a package whose own code reads a GPU setting of the nixpkgs that makes it.
    fn take_reader(&mut self, walk: &mut OutputWalk, made: &Derivation, gpu: Gpu, within: &Within) {
        let is_callers = self.made(made.maker).is_none_or(|of| of.made_by == MadeBy::Callers);
        if is_callers || within.inputs_only {
            return;
        }
        let instance = self.use_instance(walk, made.maker);
        let name = self.name_given(made).unwrap_or_else(|| "a package".to_owned());
        let kind = PackageKind::Changed(gpu);
        let key = WhatKey::Package(instance, name.clone(), kind, false);
        walk.take(key, What::Package { instance, name, kind }, made.place, within);
    }

    /// The name of a derivation: `pname`, or `name`.
    pub(in crate::evaluate) fn name_given(&mut self, made: &Derivation) -> Option<String> {
        ["pname", "name"].into_iter().find_map(|key| {
            made.given.iter().find_map(|given| {
                let given = self.force_known(*given);
                let Value::Set(set) = given.unconditional().0 else { return None };
                match self.force_known(set.get(key)?.thunk) {
                    Value::Text(name) if !name.is_empty() => Some(name.to_string()),
                    _ => None,
                }
            })
        })
    }

    /// What some arguments switch for one package: on or off, and for which GPU.
    fn switched(&mut self, given: &[Thunk], made: &Derivation) -> Option<(bool, Gpu)> {
        let mut off: Option<(bool, Gpu)> = None;
        for given in given {
            let given = self.force_known(*given);
            let given = match &given {
                Value::Function(..) => {
                    let caller = Caller::Packages(made.maker, above(&made.path));
                    self.guess_arguments(&given, &caller)
                }
                _ => given,
            };
            let Value::Set(set) = given.unconditional().0 else { continue };
            let switches =
                set.attrs.iter().filter_map(|attr| Some((switch(&attr.name)?, attr.thunk)));
            for (switch, value) in switches.collect::<Vec<_>>() {
                let value = self.force_known(value);
                match (value.unconditional().0, switch) {
                    (Value::Bool(true) | Value::Text(_), Switch::Gpu(gpu)) => {
                        return Some((true, gpu));
                    }
                    (Value::Bool(true), Switch::Vulkan) => return Some((true, Gpu::Both)),
                    (Value::Bool(false), Switch::Gpu(gpu)) => {
                        off = Some((false, off.map_or(gpu, |(_, other)| gpu.and(other))));
                    }
                    _ => {}
                }
            }
            if let Some(gpu) = self.toolkit_in(set) {
                return Some((true, gpu));
            }
        }
        off
    }

    /// The GPU whose toolkit is among a package's inputs: whoever adds it by hand builds for that
    /// GPU.
    fn toolkit_in(&mut self, attrs: &Set) -> Option<Gpu> {
        const INPUTS: [&str; 3] = ["buildInputs", "nativeBuildInputs", "propagatedBuildInputs"];
        let inputs = INPUTS.into_iter().filter_map(|name| attrs.get(name));
        for list in inputs.map(|attr| attr.thunk).collect::<Vec<_>>() {
            let list = self.force_known(list);
            let mut items = Vec::new();
            self.items_into(&list, &mut items);
            for item in items {
                if let Value::Package(_, path, _) = self.force_known(item)
                    && let PackageKind::Toolkit(gpu) = named(&path).1
                {
                    return Some(gpu);
                }
            }
        }
        None
    }
}

/// The arguments of an override without overlays of a package set, and without the interpreter.
fn without_overlays(given: &Set) -> Value {
    let is_package = |name: &str| !OVERLAY_ARGUMENTS.contains(&name) && name != "self";
    let attrs = given.attrs.iter().filter(|attr| is_package(&attr.name)).cloned().collect();
    Value::set(attrs, given.rest, given.open)
}

/// What a shell gets of a package in its `inputsFrom`: what that is made with, not what is in it.
///
/// Source: nixpkgs `pkgs/build-support/mkshell`, `mergeInputs`.
fn only_inputs(given: &Set) -> Value {
    let is_input = |name: &str| {
        name.ends_with("uildInputs")
            || name.ends_with("heckInputs")
            || matches!(name, "packages" | "inputsFrom" | "dependencies")
            || matches!(name, "build-system" | "shellHook" | "doCheck" | "doInstallCheck")
    };
    let attrs = given.attrs.iter().filter(|attr| is_input(&attr.name)).cloned().collect();
    Value::set(attrs, given.rest, given.open)
}

/// Whether a function of nixpkgs is given one that picks packages, all of which are in its result.
fn picks_packages(path: &Path) -> bool {
    last(path).is_some_and(|name| matches!(name, "withPackages" | "withPlugins" | "withExtensions"))
}

/// Whether a function only puts links to packages beside each other, each under a name of its own:
/// nothing is built of them together, so that variants of one package may be in it.
///
/// Source: nixpkgs `pkgs/build-support/trivial-builders`, `pkgs/build-support/release`.
fn is_farm(path: &Path) -> bool {
    last(path).is_some_and(|name| matches!(name, "linkFarm" | "linkFarmFromDrvs" | "aggregate"))
}
