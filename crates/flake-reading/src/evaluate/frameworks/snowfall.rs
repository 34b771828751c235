//! snowfall-lib: outputs of folders, and nixpkgs configured by `channels-config`.

use super::folders::{
    Folder, at, called, channel, home, homes_of_host, later_host, later_mac, list_of, main_input,
    one_system, other_outputs, set_of, settings_module, special,
};
use super::{Call, Framework};
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::machine::Machine;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Function, SetAttr, Value, attr};
use crate::evaluate::world::Slot;
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["snowfallorg/lib"],
    source: "snowfall-lib/{flake,system,home,package,shell}, 2026-11",
    marks: &[],
    arity: |function| if function == BOUND { 2 } else { 1 },
    call,
};

/// `mkFlake` of a library that was bound to arguments.
const BOUND: &str = "mkFlake of a library";

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    match call.function {
        // The library is bound to what it was given: `mkLib { inputs; src; }` has `mkFlake`.
        "mkLib" => {
            let arg = machine.force_known(call.arg(0)?);
            let bound = machine.done(arg);
            let function = Function::Framework(call.slot, path_of(&["lib", BOUND]));
            let make = Value::native(function, vec![bound]);
            let make = machine.done(make);
            Some(Value::set(vec![attr("mkFlake", make), attr("snowfall", bound)], None, true))
        }
        "mkFlake" => {
            let arg = machine.force_known(call.arg(0)?);
            flake(machine, call, &arg)
        }
        BOUND => {
            let (bound, arg) = (call.arg(0)?, call.arg(1)?);
            let (bound, arg) = (machine.force_known(bound), machine.force_known(arg));
            let arg = machine.update(bound, arg);
            flake(machine, call, &arg)
        }
        _ => None,
    }
}

/// What `mkFlake` takes that are no outputs.
const OPTIONS: [&str; 22] = [
    "inputs",
    "src",
    "self",
    "systems",
    "modules",
    "overlays",
    "packages",
    "outputs-builder",
    "outputsBuilder",
    "packagesPrefix",
    "hosts",
    "homes",
    "channels-config",
    "channelsConfig",
    "channels",
    "sharedOverlays",
    "supportedSystems",
    "templates",
    "checks",
    "alias",
    "snowfall",
    "extra-exported-overlays",
];

fn flake(machine: &mut Machine<'_>, call: &Call<'_>, arg: &Value) -> Option<Value> {
    let flake = call.slot.flake;
    let input = main_input(machine, flake)?;
    let config = at(machine, arg, &["channels-config"]);
    let mut root = Folder::named_by(machine, flake, arg, &["src"])?;
    if let Some(nix) = root.below(machine, "nix") {
        root = nix;
    }
    let overlays = overlays(machine, arg, &root, config.as_ref());
    let packages = channel(machine, input, config.clone(), overlays.clone(), call.place);
    let mut given = special(machine, flake);
    let pkgs = machine.done(packages.clone());
    given.push(attr("pkgs", pkgs));
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (folder, output) in
        [("packages", "packages"), ("shells", "devShells"), ("checks", "checks")]
    {
        if let Some(folder) = root.below(machine, folder) {
            let files = folder.entries(machine);
            let all = called(machine, files, &packages, &given);
            outputs.push((output.into(), one_system(machine, all)));
        }
    }
    for (kind, output) in
        [("nixos", "nixosModules"), ("darwin", "darwinModules"), ("home", "homeModules")]
    {
        if let Some(folder) = root.below(machine, &format!("modules/{kind}")) {
            let modules = folder.entries(machine);
            outputs.push((output.into(), set_of(machine, modules)));
        }
    }
    let settings = settings_module(machine, config, overlays);
    let namespace = at(machine, arg, &["snowfall", "namespace"]);
    let namespace = namespace.unwrap_or_else(|| Value::text("internal"));
    let flake = Flake { arg, root, input, settings, namespace, place: call.place };
    let homes = flake.homes(machine);
    outputs.extend(flake.hosts(machine, &homes));
    if !homes.is_empty() {
        let mut made = Vec::new();
        let shared = flake.home_modules(machine);
        for found in homes {
            let modules = [vec![found.file], shared.clone()].concat();
            let given = flake.special(machine);
            let of = home(machine, Some(&packages), modules, given, call.place);
            made.push((found.name, of));
        }
        outputs.push(("homeConfigurations".into(), set_of(machine, made)));
    }
    // `outputs-builder` makes more of the packages.
    let mut all = set_of(machine, outputs);
    for builder in ["outputs-builder", "outputsBuilder"] {
        let Some(builder) = at(machine, arg, &[builder]) else { continue };
        let channels = set_of(machine, vec![("nixpkgs".into(), packages.clone())]);
        let built = machine.apply_to(&builder, channels, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        let mut more = Vec::new();
        for output in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = machine.force(output.thunk);
            more.push((output.name, one_system(machine, value)));
        }
        let more = set_of(machine, more);
        all = machine.merge(all, more, 0);
    }
    Some(other_outputs(machine, arg, &OPTIONS, all))
}

/// The overlays of the channel: those of the argument, and functions of the channels in `overlays/`.
fn overlays(
    machine: &mut Machine<'_>,
    arg: &Value,
    root: &Folder,
    config: Option<&Value>,
) -> Option<Value> {
    let mut all: Vec<Value> = at(machine, arg, &["overlays"]).into_iter().collect();
    if let Some(folder) = root.below(machine, "overlays") {
        let mut channels = Vec::new();
        for (name, slot) in machine.inputs_of(root.flake) {
            if machine.is_packages(slot) {
                channels.push((name, channel(machine, slot, config.cloned(), None, None)));
            }
        }
        let channels = set_of(machine, channels);
        let mut given = special(machine, root.flake);
        for (name, slot) in machine.inputs_of(root.flake) {
            given.push(attr(name, machine.done(Value::Flake(slot, None))));
        }
        given.push(attr("channels", machine.done(channels)));
        for (_, _, file) in folder.with_file(machine, &["default.nix"]) {
            let function = machine.import(&file, None);
            all.push(machine.apply_to(&function, Value::set(given.clone(), None, true), None));
        }
    }
    (!all.is_empty()).then(|| list_of(machine, all))
}

/// A home in `homes/SYSTEM/USER[@HOST]`.
struct Home {
    name: Name,
    system: String,
    file: Value,
}

/// A flake of folders.
struct Flake<'a> {
    arg: &'a Value,
    root: Folder,
    input: Slot,
    settings: Value,
    namespace: Value,
    place: Option<Place>,
}

impl Flake<'_> {
    fn special(&self, machine: &mut Machine<'_>) -> Vec<SetAttr> {
        let mut given = special(machine, self.root.flake);
        given.push(attr("namespace", machine.done(self.namespace.clone())));
        given
    }

    fn homes(&self, machine: &mut Machine<'_>) -> Vec<Home> {
        let mut found = Vec::new();
        let Some(homes) = self.root.below(machine, "homes") else { return found };
        for system in homes.folders(machine) {
            let Some(folder) = homes.below(machine, &system) else { continue };
            for (name, _, file) in folder.with_file(machine, &["default.nix"]) {
                found.push(Home { name, system: system.clone(), file });
            }
        }
        found
    }

    fn home_modules(&self, machine: &mut Machine<'_>) -> Vec<Value> {
        let folder = self.root.below(machine, "modules/home");
        let mut modules = folder
            .map(|folder| folder.modules_below(machine, Some("default.nix")))
            .unwrap_or_default();
        modules.extend(at(machine, self.arg, &["homes", "modules"]));
        modules
    }

    fn hosts(&self, machine: &mut Machine<'_>, homes: &[Home]) -> Vec<(Name, Value)> {
        let mut outputs = Vec::new();
        let Some(systems) = self.root.below(machine, "systems") else { return outputs };
        let (mut hosts, mut macs) = (Vec::new(), Vec::new());
        for system in systems.folders(machine) {
            let kind = if system.ends_with("-darwin") { "darwin" } else { "nixos" };
            let mut shared: Vec<Value> = vec![self.settings.clone()];
            if let Some(folder) = self.root.below(machine, &format!("modules/{kind}")) {
                shared.extend(folder.modules_below(machine, Some("default.nix")));
            }
            shared.extend(at(machine, self.arg, &["systems", "modules", kind]));
            let Some(folder) = systems.below(machine, &system) else { continue };
            for (name, _, file) in folder.with_file(machine, &["default.nix"]) {
                let mut modules = vec![file];
                modules.extend(shared.iter().cloned());
                let own = ["systems", "hosts", &name];
                modules.extend(at(machine, self.arg, &[&own[..], &["modules"]].concat()));
                let mut given = self.special(machine);
                given.push(attr("host", machine.done(Value::Text(name.clone()))));
                if let Some(more) = at(machine, self.arg, &[&own[..], &["specialArgs"]].concat()) {
                    let mut sets = Vec::new();
                    sets_of(&more, &mut sets);
                    given.extend(sets.iter().flat_map(|set| set.attrs.clone()));
                }
                let mut users: Vec<(Name, Value)> = Vec::new();
                for of in homes.iter().filter(|of| of.system == system) {
                    let (user, host) = of.name.split_once('@').unwrap_or((&of.name, &name));
                    if *host == *name {
                        users.push((user.into(), of.file.clone()));
                    }
                }
                if !users.is_empty() {
                    let shared = self.home_modules(machine);
                    modules.push(homes_of_host(machine, users, shared, given.clone()));
                }
                if kind == "darwin" {
                    let made = later_mac(machine, self.root.flake, modules, given, self.place);
                    macs.push(attr(name, made));
                } else {
                    let made = later_host(machine, None, self.input, modules, given, self.place);
                    hosts.push(attr(name, made));
                }
            }
        }
        for (output, all) in [("nixosConfigurations", hosts), ("darwinConfigurations", macs)] {
            if !all.is_empty() {
                outputs.push((output.into(), Value::set(all, None, false)));
            }
        }
        outputs
    }
}
