//! haumea: a set like a folder.

use super::folders::at;
use super::{Call, Framework, one};
use crate::evaluate::facts::Place;
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Value, attr};
use crate::evaluate::world::FlakeId;
use crate::{Kind, TreePath};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/haumea", "figsoda/haumea"],
    source: "src/load.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if call.function != "load" {
        return None;
    }
    let arg = machine.force_known(call.arg(0)?);
    let Some(Value::Path(flake, folder)) = at(machine, &arg, &["src"]) else { return None };
    let loader = at(machine, &arg, &["loader"]);
    let inputs =
        at(machine, &arg, &["inputs"]).unwrap_or_else(|| Value::set(Vec::new(), None, true));
    Some(folder_as_set(machine, (flake, &folder), loader.as_ref(), &inputs, call.place, 0))
}

fn folder_as_set(
    machine: &mut Machine<'_>,
    (flake, folder): (FlakeId, &TreePath),
    loader: Option<&Value>,
    inputs: &Value,
    place: Option<Place>,
    depth: u32,
) -> Value {
    /// Folders in folders.
    const DEEPEST: u32 = 12;
    let mut attrs = Vec::new();
    for (name, kind) in machine.entries(flake, folder) {
        let Some(path) = folder.child(&name).filter(|_| depth < DEEPEST) else { continue };
        let value = match (kind, name.strip_suffix(".nix"), loader) {
            (Kind::Folder, ..) => {
                folder_as_set(machine, (flake, &path), loader, inputs, place, depth + 1)
            }
            (Kind::File, Some(_), Some(loader)) => {
                let (inputs, file) =
                    (machine.done(inputs.clone()), machine.done(Value::Path(flake, path)));
                machine.apply_both(loader, inputs, file, place)
            }
            (Kind::File, Some(_), None) => match machine.imported(flake, &path) {
                value @ Value::Function(..) => machine.apply_to(&value, inputs.clone(), place),
                value => value,
            },
            _ => continue,
        };
        let thunk = machine.done(value);
        attrs.push(attr(name.strip_suffix(".nix").unwrap_or(&name), thunk));
    }
    // Nearly all transformers lift `default` out of its folder.
    match attrs.iter().find(|attr| &*attr.name == "default").map(|attr| attr.thunk) {
        Some(default) => machine.force(default),
        None => Value::set(attrs, None, false),
    }
}
