//! What flakes that load folders by convention have in common.

use crate::evaluate::facts::Place;
use crate::evaluate::machine::Machine;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Definition, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, Slot};
use crate::syntax::Name;
use crate::{Kind, TreePath};

/// Priority of what loaders set by default: `mkDefault`.
pub(super) const BY_DEFAULT: i64 = 1_000;

/// A folder of a flake.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) flake: FlakeId,
    pub(super) path: TreePath,
}

impl Folder {
    /// The flake's own folder.
    pub(super) fn of_flake(machine: &Machine<'_>, flake: FlakeId) -> Option<Self> {
        let path = machine.files(flake)?.flake().clone();
        Some(Self { flake, path })
    }

    /// The folder that an argument of a loader names, else the flake's own; `None` where the one that
    /// is named is not known.
    pub(super) fn named_by(
        machine: &mut Machine<'_>,
        flake: FlakeId,
        arg: &Value,
        names: &[&str],
    ) -> Option<Self> {
        let own = Self::of_flake(machine, flake)?;
        for name in names {
            let value = at(machine, arg, &[name]);
            match value {
                Some(Value::Path(flake, path)) => return Some(Self { flake, path }),
                Some(Value::Text(text)) => {
                    let path = machine.path_from(flake, &own.path, &text)?;
                    return Some(Self { flake, path });
                }
                Some(Value::Itself(flake)) => return Self::of_flake(machine, flake),
                _ if machine.has(arg, name) == Some(true) => return None,
                _ => {}
            }
        }
        Some(own)
    }

    /// A folder below.
    pub(super) fn below(&self, machine: &mut Machine<'_>, name: &str) -> Option<Self> {
        let path = machine.path_from(self.flake, &self.path, name)?;
        let folder = Self { flake: self.flake, path };
        (machine.kind_of(folder.flake, &folder.path) == Kind::Folder).then_some(folder)
    }

    /// The names of the folders in it.
    pub(super) fn folders(&self, machine: &mut Machine<'_>) -> Vec<String> {
        let entries = machine.entries(self.flake, &self.path).into_iter();
        entries.filter(|(_, kind)| *kind == Kind::Folder).map(|(name, _)| name).collect()
    }

    /// `x.nix` and `x/default.nix`, by the names of what they are.
    pub(super) fn entries(&self, machine: &mut Machine<'_>) -> Vec<(Name, Value)> {
        let entries = machine.entries(self.flake, &self.path);
        let mut found = Vec::new();
        for (name, kind) in entries {
            let Some(path) = self.path.child(&name) else { continue };
            match (kind, name.strip_suffix(".nix")) {
                (Kind::File, Some(short)) => {
                    found.push((short.into(), Value::Path(self.flake, path)));
                }
                (Kind::Folder, _) => {
                    if let Some(file) = machine.stands_for(self.flake, &path) {
                        found.push((name.into(), Value::Path(self.flake, file)));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Folders in it that have one of these files, with the first of them.
    pub(super) fn with_file(
        &self,
        machine: &mut Machine<'_>,
        files: &[&'static str],
    ) -> Vec<(Name, &'static str, Value)> {
        let mut found = Vec::new();
        for name in self.folders(machine) {
            let Some(folder) = self.path.child(&name) else { continue };
            for file in files {
                let Some(path) = folder.child(file) else { continue };
                if machine.kind_of(self.flake, &path) == Kind::File {
                    found.push((name.into(), *file, Value::Path(self.flake, path)));
                    break;
                }
            }
        }
        found
    }

    /// All .nix files below that are called so, as modules.
    pub(super) fn modules_below(
        &self,
        machine: &mut Machine<'_>,
        name: Option<&str>,
    ) -> Vec<Value> {
        let files = machine.files_below(self.flake, &self.path);
        let fits = |path: &&TreePath| match name {
            Some(name) => path.name() == Some(name),
            None => path.as_str().ends_with(".nix") && path.name() != Some("flake.nix"),
        };
        files.iter().filter(fits).map(|path| Value::Path(self.flake, path.clone())).collect()
    }
}

/// An attribute of a set, by a path; `None` where it is not there.
pub(super) fn at(machine: &mut Machine<'_>, set: &Value, path: &[&str]) -> Option<Value> {
    let mut value = set.clone();
    for name in path {
        if machine.has(&value, name) == Some(false) {
            return None;
        }
        let inner = machine.member(&value, &Name::from(*name), None);
        value = match machine.resolve(inner) {
            Value::Unknown(_) => return None,
            value => value,
        };
    }
    Some(value)
}

/// The flake's main nixpkgs: its input of that name.
pub(super) fn main_input(machine: &Machine<'_>, flake: FlakeId) -> Option<Slot> {
    machine.world.input_named(flake, "nixpkgs").filter(|slot| machine.is_packages(*slot))
}

/// The packages of an input with a `config` and overlays, or with its defaults.
pub(super) fn channel(
    machine: &mut Machine<'_>,
    slot: Slot,
    config: Option<Value>,
    overlays: Option<Value>,
    place: Option<Place>,
) -> Value {
    let mut attrs: Vec<SetAttr> = Vec::new();
    for (name, value) in [("config", config), ("overlays", overlays)] {
        if let Some(value) = value {
            let thunk = machine.done(value);
            attrs.push(attr(name, thunk));
        }
    }
    if attrs.is_empty() {
        return machine.legacy(slot, None, place);
    }
    let args = machine.done(Value::set(attrs, None, false));
    machine.instantiate(Base::Input(slot), "", args, place)
}

/// A system of an input, made once somebody asks for it: its modules may name outputs of the flake that it is one of.
pub(super) fn later_host(
    machine: &mut Machine<'_>,
    packages: Option<&Value>,
    input: Slot,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Thunk {
    let args = host_arguments(machine, packages, modules, special);
    let make = Value::Library(Some(input), [Name::from("nixosSystem")].into());
    machine.call_thunk_at(&make, vec![args], place)
}

/// A system of a Mac, by the input that is nix-darwin.
pub(super) fn later_mac(
    machine: &mut Machine<'_>,
    flake: FlakeId,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Thunk {
    let input = ["darwin", "nix-darwin"].into_iter();
    let input = input.filter_map(|name| machine.world.input_named(flake, name)).next();
    let modules = list_of(machine, modules);
    let special = Value::set(special, None, true);
    let args = set_of(machine, vec![("modules".into(), modules), ("specialArgs".into(), special)]);
    let args = machine.done(args);
    let make = match input {
        Some(slot) => {
            Value::Unread(slot, crate::evaluate::flakes::path_of(&["lib", "darwinSystem"]), place)
        }
        None => Value::outside(),
    };
    machine.call_thunk_at(&make, vec![args], place)
}

/// A list of these values.
pub(super) fn list_of(machine: &mut Machine<'_>, values: Vec<Value>) -> Value {
    let items = values.into_iter().map(|value| machine.done(value)).collect();
    Value::list(items, false)
}

/// A system made of packages with these modules.
pub(super) fn host(
    machine: &mut Machine<'_>,
    packages: Option<&Value>,
    base: Base,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Value {
    let args = host_arguments(machine, packages, modules, special);
    machine.nixos_of(base, args, place)
}

fn host_arguments(
    machine: &mut Machine<'_>,
    packages: Option<&Value>,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
) -> Thunk {
    let items = modules.into_iter().map(|module| machine.done(module)).collect();
    let modules = machine.done(Value::list(items, false));
    let special = machine.done(Value::set(special, None, true));
    let mut attrs = vec![attr("modules", modules), attr("specialArgs", special)];
    if let Some(packages) = packages {
        let packages = machine.done(packages.clone());
        attrs.push(attr("pkgs", packages));
    }
    machine.done(Value::set(attrs, None, false))
}

/// A home made of packages with these modules.
pub(super) fn home(
    machine: &mut Machine<'_>,
    packages: Option<&Value>,
    modules: Vec<Value>,
    special: Vec<SetAttr>,
    place: Option<Place>,
) -> Value {
    let items = modules.into_iter().map(|module| machine.done(module)).collect();
    let modules = machine.done(Value::list(items, false));
    let special = machine.done(Value::set(special, None, true));
    let mut attrs = vec![attr("modules", modules), attr("extraSpecialArgs", special)];
    if let Some(packages) = packages {
        let packages = machine.done(packages.clone());
        attrs.push(attr("pkgs", packages));
    }
    let args = machine.done(Value::set(attrs, None, false));
    machine.home_configuration(args, place)
}

/// A set of these values.
pub(super) fn set_of(machine: &mut Machine<'_>, values: Vec<(Name, Value)>) -> Value {
    let attrs = values.into_iter().map(|(name, value)| {
        let thunk = machine.done(value);
        attr(name, thunk)
    });
    let attrs = attrs.collect();
    Value::set(attrs, None, false)
}

/// Files called with packages by their names, and with what a loader gives them besides: `pkgs`,
/// `inputs` and the like.
pub(super) fn called(
    machine: &mut Machine<'_>,
    files: Vec<(Name, Value)>,
    packages: &Value,
    given: &[SetAttr],
) -> Value {
    let mut values = Vec::new();
    for (name, file) in files {
        let function = machine.import(&file, None);
        let value = match (function, machine.instance_of(packages)) {
            (function @ Value::Function(..), Some(instance)) => {
                let function = machine.done(function);
                let given = machine.done(Value::set(given.to_vec(), None, false));
                machine.call_package_file(instance, &[].into(), &[function, given], None)
            }
            (value, _) => value,
        };
        values.push((name, value));
    }
    set_of(machine, values)
}

/// Users' homes of a host, which share its packages unless it says otherwise.
pub(super) fn homes_of_host(
    machine: &mut Machine<'_>,
    users: Vec<(Name, Value)>,
    shared: Vec<Value>,
    special: Vec<SetAttr>,
) -> Value {
    let by_default = machine.done(Value::Bool(true));
    let by_default = Definition::Override(BY_DEFAULT, by_default);
    let shared = list_of(machine, shared);
    let options = vec![
        ("users".into(), set_of(machine, users)),
        ("sharedModules".into(), shared),
        ("extraSpecialArgs".into(), Value::set(special, None, true)),
        ("useGlobalPkgs".into(), Value::Definition(by_default.into())),
    ];
    let options = set_of(machine, options);
    set_of(machine, vec![("home-manager".into(), options)])
}

/// A module with settings and overlays of packages: those of the modules beside it come on top.
pub(super) fn settings_module(
    machine: &mut Machine<'_>,
    config: Option<Value>,
    overlays: Option<Value>,
) -> Value {
    let options = [("config", config), ("overlays", overlays)].into_iter();
    let options = options.filter_map(|(name, value)| Some((name.into(), value?))).collect();
    let options = set_of(machine, options);
    set_of(machine, vec![("nixpkgs".into(), options)])
}

/// The attributes of an argument that are not among these: outputs as they are.
pub(super) fn other_outputs(
    machine: &mut Machine<'_>,
    arg: &Value,
    own: &[&str],
    outputs: Value,
) -> Value {
    let mut sets = Vec::new();
    sets_of(arg, &mut sets);
    let others = sets.iter().flat_map(|set| set.attrs.iter().cloned());
    let others = others.filter(|attr| !own.contains(&&*attr.name)).collect();
    machine.merge(Value::set(others, None, false), outputs, 0)
}

/// `inputs`, `self`, `flake` and the like, as loaders hand them on.
pub(super) fn special(machine: &mut Machine<'_>, flake: FlakeId) -> Vec<SetAttr> {
    [
        ("inputs", Value::Inputs(flake)),
        ("flake", Value::Itself(flake)),
        ("self", Value::Itself(flake)),
    ]
    .into_iter()
    .map(|(name, value)| {
        let thunk = machine.done(value);
        attr(name, thunk)
    })
    .collect()
}

/// The same for one system.
pub(super) fn one_system(machine: &mut Machine<'_>, value: Value) -> Value {
    set_of(machine, vec![("x86_64-linux".into(), value)])
}
