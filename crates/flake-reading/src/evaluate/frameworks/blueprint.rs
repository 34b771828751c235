//! blueprint: outputs of folders.

use super::folders::{
    Folder, at, called, channel, home, homes_of_host, later_host, later_mac, list_of, main_input,
    one_system, set_of, special,
};
use super::{Call, Framework, one};
use crate::Kind;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::heap::State;
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, Slot};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["numtide/blueprint"],
    source: "lib/default.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    let arg = machine.force_known(call.arg(0)?);
    let flake = machine.recorder.flake_at(call.place)?;
    let config = at(machine, &arg, &["nixpkgs", "config"]);
    let overlays = at(machine, &arg, &["nixpkgs", "overlays"]);
    let input = main_input(machine, flake)?;
    let packages = channel(machine, input, config, overlays, call.place);
    let root = Folder::named_by(machine, flake, &arg, &["prefix"])?;
    let mut given = special(machine, flake);
    let pkgs = machine.done(packages.clone());
    given.push(attr("pkgs", pkgs));
    let per_system = machine.per_system(flake);
    let per_system = machine.done(per_system);
    given.push(attr("perSystem", per_system));
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (folder, file, output) in [
        ("packages", "package.nix", "packages"),
        ("devshells", "devshell.nix", "devShells"),
        ("checks", "check.nix", "checks"),
    ] {
        let mut files = Vec::new();
        if let Some(path) = root.path.child(file)
            && machine.kind_of(root.flake, &path) == Kind::File
        {
            files.push(("default".into(), Value::Path(root.flake, path)));
        }
        if let Some(folder) = root.below(machine, folder) {
            files.extend(folder.entries(machine));
        }
        if !files.is_empty() {
            let all = called(machine, files, &packages, &given);
            outputs.push((output.into(), one_system(machine, all)));
        }
    }
    // `modules/nixos/NAME.nix` is `nixosModules.NAME`.
    if let Some(modules) = root.below(machine, "modules") {
        let mut kinds = Vec::new();
        for kind in modules.folders(machine) {
            let Some(folder) = modules.below(machine, &kind) else { continue };
            let entries = folder.entries(machine);
            let all = set_of(machine, entries);
            let output =
                if kind == "home" { "homeModules".into() } else { format!("{kind}Modules") };
            kinds.push((kind.as_str().into(), all.clone()));
            outputs.push((output.as_str().into(), all));
        }
        outputs.push(("modules".into(), set_of(machine, kinds)));
    }
    if let Some(folder) = root.below(machine, "hosts") {
        // Settings of the argument are those of all hosts.
        let own = at(machine, &arg, &["nixpkgs", "config"]).map(|_| packages.clone());
        let hosts = Hosts { flake, folder, input, packages, own, place: call.place };
        outputs.extend(hosts.outputs(machine));
    }
    Some(set_of(machine, outputs))
}

/// Files that make a host of a folder, with the output that it is.
const HOSTS: [(&str, &str); 5] = [
    ("default.nix", ""),
    ("configuration.nix", "nixosConfigurations"),
    ("rpi-configuration.nix", "nixosConfigurations"),
    ("darwin-configuration.nix", "darwinConfigurations"),
    ("system-configuration.nix", "systemConfigs"),
];

/// The folder of hosts.
struct Hosts {
    flake: FlakeId,
    folder: Folder,
    input: Slot,
    packages: Value,
    /// The packages, where they have settings.
    own: Option<Value>,
    place: Option<Place>,
}

impl Hosts {
    fn outputs(&self, machine: &mut Machine<'_>) -> Vec<(Name, Value)> {
        let mut made: Vec<(Name, Vec<SetAttr>)> = Vec::new();
        let mut homes = Vec::new();
        for name in self.folder.folders(machine) {
            for (user, file) in self.users(machine, &name) {
                let given = special(machine, self.flake);
                let of = home(machine, Some(&self.packages), vec![file], given, self.place);
                homes.push((format!("{user}@{name}").into(), of));
            }
        }
        let files = HOSTS.map(|(file, _)| file);
        for (name, file, path) in self.folder.with_file(machine, &files) {
            let output = HOSTS.iter().find(|(of, _)| *of == file).map_or("", |(_, output)| output);
            let (output, host) = self.host(machine, &name, output, path);
            match made.iter_mut().find(|(of, _)| **of == *output) {
                Some((_, hosts)) => hosts.push(attr(name, host)),
                None => made.push((output.into(), vec![attr(name, host)])),
            }
        }
        made.push(("homeConfigurations".into(), {
            let homes = homes.into_iter().map(|(name, of): (Name, Value)| {
                let of = machine.done(of);
                attr(name, of)
            });
            homes.collect()
        }));
        let made = made.into_iter().filter(|(_, all)| !all.is_empty());
        made.map(|(output, all)| (output, Value::set(all, None, false))).collect()
    }

    /// A host by its file, and which output it is.
    fn host(
        &self,
        machine: &mut Machine<'_>,
        name: &Name,
        output: &'static str,
        file: Value,
    ) -> (&'static str, Thunk) {
        let mut given = special(machine, self.flake);
        given.push(attr("hostName", machine.done(Value::Text(name.clone()))));
        if output.is_empty() {
            // A function of these, which makes the host by itself.
            let function = machine.import(&file, self.place);
            let made = machine.apply_to(&function, Value::set(given, None, false), self.place);
            let output = match at(machine, &made, &["class"]) {
                Some(Value::Text(class)) if &*class == "nix-darwin" => "darwinConfigurations",
                Some(Value::Text(class)) if &*class == "system-manager" => "systemConfigs",
                _ => "nixosConfigurations",
            };
            let made = machine.done(made);
            return (output, machine.thunk(State::Member(made, "value".into())));
        }
        let users = self.users(machine, name);
        let mut modules = vec![file];
        if !users.is_empty() {
            modules.push(homes_of_host(machine, users, Vec::new(), given.clone()));
        }
        let made = match output {
            "nixosConfigurations" => {
                later_host(machine, self.own.as_ref(), self.input, modules, given, self.place)
            }
            "darwinConfigurations" => later_mac(machine, self.flake, modules, given, self.place),
            _ => {
                let modules = list_of(machine, modules);
                let given = Value::set(given, None, true);
                let args = set_of(
                    machine,
                    vec![("modules".into(), modules), ("specialArgs".into(), given)],
                );
                let args = machine.done(args);
                let manager = machine.world.input_named(self.flake, "system-manager");
                let make = manager.map_or_else(Value::outside, |manager| {
                    Value::Unread(manager, path_of(&["lib", "makeSystemConfig"]), self.place)
                });
                machine.call_thunk_at(&make, vec![args], self.place)
            }
        };
        (output, made)
    }

    /// `users/NAME.nix` and `users/NAME/home-configuration.nix` of a host.
    fn users(&self, machine: &mut Machine<'_>, host: &str) -> Vec<(Name, Value)> {
        let Some(users) = self.folder.below(machine, &format!("{host}/users")) else {
            return Vec::new();
        };
        let folders = users.with_file(machine, &["home-configuration.nix"]);
        let mut found: Vec<_> = folders.into_iter().map(|(name, _, file)| (name, file)).collect();
        for (name, kind) in machine.entries(users.flake, &users.path) {
            if let (Kind::File, Some(short)) = (kind, name.strip_suffix(".nix"))
                && let Some(path) = users.path.child(&name)
            {
                found.push((short.into(), Value::Path(users.flake, path)));
            }
        }
        found
    }
}
