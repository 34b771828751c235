//! ez-configs: hosts and homes from folders, by options of flake-parts (`ezConfigs`).

use super::folders::{Folder, at, later_host, later_mac, list_of, main_input, set_of};
use super::{Framework, FrameworkCall, one};
use crate::PathKind;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::heap::State;
use crate::evaluate::modules::ClassId;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Function, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["ehllie/ez-configs"],
    source: "flake-module.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// The function that makes the outputs from the options when they are needed.
const OUTPUTS: &str = "ezConfigs";

/// The module: the option `ezConfigs`, and the outputs.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    place: Option<Place>,
) -> Value {
    let options = evaluator.done(Value::Config(class, [Name::from(OUTPUTS)].into()));
    let make = Function::Framework(slot, crate::evaluate::flakes::path_of(&[OUTPUTS]));
    let flake = evaluator.call_thunk_at(&Value::native(make, Vec::new()), vec![options], place);
    let config = evaluator.done(Value::set(vec![attr("flake", flake)], None, false));
    let declared = set_of(evaluator, vec![(OUTPUTS.into(), Value::no_attrs())]);
    let declared = evaluator.done(declared);
    Value::set(vec![attr("config", config), attr("options", declared)], None, false)
}

/// The options for homes, NixOS or nix-darwin.
struct EzOptions<'o> {
    all: &'o Value,
    kind: &'static str,
    flake: FlakeId,
}

impl EzOptions<'_> {
    fn get(&self, evaluator: &mut Evaluator<'_>, path: &[&str]) -> Option<Value> {
        let path: Vec<&str> = [&[self.kind], path].concat();
        at(evaluator, self.all, &path)
    }

    /// The entries of a folder that an option names, otherwise of one below `root`, by name.
    fn files(&self, evaluator: &mut Evaluator<'_>, what: &str) -> Vec<(Name, Value)> {
        let own = self.get(evaluator, &[&format!("{what}Directory")]);
        let folder = match own {
            Some(folder) => folder_of(evaluator, &folder),
            None => {
                let root = at(evaluator, self.all, &["root"]);
                let root = root.and_then(|root| folder_of(evaluator, &root));
                let name = format!("{}-{what}", self.kind);
                root.and_then(|root| {
                    let path = evaluator.path_from(self.flake, &root.path, &name)?;
                    Some(Folder { flake: root.flake, path })
                })
            }
        };
        let Some(folder) = folder else { return Vec::new() };
        // A file `nixos-modules.nix` beside it replaces the folder.
        let file = folder.path.name().map(|name| format!("{name}.nix"));
        let file = file.and_then(|name| folder.path.parent()?.child(&name));
        match file.filter(|file| evaluator.kind_of(folder.flake, file) == PathKind::File) {
            Some(file) => vec![("default".into(), Value::Path(folder.flake, file))],
            None => folder.entries(evaluator),
        }
    }

    /// `specialArgs` and similar, with the modules of the same kind.
    fn special(
        &self,
        evaluator: &mut Evaluator<'_>,
        name: &str,
        modules: &[(Name, Value)],
    ) -> Vec<SetAttr> {
        let own = self.get(evaluator, &[name]);
        let special = own.or_else(|| at(evaluator, self.all, &["globalArgs"]));
        let mut sets = Vec::new();
        if let Some(special) = &special {
            sets_of(special, &mut sets);
        }
        let mut attrs: Vec<SetAttr> = sets.iter().flat_map(|set| set.attrs.clone()).collect();
        let modules = set_of(evaluator, modules.to_vec());
        attrs.push(attr("ezModules", evaluator.done(modules)));
        attrs
    }

    /// Whether a host or user does not get the module `default` that the others get.
    fn goes_without(&self, evaluator: &mut Evaluator<'_>, of: &str, name: &Name) -> bool {
        let says = self.get(evaluator, &[of, name, "importDefault"]);
        matches!(says, Some(Value::Bool(false)))
    }
}

/// The folder that a value names.
fn folder_of(evaluator: &Evaluator<'_>, value: &Value) -> Option<Folder> {
    match value.unconditional().0 {
        Value::Path(flake, path) => Some(Folder { flake: *flake, path: path.clone() }),
        Value::Itself(flake) => Folder::of_flake(evaluator, *flake),
        _ => None,
    }
}

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != OUTPUTS {
        return None;
    }
    let all = evaluator.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let home = EzOptions { all: &all, kind: "home", flake };
    let home_modules = home.files(evaluator, "modules");
    let users = home.files(evaluator, "configurations");
    let user_args = home.special(evaluator, "extraSpecialArgs", &home_modules);
    // The imports of a user's home.
    let mut homes: Vec<(Name, Vec<Value>)> = Vec::new();
    for (user, file) in users {
        let mut imports = vec![file];
        if !home.goes_without(evaluator, "users", &user) {
            imports.extend(found(&home_modules, "default"));
            // Which of the two applies depends on the system.
            for name in ["linux", "darwin"] {
                imports.extend(found(&home_modules, name).map(Value::conditional));
            }
        }
        homes.push((user, imports));
    }
    let mut outputs = vec![("homeModules".into(), set_of(evaluator, home_modules.clone()))];
    let mut all_hosts: Vec<(Name, Thunk)> = Vec::new();
    for (kind, modules_output, output) in [
        ("nixos", "nixosModules", "nixosConfigurations"),
        ("darwin", "darwinModules", "darwinConfigurations"),
    ] {
        let options = EzOptions { all: &all, kind, flake };
        let modules = options.files(evaluator, "modules");
        let special = options.special(evaluator, "specialArgs", &modules);
        let mut hosts = Vec::new();
        for (name, file) in options.files(evaluator, "configurations") {
            let mut all_modules = vec![file];
            let host_name = set_of(evaluator, vec![("hostName".into(), Value::Text(name.clone()))]);
            all_modules.push(set_of(evaluator, vec![("networking".into(), host_name)]));
            if !options.goes_without(evaluator, "hosts", &name) {
                all_modules.extend(found(&modules, "default"));
            }
            let own = options.get(evaluator, &["hosts", &name, "userHomeModules"]);
            let own = own.map(|own| evaluator.texts(&own)).unwrap_or_default();
            if !own.is_empty() {
                all_modules.push(homes_module(evaluator, &homes, &own, &user_args));
            }
            let special = special.clone();
            let made = match (kind, main_input(evaluator, flake)) {
                ("nixos", Some(input)) => {
                    later_host(evaluator, None, input, all_modules, special, call.place)
                }
                _ => later_mac(evaluator, flake, all_modules, special, call.place),
            };
            all_hosts.push((name.clone(), made));
            hosts.push(attr(name, made));
        }
        outputs.push((modules_output.into(), set_of(evaluator, modules)));
        outputs.push((output.into(), Value::set(hosts, None, false)));
    }
    let made = home_outputs(evaluator, &home, &homes, &user_args, &all_hosts, call.place);
    outputs.push(("homeConfigurations".into(), Value::set(made, None, false)));
    Some(set_of(evaluator, outputs))
}

fn found(modules: &[(Name, Value)], name: &str) -> Option<Value> {
    modules.iter().find(|(known, _)| &**known == name).map(|(_, module)| module.clone())
}

/// The module that gives a host the homes of its users.
fn homes_module(
    evaluator: &mut Evaluator<'_>,
    homes: &[(Name, Vec<Value>)],
    users: &[Name],
    special: &[SetAttr],
) -> Value {
    let mut made = Vec::new();
    for (user, imports) in homes.iter().filter(|(user, _)| users.contains(user)) {
        let imports = list_of(evaluator, imports.clone());
        made.push((user.clone(), set_of(evaluator, vec![("imports".into(), imports)])));
    }
    let users = set_of(evaluator, made);
    let special = Value::set(special.to_vec(), None, true);
    let options = vec![("users".into(), users), ("extraSpecialArgs".into(), special)];
    let options = set_of(evaluator, options);
    set_of(evaluator, vec![("home-manager".into(), options)])
}

/// `USER@HOST` for each pair, with the host's packages; `USER` if an option says which packages it
/// is made of.
fn home_outputs(
    evaluator: &mut Evaluator<'_>,
    options: &EzOptions<'_>,
    homes: &[(Name, Vec<Value>)],
    special: &[SetAttr],
    hosts: &[(Name, Thunk)],
    place: Option<Place>,
) -> Vec<SetAttr> {
    let Some(input) = evaluator.world.input_named(options.flake, "home-manager") else {
        return Vec::new();
    };
    let path = crate::evaluate::flakes::path_of(&["lib", "homeManagerConfiguration"]);
    let make = Value::Unread(input, path, place);
    let mut made = Vec::new();
    for (user, imports) in homes {
        let modules = list_of(evaluator, imports.clone());
        let modules = evaluator.done(modules);
        let mut add = |evaluator: &mut Evaluator<'_>, name: Name, packages: Thunk, more| {
            let special: Vec<SetAttr> = special.iter().cloned().chain(more).collect();
            let special = evaluator.done(Value::set(special, None, true));
            let args = vec![
                attr("pkgs", packages),
                attr("modules", modules),
                attr("extraSpecialArgs", special),
            ];
            let args = evaluator.done(Value::set(args, None, false));
            let home = evaluator.call_thunk_at(&make, vec![args], place);
            made.push(attr(name, home));
        };
        let alone = options.get(evaluator, &["users", user, "standalone", "enable"]);
        if matches!(alone, Some(Value::Bool(true))) {
            let packages = options.get(evaluator, &["users", user, "standalone", "pkgs"]);
            let packages = evaluator.done(packages.unwrap_or_else(Value::outside));
            add(evaluator, user.clone(), packages, None);
            continue;
        }
        let naming = options.get(evaluator, &["users", user, "nameFunction"]);
        for (host, system) in hosts {
            let name = match &naming {
                Some(function) if !matches!(function, Value::Null) => {
                    let named = evaluator.apply_to(function, Value::Text(host.clone()), place);
                    match named.unconditional().0 {
                        Value::Text(name) => name.clone(),
                        _ => format!("{user}@{host}").into(),
                    }
                }
                _ => format!("{user}@{host}").into(),
            };
            let packages = evaluator.thunk(State::Member(*system, "pkgs".into()));
            let config = evaluator.thunk(State::Member(*system, "config".into()));
            add(evaluator, name, packages, Some(attr("osConfig", config)));
        }
    }
    made
}
