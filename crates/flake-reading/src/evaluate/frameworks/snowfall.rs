//! snowfall-lib: outputs of folders, and nixpkgs configured by `channels-config`.

use super::folders::{
    Folder, at, called, channel, home, later_host, main_input, one_system, set_of, special,
};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
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

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    match call.function {
        // The library is bound to what it was given: `mkLib { inputs; src; }` has `mkFlake`.
        "mkLib" => {
            let arg = evaluator.force_known(call.arg(0)?);
            let bound = evaluator.done(arg);
            let of = crate::evaluate::flakes::path_of(&["lib", "mkFlake"]);
            let function = crate::evaluate::value::Function::Framework(call.slot, of);
            let make = Value::native(function, Vec::new());
            let make = evaluator.done(make);
            Some(Value::set(vec![attr("mkFlake", make), attr("snowfall", bound)], None, true))
        }
        "mkFlake" => {
            let arg = evaluator.force_known(call.arg(0)?);
            flake(evaluator, call, &arg)
        }
        _ => None,
    }
}

fn flake(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>, arg: &Value) -> Option<Value> {
    let flake = call.slot.flake;
    let input = main_input(evaluator, flake)?;
    let config = at(evaluator, arg, &["channels-config"]);
    let overlays = at(evaluator, arg, &["overlays"]);
    let is_configured = config.is_some();
    let packages = channel(evaluator, input, config, overlays, call.place);
    let own = is_configured.then(|| packages.clone());
    let mut root = Folder::named_by(evaluator, flake, arg, &["src"])?;
    if let Some(nix) = root.below(evaluator, "nix") {
        root = nix;
    }
    let mut given = special(evaluator, flake);
    let pkgs = evaluator.done(packages.clone());
    given.push(attr("pkgs", pkgs));
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (folder, output) in
        [("packages", "packages"), ("shells", "devShells"), ("checks", "checks")]
    {
        if let Some(folder) = root.below(evaluator, folder) {
            let files = folder.entries(evaluator);
            let all = called(evaluator, files, &packages, &given);
            outputs.push((output.into(), one_system(evaluator, all)));
        }
    }
    let mut hosts = Vec::new();
    if let Some(systems) = root.below(evaluator, "systems") {
        for system in systems.folders(evaluator) {
            let kind = if system.ends_with("-darwin") { "darwin" } else { "nixos" };
            let mut shared: Vec<Value> = Vec::new();
            if let Some(folder) = root.below(evaluator, &format!("modules/{kind}")) {
                shared.extend(folder.modules_below(evaluator, Some("default.nix")));
            }
            shared.extend(at(evaluator, arg, &["systems", "modules", kind]));
            let Some(folder) = systems.below(evaluator, &system) else { continue };
            for (name, file) in folder.hosts(evaluator) {
                let mut modules = vec![file];
                modules.extend(shared.iter().cloned());
                modules.extend(at(evaluator, arg, &["systems", "hosts", &name, "modules"]));
                let special = special(evaluator, flake);
                let made = later_host(evaluator, own.as_ref(), input, modules, special, call.place);
                hosts.push(attr(name, made));
            }
        }
        outputs.push(("nixosConfigurations".into(), Value::set(hosts, None, false)));
    }
    if let Some(folder) = root.below(evaluator, "homes") {
        let mut homes = Vec::new();
        for system in folder.folders(evaluator) {
            let Some(folder) = folder.below(evaluator, &system) else { continue };
            for (name, file) in folder.entries(evaluator) {
                let mut modules = vec![file];
                if let Some(folder) = root.below(evaluator, "modules/home") {
                    modules.extend(folder.modules_below(evaluator, Some("default.nix")));
                }
                modules.extend(at(evaluator, arg, &["homes", "modules"]));
                let special = special(evaluator, flake);
                homes.push((name, home(evaluator, Some(&packages), modules, special, call.place)));
            }
        }
        outputs.push(("homeConfigurations".into(), set_of(evaluator, homes)));
    }
    // `outputs-builder` makes more of the packages.
    let mut all = set_of(evaluator, outputs);
    if let Some(builder) = at(evaluator, arg, &["outputs-builder"]) {
        let channels = set_of(evaluator, vec![("nixpkgs".into(), packages)]);
        let built = evaluator.apply_to(&builder, channels, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        let mut more = Vec::new();
        for output in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = evaluator.force(output.thunk);
            more.push((output.name, one_system(evaluator, value)));
        }
        let more = set_of(evaluator, more);
        all = evaluator.merge(all, more, 0);
    }
    Some(all)
}
