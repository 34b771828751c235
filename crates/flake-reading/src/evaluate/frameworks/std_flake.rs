//! std: cells of a folder, with nixpkgs configured by an argument.

use super::folders::{Folder, at, channel, main_input};
use super::{Call, Framework};
use crate::evaluate::heap::State;
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Segment, Thunk, Value, attr};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &[
        "divnix/std",
        "divnix/paisano",
        "paisano-nix/core",
        "divnix/hive",
        "divnix/omnibus",
    ],
    source: "src/grow.nix, 2026-11",
    marks: &[],
    arity: |function| match function {
        "growOn" | "harvest" | "pick" | "winnow" => 2,
        _ => 1,
    },
    call,
};

/// The system for which cells are looked at: they are the same for all.
const SYSTEM: &str = "x86_64-linux";

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    match call.function {
        "grow" | "growOn" => {}
        "harvest" | "pick" => return harvest(machine, call),
        _ => return None,
    }
    let arg = machine.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let packages = main_input(machine, flake).map(|slot| {
        let config = at(machine, &arg, &["nixpkgsConfig"]);
        channel(machine, slot, config, None, call.place)
    });
    // A cell is given inputs for its system, of which `nixpkgs` is that of all cells.
    let system = Name::from(SYSTEM);
    let mut inputs = Value::SystemInputs(flake, Segment::Named(system.clone()));
    if let Some(packages) = packages {
        let packages = machine.done(packages);
        let given = Value::set(vec![attr("nixpkgs", packages)], None, false);
        inputs = machine.update(inputs, given);
    }
    let inputs = machine.done(inputs);
    let own = machine.done(Value::Itself(flake));
    let own = machine.thunk(State::Member(own, system.clone()));
    let root = Folder::named_by(machine, flake, &arg, &["cellsFrom"])?;
    let mut cells = Vec::new();
    for cell in root.folders(machine) {
        let Some(folder) = root.below(machine, &cell) else { continue };
        let of = machine.thunk(State::Member(own, cell.as_str().into()));
        let given = Value::set(vec![attr("inputs", inputs), attr("cell", of)], None, true);
        let given = machine.done(given);
        let mut blocks = Vec::new();
        for (block, file) in folder.entries(machine) {
            let function = machine.import(&file, call.place);
            let made = match function {
                Value::Function(..) => machine.call_thunk(&function, vec![given]),
                value => machine.done(value),
            };
            blocks.push(attr(block, made));
        }
        let blocks = machine.done(Value::set(blocks, None, false));
        cells.push(attr(cell.as_str(), blocks));
    }
    let cells = machine.done(Value::set(cells, None, false));
    let grown = Value::set(vec![attr(system, cells)], None, false);
    // What it is grown on is the rest of the flake.
    Some(match call.arg(1) {
        Some(soil) => {
            let soil = machine.force_known(soil);
            machine.merge(grown, soil, 0)
        }
        None => grown,
    })
}

/// `harvest self [ "cell" "block" ]`, or of several such paths: what a block of a cell holds, below
/// the system.
fn harvest(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    let whole = machine.thunk(State::Member(call.arg(0)?, SYSTEM.into()));
    let list = machine.force_known(call.arg(1)?);
    let mut all = Value::no_attrs();
    for path in paths(machine, &list) {
        let of = path.into_iter().fold(whole, |of, name| machine.thunk(State::Member(of, name)));
        let of = machine.force_known(of);
        all = machine.update(all, of);
    }
    let all = machine.done(all);
    Some(Value::set(vec![attr(SYSTEM, all)], None, false))
}

/// One path, or a list of them.
fn paths(machine: &mut Machine<'_>, list: &Value) -> Vec<Vec<Name>> {
    let mut items: Vec<Thunk> = Vec::new();
    machine.items_into(list, &mut items);
    let mut one = Vec::new();
    let mut several = Vec::new();
    for item in items {
        match machine.force_known(item) {
            Value::Text(name) => one.push(name),
            inner @ Value::List(_) => {
                let mut names = Vec::new();
                machine.items_into(&inner, &mut names);
                let names = names.into_iter().filter_map(|name| match machine.force_known(name) {
                    Value::Text(name) => Some(name),
                    _ => None,
                });
                several.push(names.collect());
            }
            _ => {}
        }
    }
    if several.is_empty() { vec![one] } else { several }
}
