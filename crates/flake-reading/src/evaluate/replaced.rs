//! Packages that replace those of nixpkgs: by extensions and overrides of sets of Python's
//! packages, and by being built on a package that was replaced.
//!
//! Source: nixpkgs `pkgs/top-level/python-packages.nix`,
//! `pkgs/development/interpreters/python/passthrufun.nix`, `lib/customisation.nix`.

use super::evaluator::Evaluator;
use super::facts::{InstanceId, Place};
use super::heap::State;
use super::value::{
    Derivation, Function, Path, Segment, Set, SetAttr, Thunk, Value, attr, last, named,
};
use crate::gpu_packages::{self, GpuPackage};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// The value that overlays give to a name in all sets of Python's packages; `None` if they do
    /// not have it.
    ///
    /// Source: nixpkgs `pkgs/top-level/python-packages.nix`, `pythonPackagesExtensions`.
    pub(super) fn added_to_python(
        &mut self,
        instance: InstanceId,
        path: &Path,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        /// The most sets of Python's packages in one nixpkgs, by version and name.
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
                // If it is needed while it is computed, the set is as before: the extensions may
                // refer to it.
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
            .then(|| self.member(&set, name, place))
            .filter(|value| !value.is_unknown())
    }

    /// The package set of something overridden, or the set it picks from, if the override changes
    /// its contents: `python3.override { packageOverrides = final: prev: { … }; }`,
    /// `python3Packages.overrideScope (final: prev: { … })`.
    pub(super) fn overridden_set(&mut self, made: &Derivation, path: &Path) -> Option<Value> {
        // Each package of the set asks for it.
        let key = (made.maker, path.clone(), made.given.clone());
        if let Some(known) = self.overridden_sets.get(&key) {
            return known.clone();
        }
        let set = self.set_with_overlays(made, path);
        self.overridden_sets.insert(key, set.clone());
        set
    }

    fn set_with_overlays(&mut self, made: &Derivation, path: &Path) -> Option<Value> {
        let mut set = Value::Package(made.maker, path.clone(), made.place);
        for given in &made.given {
            let given = self.force_known(*given);
            if let Some(overlay) = self.overlay_of_set(given, path) {
                let extended = self.thunk(State::Extended(Box::new((set, overlay))));
                set = self.force(extended);
            }
        }
        matches!(set, Value::Update(_)).then_some(set)
    }

    /// The further attributes of an extended package set of nixpkgs: packages that are built on
    /// those which the extension replaced, and its `callPackage`; `own` is the final set.
    pub(super) fn extended_packages(
        &mut self,
        base: &Value,
        extension: &Value,
        own: Thunk,
    ) -> Option<Value> {
        let (instance, path) = set_of_nixpkgs(base)?;
        let Value::Set(extension) = extension.unconditional().0 else { return None };
        let mut more = match is_python(path) {
            true => self.built_upon(instance, path, own, extension),
            false => Vec::new(),
        };
        let call = Function::CallPackage(instance, path.clone(), Some(own));
        more.push(attr("callPackage", self.done(Value::native(call, Vec::new()))));
        Some(Value::set(more, None, false))
    }

    /// An attribute of something overridden that leads to packages: `pkgs` of an interpreter, or
    /// any attribute of a package set.
    pub(super) fn in_overridden_set(
        &mut self,
        made: &Derivation,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        let is_set = is_set(&made.path);
        let path = match &**name {
            "pkgs" if !is_set => named(&made.path, name),
            "withPackages" | "buildEnv" | "extend" | "overrideScope" => return None,
            _ if is_set => made.path.clone(),
            _ => return None,
        };
        let set = self.overridden_set(made, &path)?;
        Some(if is_set { self.member(&set, name, place) } else { set })
    }

    /// The overlay for the package set at `path` in the arguments of an override of that set, or of
    /// its interpreter.
    fn overlay_of_set(&mut self, given: Value, path: &Path) -> Option<Value> {
        let (plain, _) = given.unconditional();
        match plain {
            Value::Set(_) => OVERLAY_ARGUMENTS.into_iter().find_map(|name| {
                (self.has(plain, name) == Some(true))
                    .then(|| self.member(plain, &Name::from(name), None))
            }),
            Value::Function(..) if is_set(path) => Some(given),
            _ => None,
        }
    }

    /// The packages of a set of Python's packages that are built on replaced ones.
    fn built_upon(
        &mut self,
        instance: InstanceId,
        path: &Path,
        own: Thunk,
        replaced: &Set,
    ) -> Vec<SetAttr> {
        let is_replaced = |name: &str| replaced.get(name).is_some();
        let mut upon = Vec::new();
        for line in gpu_packages::all_of_python().iter().filter(|line| !is_replaced(line.name)) {
            if let Some(base) = bases(line).find(|base| is_replaced(base)) {
                let base = self.thunk(State::Member(own, Name::from(base)));
                let built = named(path, &Name::from("buildPythonPackage"));
                let built = self.built(instance, built, vec![base], None);
                upon.push(attr(line.name, self.done(built)));
            }
        }
        upon
    }

    /// A package of nixpkgs that is built on one which an overlay replaced: it is built too, and
    /// changed by the settings of the replacement.
    pub(super) fn upon_replaced(
        &mut self,
        instance: InstanceId,
        path: &Path,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        let line = match (path.first().and_then(Segment::name), path.len()) {
            (None, 0) => gpu_packages::top_level(name)?,
            _ if is_python(path) => gpu_packages::python(name)?,
            (Some(set), 1) => gpu_packages::top_level(&format!("{set}.{name}"))?,
            _ => return None,
        };
        for base in bases(line) {
            let base = Name::from(base);
            let (set, found) = if is_python(path) {
                (path.clone(), self.added_to_python(instance, path, &base, place))
            } else if gpu_packages::top_level(&base).is_some() {
                (Path::from([]), self.added_by_overlays(instance, &base, place))
            } else {
                let set = named(&[].into(), &Name::from("python3Packages"));
                let found = self.added_to_python(instance, &set, &base, place);
                (set, found)
            };
            let own = named(&set, &base);
            match found {
                // The overlay passes on what was there before.
                Some(Value::Package(of, path, _)) if of == instance && path == own => {}
                Some(found) => {
                    let given = self.done(found);
                    let built = named(path, &Name::from("mkDerivation"));
                    return Some(self.built(instance, built, vec![given], place));
                }
                None => {}
            }
        }
        None
    }

    /// `python312Packages` if an overlay changes `python312`: they are its `pkgs`. Not
    /// `python3Packages`, which nixpkgs since 21.11 takes from the set of that version.
    pub(super) fn in_overlaid_python(
        &mut self,
        instance: InstanceId,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        let interpreter = name.strip_suffix("Packages")?;
        let version = interpreter.strip_prefix("python")?;
        if version.len() < 2 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        match self.added_by_overlays(instance, &Name::from(interpreter), place)? {
            made @ Value::Derivation(_) => Some(self.member(&made, &Name::from("pkgs"), place)),
            _ => None,
        }
    }
}

/// Arguments of interpreters and package sets that are overlays of the set.
pub(super) const OVERLAY_ARGUMENTS: [&str; 2] = ["packageOverrides", "overrides"];

/// Whether a path leads to a set of packages in nixpkgs: `python3Packages`, `python3.pkgs`.
fn is_set(path: &Path) -> bool {
    last(path).is_some_and(|name| name == "pkgs" || name.ends_with("Packages"))
}

/// The package set of nixpkgs that a value is, extended or not.
fn set_of_nixpkgs(value: &Value) -> Option<(InstanceId, &Path)> {
    let mut value = value;
    loop {
        match value {
            Value::Package(instance, path, _) => {
                return (is_set(path) || is_python(path)).then_some((*instance, path));
            }
            Value::Update(both) => value = &both.0,
            _ => return None,
        }
    }
}

/// The packages that a package is built on by the table, the nearest first.
fn bases(line: &'static GpuPackage) -> impl Iterator<Item = &'static str> {
    /// The longest chain: `kdenlive` is on `mlt`, that on `opencv`.
    const MOST: usize = 4;
    let next = |line: &&'static GpuPackage| {
        let base = (!line.upon.is_empty()).then_some(line.upon)?;
        gpu_packages::python(base).or(gpu_packages::top_level(base))
    };
    std::iter::successors(next(&line), next).take(MOST).map(|line| line.name)
}

/// Whether a path leads to packages of Python: `python3`, `python311Packages`, `python3.pkgs`.
pub(super) fn is_python(path: &Path) -> bool {
    let names = |at: usize| path.get(at).and_then(Segment::name);
    match path.len() {
        1 => names(0).is_some_and(|name| name.starts_with("python")),
        2 => names(0).is_some_and(|name| name.starts_with("python")) && names(1) == Some("pkgs"),
        _ => false,
    }
}
