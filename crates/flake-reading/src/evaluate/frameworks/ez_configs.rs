//! ez-configs: hosts and homes of folders, by options of flake-parts (`ezConfigs`).

use super::folders::{Folder, at, later_host, later_mac, list_of, main_input, set_of};
use super::{Call, Framework, one};
use crate::Kind;
use crate::evaluate::facts::Place;
use crate::evaluate::heap::State;
use crate::evaluate::machine::Machine;
use crate::evaluate::modules::ClassId;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Function, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, Slot};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["ehllie/ez-configs"],
    source: "flake-module.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// What makes the outputs of the options, once somebody asks for them.
const OUTPUTS: &str = "ezConfigs";

/// The module: an option `ezConfigs`, and outputs that are made of it.
pub(super) fn module(
    machine: &mut Machine<'_>,
    class: ClassId,
    slot: Slot,
    place: Option<Place>,
) -> Value {
    let options = machine.done(Value::Config(class, [Name::from(OUTPUTS)].into()));
    let make = Function::Framework(slot, crate::evaluate::flakes::path_of(&[OUTPUTS]));
    let flake = machine.call_thunk_at(&Value::native(make, Vec::new()), vec![options], place);
    let config = machine.done(Value::set(vec![attr("flake", flake)], None, false));
    let declared = set_of(machine, vec![(OUTPUTS.into(), Value::no_attrs())]);
    let declared = machine.done(declared);
    Value::set(vec![attr("config", config), attr("options", declared)], None, false)
}

/// The options of homes, NixOS or nix-darwin.
struct Options<'o> {
    all: &'o Value,
    kind: &'static str,
    flake: FlakeId,
}

impl Options<'_> {
    fn get(&self, machine: &mut Machine<'_>, path: &[&str]) -> Option<Value> {
        let path: Vec<&str> = [&[self.kind], path].concat();
        at(machine, self.all, &path)
    }

    /// What is in a folder that an option names, else in one below `root`, by the names of what
    /// it is.
    fn files(&self, machine: &mut Machine<'_>, what: &str) -> Vec<(Name, Value)> {
        let own = self.get(machine, &[&format!("{what}Directory")]);
        let folder = match own {
            Some(folder) => folder_of(machine, &folder),
            None => {
                let root = at(machine, self.all, &["root"]);
                let root = root.and_then(|root| folder_of(machine, &root));
                let name = format!("{}-{what}", self.kind);
                root.and_then(|root| {
                    let path = machine.path_from(self.flake, &root.path, &name)?;
                    Some(Folder { flake: root.flake, path })
                })
            }
        };
        let Some(folder) = folder else { return Vec::new() };
        // `nixos-modules.nix` beside it is all there is.
        let file = folder.path.name().map(|name| format!("{name}.nix"));
        let file = file.and_then(|name| folder.path.parent()?.child(&name));
        match file.filter(|file| machine.kind_of(folder.flake, file) == Kind::File) {
            Some(file) => vec![("default".into(), Value::Path(folder.flake, file))],
            None => folder.entries(machine),
        }
    }

    /// `specialArgs` and its like, with the modules of the same kind.
    fn special(
        &self,
        machine: &mut Machine<'_>,
        name: &str,
        modules: &[(Name, Value)],
    ) -> Vec<SetAttr> {
        let own = self.get(machine, &[name]);
        let special = own.or_else(|| at(machine, self.all, &["globalArgs"]));
        let mut sets = Vec::new();
        if let Some(special) = &special {
            sets_of(special, &mut sets);
        }
        let mut attrs: Vec<SetAttr> = sets.iter().flat_map(|set| set.attrs.clone()).collect();
        let modules = set_of(machine, modules.to_vec());
        attrs.push(attr("ezModules", machine.done(modules)));
        attrs
    }

    /// Whether a host or user is not given the module `default` that the others are.
    fn goes_without(&self, machine: &mut Machine<'_>, of: &str, name: &Name) -> bool {
        let says = self.get(machine, &[of, name, "importDefault"]);
        matches!(says, Some(Value::Bool(false)))
    }
}

/// The folder that a value names.
fn folder_of(machine: &Machine<'_>, value: &Value) -> Option<Folder> {
    match value.unconditional().0 {
        Value::Path(flake, path) => Some(Folder { flake: *flake, path: path.clone() }),
        Value::Itself(flake) => Folder::of_flake(machine, *flake),
        _ => None,
    }
}

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if call.function != OUTPUTS {
        return None;
    }
    let all = machine.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let home = Options { all: &all, kind: "home", flake };
    let home_modules = home.files(machine, "modules");
    let users = home.files(machine, "configurations");
    let user_args = home.special(machine, "extraSpecialArgs", &home_modules);
    // What a user's home imports.
    let mut homes: Vec<(Name, Vec<Value>)> = Vec::new();
    for (user, file) in users {
        let mut imports = vec![file];
        if !home.goes_without(machine, "users", &user) {
            imports.extend(found(&home_modules, "default"));
            // Which of the two depends on the system.
            for name in ["linux", "darwin"] {
                imports.extend(found(&home_modules, name).map(Value::conditional));
            }
        }
        homes.push((user, imports));
    }
    let mut outputs = vec![("homeModules".into(), set_of(machine, home_modules.clone()))];
    let mut all_hosts: Vec<(Name, Thunk)> = Vec::new();
    for (kind, modules_output, output) in [
        ("nixos", "nixosModules", "nixosConfigurations"),
        ("darwin", "darwinModules", "darwinConfigurations"),
    ] {
        let options = Options { all: &all, kind, flake };
        let modules = options.files(machine, "modules");
        let special = options.special(machine, "specialArgs", &modules);
        let mut hosts = Vec::new();
        for (name, file) in options.files(machine, "configurations") {
            let mut all_modules = vec![file];
            let host_name = set_of(machine, vec![("hostName".into(), Value::Text(name.clone()))]);
            all_modules.push(set_of(machine, vec![("networking".into(), host_name)]));
            if !options.goes_without(machine, "hosts", &name) {
                all_modules.extend(found(&modules, "default"));
            }
            let own = options.get(machine, &["hosts", &name, "userHomeModules"]);
            let own = own.map(|own| machine.texts(&own)).unwrap_or_default();
            if !own.is_empty() {
                all_modules.push(homes_module(machine, &homes, &own, &user_args));
            }
            let special = special.clone();
            let made = match (kind, main_input(machine, flake)) {
                ("nixos", Some(input)) => {
                    later_host(machine, None, input, all_modules, special, call.place)
                }
                _ => later_mac(machine, flake, all_modules, special, call.place),
            };
            all_hosts.push((name.clone(), made));
            hosts.push(attr(name, made));
        }
        outputs.push((modules_output.into(), set_of(machine, modules)));
        outputs.push((output.into(), Value::set(hosts, None, false)));
    }
    let made = home_outputs(machine, &home, &homes, &user_args, &all_hosts, call.place);
    outputs.push(("homeConfigurations".into(), Value::set(made, None, false)));
    Some(set_of(machine, outputs))
}

fn found(modules: &[(Name, Value)], name: &str) -> Option<Value> {
    modules.iter().find(|(known, _)| &**known == name).map(|(_, module)| module.clone())
}

/// The module by which a host has homes of its users.
fn homes_module(
    machine: &mut Machine<'_>,
    homes: &[(Name, Vec<Value>)],
    users: &[Name],
    special: &[SetAttr],
) -> Value {
    let mut made = Vec::new();
    for (user, imports) in homes.iter().filter(|(user, _)| users.contains(user)) {
        let imports = list_of(machine, imports.clone());
        made.push((user.clone(), set_of(machine, vec![("imports".into(), imports)])));
    }
    let users = set_of(machine, made);
    let special = Value::set(special.to_vec(), None, true);
    let options = vec![("users".into(), users), ("extraSpecialArgs".into(), special)];
    let options = set_of(machine, options);
    set_of(machine, vec![("home-manager".into(), options)])
}

/// `USER@HOST` for each of both, with the host's packages; `USER` where that says which packages it
/// is made of.
fn home_outputs(
    machine: &mut Machine<'_>,
    options: &Options<'_>,
    homes: &[(Name, Vec<Value>)],
    special: &[SetAttr],
    hosts: &[(Name, Thunk)],
    place: Option<Place>,
) -> Vec<SetAttr> {
    let Some(input) = machine.world.input_named(options.flake, "home-manager") else {
        return Vec::new();
    };
    let path = crate::evaluate::flakes::path_of(&["lib", "homeManagerConfiguration"]);
    let make = Value::Unread(input, path, place);
    let mut made = Vec::new();
    for (user, imports) in homes {
        let modules = list_of(machine, imports.clone());
        let modules = machine.done(modules);
        let mut add = |machine: &mut Machine<'_>, name: Name, packages: Thunk, more| {
            let special: Vec<SetAttr> = special.iter().cloned().chain(more).collect();
            let special = machine.done(Value::set(special, None, true));
            let args = vec![
                attr("pkgs", packages),
                attr("modules", modules),
                attr("extraSpecialArgs", special),
            ];
            let args = machine.done(Value::set(args, None, false));
            let home = machine.call_thunk_at(&make, vec![args], place);
            made.push(attr(name, home));
        };
        let alone = options.get(machine, &["users", user, "standalone", "enable"]);
        if matches!(alone, Some(Value::Bool(true))) {
            let packages = options.get(machine, &["users", user, "standalone", "pkgs"]);
            let packages = machine.done(packages.unwrap_or_else(Value::outside));
            add(machine, user.clone(), packages, None);
            continue;
        }
        let naming = options.get(machine, &["users", user, "nameFunction"]);
        for (host, system) in hosts {
            let name = match &naming {
                Some(function) if !matches!(function, Value::Null) => {
                    let named = machine.apply_to(function, Value::Text(host.clone()), place);
                    match named.unconditional().0 {
                        Value::Text(name) => name.clone(),
                        _ => format!("{user}@{host}").into(),
                    }
                }
                _ => format!("{user}@{host}").into(),
            };
            let packages = machine.thunk(State::Member(*system, "pkgs".into()));
            let config = machine.thunk(State::Member(*system, "config".into()));
            add(machine, name, packages, Some(attr("osConfig", config)));
        }
    }
    made
}
