//! blueprint: outputs of folders.

use super::folders::{
    Folder, at, called, channel, home, later_host, main_input, one_system, set_of, special,
};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["numtide/blueprint"],
    source: "lib/default.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let arg = evaluator.force_known(call.arg(0)?);
    let flake = evaluator.recorder.flake_at(call.place)?;
    let config = at(evaluator, &arg, &["nixpkgs", "config"]);
    let overlays = at(evaluator, &arg, &["nixpkgs", "overlays"]);
    let input = main_input(evaluator, flake)?;
    let packages = channel(evaluator, input, config, overlays, call.place);
    let root = Folder::named_by(evaluator, flake, &arg, &["prefix"])?;
    let mut given = special(evaluator, flake);
    let pkgs = evaluator.done(packages.clone());
    given.push(attr("pkgs", pkgs));
    let per_system = evaluator.per_system(flake);
    let per_system = evaluator.done(per_system);
    given.push(attr("perSystem", per_system));
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (folder, file, output) in [
        ("packages", "package.nix", "packages"),
        ("devshells", "devshell.nix", "devShells"),
        ("checks", "check.nix", "checks"),
    ] {
        let mut files = Vec::new();
        if let Some(path) = root.path.child(file)
            && evaluator.kind_of(root.flake, &path) == crate::PathKind::File
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
        for kind in modules.folders(evaluator) {
            let Some(folder) = modules.below(evaluator, &kind) else { continue };
            let entries = folder.entries(evaluator);
            let all = set_of(evaluator, entries);
            let output =
                if kind == "home" { "homeModules".into() } else { format!("{kind}Modules") };
            outputs.push((output.as_str().into(), all));
        }
    }
    if let Some(hosts) = root.below(evaluator, "hosts") {
        let (mut nixos, mut homes) = (Vec::new(), Vec::new());
        for (name, file) in hosts.hosts(evaluator) {
            let given = special(evaluator, flake);
            // Settings of the argument are those of all hosts.
            let own = at(evaluator, &arg, &["nixpkgs", "config"]).map(|_| packages.clone());
            let made = later_host(evaluator, own.as_ref(), input, vec![file], given, call.place);
            nixos.push(attr(name, made));
        }
        for name in hosts.folders(evaluator) {
            let Some(users) = hosts.below(evaluator, &format!("{name}/users")) else { continue };
            for (user, file) in users.entries(evaluator) {
                let given = special(evaluator, flake);
                let of = home(evaluator, Some(&packages), vec![file], given, call.place);
                homes.push((format!("{user}@{name}").into(), of));
            }
        }
        outputs.push(("nixosConfigurations".into(), Value::set(nixos, None, false)));
        outputs.push(("homeConfigurations".into(), set_of(evaluator, homes)));
    }
    Some(set_of(evaluator, outputs))
}
