//! Package sets: instances of nixpkgs, what is in them, and what their functions make.
//!
//! Source: nixpkgs `pkgs/top-level/{impure,default,stage,variants}.nix`, `lib/customisation.nix`.

use std::rc::Rc;

use super::facts::{InstanceId, MadeBy, MadeInstance, Place, Taken, Use};
use super::heap::State;
use super::machine::{Machine, NOWHERE};
use super::modules::ClassId;
use super::value::{
    Base, Derivation, Function, How, Path, Segment, SetAttr, Thunk, Value, above, attr, last, named,
};
use super::world::Slot;
use crate::nixpkgs_config;
use crate::syntax::Name;

/// Instances that are told apart.
const MOST_INSTANCES: usize = 2_000;
/// Steps into a package set.
pub(super) const LONGEST: usize = 12;

/// Functions of package sets that call a file with packages.
const CALLS_FILES: [&str; 5] =
    ["callPackage", "callPackages", "callPackageWith", "newScope", "haskellSrc2nix"];

/// How an instance comes about, as far as it is looked at when somebody asks.
#[derive(Default)]
pub(super) struct Making {
    /// What `import nixpkgs` was given.
    pub(super) args: Option<Thunk>,
    /// The modules whose options say it.
    pub(super) class: Option<ClassId>,
    /// What was added by `extend`.
    pub(super) overlays: Option<Thunk>,
    /// What its overlays make, once that was asked for.
    pub(super) added: Option<Thunk>,
    /// What `pythonPackagesExtensions` of its overlays make of each set of Python's packages that
    /// was asked for.
    pub(super) python: Vec<(Path, Thunk)>,
    /// How many overlays it has, once that was asked for; `None` where that is not known.
    pub(super) overlaid: Option<u32>,
    /// Overlays that are not read.
    pub(super) unread: Vec<Value>,
    /// Whether the settings of what it is made from hold for it, too.
    pub(super) inherits: bool,
    /// Whether its settings were looked at.
    pub(super) is_settled: bool,
}

impl Machine<'_> {
    /// A new instance; the same one each time for those that nothing tells apart.
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
            Base::Other => (None, None),
        };
        let at = self.reading.instances.len();
        if at >= MOST_INSTANCES {
            self.within(false);
            return InstanceId::new(0);
        }
        self.reading.instances.push(MadeInstance {
            base,
            from,
            made_by,
            made_at: made_at.filter(|place| *place != NOWHERE),
            settings: Vec::new(),
            beside: Vec::new(),
            overlays: Some(0),
            changed: std::collections::BTreeSet::new(),
            system: None,
            same_as: None,
            used: false,
        });
        self.makings.push(making);
        InstanceId::new(at)
    }

    /// The input that an instance is made from.
    pub(super) fn base_of(&self, instance: InstanceId) -> Option<Slot> {
        self.reading.instances.get(instance.index())?.base
    }

    pub(super) fn made(&self, instance: InstanceId) -> Option<&MadeInstance> {
        self.reading.instances.get(instance.index())
    }

    /// `legacyPackages` of an input for one system.
    pub(super) fn legacy(&mut self, slot: Slot, system: Option<&str>, place: Place) -> Value {
        self.record_use(slot, Use::LegacyPackages, place);
        self.record_output(slot, "legacyPackages", place);
        self.record_system(slot, system);
        let instance = self.legacy_instance(slot, system);
        Value::Package(instance, [].into(), place)
    }

    /// An input's nixpkgs with its defaults.
    pub(super) fn legacy_instance(&mut self, slot: Slot, system: Option<&str>) -> InstanceId {
        let key = (slot, system.map(Name::from));
        if let Some(known) = self.legacy.get(&key) {
            return *known;
        }
        let made = self.instance(Base::Input(slot), MadeBy::Legacy, None, Making::default());
        if let Some(instance) = self.reading.instances.get_mut(made.index()) {
            instance.system = system.map(str::to_owned);
        }
        self.legacy.insert(key, made);
        made
    }

    /// The packages of whoever uses this code, where nobody says which these are.
    pub(super) fn callers(&mut self) -> InstanceId {
        let known = self.reading.instances.iter().position(|made| made.made_by == MadeBy::Callers);
        match known {
            Some(at) => InstanceId::new(at),
            None => self.instance(Base::Other, MadeBy::Callers, None, Making::default()),
        }
    }

    /// The instance that a package set is.
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
        place: Place,
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
                    Base::Other => None,
                };
                return Value::Library(slot, [].into());
            }
            return self.handed(&Value::Source(base, path.into(), place), args, place);
        }
        if let Base::Input(slot) = base {
            self.record_use(slot, Use::Import, place);
            self.record_taken(slot, Taken::Packages, place);
        }
        let making = Making { args: Some(args), ..Making::default() };
        let made = self.instance(base, MadeBy::Import, Some(place), making);
        Value::Package(made, [].into(), place)
    }

    /// What is in a package set under a name.
    pub(super) fn in_packages(
        &mut self,
        instance: InstanceId,
        path: &Path,
        name: &Name,
        place: Place,
    ) -> Value {
        // A host's packages may be others after all: it is their overlays that count.
        let instance = self.after_all(instance);
        if path.is_empty() {
            match &**name {
                "lib" => return Value::Library(self.base_of(instance), [].into()),
                "path" => return Value::Source(Base::Instance(instance), "".into(), place),
                "pkgs" | "buildPackages" | "targetPackages" | "pkgsBuildHost"
                | "__splicedPackages" => return Value::Package(instance, path.clone(), place),
                "config" => return Value::condition(),
                "system" => return self.system_of(instance),
                _ => {}
            }
            if nixpkgs_config::variant(name).is_some() {
                return self.variant(instance, name, place);
            }
            if !CALLS_FILES.contains(&&**name)
                && let Some(value) = self.added_by_overlays(instance, name, place)
            {
                return value;
            }
        }
        if is_python(path)
            && let Some(value) = self.added_to_python(instance, path, name, place)
        {
            return value;
        }
        // What is known of a platform is a condition to configuration.
        if last(path).is_some_and(|last| {
            matches!(last, "hostPlatform" | "buildPlatform" | "targetPlatform" | "stdenv")
        }) && (name.starts_with("is") || &**name == "system")
        {
            return self.of_platform(instance, name);
        }
        if let ("version" | "pname" | "name" | "meta", false) = (&**name, path.is_empty()) {
            return Value::condition();
        }
        if path.len() >= LONGEST {
            return Value::Package(instance, path.clone(), place);
        }
        Value::Package(instance, named(path, name), place)
    }

    fn system_of(&mut self, instance: InstanceId) -> Value {
        self.settle(instance);
        match self.made(instance).and_then(|made| made.system.clone()) {
            Some(system) => Value::text(system),
            None => Value::condition(),
        }
    }

    /// `stdenv.hostPlatform.isDarwin` and its like.
    fn of_platform(&mut self, instance: InstanceId, name: &str) -> Value {
        let Value::Text(system) = self.system_of(instance) else { return Value::condition() };
        match name {
            "system" => Value::Text(system),
            "isLinux" => Value::Bool(system.ends_with("-linux")),
            "isDarwin" => Value::Bool(system.ends_with("-darwin")),
            "isx86_64" => Value::Bool(system.starts_with("x86_64-")),
            "isAarch64" | "isAarch" => Value::Bool(system.starts_with("aarch64-")),
            _ => Value::condition(),
        }
    }

    /// `pkgs.pkgsCuda`: the same instance each time.
    fn variant(&mut self, instance: InstanceId, name: &Name, place: Place) -> Value {
        let known = self.reading.instances.iter().position(|made| {
            made.made_by == MadeBy::Variant
                && made.from == Some(instance)
                && made.system.as_deref() == Some(name)
        });
        let made = match known {
            Some(at) => InstanceId::new(at),
            None => {
                let base = Base::Instance(instance);
                let made = self.instance(base, MadeBy::Variant, Some(place), Making::default());
                if let Some(variant) = self.reading.instances.get_mut(made.index()) {
                    // Its own system is told once it is settled.
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

    /// What the overlays of an instance make of a name; `None` where they say nothing of it.
    fn added_by_overlays(
        &mut self,
        instance: InstanceId,
        name: &Name,
        place: Place,
    ) -> Option<Value> {
        let added = self.added(instance)?;
        if matches!(self.heap.state(added), Some(State::Busy)) {
            return None;
        }
        let added = self.force(added);
        let found = match self.has(&added, name) {
            Some(false) => return None,
            Some(true) => self.member(&added, name, Some(place)),
            None => {
                let Value::Set(set) = &added else { return None };
                set.get(name)?;
                self.member(&added, name, Some(place))
            }
        };
        match &found {
            // It hands on what was there before.
            Value::Package(of, path, _) if *of == instance && path.len() == 1 => {
                Some(Value::Package(instance, path.clone(), place))
            }
            Value::Unknown(_) => None,
            _ => Some(found),
        }
    }

    /// What overlays add to all sets of Python's packages; `None` where they say nothing of a name.
    ///
    /// Source: nixpkgs `pkgs/top-level/python-packages.nix`, `pythonPackagesExtensions`.
    fn added_to_python(
        &mut self,
        instance: InstanceId,
        path: &Path,
        name: &Name,
        place: Place,
    ) -> Option<Value> {
        /// Versions of Python that one nixpkgs has, and names of their sets.
        const MOST: usize = 40;
        let extensions = Name::from("pythonPackagesExtensions");
        let added = self.added(instance)?;
        if matches!(self.heap.state(added), Some(State::Busy)) {
            return None;
        }
        let known = &self.makings.get(instance.index())?.python;
        let set = match known.iter().find(|(of, _)| of == path) {
            Some((_, set)) => *set,
            None if known.len() >= MOST => return None,
            None => {
                let overlays = self.added_by_overlays(instance, &extensions, place)?;
                // Asked for while it is made the set is as it was: what makes it may look at it.
                let nothing = self.done(Value::no_attrs());
                let making = self.makings.get_mut(instance.index())?;
                let at = making.python.len();
                making.python.push((path.clone(), nothing));
                let before = self.done(Value::Package(instance, path.clone(), place));
                let mut all = Value::no_attrs();
                for overlay in self.overlays_in(&overlays, None).0 {
                    if matches!(overlay, Value::Function(..) | Value::Native(_)) {
                        let more = self.apply_both(&overlay, before, before, place);
                        all = self.update(all, more);
                    }
                }
                let set = self.done(all);
                self.makings.get_mut(instance.index())?.python.get_mut(at)?.1 = set;
                set
            }
        };
        let set = self.force(set);
        (self.has(&set, name) == Some(true))
            .then(|| self.member(&set, name, Some(place)))
            .filter(|value| !value.is_unknown())
    }

    /// The set that the overlays of an instance make; `None` where it has none.
    pub(super) fn added(&mut self, instance: InstanceId) -> Option<Thunk> {
        let making = self.makings.get(instance.index())?;
        if let Some(added) = making.added {
            return Some(added);
        }
        let overlays = match (making.overlays, making.args, making.class) {
            (Some(overlays), ..) => overlays,
            (None, Some(args), _) => {
                let args = self.force_known(args);
                let (args, _) = args.unconditional();
                match self.has(args, "overlays") {
                    Some(false) => return None,
                    _ => {
                        let args = args.clone();
                        let args = self.done(args);
                        self.thunk(State::Member(args, "overlays".into()))
                    }
                }
            }
            (None, None, Some(class)) => {
                let path = [Name::from("nixpkgs"), Name::from("overlays")].into();
                self.thunk(State::Configured(class, path))
            }
            (None, None, None) => return None,
        };
        // The result is forced once; asked for meanwhile it adds nothing.
        let added = self.thunk(State::Added(instance, overlays));
        if let Some(making) = self.makings.get_mut(instance.index()) {
            making.added = Some(added);
        }
        Some(added)
    }

    /// What overlays add to an instance.
    pub(super) fn added_set(&mut self, instance: InstanceId, overlays: Thunk) -> Value {
        let overlays = self.force_known(overlays);
        let finally = self.done(Value::Package(instance, [].into(), NOWHERE));
        let mut added = Value::no_attrs();
        let (overlays, all) = self.overlays_in(&overlays, Some(instance));
        if let Some(making) = self.makings.get_mut(instance.index()) {
            making.overlaid = all.then_some(u32::try_from(overlays.len()).unwrap_or(u32::MAX));
        }
        for overlay in overlays {
            let before = Value::Before(instance, NOWHERE);
            let previous = self.done(Value::Update((before, added.clone()).into()));
            let more = self.apply_both(&overlay, finally, previous, NOWHERE);
            match self.resolve(more) {
                Value::Unknown(_) | Value::Woven(_) | Value::Unread(..) => {
                    self.note_overlay(instance, overlay);
                }
                more => added = self.update(added, more),
            }
        }
        added
    }

    /// What overlays make of a set; `own` stands for the result.
    pub(super) fn extend_by(&mut self, base: Value, overlay: &Value, own: Thunk) -> Value {
        let mut all = base;
        for overlay in self.overlays_in(overlay, None).0 {
            let previous = self.done(all.clone());
            match self.apply_both(&overlay, own, previous, NOWHERE) {
                Value::Unknown(_) => {}
                more => all = self.update(all, more),
            }
        }
        all
    }

    /// The overlays of a list, or of whatever holds some, and whether these are certainly all.
    fn overlays_in(&mut self, overlays: &Value, of: Option<InstanceId>) -> (Vec<Value>, bool) {
        /// Overlays of one set.
        const MOST: usize = 500;
        let mut found = Vec::new();
        let mut all = true;
        let mut open: Vec<Value> = vec![overlays.clone()];
        while let Some(value) = open.pop() {
            if found.len() >= MOST || !self.step() {
                all = false;
                break;
            }
            match self.resolve(value) {
                Value::List(list) => {
                    all &= !list.open;
                    for item in list.items.iter().rev() {
                        open.push(self.force(*item));
                    }
                }
                Value::Conditional(inner) => {
                    all = false;
                    open.push((*inner).clone());
                }
                Value::Either(several) => {
                    all = false;
                    open.extend(several.iter().rev().cloned());
                }
                Value::Path(flake, path) => open.push(self.imported(flake, &path)),
                Value::Null => {}
                Value::Unknown(_) => all = false,
                value @ (Value::Unread(..) | Value::Woven(_)) => {
                    all = false;
                    if let Some(instance) = of {
                        self.note_overlay(instance, value);
                    }
                }
                value => found.push(value),
            }
        }
        (found, all)
    }

    fn note_overlay(&mut self, instance: InstanceId, overlay: Value) {
        if let Some(making) = self.makings.get_mut(instance.index())
            && making.unread.len() < 20
        {
            making.unread.push(overlay);
        }
    }

    /// `pkgs.extend overlay`
    pub(super) fn extend_packages(
        &mut self,
        instance: InstanceId,
        overlay: Thunk,
        place: Place,
    ) -> Value {
        let making = Making { overlays: Some(overlay), ..Making::default() };
        let made = self.instance(Base::Instance(instance), MadeBy::Extended, Some(place), making);
        Value::Package(made, [].into(), place)
    }

    /// A call of something in a package set.
    pub(super) fn call_package(
        &mut self,
        instance: InstanceId,
        path: &Path,
        arg: Thunk,
        place: Place,
    ) -> Value {
        let upper = above(path);
        match last(path).unwrap_or_default() {
            name if CALLS_FILES.contains(&name) => {
                Value::native(Function::CallPackage(instance, upper), vec![arg])
            }
            "extend" | "appendOverlays" if upper.is_empty() => {
                self.extend_packages(instance, arg, place)
            }
            name if Self::override_function(name) => {
                self.overridden(instance, upper, vec![arg], place)
            }
            "extend" | "overrideScope" | "overrideScope'" | "makeScope" => {
                self.overridden(instance, upper, vec![arg], place)
            }
            "applyPatches" => {
                let args = self.force_known(arg);
                let source = self.member(&args, &Name::from("src"), None);
                match self.resolve(source) {
                    Value::Flake(slot, _) if self.is_packages(slot) => {
                        Value::Source(Base::Input(slot), "".into(), place)
                    }
                    source @ Value::Source(..) => source,
                    _ => self.built(instance, path.clone(), vec![arg], place),
                }
            }
            "nixos" | "nixosSystem" => {
                let system = self.nixos_of(Base::Instance(instance), arg, place);
                self.inherit_settings(&system);
                system
            }
            _ => self.built(instance, path.clone(), vec![arg], place),
        }
    }

    /// A system is made with the settings of the packages that it starts from, and its own.
    pub(super) fn inherit_settings(&mut self, system: &Value) {
        if let Value::System(class) = system
            && let Some(packages) = self.packages_of(*class)
            && let Some(making) = self.makings.get_mut(packages.index())
        {
            making.inherits = true;
        }
    }

    /// A shell of packages of an instance.
    pub(super) fn shell_of(&mut self, maker: InstanceId, given: Thunk, place: Place) -> Value {
        self.built(maker, named(&[].into(), &Name::from("mkShell")), vec![given], place)
    }

    /// What a function of a package set makes.
    fn built(&mut self, maker: InstanceId, path: Path, given: Vec<Thunk>, place: Place) -> Value {
        let made = Derivation { maker, path, given, is_override: false, place };
        Value::Derivation(Rc::new(made))
    }

    /// A function of a package set that was called, or overridden, called with one more argument.
    pub(super) fn made_of_more(&mut self, made: &Derivation, arg: Thunk, place: Place) -> Value {
        let (maker, path) = (made.maker, made.path.clone());
        if made.is_override && last(&path).is_some_and(|name| CALLS_FILES.contains(&name)) {
            return self.call_package(maker, &path, arg, place);
        }
        let given = made.given.iter().copied().chain([arg]).collect();
        self.built(maker, path, given, made.place)
    }

    /// A package of a set with other arguments.
    pub(super) fn overridden(
        &mut self,
        maker: InstanceId,
        path: Path,
        given: Vec<Thunk>,
        place: Place,
    ) -> Value {
        Value::Derivation(Rc::new(Derivation { maker, path, given, is_override: true, place }))
    }

    /// The set of packages that a function of something overridden picks from, where the override
    /// changes what is in it: `python3.override { packageOverrides = final: prev: { … }; }`.
    ///
    /// Source: nixpkgs `pkgs/development/interpreters/python/passthrufun.nix`.
    pub(super) fn with_own_overrides(&mut self, made: &Derivation) -> Option<Value> {
        let name = Name::from("packageOverrides");
        let base = Value::Package(made.maker, above(&made.path), made.place);
        let mut all = None;
        for given in &made.given {
            let given = self.force_known(*given);
            let (given, _) = given.unconditional();
            if matches!(given, Value::Set(_)) && self.has(given, &name) == Some(true) {
                let overrides = self.member(given, &name, None);
                let own = self.done(base.clone());
                let before = all.take().unwrap_or_else(|| base.clone());
                all = Some(self.extend_by(before, &overrides, own));
            }
        }
        all
    }

    /// What was made, with other arguments: the first is what it was.
    pub(super) fn override_made(&mut self, args: &[Thunk], place: Place) -> Value {
        let [made, given, ..] = args else { return Value::outside() };
        match self.force(*made) {
            Value::Derivation(made) => {
                let given = made.given.iter().copied().chain([*given]).collect();
                let (maker, path) = (made.maker, made.path.clone());
                let (is_override, place) = (made.is_override, made.place);
                Value::Derivation(Rc::new(Derivation { maker, path, given, is_override, place }))
            }
            other => {
                let other = self.done(other);
                Value::woven(How::Handed, vec![other, *given], place)
            }
        }
    }

    /// `callPackage file overrides`: the file's function gets packages by their names.
    pub(super) fn call_package_file(
        &mut self,
        instance: InstanceId,
        path: &Path,
        args: &[Thunk],
        place: Place,
    ) -> Value {
        let [file, given, ..] = args else { return Value::outside() };
        let file = self.force_known(*file);
        let file = match &file {
            Value::Path(..) | Value::AnyPath(_) | Value::Flake(..) | Value::Itself(_) => {
                self.import(&file, place)
            }
            _ => file,
        };
        self.call_with_packages(instance, path, file, *given, place)
    }

    fn call_with_packages(
        &mut self,
        instance: InstanceId,
        path: &Path,
        file: Value,
        given: Thunk,
        place: Place,
    ) -> Value {
        match &file {
            Value::Function(code, scope) => {
                let Some(formals) = self.formals(*code) else {
                    // It takes the whole set.
                    let packages = Value::Package(instance, path.clone(), place);
                    return self.apply_to(&file, packages, place);
                };
                let packages = Value::Package(instance, path.clone(), place);
                let overrides = self.force_known(given);
                let mut attrs: Vec<SetAttr> = Vec::with_capacity(formals.len());
                for (name, has_default) in formals {
                    let own = match overrides.unconditional().0 {
                        Value::Set(set) => set.get(&name).map(|attr| attr.thunk),
                        _ => None,
                    };
                    let thunk = match own {
                        Some(own) => own,
                        None if has_default && is_flag(&name) => continue,
                        None => {
                            let packages = self.done(packages.clone());
                            self.thunk(State::Member(packages, name.clone()))
                        }
                    };
                    attrs.push(attr(name, thunk));
                }
                let (code, scope) = (*code, *scope);
                let arg = self.done(Value::set(attrs, None, true));
                self.call_function(code, scope, arg)
            }
            Value::Either(all) => {
                let all: Vec<_> = all
                    .iter()
                    .map(|one| self.call_with_packages(instance, path, one.clone(), given, place))
                    .collect();
                Value::either(all)
            }
            Value::Conditional(inner) => {
                let inner = (**inner).clone();
                self.call_with_packages(instance, path, inner, given, place).conditional()
            }
            _ => {
                let file = self.done(file);
                let path = named(path, &Name::from("callPackage"));
                self.built(instance, path, vec![file, given], place)
            }
        }
    }
}

/// Whether a path leads to packages of Python: `python3`, `python311Packages`, `python3.pkgs`.
fn is_python(path: &Path) -> bool {
    let names = |at: usize| path.get(at).and_then(Segment::name);
    match path.len() {
        1 => names(0).is_some_and(|name| name.starts_with("python")),
        2 => names(0).is_some_and(|name| name.starts_with("python")) && names(1) == Some("pkgs"),
        _ => false,
    }
}

/// Whether an argument with a default is a flag of the package, and no package.
fn is_flag(name: &str) -> bool {
    name.ends_with("Support")
        || name.starts_with("enable")
        || name.starts_with("with")
        || name.starts_with("use")
}
