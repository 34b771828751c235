//! The library that files of snowfall get: that of nixpkgs, those of the inputs, the flake's own, and
//! functions for files.

use super::{namespace, root};
use crate::PathKind;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::flakes::path_of;
use crate::evaluate::frameworks::FrameworkCall;
use crate::evaluate::frameworks::folders::{Folder, list_of, main_input, special};
use crate::evaluate::heap::State;
use crate::evaluate::value::{Function, SetAttr, Thunk, Value, attr};

/// The name of the function that makes the flake's own library, with the arguments of `mkFlake`, from
/// its result.
pub(super) const OWN_LIBRARY: &str = "library of the flake";

/// What all files get.
pub(super) fn given(
    evaluator: &mut Evaluator<'_>,
    call: &FrameworkCall<'_>,
    arg: &Value,
    root: &Folder,
) -> Vec<SetAttr> {
    let mut given = special(evaluator, root.flake);
    let namespace = namespace(evaluator, arg);
    given.push(attr("namespace", evaluator.done(namespace)));
    let own = own_library(evaluator, call, arg).map(|own| own.thunk);
    given.push(attr("lib", library(evaluator, call, root, arg, own)));
    given
}

/// What the files in `lib/` define, by the name of the flake's namespace.
pub(super) fn own_library(
    evaluator: &mut Evaluator<'_>,
    call: &FrameworkCall<'_>,
    arg: &Value,
) -> Option<SetAttr> {
    root(evaluator, call.slot.flake, arg)?.below(evaluator, "lib")?;
    let Value::Text(name) = namespace(evaluator, arg) else { return None };
    let arg = evaluator.done(arg.clone());
    let function = Function::Framework(call.slot, path_of(&["lib", OWN_LIBRARY]));
    let make = Value::native(function, vec![arg]);
    Some(attr(name, evaluator.thunk(State::Fixed(Box::new(make)))))
}

/// The library that files get: that of nixpkgs, with those of the inputs by their names and the flake's
/// own in it.
fn library(
    evaluator: &mut Evaluator<'_>,
    call: &FrameworkCall<'_>,
    root: &Folder,
    arg: &Value,
    own: Option<Thunk>,
) -> Thunk {
    let input = main_input(evaluator, root.flake);
    let nixpkgs = Value::Library(input, [].into());
    let mut more = vec![attr(
        "snowfall",
        evaluator.done(Value::Unread(call.slot, path_of(&["lib", "snowfall"]), call.place)),
    )];
    for (name, slot) in evaluator.inputs_of(root.flake) {
        let of = evaluator.done(Value::Flake(slot, None));
        more.push(attr(name, evaluator.thunk(State::Member(of, "lib".into()))));
    }
    if let (Value::Text(name), Some(own)) = (namespace(evaluator, arg), own) {
        more.retain(|of| of.name != name);
        more.push(attr(name, own));
    }
    let more = Value::set(more, None, false);
    let library = evaluator.update(nixpkgs, more);
    evaluator.done(library)
}

/// The flake's own library, from all files in `lib/`.
pub(super) fn own_functions(
    evaluator: &mut Evaluator<'_>,
    call: &FrameworkCall<'_>,
) -> Option<Value> {
    let (arg, own) = (call.arg(0)?, call.arg(1)?);
    let arg = evaluator.force_known(arg);
    let root = root(evaluator, call.slot.flake, &arg)?;
    let mut given = special(evaluator, root.flake);
    let namespace = namespace(evaluator, &arg);
    given.push(attr("namespace", evaluator.done(namespace)));
    given.push(attr("lib", library(evaluator, call, &root, &arg, Some(own))));
    let given = evaluator.done(Value::set(given, None, true));
    let folder = root.below(evaluator, "lib")?;
    let mut all = Value::no_attrs();
    for file in folder.modules_below(evaluator, Some("default.nix")) {
        let of_file = match evaluator.import(&file, None) {
            function @ Value::Function(..) => evaluator.apply(&function, given, None),
            value => value,
        };
        all = evaluator.merge(all, of_file, 0);
    }
    Some(all)
}

/// The functions of `lib.snowfall.fs` that give files.
///
/// Source: `snowfall-lib/fs/default.nix`
pub(super) fn of_files(
    evaluator: &mut Evaluator<'_>,
    call: &FrameworkCall<'_>,
    function: &str,
) -> Option<Value> {
    let own = Folder::of_flake(evaluator, call.slot.flake)?;
    let arg = evaluator.force_known(call.arg(0)?);
    if let "get-file" | "get-snowfall-file" = function {
        let Value::Text(text) = arg else { return None };
        let nix = own.below(evaluator, "nix").filter(|_| function == "get-snowfall-file");
        let path = evaluator.path_from(own.flake, &nix.unwrap_or(own).path, &text)?;
        return Some(Value::Path(call.slot.flake, path));
    }
    let Value::Path(flake, path) = arg else { return None };
    let folder = Folder { flake, path };
    if let "get-directories" | "get-directories-with-default" = function {
        let mut found = Vec::new();
        for name in folder.folders(evaluator) {
            let Some(path) = folder.path.child(&name) else { continue };
            let file = path.child("default.nix");
            let has = file.is_some_and(|file| evaluator.kind_of(flake, &file) == PathKind::File);
            if has || function == "get-directories" {
                found.push(Value::Path(flake, path));
            }
        }
        return Some(list_of(evaluator, found));
    }
    let (function, below) = match function.strip_suffix("-recursive") {
        Some(function) => (function, true),
        None => (function, false),
    };
    let fits: fn(&str) -> bool = match function {
        "get-files" => |_| true,
        "get-nix-files" => |name| name.ends_with(".nix"),
        "get-default-nix-files" => |name| name == "default.nix",
        "get-non-default-nix-files" => |name| name.ends_with(".nix") && name != "default.nix",
        _ => return None,
    };
    let files = if below {
        evaluator.files_below(flake, &folder.path).to_vec()
    } else {
        let entries = evaluator.entries(flake, &folder.path).into_iter();
        let files = entries.filter(|(_, kind)| *kind == PathKind::File);
        files.filter_map(|(name, _)| folder.path.child(&name)).collect()
    };
    let files = files.into_iter().filter(|file| file.name().is_some_and(fits));
    let files = files.map(|file| Value::Path(flake, file)).collect();
    Some(list_of(evaluator, files))
}
