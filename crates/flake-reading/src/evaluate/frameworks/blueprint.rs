//! blueprint: outputs of folders.

use super::folders::{
    Folder, at, called, channel, home, later_host, main_input, one_system, set_of, special,
};
use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Value, attr};
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
            && machine.kind_of(root.flake, &path) == crate::Kind::File
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
        for kind in modules.folders(machine) {
            let Some(folder) = modules.below(machine, &kind) else { continue };
            let entries = folder.entries(machine);
            let all = set_of(machine, entries);
            let output =
                if kind == "home" { "homeModules".into() } else { format!("{kind}Modules") };
            outputs.push((output.as_str().into(), all));
        }
    }
    if let Some(hosts) = root.below(machine, "hosts") {
        let (mut nixos, mut homes) = (Vec::new(), Vec::new());
        for (name, file) in hosts.hosts(machine) {
            let given = special(machine, flake);
            // Settings of the argument are those of all hosts.
            let own = at(machine, &arg, &["nixpkgs", "config"]).map(|_| packages.clone());
            let made = later_host(machine, own.as_ref(), input, vec![file], given, call.place);
            nixos.push(attr(name, made));
        }
        for name in hosts.folders(machine) {
            let Some(users) = hosts.below(machine, &format!("{name}/users")) else { continue };
            for (user, file) in users.entries(machine) {
                let given = special(machine, flake);
                let of = home(machine, Some(&packages), vec![file], given, call.place);
                homes.push((format!("{user}@{name}").into(), of));
            }
        }
        outputs.push(("nixosConfigurations".into(), Value::set(nixos, None, false)));
        outputs.push(("homeConfigurations".into(), set_of(machine, homes)));
    }
    Some(set_of(machine, outputs))
}
