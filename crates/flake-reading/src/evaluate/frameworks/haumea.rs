//! haumea: a set with the structure of a folder.

use super::folders::at;
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::value::{Value, attr};
use crate::evaluate::world::FlakeId;
use crate::{PathKind, TreePath};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/haumea", "figsoda/haumea"],
    source: "src/{load,loaders,transformers}, 2026-11",
    marks: &[],
    arity: |function| if function == "load" { 1 } else { 2 },
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    match call.function {
        "load" => {
            let arg = evaluator.force_known(call.arg(0)?);
            let Some(Value::Path(flake, folder)) = at(evaluator, &arg, &["src"]) else {
                return None;
            };
            let inputs = at(evaluator, &arg, &["inputs"]);
            let load = Load {
                flake,
                loader: at(evaluator, &arg, &["loader"]),
                transformers: transformers(evaluator, &arg),
                inputs: inputs.unwrap_or_else(|| Value::set(Vec::new(), None, true)),
                place: call.place,
            };
            Some(load.folder(evaluator, &folder, 0))
        }
        // Loaders: functions of the inputs and a file.
        "path" => Some(evaluator.force_known(call.arg(1)?)),
        "verbatim" => {
            let file = evaluator.force_known(call.arg(1)?);
            Some(evaluator.import(&file, call.place))
        }
        "default" | "scoped" => {
            let file = evaluator.force_known(call.arg(1)?);
            Some(match evaluator.import(&file, call.place) {
                function @ Value::Function(..) => {
                    evaluator.apply(&function, call.arg(0)?, call.place)
                }
                value => value,
            })
        }
        // Transformers: functions of the path and the set of a folder.
        "liftDefault" => {
            let set = evaluator.force_known(call.arg(1)?);
            let Some(default) = at(evaluator, &set, &["default"]) else { return Some(set) };
            let Value::Set(all) = &set else { return Some(default) };
            let others = all.attrs.iter().filter(|attr| &*attr.name != "default").cloned();
            let others = Value::set(others.collect(), all.rest, all.open);
            Some(match default {
                Value::Set(_) => evaluator.update(others, default),
                // It has to be a set: another value is used in place of the folder.
                default => default,
            })
        }
        _ => None,
    }
}

/// The functions that each folder's set is passed through; one, or a list.
fn transformers(evaluator: &mut Evaluator<'_>, arg: &Value) -> Vec<Value> {
    let Some(all) = at(evaluator, arg, &["transformer"]) else { return Vec::new() };
    let mut items = Vec::new();
    match all {
        Value::List(_) => {
            evaluator.items_into(&all, &mut items);
            items.into_iter().map(|item| evaluator.force_known(item)).collect()
        }
        one => vec![one],
    }
}

/// The arguments of `load`.
struct Load {
    flake: FlakeId,
    loader: Option<Value>,
    transformers: Vec<Value>,
    inputs: Value,
    place: Option<Place>,
}

impl Load {
    fn folder(&self, evaluator: &mut Evaluator<'_>, folder: &TreePath, depth: u32) -> Value {
        /// How deep folders may nest.
        const DEEPEST: u32 = 12;
        let mut attrs = Vec::new();
        for (name, kind) in evaluator.entries(self.flake, folder) {
            let Some(path) = folder.child(&name).filter(|_| depth < DEEPEST) else { continue };
            // Only files beside it, or of the same load, see it (README, "Visibility").
            if name.starts_with('_') {
                continue;
            }
            let value = match (kind, name.strip_suffix(".nix")) {
                (PathKind::Folder, _) => self.folder(evaluator, &path, depth + 1),
                (PathKind::File, Some(_)) => self.file(evaluator, path),
                _ => continue,
            };
            let thunk = evaluator.done(value);
            attrs.push(attr(name.strip_suffix(".nix").unwrap_or(&name), thunk));
        }
        let mut set = Value::set(attrs, None, false);
        for transformer in &self.transformers {
            let path = evaluator.done(Value::list(Vec::new(), true));
            let before = evaluator.done(set.clone());
            set = match evaluator.apply_both(transformer, path, before, self.place) {
                // Nearly all transformers replace a folder with its `default`.
                Value::Unknown(_) | Value::Woven(_) => {
                    at(evaluator, &set, &["default"]).unwrap_or(set)
                }
                transformed => transformed,
            };
        }
        set
    }

    fn file(&self, evaluator: &mut Evaluator<'_>, path: TreePath) -> Value {
        match &self.loader {
            Some(loader) => {
                let inputs = evaluator.done(self.inputs.clone());
                let file = evaluator.done(Value::Path(self.flake, path));
                evaluator.apply_both(loader, inputs, file, self.place)
            }
            None => match evaluator.imported(self.flake, &path) {
                function @ Value::Function(..) => {
                    evaluator.apply_to(&function, self.inputs.clone(), self.place)
                }
                value => value,
            },
        }
    }
}
