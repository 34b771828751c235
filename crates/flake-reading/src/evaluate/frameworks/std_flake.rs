//! std: cells in folders, with nixpkgs configured by an argument.

use super::folders::{Folder, at, channel, main_input};
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
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

/// The system for which cells are evaluated: they are the same for all.
const SYSTEM: &str = "x86_64-linux";

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    match call.function {
        "grow" | "growOn" => {}
        "harvest" | "pick" => return harvest(evaluator, call),
        _ => return None,
    }
    let arg = evaluator.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let packages = main_input(evaluator, flake).map(|slot| {
        let config = at(evaluator, &arg, &["nixpkgsConfig"]);
        channel(evaluator, slot, config, None, Some(SYSTEM), call.place)
    });
    // A cell gets inputs for its system, with the `nixpkgs` of all cells.
    let system = Name::from(SYSTEM);
    let mut inputs = Value::SystemInputs(flake, Segment::Named(system.clone()));
    if let Some(packages) = packages {
        let packages = evaluator.done(packages);
        let given = Value::set(vec![attr("nixpkgs", packages)], None, false);
        inputs = evaluator.update(inputs, given);
    }
    let inputs = evaluator.done(inputs);
    let own = evaluator.done(Value::Itself(flake));
    let own = evaluator.thunk(State::Member(own, system.clone()));
    let root = Folder::named_by(evaluator, flake, &arg, &["cellsFrom"])?;
    let declared = declared_blocks(evaluator, &arg);
    let mut cells = Vec::new();
    for cell in root.folders(evaluator) {
        let Some(folder) = root.below(evaluator, &cell) else { continue };
        let of = evaluator.thunk(State::Member(own, cell.as_str().into()));
        let given = Value::set(vec![attr("inputs", inputs), attr("cell", of)], None, true);
        let given = evaluator.done(given);
        let mut blocks = Vec::new();
        for (block, file) in folder.entries(evaluator) {
            if declared.as_ref().is_some_and(|declared| !declared.contains(&block)) {
                continue;
            }
            let function = evaluator.import(&file, call.place);
            let made = match function {
                Value::Function(..) => evaluator.call_thunk(&function, vec![given]),
                value => evaluator.done(value),
            };
            blocks.push(attr(block, made));
        }
        let blocks = evaluator.done(Value::set(blocks, None, false));
        cells.push(attr(cell.as_str(), blocks));
    }
    let cells = evaluator.done(Value::set(cells, None, false));
    let grown = Value::set(vec![attr(system, cells)], None, false);
    // The base that it extends is the rest of the flake.
    Some(match call.arg(1) {
        Some(soil) => {
            let soil = evaluator.force_known(soil);
            evaluator.merge(grown, soil, 0)
        }
        None => grown,
    })
}

/// The names of the blocks that cells have; `None` if they are not known.
fn declared_blocks(evaluator: &mut Evaluator<'_>, arg: &Value) -> Option<Vec<Name>> {
    let list = at(evaluator, arg, &["cellBlocks"])?;
    let mut items = Vec::new();
    if evaluator.items_into(&list, &mut items) {
        return None;
    }
    let mut names = Vec::new();
    for item in items {
        // `installables "packages" { … }`: the library that makes them is not read.
        let Value::Woven(block) = evaluator.force_known(item) else { return None };
        let name = block.of.iter().find_map(|of| match evaluator.force_known(*of) {
            Value::Text(name) => Some(name),
            _ => None,
        });
        names.push(name?);
    }
    Some(names)
}

/// `harvest self [ "cell" "block" ]`, or with several such paths: the contents of a block of a
/// cell, without the system.
fn harvest(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let whole = evaluator.thunk(State::Member(call.arg(0)?, SYSTEM.into()));
    let list = evaluator.force_known(call.arg(1)?);
    let mut all = Value::no_attrs();
    for path in paths(evaluator, &list) {
        let of = path.into_iter().fold(whole, |of, name| evaluator.thunk(State::Member(of, name)));
        let of = evaluator.force_known(of);
        all = evaluator.update(all, of);
    }
    let all = evaluator.done(all);
    Some(Value::set(vec![attr(SYSTEM, all)], None, false))
}

/// One path, or a list of them.
fn paths(evaluator: &mut Evaluator<'_>, list: &Value) -> Vec<Vec<Name>> {
    let mut items: Vec<Thunk> = Vec::new();
    evaluator.items_into(list, &mut items);
    let mut one = Vec::new();
    let mut several = Vec::new();
    for item in items {
        match evaluator.force_known(item) {
            Value::Text(name) => one.push(name),
            inner @ Value::List(_) => {
                let mut names = Vec::new();
                evaluator.items_into(&inner, &mut names);
                let names =
                    names.into_iter().filter_map(|name| match evaluator.force_known(name) {
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
