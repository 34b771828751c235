//! snowfall-lib: outputs of folders, and nixpkgs configured by `channels-config`.

use super::folders::{
    Folder, at, called, channel, home, later_host, main_input, one_system, set_of, special,
};
use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["snowfallorg/lib"],
    source: "snowfall-lib/{flake,system,home,package,shell}, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    match call.function {
        // The library is bound to what it was given: `mkLib { inputs; src; }` has `mkFlake`.
        "mkLib" => {
            let arg = machine.force_known(call.arg(0)?);
            let bound = machine.done(arg);
            let of = crate::evaluate::flakes::path_of(&["lib", "mkFlake"]);
            let function = crate::evaluate::value::Function::Framework(call.slot, of);
            let make = Value::native(function, Vec::new());
            let make = machine.done(make);
            Some(Value::set(vec![attr("mkFlake", make), attr("snowfall", bound)], None, true))
        }
        "mkFlake" => {
            let arg = machine.force_known(call.arg(0)?);
            flake(machine, call, &arg)
        }
        _ => None,
    }
}

fn flake(machine: &mut Machine<'_>, call: &Call<'_>, arg: &Value) -> Option<Value> {
    let flake = call.slot.flake;
    let input = main_input(machine, flake)?;
    let config = at(machine, arg, &["channels-config"]);
    let overlays = at(machine, arg, &["overlays"]);
    let is_configured = config.is_some();
    let packages = channel(machine, input, config, overlays, call.place);
    let own = is_configured.then(|| packages.clone());
    let mut root = Folder::named_by(machine, flake, arg, &["src"])?;
    if let Some(nix) = root.below(machine, "nix") {
        root = nix;
    }
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
    let mut hosts = Vec::new();
    if let Some(systems) = root.below(machine, "systems") {
        for system in systems.folders(machine) {
            let kind = if system.ends_with("-darwin") { "darwin" } else { "nixos" };
            let mut shared: Vec<Value> = Vec::new();
            if let Some(folder) = root.below(machine, &format!("modules/{kind}")) {
                shared.extend(folder.modules_below(machine, Some("default.nix")));
            }
            shared.extend(at(machine, arg, &["systems", "modules", kind]));
            let Some(folder) = systems.below(machine, &system) else { continue };
            for (name, file) in folder.hosts(machine) {
                let mut modules = vec![file];
                modules.extend(shared.iter().cloned());
                modules.extend(at(machine, arg, &["systems", "hosts", &name, "modules"]));
                let special = special(machine, flake);
                let made = later_host(machine, own.as_ref(), input, modules, special, call.place);
                hosts.push(attr(name, made));
            }
        }
        outputs.push(("nixosConfigurations".into(), Value::set(hosts, None, false)));
    }
    if let Some(folder) = root.below(machine, "homes") {
        let mut homes = Vec::new();
        for system in folder.folders(machine) {
            let Some(folder) = folder.below(machine, &system) else { continue };
            for (name, file) in folder.entries(machine) {
                let mut modules = vec![file];
                if let Some(folder) = root.below(machine, "modules/home") {
                    modules.extend(folder.modules_below(machine, Some("default.nix")));
                }
                modules.extend(at(machine, arg, &["homes", "modules"]));
                let special = special(machine, flake);
                homes.push((name, home(machine, Some(&packages), modules, special, call.place)));
            }
        }
        outputs.push(("homeConfigurations".into(), set_of(machine, homes)));
    }
    // `outputs-builder` makes more of the packages.
    let mut all = set_of(machine, outputs);
    if let Some(builder) = at(machine, arg, &["outputs-builder"]) {
        let channels = set_of(machine, vec![("nixpkgs".into(), packages)]);
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
    Some(all)
}
