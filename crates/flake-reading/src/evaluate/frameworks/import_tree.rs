//! import-tree: a module that imports all files of a folder.

use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Value, attr};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["vic/import-tree", "denful/import-tree"],
    source: "default.nix, 2026-11: files below, but for those of which a name begins with `_`",
    marks: &[],
    arity: |function| if function == PIPE_TO { 2 } else { 1 },
    call,
};

/// `pipeTo function folder`: the result of a function of the list of files.
const PIPE_TO: &str = "pipeTo";
/// `leafs folder`: the list of files.
const LEAFS: [&str; 2] = ["leafs", "files"];

/// Functions that change which files are loaded, or how.
const SAYS: [&str; 11] = [
    "filter",
    "filterNot",
    "match",
    "matchNot",
    "initFilter",
    "map",
    "mapWith",
    "withLib",
    "addPath",
    "addAPI",
    "new",
];

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    // A function that selects files returns the loader again: `(import-tree.filter f) ./modules`.
    if SAYS.contains(&call.function) {
        return Some(Value::Unread(call.slot, [].into(), call.place));
    }
    let piped = (call.function == PIPE_TO).then(|| call.arg(0)).flatten();
    let arg = evaluator.force_known(call.arg(usize::from(piped.is_some()))?);
    let mut folders = Vec::new();
    match arg.unconditional().0 {
        Value::Path(flake, path) => folders.push((*flake, path.clone())),
        list @ Value::List(_) => {
            let mut items = Vec::new();
            evaluator.items_into(list, &mut items);
            for item in items {
                if let Value::Path(flake, path) = evaluator.force_known(item) {
                    folders.push((flake, path));
                }
            }
        }
        _ => return None,
    }
    let mut items = Vec::new();
    for (flake, folder) in folders {
        let files = evaluator.files_below(flake, &folder);
        for file in files.iter() {
            let below = file.as_str().get(folder.as_str().len()..).unwrap_or_default();
            let hidden = below.split('/').any(|name| name.starts_with('_'));
            if !hidden && file.as_str().ends_with(".nix") {
                items.push(evaluator.done(Value::Path(flake, file.clone())));
            }
        }
    }
    let files = Value::list(items, false);
    if let Some(function) = piped {
        let function = evaluator.force(function);
        return Some(evaluator.apply_to(&function, files, call.place));
    }
    if LEAFS.contains(&call.function) {
        return Some(files);
    }
    let imports = evaluator.done(files);
    Some(Value::set(vec![attr("imports", imports)], None, false))
}
