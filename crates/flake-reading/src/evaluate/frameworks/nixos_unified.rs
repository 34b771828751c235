//! nixos-unified: `autoWire`, which makes outputs of folders: `configurations/KIND/HOST`.

use super::folders::{Folder, home, host, later_host, main_input, set_of, special};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::value::{Base, Value, attr};
use crate::evaluate::world::FlakeInput;
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["srid/nixos-unified", "srid/nixos-flake"],
    source: "nix/modules/flake-parts/autowire.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// `mkFlake { inputs, root }`: flake-parts with the flake's own modules of it, and `autoWire`.
fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "mkFlake" {
        return None;
    }
    let make = evaluator.flake_parts(call.arg(0)?, call.place);
    let wired = module(evaluator, call.slot, call.place);
    let mut modules = vec![evaluator.done(wired)];
    let flake = call.slot.flake;
    for path in ["modules/flake-parts", "modules/flake", "nix/modules/flake-parts"] {
        let root = Folder::of_flake(evaluator, flake)?;
        let Some(folder) = root.below(evaluator, path) else { continue };
        for (_, file) in folder.entries(evaluator) {
            modules.push(evaluator.done(file));
        }
    }
    let imports = evaluator.done(Value::list(modules, false));
    let module = Value::set(vec![attr("imports", imports)], None, false);
    Some(evaluator.apply_to(&make, module, call.place))
}

/// The module of flake-parts that makes the outputs.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    slot: FlakeInput,
    place: Option<Place>,
) -> Value {
    let flake = slot.flake;
    let Some(root) = Folder::of_flake(evaluator, flake) else { return Value::no_attrs() };
    let mut defined = Vec::new();
    for (kind, output) in
        [("nixos", "nixosModules"), ("darwin", "darwinModules"), ("home", "homeModules")]
    {
        if let Some(folder) = root.below(evaluator, &format!("modules/{kind}")) {
            let modules = folder.entries(evaluator);
            defined.push((output.into(), set_of(evaluator, modules)));
        }
    }
    let input = main_input(evaluator, flake);
    let mut outputs: Vec<(Name, Value)> = defined;
    for (kind, output) in [("nixos", "nixosConfigurations"), ("darwin", "darwinConfigurations")] {
        let Some(folder) = root.below(evaluator, &format!("configurations/{kind}")) else {
            continue;
        };
        let mut hosts = Vec::new();
        for (name, file) in folder.entries(evaluator) {
            let special = special(evaluator, flake);
            let made = match input {
                Some(input) => later_host(evaluator, None, input, vec![file], special, place),
                None => {
                    let made = host(evaluator, None, Base::Other, vec![file], special, place);
                    evaluator.done(made)
                }
            };
            hosts.push(attr(name, made));
        }
        outputs.push((output.into(), Value::set(hosts, None, false)));
    }
    if let (Some(folder), Some(input)) = (root.below(evaluator, "configurations/home"), input) {
        let packages = evaluator.legacy(input, None, place);
        let mut homes = Vec::new();
        for (name, file) in folder.entries(evaluator) {
            let special = special(evaluator, flake);
            homes.push((name, home(evaluator, Some(&packages), vec![file], special, place)));
        }
        outputs.push(("homeConfigurations".into(), set_of(evaluator, homes)));
    }
    let outputs = set_of(evaluator, outputs);
    let outputs = evaluator.done(outputs);
    Value::set(vec![attr("flake", outputs)], None, false)
}
