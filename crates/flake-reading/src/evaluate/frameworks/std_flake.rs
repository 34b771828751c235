//! std: cells of a folder, with nixpkgs configured by an argument.

use super::folders::{Folder, at, channel, main_input};
use super::{Call, Framework};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{How, Value};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &[
        "divnix/std",
        "divnix/paisano",
        "paisano-nix/core",
        "divnix/hive",
        "divnix/omnibus",
    ],
    source: "src/grow.nix, 2026-11",
    arity: |function| if function == "growOn" { 2 } else { 1 },
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if !matches!(call.function, "grow" | "growOn") {
        return None;
    }
    let arg = machine.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let mut of = call.args.to_vec();
    if let Some(slot) = main_input(machine, flake) {
        let config = at(machine, &arg, &["nixpkgsConfig"]);
        let packages = channel(machine, slot, config, None, call.place);
        let packages = machine.done(packages);
        let given = Value::set(vec![crate::evaluate::value::attr("pkgs", packages)], None, true);
        of.push(machine.done(given));
    }
    // Cells are functions of what std gives them: they are looked at by their names.
    if let Some(folder) = Folder::named_by(machine, flake, &arg, &["cellsFrom"]) {
        for file in folder.modules_below(machine, None) {
            let value = machine.import(&file, call.place);
            of.push(machine.done(value));
        }
    }
    Some(Value::woven(How::Handed, of, call.place))
}
