//! haumea: a set with the structure of a folder.

use super::folders::at;
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::value::{Value, attr};
use crate::evaluate::world::FlakeId;
use crate::{PathKind, TreePath};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/haumea", "figsoda/haumea"],
    source: "src/load.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "load" {
        return None;
    }
    let arg = evaluator.force_known(call.arg(0)?);
    let Some(Value::Path(flake, folder)) = at(evaluator, &arg, &["src"]) else { return None };
    let loader = at(evaluator, &arg, &["loader"]);
    let inputs =
        at(evaluator, &arg, &["inputs"]).unwrap_or_else(|| Value::set(Vec::new(), None, true));
    Some(folder_as_set(evaluator, (flake, &folder), loader.as_ref(), &inputs, call.place, 0))
}

fn folder_as_set(
    evaluator: &mut Evaluator<'_>,
    (flake, folder): (FlakeId, &TreePath),
    loader: Option<&Value>,
    inputs: &Value,
    place: Option<Place>,
    depth: u32,
) -> Value {
    /// How deep folders may nest.
    const DEEPEST: u32 = 12;
    let mut attrs = Vec::new();
    for (name, kind) in evaluator.entries(flake, folder) {
        let Some(path) = folder.child(&name).filter(|_| depth < DEEPEST) else { continue };
        let value = match (kind, name.strip_suffix(".nix"), loader) {
            (PathKind::Folder, ..) => {
                folder_as_set(evaluator, (flake, &path), loader, inputs, place, depth + 1)
            }
            (PathKind::File, Some(_), Some(loader)) => {
                let (inputs, file) =
                    (evaluator.done(inputs.clone()), evaluator.done(Value::Path(flake, path)));
                evaluator.apply_both(loader, inputs, file, place)
            }
            (PathKind::File, Some(_), None) => match evaluator.imported(flake, &path) {
                value @ Value::Function(..) => evaluator.apply_to(&value, inputs.clone(), place),
                value => value,
            },
            _ => continue,
        };
        let thunk = evaluator.done(value);
        attrs.push(attr(name.strip_suffix(".nix").unwrap_or(&name), thunk));
    }
    // Nearly all transformers replace a folder with its `default`.
    match attrs.iter().find(|attr| &*attr.name == "default").map(|attr| attr.thunk) {
        Some(default) => evaluator.force(default),
        None => Value::set(attrs, None, false),
    }
}
