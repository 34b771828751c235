//! Package sets: instances of nixpkgs, and their attributes. Overlays on them are in `overlays.rs`,
//! the results of their functions in `derivations.rs`.
//!
//! Source: nixpkgs `pkgs/top-level/{impure,default,stage,variants}.nix`.

use super::evaluator::Evaluator;
use super::facts::{InstanceId, MadeBy, MadeInstance, Place, Taken, Use};
use super::modules::ClassId;
use super::replaced::is_python;
use super::value::{Base, Path, Segment, Thunk, Value, last, named};
use super::world::FlakeInput;
use crate::nixpkgs_config;
use crate::syntax::Name;

/// The most instances that are told apart.
const MOST_INSTANCES: usize = 2_000;

/// Functions of package sets that call a file with packages.
pub(super) const CALLS_FILES: [&str; 5] =
    ["callPackage", "callPackages", "callPackageWith", "newScope", "haskellSrc2nix"];

/// How an instance is made, as far as that was needed.
#[derive(Default)]
pub(super) struct Making {
    /// The arguments of `import nixpkgs`.
    pub(super) args: Option<Thunk>,
    /// The modules whose options configure it.
    pub(super) class: Option<ClassId>,
    /// The overlays added by `extend`.
    pub(super) overlays: Option<Thunk>,
    /// The set that its overlays make, once that was needed.
    pub(super) added: Option<Thunk>,
    /// What `pythonPackagesExtensions` in its overlays make of each set of Python's packages that
    /// was needed.
    pub(super) python: Vec<(Path, Thunk)>,
    /// The number of its overlays, once that was needed; `None` if it is not known.
    pub(super) overlaid: Option<u32>,
    /// Overlays that are not read.
    pub(super) unread: Vec<Value>,
    /// Whether it has the settings of the instance it is made from, besides its own.
    pub(super) inherits: bool,
    /// Whether it has the overlays of the instance it is made from too.
    pub(super) keeps_overlays: bool,
    /// Whether its settings were evaluated.
    pub(super) settled: Settled,
}

/// Whether the settings of an instance were evaluated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Settled {
    #[default]
    Not,
    /// They are being evaluated right now.
    Beginning,
    Known,
}

impl Evaluator<'_> {
    /// A new instance, or the same one as before if nothing tells them apart.
    pub(super) fn instance(
        &mut self,
        base: Base,
        made_by: MadeBy,
        made_at: Option<Place>,
        making: Making,
    ) -> InstanceId {
        let (base, from) = match base {
            Base::Input(slot) => (Some(slot), None),
            Base::Instance(instance) => (self.base_of(instance), Some(instance)),
            Base::Other | Base::Foreign => (None, None),
        };
        let at = self.recorder.reading.instances.len();
        if at >= MOST_INSTANCES {
            self.budget.within(false);
            return InstanceId::new(0);
        }
        self.recorder.reading.instances.push(MadeInstance {
            base,
            from,
            made_by,
            made_at,
            settings: Vec::new(),
            beside: Vec::new(),
            overlays: Some(0),
            changed: std::collections::BTreeSet::new(),
            system: None,
            same_as: None,
            keeps_settings: true,
            used: false,
        });
        self.makings.push(making);
        InstanceId::new(at)
    }

    /// The input that an instance is made from.
    pub(super) fn base_of(&self, instance: InstanceId) -> Option<FlakeInput> {
        self.recorder.reading.instances.get(instance.index())?.base
    }

    pub(super) fn made(&self, instance: InstanceId) -> Option<&MadeInstance> {
        self.recorder.reading.instances.get(instance.index())
    }

    /// `legacyPackages` of an input for one system.
    pub(super) fn legacy(
        &mut self,
        slot: FlakeInput,
        system: Option<&str>,
        place: Option<Place>,
    ) -> Value {
        self.recorder.used(slot, Use::LegacyPackages, place);
        self.recorder.output(slot, "legacyPackages", place);
        self.recorder.system(slot, system);
        let instance = self.legacy_instance(slot, system);
        Value::Package(instance, [].into(), place)
    }

    /// An input's nixpkgs with its defaults.
    pub(super) fn legacy_instance(&mut self, slot: FlakeInput, system: Option<&str>) -> InstanceId {
        let key = (slot, system.map(Name::from));
        if let Some(known) = self.legacy.get(&key) {
            return *known;
        }
        let made = self.instance(Base::Input(slot), MadeBy::Legacy, None, Making::default());
        if let Some(instance) = self.recorder.reading.instances.get_mut(made.index()) {
            instance.system = system.map(str::to_owned);
        }
        self.legacy.insert(key, made);
        made
    }

    /// The instance of whoever uses this code, if nothing says which it is.
    pub(super) fn callers(&mut self) -> InstanceId {
        let known =
            self.recorder.reading.instances.iter().position(|made| made.made_by == MadeBy::Callers);
        match known {
            Some(at) => InstanceId::new(at),
            None => self.instance(Base::Other, MadeBy::Callers, None, Making::default()),
        }
    }

    /// The instance that a package set belongs to.
    pub(super) fn instance_of(&self, value: &Value) -> Option<InstanceId> {
        match value {
            Value::Package(instance, path, _) if path.is_empty() => Some(*instance),
            Value::Before(instance, _) => Some(*instance),
            Value::Conditional(inner) => self.instance_of(inner),
            Value::Either(all) => all.iter().find_map(|one| self.instance_of(one)),
            Value::Update(both) => self.instance_of(&both.0).or_else(|| self.instance_of(&both.1)),
            _ => None,
        }
    }

    /// `import source path args`
    pub(super) fn instantiate(
        &mut self,
        base: Base,
        path: &str,
        args: Thunk,
        place: Option<Place>,
    ) -> Value {
        let path = path.trim_end_matches('/').trim_end_matches("/default.nix");
        let is_whole = matches!(
            path,
            "" | "/." | "/pkgs/top-level" | "/pkgs/top-level/impure.nix" | "/impure.nix"
        );
        if !is_whole {
            if matches!(path, "/nixos" | "/nixos/lib/eval-config.nix") {
                return self.nixos_of(base, args, place);
            }
            if path == "/lib" {
                let slot = match base {
                    Base::Input(slot) => Some(slot),
                    Base::Instance(instance) => self.base_of(instance),
                    Base::Other | Base::Foreign => None,
                };
                return Value::Library(slot, [].into());
            }
            return self.handed(&Value::Source(base, path.into(), place), args, place);
        }
        if let Base::Input(slot) = base {
            self.recorder.used(slot, Use::Import, place);
            self.recorder.taken(slot, Taken::Packages, place);
        }
        let making = Making { args: Some(args), ..Making::default() };
        let made = self.instance(base, MadeBy::Import, place, making);
        Value::Package(made, [].into(), place)
    }

    /// An attribute of a package set.
    pub(super) fn in_packages(
        &mut self,
        instance: InstanceId,
        path: &Path,
        name: &Name,
        place: Option<Place>,
    ) -> Value {
        // A host's packages may turn out to be another instance, with the host's overlays on top.
        let (own, instance) = (instance, self.after_all(instance));
        if path.is_empty() {
            match &**name {
                "lib" => return Value::Library(self.base_of(instance), [].into()),
                "path" => return Value::Source(Base::Instance(instance), "".into(), place),
                "pkgs" | "buildPackages" | "targetPackages" | "pkgsBuildHost"
                | "__splicedPackages" => return Value::Package(instance, path.clone(), place),
                "config" => return Value::Settings(instance),
                "overlays" => return self.overlays_of_packages(own),
                "system" => return self.system_of(instance),
                _ => {}
            }
            if nixpkgs_config::variant(name).is_some() {
                return self.variant(instance, name, place);
            }
            if !CALLS_FILES.contains(&&**name)
                && let Some(value) = self.added_by_overlays(own, name, place)
            {
                return value;
            }
            if let Some(value) = self.in_overlaid_python(own, name, place) {
                return value;
            }
        }
        if is_python(path)
            && let Some(value) = self.added_to_python(own, path, name, place)
        {
            return value;
        }
        if let Some(value) = self.upon_replaced(own, path, name, place) {
            return value;
        }
        // Facts about a platform are conditions.
        if last(path).is_some_and(|last| {
            matches!(last, "hostPlatform" | "buildPlatform" | "targetPlatform" | "stdenv")
        }) && (name.starts_with("is") || &**name == "system")
        {
            return self.of_platform(instance, name);
        }
        if let ("version" | "pname" | "name" | "meta", false) = (&**name, path.is_empty()) {
            return Value::condition();
        }
        Value::Package(instance, named(path, name), place)
    }

    /// Whether what an instance builds runs where it is built, as far as its arguments say.
    pub(super) fn is_native(&mut self, instance: InstanceId) -> bool {
        let Some(making) = self.makings.get(instance.index()) else { return false };
        match (making.args, making.class) {
            (Some(args), _) => {
                let args = self.force_known(args);
                let args = args.unconditional().0.clone();
                self.has(&args, "crossSystem") == Some(false)
            }
            (None, Some(class)) => ["buildPlatform", "crossSystem", "localSystem"]
                .into_iter()
                .all(|name| self.definitions(class, &["nixpkgs", name].map(Name::from)).is_empty()),
            (None, None) => true,
        }
    }

    fn system_of(&mut self, instance: InstanceId) -> Value {
        self.settle(instance);
        match self.made(instance).map(|made| (made.system.clone(), made.made_by)) {
            Some((Some(system), _)) => Value::text(system),
            // A host whose hardware is described elsewhere; nearly all are of this system.
            Some((None, MadeBy::Nixos)) => Value::text("x86_64-linux"),
            _ => Value::condition(),
        }
    }

    /// `stdenv.hostPlatform.isDarwin` and similar.
    pub(super) fn of_platform(&mut self, instance: InstanceId, name: &str) -> Value {
        let Value::Text(system) = self.system_of(instance) else { return Value::condition() };
        let is_told = self.made(instance).is_some_and(|made| made.system.is_some());
        match name {
            "system" => Value::Text(system),
            "isLinux" => Value::Bool(system.ends_with("-linux")),
            "isDarwin" => Value::Bool(system.ends_with("-darwin")),
            "isx86_64" | "isAarch64" | "isAarch" if !is_told => Value::condition(),
            "isx86_64" => Value::Bool(system.starts_with("x86_64-")),
            "isAarch64" | "isAarch" => Value::Bool(system.starts_with("aarch64-")),
            _ => Value::condition(),
        }
    }

    /// `pkgs.pkgsCuda`: the same instance each time.
    fn variant(&mut self, instance: InstanceId, name: &Name, place: Option<Place>) -> Value {
        let known = self.recorder.reading.instances.iter().position(|made| {
            made.made_by == MadeBy::Variant
                && made.from == Some(instance)
                && made.system.as_deref() == Some(name)
        });
        let made = match known {
            Some(at) => InstanceId::new(at),
            None => {
                let base = Base::Instance(instance);
                let made = self.instance(base, MadeBy::Variant, place, Making::default());
                if let Some(variant) = self.recorder.reading.instances.get_mut(made.index()) {
                    // Its own system is reported once it is settled.
                    variant.system = Some(name.to_string());
                }
                made
            }
        };
        // `pkgsForCudaArch.sm_89` is a set of such sets.
        let path = if &**name == "pkgsForCudaArch" { [Segment::Any].into() } else { [].into() };
        match &**name {
            "pkgsForCudaArch" => Value::Package(made, path, place),
            _ => Value::Package(made, [].into(), place),
        }
    }

    /// `pkgs.extend overlay`
    pub(super) fn extend_packages(
        &mut self,
        instance: InstanceId,
        overlay: Thunk,
        place: Option<Place>,
    ) -> Value {
        let making = Making { overlays: Some(overlay), ..Making::default() };
        let made = self.instance(Base::Instance(instance), MadeBy::Extended, place, making);
        Value::Package(made, [].into(), place)
    }

    /// A system gets the settings of the packages that it starts from, and its own.
    pub(super) fn inherit_settings(&mut self, system: &Value) {
        if let Value::System(class) = system
            && let Some(packages) = self.packages_of(*class)
            && let Some(making) = self.makings.get_mut(packages.index())
        {
            making.inherits = true;
            making.keeps_overlays = true;
        }
    }
}
