//! Helpers for frameworks that load folders by convention.

use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Definition, Function, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;
use crate::{PathKind, TreePath};

/// The priority of defaults that loaders set: `mkDefault`.
pub(super) const BY_DEFAULT: i64 = 1_000;

/// A folder of a flake.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) flake: FlakeId,
    pub(super) path: TreePath,
}

impl Folder {
    /// The flake's own folder.
    pub(super) fn of_flake(evaluator: &Evaluator<'_>, flake: FlakeId) -> Option<Self> {
        let path = evaluator.files(flake)?.flake().clone();
        Some(Self { flake, path })
    }

    /// The folder that an argument of a loader names, otherwise the flake's own; `None` if the
    /// named one is not known.
    pub(super) fn named_by(
        evaluator: &mut Evaluator<'_>,
        flake: FlakeId,
        arg: &Value,
        names: &[&str],
    ) -> Option<Self> {
        let own = Self::of_flake(evaluator, flake)?;
        for name in names {
            let value = at(evaluator, arg, &[name]);
            match value {
                Some(Value::Path(flake, path)) => return Some(Self { flake, path }),
                Some(Value::Text(text)) => {
                    let path = evaluator.path_from(flake, &own.path, &text)?;
                    return Some(Self { flake, path });
                }
                Some(Value::Itself(flake)) => return Self::of_flake(evaluator, flake),
                _ if evaluator.has(arg, name) == Some(true) => return None,
                _ => {}
            }
        }
        Some(own)
    }

    /// A folder below.
    pub(super) fn below(&self, evaluator: &mut Evaluator<'_>, name: &str) -> Option<Self> {
        let path = evaluator.path_from(self.flake, &self.path, name)?;
        let folder = Self { flake: self.flake, path };
        (evaluator.kind_of(folder.flake, &folder.path) == PathKind::Folder).then_some(folder)
    }

    /// The names of the folders in it.
    pub(super) fn folders(&self, evaluator: &mut Evaluator<'_>) -> Vec<String> {
        let entries = evaluator.entries(self.flake, &self.path).into_iter();
        entries.filter(|(_, kind)| *kind == PathKind::Folder).map(|(name, _)| name).collect()
    }

    /// `x.nix` and `x/default.nix`, by name.
    pub(super) fn entries(&self, evaluator: &mut Evaluator<'_>) -> Vec<(Name, Value)> {
        let entries = evaluator.entries(self.flake, &self.path);
        let mut found = Vec::new();
        for (name, kind) in entries {
            let Some(path) = self.path.child(&name) else { continue };
            match (kind, name.strip_suffix(".nix")) {
                (PathKind::File, Some(short)) => {
                    found.push((short.into(), Value::Path(self.flake, path)));
                }
                (PathKind::Folder, _) => {
                    if let Some(file) = evaluator.stands_for(self.flake, &path) {
                        found.push((name.into(), Value::Path(self.flake, file)));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Each `default.nix` below it, by the name of its folder.
    pub(super) fn defaults_below(&self, evaluator: &mut Evaluator<'_>) -> Vec<(Name, Value)> {
        let files = evaluator.files_below(self.flake, &self.path);
        let files = files.iter().filter(|file| file.name() == Some("default.nix"));
        let named = files.filter_map(|file| {
            let folder = file.parent().filter(|folder| *folder != self.path)?;
            Some((Name::from(folder.name()?), Value::Path(self.flake, file.clone())))
        });
        named.collect()
    }

    /// Folders in it that have one of these files, with the first of them.
    pub(super) fn with_file(
        &self,
        evaluator: &mut Evaluator<'_>,
        files: &[&'static str],
    ) -> Vec<(Name, &'static str, Value)> {
        let mut found = Vec::new();
        for name in self.folders(evaluator) {
            let Some(folder) = self.path.child(&name) else { continue };
            for file in files {
                let Some(path) = folder.child(file) else { continue };
                if evaluator.kind_of(self.flake, &path) == PathKind::File {
                    found.push((name.into(), *file, Value::Path(self.flake, path)));
                    break;
                }
            }
        }
        found
    }

    /// All .nix files below it of this name, as modules.
    pub(super) fn modules_below(
        &self,
        evaluator: &mut Evaluator<'_>,
        name: Option<&str>,
    ) -> Vec<Value> {
        let files = evaluator.files_below(self.flake, &self.path);
        let fits = |path: &&TreePath| match name {
            Some(name) => path.name() == Some(name),
            None => path.as_str().ends_with(".nix") && path.name() != Some("flake.nix"),
        };
        files.iter().filter(fits).map(|path| Value::Path(self.flake, path.clone())).collect()
    }
}

/// The attribute at a path of a set; `None` if it is missing.
pub(super) fn at(evaluator: &mut Evaluator<'_>, set: &Value, path: &[&str]) -> Option<Value> {
    let mut value = set.clone();
    for name in path {
        if evaluator.has(&value, name) == Some(false) {
            return None;
        }
        let inner = evaluator.member(&value, &Name::from(*name), None);
        value = match evaluator.resolve(inner) {
            Value::Unknown(_) => return None,
            value => value,
        };
    }
    Some(value)
}

/// The attributes of the set at a path, as arguments of modules; none if it is missing.
pub(super) fn arguments(evaluator: &mut Evaluator<'_>, set: &Value, path: &[&str]) -> Vec<SetAttr> {
    let mut sets = Vec::new();
    if let Some(value) = at(evaluator, set, path) {
        sets_of(&value, &mut sets);
    }
    sets.iter().flat_map(|set| set.attrs.clone()).collect()
}

/// The flake's main nixpkgs: its input of that name.
pub(super) fn main_input(evaluator: &Evaluator<'_>, flake: FlakeId) -> Option<FlakeInput> {
    evaluator.world.input_named(flake, "nixpkgs").filter(|slot| evaluator.is_packages(*slot))
}

/// The packages of an input with a `config` and overlays, or with its defaults.
pub(super) fn channel(
    evaluator: &mut Evaluator<'_>,
    slot: FlakeInput,
    config: Option<Value>,
    overlays: Option<Value>,
    system: Option<&str>,
    place: Option<Place>,
) -> Value {
    let mut attrs: Vec<SetAttr> = Vec::new();
    for (name, value) in [("config", config), ("overlays", overlays)] {
        if let Some(value) = value {
            let thunk = evaluator.done(value);
            attrs.push(attr(name, thunk));
        }
    }
    if attrs.is_empty() {
        return evaluator.legacy(slot, system, place);
    }
    if let Some(system) = system {
        attrs.push(attr("system", evaluator.done(Value::text(system))));
    }
    let args = evaluator.done(Value::set(attrs, None, false));
    evaluator.instantiate(Base::Input(slot), "", args, place)
}

/// A system of an input, made when it is needed: its modules may name outputs of the flake that it
/// belongs to.
pub(super) fn later_host(
    evaluator: &mut Evaluator<'_>,
    packages: Option<&Value>,
    input: FlakeInput,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Thunk {
    let args = host_arguments(evaluator, packages, modules, special);
    let make = Value::Library(Some(input), [Name::from("nixosSystem")].into());
    evaluator.call_thunk_at(&make, vec![args], place)
}

/// The same for a Mac, by the input that is nix-darwin.
pub(super) fn later_mac(
    evaluator: &mut Evaluator<'_>,
    flake: FlakeId,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Thunk {
    let input = ["darwin", "nix-darwin"].into_iter();
    let input = input.filter_map(|name| evaluator.world.input_named(flake, name)).next();
    let modules = list_of(evaluator, modules);
    let special = Value::set(special, None, true);
    let args =
        set_of(evaluator, vec![("modules".into(), modules), ("specialArgs".into(), special)]);
    let args = evaluator.done(args);
    let make = match input {
        Some(slot) => {
            Value::Unread(slot, crate::evaluate::flakes::path_of(&["lib", "darwinSystem"]), place)
        }
        None => Value::outside(),
    };
    evaluator.call_thunk_at(&make, vec![args], place)
}

/// A list of these values.
pub(super) fn list_of(evaluator: &mut Evaluator<'_>, values: Vec<Value>) -> Value {
    let items = values.into_iter().map(|value| evaluator.done(value)).collect();
    Value::list(items, false)
}

/// A system made of packages with these modules.
pub(super) fn host(
    evaluator: &mut Evaluator<'_>,
    packages: Option<&Value>,
    base: Base,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Value {
    let args = host_arguments(evaluator, packages, modules, special);
    evaluator.nixos_of(base, args, place)
}

fn host_arguments(
    evaluator: &mut Evaluator<'_>,
    packages: Option<&Value>,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
) -> Thunk {
    let items = modules.into_iter().map(|module| evaluator.done(module)).collect();
    let modules = evaluator.done(Value::list(items, false));
    let special = evaluator.done(Value::set(special, None, true));
    let mut attrs = vec![attr("modules", modules), attr("specialArgs", special)];
    if let Some(packages) = packages {
        let packages = evaluator.done(packages.clone());
        attrs.push(attr("pkgs", packages));
    }
    evaluator.done(Value::set(attrs, None, false))
}

/// A home made of packages with these modules.
pub(super) fn home(
    evaluator: &mut Evaluator<'_>,
    packages: Option<&Value>,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Value {
    let items = modules.into_iter().map(|module| evaluator.done(module)).collect();
    let modules = evaluator.done(Value::list(items, false));
    let special = evaluator.done(Value::set(special, None, true));
    let mut attrs = vec![attr("modules", modules), attr("extraSpecialArgs", special)];
    if let Some(packages) = packages {
        let packages = evaluator.done(packages.clone());
        attrs.push(attr("pkgs", packages));
    }
    let args = evaluator.done(Value::set(attrs, None, false));
    evaluator.home_configuration(args, place)
}

/// A set of these values.
pub(super) fn set_of(evaluator: &mut Evaluator<'_>, values: Vec<(Name, Value)>) -> Value {
    let attrs = values.into_iter().map(|(name, value)| {
        let thunk = evaluator.done(value);
        attr(name, thunk)
    });
    let attrs = attrs.collect();
    Value::set(attrs, None, false)
}

/// Files called with packages by name, and with further arguments of a loader: `pkgs`, `inputs` and
/// similar; each when it is needed.
pub(super) fn called(
    evaluator: &mut Evaluator<'_>,
    files: Vec<(Name, Value)>,
    packages: &Value,
    given: &[SetAttr],
) -> Value {
    let Some(instance) = evaluator.instance_of(packages) else { return Value::outside() };
    let call = Value::native(Function::CallPackage(instance, [].into(), None), Vec::new());
    let given = evaluator.done(Value::set(given.to_vec(), None, false));
    let mut all = Vec::new();
    for (name, file) in files {
        let file = evaluator.done(file);
        all.push(attr(name, evaluator.call_thunk_at(&call, vec![file, given], None)));
    }
    Value::set(all, None, false)
}

/// The homes of a host's users, which share its packages unless an option says otherwise.
pub(super) fn homes_of_host(
    evaluator: &mut Evaluator<'_>,
    users: Vec<(Name, Value)>,
    shared: Vec<Value>,
    special: Vec<SetAttr>,
) -> Value {
    let by_default = evaluator.done(Value::Bool(true));
    let by_default = Definition::Override(BY_DEFAULT, by_default);
    let shared = list_of(evaluator, shared);
    let options = vec![
        ("users".into(), set_of(evaluator, users)),
        ("sharedModules".into(), shared),
        ("extraSpecialArgs".into(), Value::set(special, None, true)),
        ("useGlobalPkgs".into(), Value::Definition(by_default.into())),
    ];
    let options = set_of(evaluator, options);
    set_of(evaluator, vec![("home-manager".into(), options)])
}

/// A module with settings and overlays for packages, to which the other modules add.
pub(super) fn settings_module(
    evaluator: &mut Evaluator<'_>,
    config: Option<Value>,
    overlays: Option<Value>,
) -> Value {
    let options = [("config", config), ("overlays", overlays)].into_iter();
    let options = options.filter_map(|(name, value)| Some((name.into(), value?))).collect();
    let options = set_of(evaluator, options);
    set_of(evaluator, vec![("nixpkgs".into(), options)])
}

/// A module by which a host's platform is nothing but its system: its loader makes the packages, so
/// that NixOS reads no `nixpkgs.hostPlatform`.
///
/// Source: nixpkgs `nixos/modules/misc/nixpkgs.nix`: with `nixpkgs.pkgs` it is not used.
pub(super) fn platform_module(evaluator: &mut Evaluator<'_>, system: Name) -> Value {
    /// Stronger than any override that a module writes (`mkForce` is 50, and there is
    /// `mkOverride 1`).
    const FORCED: i64 = i64::MIN;
    let system = evaluator.done(Value::Text(system));
    let platform = Value::Definition(Definition::Override(FORCED, system).into());
    let options = set_of(evaluator, vec![("hostPlatform".into(), platform)]);
    set_of(evaluator, vec![("nixpkgs".into(), options)])
}

/// The attributes of an argument that are not among these: they are outputs unchanged.
pub(super) fn other_outputs(
    evaluator: &mut Evaluator<'_>,
    arg: &Value,
    own: &[&str],
    outputs: Value,
) -> Value {
    let mut sets = Vec::new();
    sets_of(arg, &mut sets);
    let others = sets.iter().flat_map(|set| set.attrs.iter().cloned());
    let others = others.filter(|attr| !own.contains(&&*attr.name)).collect();
    evaluator.merge(Value::set(others, None, false), outputs, 0)
}

/// `inputs`, `self`, `flake` and similar, as loaders pass them.
pub(super) fn special(evaluator: &mut Evaluator<'_>, flake: FlakeId) -> Vec<SetAttr> {
    [
        ("inputs", Value::Inputs(flake)),
        ("flake", Value::Itself(flake)),
        ("self", Value::Itself(flake)),
    ]
    .into_iter()
    .map(|(name, value)| {
        let thunk = evaluator.done(value);
        attr(name, thunk)
    })
    .collect()
}

/// The same for one system.
pub(super) fn one_system(evaluator: &mut Evaluator<'_>, value: Value) -> Value {
    set_of(evaluator, vec![(ONE_SYSTEM.into(), value)])
}

/// The system for which outputs are made that are the same for all: GPU settings change nothing on
/// most of the others.
pub(in crate::evaluate) const ONE_SYSTEM: &str = "x86_64-linux";
