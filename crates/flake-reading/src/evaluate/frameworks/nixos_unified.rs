//! nixos-unified: `autoWire`, which makes outputs of folders: `configurations/KIND/HOST`.

use super::folders::{Folder, home, host, later_host, main_input, set_of, special};
use super::{Call, Framework, one};
use crate::evaluate::facts::Place;
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Base, Value, attr};
use crate::evaluate::world::Slot;
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["srid/nixos-unified", "srid/nixos-flake"],
    source: "nix/modules/flake-parts/autowire.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// `mkFlake { inputs, root }`: flake-parts with the flake's own modules of it, and `autoWire`.
fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if call.function != "mkFlake" {
        return None;
    }
    let make = machine.flake_parts(call.arg(0)?, call.place);
    let wired = module(machine, call.slot, call.place);
    let mut modules = vec![machine.done(wired)];
    let flake = call.slot.flake;
    for path in ["modules/flake-parts", "modules/flake", "nix/modules/flake-parts"] {
        let root = Folder::of_flake(machine, flake)?;
        let Some(folder) = root.below(machine, path) else { continue };
        for (_, file) in folder.entries(machine) {
            modules.push(machine.done(file));
        }
    }
    let imports = machine.done(Value::list(modules, false));
    let module = Value::set(vec![attr("imports", imports)], None, false);
    Some(machine.apply_to(&make, module, call.place))
}

/// The module of flake-parts that makes the outputs.
pub(super) fn module(machine: &mut Machine<'_>, slot: Slot, place: Option<Place>) -> Value {
    let flake = slot.flake;
    let Some(root) = Folder::of_flake(machine, flake) else { return Value::no_attrs() };
    let mut defined = Vec::new();
    for (kind, output) in
        [("nixos", "nixosModules"), ("darwin", "darwinModules"), ("home", "homeModules")]
    {
        if let Some(folder) = root.below(machine, &format!("modules/{kind}")) {
            let modules = folder.entries(machine);
            defined.push((output.into(), set_of(machine, modules)));
        }
    }
    let input = main_input(machine, flake);
    let mut outputs: Vec<(Name, Value)> = defined;
    for (kind, output) in [("nixos", "nixosConfigurations"), ("darwin", "darwinConfigurations")] {
        let Some(folder) = root.below(machine, &format!("configurations/{kind}")) else { continue };
        let mut hosts = Vec::new();
        for (name, file) in folder.entries(machine) {
            let special = special(machine, flake);
            let made = match input {
                Some(input) => later_host(machine, None, input, vec![file], special, place),
                None => {
                    let made = host(machine, None, Base::Other, vec![file], special, place);
                    machine.done(made)
                }
            };
            hosts.push(attr(name, made));
        }
        outputs.push((output.into(), Value::set(hosts, None, false)));
    }
    if let (Some(folder), Some(input)) = (root.below(machine, "configurations/home"), input) {
        let packages = machine.legacy(input, None, place);
        let mut homes = Vec::new();
        for (name, file) in folder.entries(machine) {
            let special = special(machine, flake);
            homes.push((name, home(machine, Some(&packages), vec![file], special, place)));
        }
        outputs.push(("homeConfigurations".into(), set_of(machine, homes)));
    }
    let outputs = set_of(machine, outputs);
    let outputs = machine.done(outputs);
    Value::set(vec![attr("flake", outputs)], None, false)
}
