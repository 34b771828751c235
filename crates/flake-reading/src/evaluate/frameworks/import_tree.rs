//! import-tree: a module that imports all files of a folder.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Value, attr};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["vic/import-tree", "denful/import-tree"],
    source: "default.nix, 2026-11: files below, but for those of which a name begins with `_`",
    marks: &[],
    arity: one,
    call,
};

/// Functions that change which files are loaded, or how.
const SAYS: [&str; 12] = [
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
    "pipeTo",
    "new",
];

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    // A function that selects files returns the loader again: `(import-tree.filter f) ./modules`.
    if SAYS.contains(&call.function) {
        return Some(Value::Unread(call.slot, [].into(), call.place));
    }
    let arg = evaluator.force_known(call.arg(0)?);
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
    let imports = evaluator.done(Value::list(items, false));
    Some(Value::set(vec![attr("imports", imports)], None, false))
}
