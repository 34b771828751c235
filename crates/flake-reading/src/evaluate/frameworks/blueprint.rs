//! blueprint: outputs from folders.

use super::folders::{
    Folder, ONE_SYSTEM, at, called, channel, home, homes_of_host, later_host, later_mac, list_of,
    main_input, one_system, set_of, special,
};
use super::{Framework, FrameworkCall, one};
use crate::PathKind;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::heap::State;
use crate::evaluate::value::{SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["numtide/blueprint"],
    source: "lib/default.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// When `nixpkgs.config` became that of hosts, too: 2026-04-15, commit 9258f591.
const HOSTS_ARE_CONFIGURED: u64 = 1_776_247_856;

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let arg = evaluator.force_known(call.arg(0)?);
    let flake = evaluator.recorder.flake_at(call.place)?;
    let config = at(evaluator, &arg, &["nixpkgs", "config"]);
    let overlays = at(evaluator, &arg, &["nixpkgs", "overlays"]);
    let input = main_input(evaluator, flake)?;
    let packages = channel(evaluator, input, config, overlays, Some(ONE_SYSTEM), call.place);
    let root = Folder::named_by(evaluator, flake, &arg, &["prefix"])?;
    let mut given = special(evaluator, flake);
    let pkgs = evaluator.done(packages.clone());
    given.push(attr("pkgs", pkgs));
    let per_system = evaluator.per_system(flake);
    let per_system = evaluator.done(per_system);
    given.push(attr("perSystem", per_system));
    given.push(attr("system", evaluator.done(Value::text(ONE_SYSTEM))));
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (folder, file, output) in [
        ("packages", "package.nix", "packages"),
        ("devshells", "devshell.nix", "devShells"),
        ("checks", "check.nix", "checks"),
    ] {
        let mut files = Vec::new();
        if let Some(path) = root.path.child(file)
            && evaluator.kind_of(root.flake, &path) == PathKind::File
        {
            files.push(("default".into(), Value::Path(root.flake, path)));
        }
        if let Some(folder) = root.below(evaluator, folder) {
            files.extend(folder.entries(evaluator));
        }
        if !files.is_empty() {
            let all = called(evaluator, files, &packages, &given);
            outputs.push((output.into(), one_system(evaluator, all)));
        }
    }
    // `modules/nixos/NAME.nix` is `nixosModules.NAME`.
    if let Some(modules) = root.below(evaluator, "modules") {
        let mut kinds = Vec::new();
        for kind in modules.folders(evaluator) {
            let Some(folder) = modules.below(evaluator, &kind) else { continue };
            let entries = folder.entries(evaluator);
            let all = set_of(evaluator, entries);
            let output =
                if kind == "home" { "homeModules".into() } else { format!("{kind}Modules") };
            kinds.push((kind.as_str().into(), all.clone()));
            outputs.push((output.as_str().into(), all));
        }
        outputs.push(("modules".into(), set_of(evaluator, kinds)));
    }
    if let Some(folder) = root.below(evaluator, "hosts") {
        // Settings in the argument apply to all hosts, but for old versions.
        let target = evaluator.world.target(call.slot);
        let modified = target.and_then(|target| evaluator.world.reference(target)?.modified);
        let config = at(evaluator, &arg, &["nixpkgs", "config"]);
        let own = config.filter(|_| modified.is_none_or(|at| at >= HOSTS_ARE_CONFIGURED));
        let own = own.map(|_| packages.clone());
        let hosts = Hosts { flake, folder, input, packages, own, place: call.place };
        outputs.extend(hosts.outputs(evaluator));
    }
    Some(set_of(evaluator, outputs))
}

/// Files that make a folder a host, with the output it becomes.
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
    input: FlakeInput,
    packages: Value,
    /// The packages, if they have settings.
    own: Option<Value>,
    place: Option<Place>,
}

impl Hosts {
    fn outputs(&self, evaluator: &mut Evaluator<'_>) -> Vec<(Name, Value)> {
        let mut made: Vec<(Name, Vec<SetAttr>)> = Vec::new();
        let mut homes = Vec::new();
        for name in self.folder.folders(evaluator) {
            for (user, file) in self.users(evaluator, &name) {
                let given = special(evaluator, self.flake);
                let of = home(evaluator, Some(&self.packages), vec![file], given, self.place);
                homes.push((format!("{user}@{name}").into(), of));
            }
        }
        let files = HOSTS.map(|(file, _)| file);
        for (name, file, path) in self.folder.with_file(evaluator, &files) {
            let output = HOSTS.iter().find(|(of, _)| *of == file).map_or("", |(_, output)| output);
            let (output, host) = self.host(evaluator, &name, output, path);
            match made.iter_mut().find(|(of, _)| **of == *output) {
                Some((_, hosts)) => hosts.push(attr(name, host)),
                None => made.push((output.into(), vec![attr(name, host)])),
            }
        }
        made.push(("homeConfigurations".into(), {
            let homes = homes.into_iter().map(|(name, of): (Name, Value)| {
                let of = evaluator.done(of);
                attr(name, of)
            });
            homes.collect()
        }));
        let made = made.into_iter().filter(|(_, all)| !all.is_empty());
        made.map(|(output, all)| (output, Value::set(all, None, false))).collect()
    }

    /// A host from its file, and its output.
    fn host(
        &self,
        evaluator: &mut Evaluator<'_>,
        name: &Name,
        output: &'static str,
        file: Value,
    ) -> (&'static str, Thunk) {
        let mut given = special(evaluator, self.flake);
        given.push(attr("hostName", evaluator.done(Value::Text(name.clone()))));
        if output.is_empty() {
            // A function of these arguments, which makes the host itself.
            let function = evaluator.import(&file, self.place);
            let made = evaluator.apply_to(&function, Value::set(given, None, false), self.place);
            let output = match at(evaluator, &made, &["class"]) {
                Some(Value::Text(class)) if &*class == "nix-darwin" => "darwinConfigurations",
                Some(Value::Text(class)) if &*class == "system-manager" => "systemConfigs",
                _ => "nixosConfigurations",
            };
            let made = evaluator.done(made);
            return (output, evaluator.thunk(State::Member(made, "value".into())));
        }
        let users = self.users(evaluator, name);
        let mut modules = vec![file];
        if !users.is_empty() {
            modules.push(homes_of_host(evaluator, users, Vec::new(), given.clone()));
        }
        let made = match output {
            "nixosConfigurations" => {
                later_host(evaluator, self.own.as_ref(), self.input, modules, given, self.place)
            }
            "darwinConfigurations" => later_mac(evaluator, self.flake, modules, given, self.place),
            _ => {
                let modules = list_of(evaluator, modules);
                let given = Value::set(given, None, true);
                let args = set_of(
                    evaluator,
                    vec![("modules".into(), modules), ("specialArgs".into(), given)],
                );
                let args = evaluator.done(args);
                let manager = evaluator.world.input_named(self.flake, "system-manager");
                let make = manager.map_or_else(Value::outside, |manager| {
                    Value::Unread(manager, path_of(&["lib", "makeSystemConfig"]), self.place)
                });
                evaluator.call_thunk_at(&make, vec![args], self.place)
            }
        };
        (output, made)
    }

    /// `users/NAME.nix` and `users/NAME/home-configuration.nix` of a host.
    fn users(&self, evaluator: &mut Evaluator<'_>, host: &str) -> Vec<(Name, Value)> {
        let Some(users) = self.folder.below(evaluator, &format!("{host}/users")) else {
            return Vec::new();
        };
        let folders = users.with_file(evaluator, &["home-configuration.nix"]);
        let mut found: Vec<_> = folders.into_iter().map(|(name, _, file)| (name, file)).collect();
        for (name, kind) in evaluator.entries(users.flake, &users.path) {
            if let (PathKind::File, Some(short)) = (kind, name.strip_suffix(".nix"))
                && let Some(path) = users.path.child(&name)
            {
                found.push((short.into(), Value::Path(users.flake, path)));
            }
        }
        found
    }
}
