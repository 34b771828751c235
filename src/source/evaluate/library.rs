//! Functions of nixpkgs' library and builtins, as far as they carry what matters.
//!
//! Source: Nix manual, "Built-in Functions"; nixpkgs `lib/`. Functions that are not here get what
//! they are given looked through, and give something unknown.

use std::rc::Rc;

use super::expression::{LONGEST_LIST, one_of};
use super::facts::Place;
use super::machine::{Machine, State};
use super::value::{Function, Partial, Set, SetAttr, Value};
use super::visit::Giver;
use crate::source::Kind;
use crate::source::syntax::Name;

/// Functions and how many arguments they take.
#[rustfmt::skip]
const ARITIES: &[(&str, usize)] = &[
    ("all", 2), ("any", 2), ("attrByPath", 3), ("attrNames", 1), ("attrValues", 1), ("attrsToList", 1),
    ("baseNameOf", 1), ("cartesianProduct", 1), ("cartesianProductOfSets", 1), ("catAttrs", 2),
    ("composeExtensions", 2), ("composeManyExtensions", 1), ("concatLists", 1), ("concatMap", 2),
    ("concatMapAttrs", 2), ("concatMapStringsSep", 3), ("concatStrings", 1), ("concatStringsSep", 2), ("const", 2),
    ("deepSeq", 2), ("dirOf", 1), ("elem", 2), ("elemAt", 2), ("extend", 1), ("extends", 2),
    ("fileContents", 1), ("filter", 2), ("filterAttrs", 2), ("fix", 1), ("flatten", 1), ("flip", 3),
    ("fold", 3), ("foldAttrs", 3), ("foldl", 3), ("foldl'", 3), ("foldr", 3), ("forEach", 2), ("functionArgs", 1),
    ("genAttrs", 2), ("genAttrs'", 2), ("getAttr", 2), ("getAttrFromPath", 2), ("getExe", 1), ("getExe'", 2), ("hasAttr", 2),
    ("hasInfix", 2), ("hasPrefix", 2), ("hasSuffix", 2), ("head", 1), ("id", 1), ("imap0", 2), ("imap1", 2),
    ("import", 1), ("importJSON", 1), ("importTOML", 1), ("init", 1), ("intersectLists", 2), ("isAttrs", 1), ("isBool", 1),
    ("isFunction", 1), ("isList", 1), ("isNull", 1), ("isPath", 1), ("isString", 1), ("last", 1), ("length", 1),
    ("listFilesRecursive", 1), ("listToAttrs", 1), ("makeExtensible", 1), ("makeOverridable", 2), ("map", 2),
    ("mapAttrs", 2), ("mapAttrs'", 2), ("mapAttrsRecursive", 2), ("mapAttrsToList", 2), ("mapNullable", 2),
    ("mergeAttrs", 2), ("mergeAttrsList", 1), ("mkAfter", 1), ("mkBefore", 1), ("mkDefault", 1), ("mkForce", 1),
    ("mkIf", 2), ("mkImageMediaOverride", 1), ("mkMerge", 1), ("mkOptionDefault", 1), ("mkOrder", 2), ("mkOverride", 2),
    ("mkVMOverride", 1), ("nameValuePair", 2), ("optional", 2), ("optionalAttrs", 2), ("optionalString", 2), ("optionals", 2),
    ("partition", 2), ("pathExists", 1), ("pipe", 2), ("range", 2), ("readDir", 1), ("readFile", 1),
    ("recurseIntoAttrs", 1), ("recursiveUpdate", 2), ("recursiveUpdateUntil", 3), ("remove", 2), ("removeAttrs", 2),
    ("removePrefix", 2), ("removeSuffix", 2), ("replaceStrings", 3), ("reverseList", 1), ("setAttrByPath", 2), ("setDefaultModuleLocation", 2),
    ("seq", 2), ("singleton", 1), ("sort", 2), ("tail", 1), ("take", 2), ("toFile", 2), ("toList", 1), ("toPath", 1), ("toString", 1), ("trace", 2),
    ("traceVal", 1), ("unique", 1), ("uniqueStrings", 1), ("updateManyAttrsByPath", 2), ("warn", 2), ("warnIf", 3), ("warnIfNot", 3), ("throwIf", 3), ("throwIfNot", 3), ("assertMsg", 2), ("zipAttrs", 1), ("zipAttrsWith", 2), ("zipListsWith", 3), ("‹callPackage›", 3),
    ("nixosSystem", 1), ("evalModules", 1), ("callPackageWith", 3), ("path", 1), ("cleanSource", 1), ("getName", 1), ("versionAtLeast", 2), ("versionOlder", 2), ("splitString", 2), ("isDerivation", 1), ("or", 2), ("and", 2), ("isx86_64", 1), ("isLinux", 1), ("match", 2), ("getEnv", 1), ("typeOf", 1), ("fromJSON", 1), ("toJSON", 1), ("mod", 2), ("stringLength", 1), ("substring", 3), ("nixosTest", 1), ("runTest", 1), ("importApply", 2), ("mkEnableOption", 1), ("mkOption", 1), ("mkPackageOption", 3), ("throw", 1), ("abort", 1),
    ("fetchTarball", 1), ("submodule", 1), ("submoduleWith", 1), ("attrsOf", 1), ("lazyAttrsOf", 1), ("listOf", 1), ("nullOr", 1), ("functionTo", 1), ("addCheck", 2), ("append", 2), ("‹withSystem›", 2), ("‹flakelight›", 1), ("‹extend›", 2), ("‹moduleWithSystem›", 1), ("fetchGit", 1), ("fetchTree", 1), ("fetchMercurial", 1), ("getFlake", 1), ("scopedImport", 2), ("fileset", 1),
];

/// Whether there is a library function of this name.
pub(super) fn is_known(name: &str) -> bool {
    !name.starts_with('‹')
        && (ARITIES.iter().any(|(known, _)| *known == name)
            || matches!(
                name,
                "attrsets"
                    | "lists"
                    | "strings"
                    | "modules"
                    | "systems"
                    | "types"
                    | "filesystem"
                    | "platforms"
                    | "trivial"
                    | "options"
                    | "licenses"
                    | "maintainers"
                    | "currentSystem"
                    | "platform"
                    | "version"
                    | "storePath"
                    | "generators"
                    | "customisation"
            ))
}

pub(super) fn arity(name: &str) -> usize {
    ARITIES.iter().find(|(known, _)| *known == name).map_or(1, |(_, arity)| *arity)
}

/// Attributes without known names that are alternatives of each other.
const FEW: u32 = 6;
/// Elements of lists and sets that a function is mapped over.
const MOST: usize = 1_000;

impl Machine<'_> {
    /// A call with all arguments.
    pub(super) fn library(
        &mut self,
        input: Option<u32>,
        name: &str,
        args: Vec<Value>,
        place: Place,
    ) -> Value {
        let args: Vec<Value> = args.into_iter().map(|arg| self.resolve(arg)).collect();
        let mut args = args.into_iter();
        let mut next = || args.next().unwrap_or_else(Value::outside);
        match name {
            "import" => {
                let what = next();
                self.import(&what, place)
            }
            "scopedImport" => {
                next();
                let what = next();
                self.import(&what, place)
            }
            "importApply" => {
                let (what, arg) = (next(), next());
                let function = self.import(&what, place);
                self.apply(&function, arg, place)
            }
            "‹flake-parts›" => {
                let module = next();
                self.flake_parts_module(module, place)
            }
            "append" => {
                let (path, text) = (next(), next());
                self.appended(path, text, place)
            }
            "‹flakelight›" => {
                let arg = next();
                self.configured_loader("flakelight", &arg, place);
                Value::outside()
            }
            "‹callPackage›" => {
                let (packages, file, given) = (next(), next(), next());
                self.call_file(&packages, file, given, place)
            }
            "callPackageWith" => {
                let (scope, file, given) = (next(), next(), next());
                let file = match &file {
                    Value::Path(_) | Value::AnyPath(_) => self.import(&file, place),
                    _ => file,
                };
                let all = self.update(scope, given);
                match &all {
                    Value::Package(..) => self.call_file(&all, file, Value::outside(), place),
                    _ => self.apply(&file, all, place),
                }
            }
            "nixosSystem" => {
                let from = input.map_or(super::value::Base::Other, super::value::Base::Input);
                if let Some(input) = input {
                    self.record_taken(input, super::facts::Taken::Lib, place);
                }
                let args = next();
                self.nixos_of(from, args, place)
            }
            // What does not change what matters.
            "mkForce"
            | "mkDefault"
            | "mkBefore"
            | "mkAfter"
            | "mkOptionDefault"
            | "mkVMOverride"
            | "mkImageMediaOverride"
            | "id"
            | "traceVal"
            | "recurseIntoAttrs"
            | "unique"
            | "uniqueStrings"
            | "reverseList"
            | "init"
            | "toPath"
            | "cleanSource" => next(),
            "mkOverride"
            | "mkOrder"
            | "seq"
            | "deepSeq"
            | "trace"
            | "warn"
            | "setDefaultModuleLocation"
            | "makeOverridable"
                if name != "makeOverridable" =>
            {
                next();
                next()
            }
            "warnIf" | "warnIfNot" | "throwIf" | "throwIfNot" => {
                next();
                next();
                next()
            }
            "remove" | "sort" | "take" => {
                next();
                next()
            }
            "filter" => {
                let (predicate, list) = (next(), next());
                self.filter(&predicate, list, place)
            }
            "filterAttrs" => {
                let (predicate, set) = (next(), next());
                self.filter_attrs(&predicate, set, place)
            }
            "mkIf" | "optionalAttrs" | "optional" | "optionals" => {
                let (condition, value) = (next(), next());
                let value = match (name, value) {
                    ("optional", value) => {
                        let item = self.done(value);
                        Value::list(vec![item], false)
                    }
                    (_, value) => value,
                };
                match condition.unconditional().0 {
                    Value::Bool(true) => value,
                    Value::Bool(false)
                        if name.ends_with('s') && name != "optionalAttrs" || name == "optional" =>
                    {
                        if matches!(condition.unconditional().0, Value::Bool(false)) {
                            Value::list(Vec::new(), false)
                        } else {
                            value.conditional()
                        }
                    }
                    Value::Bool(false) => Value::set(Vec::new(), None, false),
                    _ => value.conditional(),
                }
            }
            "mkMerge" | "singleton" | "toList" if name != "mkMerge" => {
                let value = next();
                match value {
                    list @ Value::List(_) if name == "toList" => list,
                    value => {
                        let item = self.done(value);
                        Value::list(vec![item], false)
                    }
                }
            }
            "mkMerge" => {
                let list = next();
                self.merged_list(list)
            }
            "mkOption" | "submodule" | "submoduleWith" | "attrsOf" | "lazyAttrsOf" | "listOf"
            | "nullOr" | "functionTo" => {
                let arg = next();
                self.option_function(name, arg)
            }
            "addCheck" => next(),
            "‹withSystem›" => {
                next();
                let function = next();
                self.with_system(&function)
            }
            "‹moduleWithSystem›" => {
                let function = next();
                self.with_system(&function)
            }
            "map" | "concatMap" | "forEach" | "imap0" | "imap1" | "mapNullable" => {
                let (function, list) = if name == "forEach" {
                    let list = next();
                    (next(), list)
                } else {
                    (next(), next())
                };
                self.map(name, &function, &list, place)
            }
            "mapAttrs" | "mapAttrs'" | "mapAttrsToList" | "concatMapAttrs"
            | "mapAttrsRecursive" => {
                let (function, set) = (next(), next());
                self.map_attrs(name, &function, &set, place)
            }
            "genAttrs" | "genAttrs'" => {
                let (names, function) = (next(), next());
                self.generate(&names, &function, place)
            }
            "attrValues" => {
                let set = next();
                match set.unconditional().0 {
                    Value::Set(set) => {
                        let items = set.attrs.iter().map(|attr| attr.thunk).chain(set.rest);
                        Value::list(items.collect(), set.open)
                    }
                    Value::Inputs => {
                        let all = (0..self.inputs.len()).take(MOST).map(|at| {
                            let input = u32::try_from(at).unwrap_or(u32::MAX);
                            self.done(Value::Input(input, every(), place))
                        });
                        let all = all.collect::<Vec<_>>();
                        Value::list(all, false)
                    }
                    Value::Input(..) | Value::Package(..) => {
                        let any = self.any_member(&set, place);
                        let any = self.done(any);
                        Value::list(vec![any], true)
                    }
                    _ => Value::outside(),
                }
            }
            "attrNames" => match next().unconditional().0 {
                Value::Set(set) => {
                    let names: Vec<Name> = set
                        .attrs
                        .iter()
                        .map(|attr| attr.name.clone())
                        .filter(|name| !name.starts_with('‹'))
                        .collect();
                    let open = set.open || set.rest.is_some();
                    let items = names.into_iter().map(|name| self.done(Value::Text(name)));
                    let items = items.collect::<Vec<_>>();
                    Value::list(items, open)
                }
                _ => Value::condition(),
            },
            "listToAttrs" => {
                let list = next();
                self.list_to_attrs(&list)
            }
            "nameValuePair" => {
                let (name, value) = (next(), next());
                let (name, value) = (self.done(name), self.done(value));
                let attr = |text: &str, thunk| SetAttr {
                    name: text.into(),
                    thunk,
                    place: None,
                    conditional: false,
                };
                Value::set(vec![attr("name", name), attr("value", value)], None, false)
            }
            "concatLists" | "flatten" => {
                let list = next();
                let mut items = Vec::new();
                let open = self.flatten(&list, &mut items, 0);
                Value::list(items, open)
            }
            "recursiveUpdate" | "mergeAttrs" => {
                let (left, right) = (next(), next());
                if name == "mergeAttrs" {
                    self.update(left, right)
                } else {
                    self.merge(left, right, 0)
                }
            }
            "recursiveUpdateUntil" => {
                next();
                let (left, right) = (next(), next());
                self.merge(left, right, 0)
            }
            "mergeAttrsList" | "zipAttrs" => {
                let list = next();
                let mut items = Vec::new();
                self.items_into(&list, &mut items);
                let mut all = Value::set(Vec::new(), None, false);
                for item in items {
                    let item = self.force(item);
                    all = self.merge(all, item, 0);
                }
                all
            }
            "foldl'" | "foldl" | "foldr" | "fold" => {
                let (function, start, list) = (next(), next(), next());
                let mut items = Vec::new();
                let open = self.items_into(&list, &mut items);
                if name != "foldl'" && name != "foldl" {
                    items.reverse();
                }
                let mut all = start;
                for item in items.into_iter().take(MOST) {
                    let item = self.force(item);
                    let (a, b) = if name.starts_with("foldl") { (all, item) } else { (item, all) };
                    let partial = self.apply(&function, a, place);
                    all = self.apply(&partial, b, place);
                }
                if open && matches!(all, Value::Set(_)) {
                    let any = self.apply(&function, Value::outside(), place);
                    let any = self.apply(&any, Value::outside(), place);
                    all = self.merge(all, any, 0);
                }
                all
            }
            "removeAttrs" => {
                let (set, names) = (next(), next());
                let removed = self.texts(&names);
                match set.unconditional().0 {
                    Value::Set(inner) => {
                        let attrs = inner.attrs.iter().filter(|a| !removed.contains(&a.name));
                        let attrs = attrs.cloned().collect();
                        Value::Set(Rc::new(Set { attrs, rest: inner.rest, open: inner.open }))
                    }
                    _ => set,
                }
            }
            "getAttr" => {
                let (name, set) = (next(), next());
                match name {
                    Value::Text(name) => self.member(&set, &name, Some(place)),
                    _ => self.any_member(&set, place),
                }
            }
            "getAttrFromPath" | "attrByPath" => {
                let path = next();
                let default = if name == "attrByPath" { Some(next()) } else { None };
                let mut value = next();
                let mut items = Vec::new();
                if self.items_into(&path, &mut items) {
                    return self.any_member(&value, place);
                }
                for item in items {
                    value = match self.force(item) {
                        Value::Text(name) => self.member(&value, &name, Some(place)),
                        _ => self.any_member(&value, place),
                    };
                }
                match (default, &value) {
                    (Some(default), Value::Unknown(_)) => default,
                    _ => value,
                }
            }
            "head" | "last" | "elemAt" | "findFirst" => {
                let list = next();
                let mut items = Vec::new();
                self.items_into(&list, &mut items);
                let values: Vec<_> =
                    items.into_iter().take(8).map(|item| self.force(item)).collect();
                match (name, values.len()) {
                    ("head", _) => values.into_iter().next().unwrap_or_else(Value::outside),
                    _ => Value::either(values),
                }
            }
            "tail" => next(),
            "readDir" => self.read_dir(&next()),
            "listFilesRecursive" => match next().unconditional().0 {
                Value::Path(path) => {
                    let files = self.files.tree().files_below(path);
                    let items = files.into_iter().map(|file| self.done(Value::Path(file)));
                    let items = items.collect::<Vec<_>>();
                    Value::list(items, true)
                }
                _ => Value::outside(),
            },
            "pathExists" => match next().unconditional().0 {
                Value::Path(path) => match self.files.tree().kind(path) {
                    Kind::Missing => Value::condition(),
                    Kind::File | Kind::Folder => Value::Bool(true),
                },
                _ => Value::condition(),
            },
            "const" => next(),
            "flip" => {
                let (function, b, a) = (next(), next(), next());
                let partial = self.apply(&function, a, place);
                self.apply(&partial, b, place)
            }
            "pipe" => {
                let (value, functions) = (next(), next());
                let mut items = Vec::new();
                self.items_into(&functions, &mut items);
                items.into_iter().fold(value, |value, function| {
                    let function = self.force(function);
                    self.apply(&function, value, place)
                })
            }
            "fix" | "makeExtensible" => {
                let function = next();
                let own = self.thunk(State::Fixed(Box::new(function)));
                let fixed = self.force(own);
                match &fixed {
                    Value::Set(set) if name == "makeExtensible" => self.extensible(set),
                    _ => fixed,
                }
            }
            "makeOverridable" => {
                let (function, arg) = (next(), next());
                self.apply(&function, arg, place)
            }
            "extend" => {
                let overlay = next();
                self.extended(Value::Library(input, self.no_names.clone()), overlay)
            }
            "‹extend›" => {
                let (base, overlay) = (next(), next());
                self.extended(base, overlay)
            }
            "composeManyExtensions" => next(),
            "composeExtensions" => {
                let (a, b) = (next(), next());
                let (a, b) = (self.done(a), self.done(b));
                Value::list(vec![a, b], false)
            }
            "cartesianProduct" | "cartesianProductOfSets" => match next() {
                Value::Set(set) => {
                    let attrs = set.attrs.clone();
                    let attrs = attrs.into_iter().map(|attr| {
                        let list = self.force(attr.thunk);
                        let mut items = Vec::new();
                        self.items_into(&list, &mut items);
                        let values = items.into_iter().take(8).map(|i| self.force(i)).collect();
                        let thunk = self.done(Value::either(values));
                        SetAttr { thunk, ..attr }
                    });
                    let attrs = attrs.collect();
                    let one = Value::set(attrs, None, false);
                    let one = self.done(one);
                    Value::list(vec![one], true)
                }
                _ => Value::outside(),
            },
            "setAttrByPath" => {
                let (path, value) = (next(), next());
                let mut names = self.texts(&path);
                names.reverse();
                names.into_iter().fold(value, |value, name| {
                    let thunk = self.done(value);
                    Value::set(
                        vec![SetAttr { name, thunk, place: None, conditional: false }],
                        None,
                        false,
                    )
                })
            }
            "toString" | "baseNameOf" | "removeSuffix" | "removePrefix" | "dirOf" => {
                self.text_function(name, args_of(next(), next))
            }
            "concatStringsSep"
            | "concatStrings"
            | "optionalString"
            | "concatMapStringsSep"
            | "replaceStrings"
            | "readFile"
            | "fileContents"
            | "importJSON"
            | "importTOML"
            | "getExe"
            | "getExe'" => {
                for arg in [next(), next(), next()] {
                    self.visit(arg, Giver::Nobody);
                }
                Value::outside()
            }
            "elem" | "hasAttr" | "hasPrefix" | "hasSuffix" | "hasInfix" | "any" | "all"
            | "isNull" | "isAttrs" | "isBool" | "isFunction" | "isList" | "isPath" | "isString"
            | "assertMsg" | "versionAtLeast" | "versionOlder" | "isDerivation" | "or" | "and"
            | "match" => {
                let (a, b) = (next(), next());
                match (name, &a, &b) {
                    ("hasPrefix", Value::Text(part), Value::Text(text)) => {
                        Value::Bool(text.starts_with(&**part))
                    }
                    ("hasSuffix", Value::Text(part), Value::Path(path)) => {
                        Value::Bool(path.as_str().ends_with(&**part))
                    }
                    ("hasSuffix", Value::Text(part), Value::Text(text)) => {
                        Value::Bool(text.ends_with(&**part))
                    }
                    ("hasInfix", Value::Text(part), Value::Text(text)) => {
                        Value::Bool(text.contains(&**part))
                    }
                    ("hasAttr", Value::Text(attr), Value::Set(set))
                        if !set.open && set.rest.is_none() =>
                    {
                        match set.get(attr) {
                            Some(attr) if attr.conditional => Value::condition(),
                            found => Value::Bool(found.is_some()),
                        }
                    }
                    (test, value, _) if test.starts_with("is") && test != "isDerivation" => {
                        match is_of_kind(test, value) {
                            Some(is) => Value::Bool(is),
                            None => Value::condition(),
                        }
                    }
                    _ => Value::condition(),
                }
            }
            "length" | "stringLength" | "mod" => Value::Number,
            "range" => Value::condition(),
            "path" | "fetchTarball" | "fetchGit" | "fetchTree" | "fetchMercurial" | "getFlake" => {
                let arg = next();
                if name == "path" {
                    return Value::outside();
                }
                self.visit(arg, Giver::Nobody);
                Value::Source(super::value::Base::Other, "".into(), place)
            }
            "getEnv" | "typeOf" | "getName" | "fromJSON" | "currentSystem" => Value::condition(),
            "throw" | "abort" => Value::outside(),
            "nixosTest" | "runTest" | "evalModules" => {
                let arg = next();
                if let Value::Set(set) = &arg
                    && let Some(modules) = set.get("modules").or_else(|| set.get("imports"))
                {
                    let modules = self.force(modules.thunk);
                    self.outside_modules(&modules);
                }
                self.visit(arg, Giver::Outside);
                Value::outside()
            }
            _ => {
                for arg in args {
                    self.visit(arg, Giver::Outside);
                }
                Value::outside()
            }
        }
    }

    /// A set that `makeExtensible` made: it has `extend`.
    fn extensible(&mut self, set: &Rc<Set>) -> Value {
        let base = Value::Set(set.clone());
        let function = Function::Library(None, Name::from("‹extend›"));
        let place = super::select::nowhere();
        let extend = Value::Partial(Rc::new(Partial { function, args: vec![base], place }));
        let thunk = self.done(extend);
        let extend = SetAttr { name: "extend".into(), thunk, place: None, conditional: false };
        let extend = Set { attrs: vec![extend], rest: None, open: false };
        Value::Set(set.update(&extend).into())
    }

    /// `base.extend overlay`, or a list of overlays.
    fn extended(&mut self, base: Value, overlay: Value) -> Value {
        let thunk = self.thunk(State::Extended(Box::new((base, overlay))));
        self.force(thunk)
    }

    /// What an overlay makes of a set; `own` stands for the result.
    pub(super) fn extend_by(
        &mut self,
        base: Value,
        overlay: &Value,
        own: super::value::Thunk,
    ) -> Value {
        let place = super::select::nowhere();
        match overlay {
            Value::List(list) => {
                let overlays = list.items.clone();
                overlays.into_iter().take(MOST).fold(base, |base, overlay| {
                    let overlay = self.force(overlay);
                    self.extend_by(base, &overlay, own)
                })
            }
            Value::Unknown(_) => base,
            overlay => {
                let half = self.apply_lazily(overlay, own, place);
                match self.apply(&half, base.clone(), place) {
                    Value::Unknown(_) => base,
                    added => self.update(base, added),
                }
            }
        }
    }

    /// Without the items that certainly do not fit.
    fn filter(&mut self, predicate: &Value, list: Value, place: Place) -> Value {
        let (Value::List(inner), Value::Function(..) | Value::Partial(_)) = (&list, predicate)
        else {
            return list;
        };
        let inner = inner.clone();
        let mut items = Vec::with_capacity(inner.items.len());
        for (at, item) in inner.items.iter().enumerate() {
            let fits = at >= MOST || {
                let value = self.force(*item);
                !matches!(self.apply(predicate, value, place), Value::Bool(false))
            };
            if fits {
                items.push(*item);
            }
        }
        Value::list(items, inner.open)
    }

    fn filter_attrs(&mut self, predicate: &Value, set: Value, place: Place) -> Value {
        let (Value::Set(inner), Value::Function(..)) = (&set, predicate) else { return set };
        let inner = inner.clone();
        let mut attrs = Vec::with_capacity(inner.attrs.len());
        for (at, attr) in inner.attrs.iter().enumerate() {
            let fits = at >= MOST || {
                let partial = self.apply(predicate, Value::Text(attr.name.clone()), place);
                let fits = self.apply_lazily(&partial, attr.thunk, place);
                !matches!(fits, Value::Bool(false))
            };
            if fits {
                attrs.push(attr.clone());
            }
        }
        Value::Set(Rc::new(Set { attrs, rest: inner.rest, open: inner.open }))
    }

    fn text_function(&mut self, name: &str, args: [Value; 2]) -> Value {
        let [a, b] = args;
        match (name, a.unconditional().0, b.unconditional().0) {
            ("toString", Value::Text(text), _) => Value::Text(text.clone()),
            ("toString", Value::Path(path), _) => Value::Path(path.clone()),
            ("toString", Value::Source(..), _) => a,
            ("toString", Value::Input(input, path, at), _) if path.is_empty() => {
                Value::Source(super::value::Base::Input(*input), "".into(), *at)
            }
            ("baseNameOf", Value::Text(text), _) => {
                Value::Text(text.rsplit('/').next().unwrap_or_default().into())
            }
            ("baseNameOf", Value::Path(path), _) => {
                Value::Text(path.name().unwrap_or_default().into())
            }
            ("dirOf", Value::Path(path), _) => {
                path.parent().map_or_else(Value::outside, Value::Path)
            }
            ("removeSuffix", Value::Text(end), Value::Text(text)) => {
                Value::Text(text.strip_suffix(&**end).unwrap_or(text).into())
            }
            // A path below a folder is text once the folder is gone.
            ("removePrefix", Value::Path(folder), Value::Path(path)) => {
                match path.as_str().strip_prefix(folder.as_str()) {
                    Some(below) => Value::Text(below.trim_start_matches('/').into()),
                    None => Value::condition(),
                }
            }
            ("removePrefix", Value::Text(start), Value::Text(text)) => {
                Value::Text(text.strip_prefix(&**start).unwrap_or(text).into())
            }
            _ => {
                self.visit(a, Giver::Nobody);
                Value::condition()
            }
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&mut self, list: &Value) -> Vec<Name> {
        let mut items = Vec::new();
        self.items_into(list, &mut items);
        let texts = items.into_iter().take(MOST).filter_map(|item| match self.force(item) {
            Value::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    fn map(&mut self, name: &str, function: &Value, list: &Value, place: Place) -> Value {
        if name == "mapNullable" {
            return self.apply(function, list.clone(), place);
        }
        let mut items = Vec::new();
        let open = self.items_into(list, &mut items);
        let indexed = name.starts_with("imap");
        let mut mapped = Vec::with_capacity(items.len());
        let mut more = open;
        let known = items.into_iter().take(MOST).collect::<Vec<_>>();
        let unknown = open.then(|| self.done(Value::outside()));
        for item in known.into_iter().chain(unknown) {
            let item = self.force(item);
            let args = if indexed { vec![Value::Number, item] } else { vec![item] };
            if name == "concatMap" {
                let one =
                    args.into_iter().fold(function.clone(), |f, arg| self.apply(&f, arg, place));
                more |= self.items_into(&one, &mut mapped);
            } else {
                mapped.push(self.thunk(State::Call(Box::new((function.clone(), args)))));
            }
        }
        Value::list(mapped, more)
    }

    fn every_input(&self, name: &Name, place: Place) -> Value {
        match self.input_named(name, Some(place)) {
            Value::Input(input, _, place) => Value::Input(input, every(), place),
            other => other,
        }
    }

    fn map_attrs(&mut self, name: &str, function: &Value, set: &Value, place: Place) -> Value {
        let (set, conditional) = set.unconditional();
        let pairs: Vec<(Option<Name>, Value, Option<Place>)> = match set {
            Value::Set(set) => {
                let set = set.clone();
                let known = set.attrs.iter().take(MOST).map(|attr| {
                    let value = self.force(attr.thunk);
                    let value = if attr.conditional { value.conditional() } else { value };
                    (Some(attr.name.clone()), value, attr.place)
                });
                let mut pairs: Vec<_> = known.collect();
                if let Some(rest) = set.rest {
                    let rest = self.force(rest);
                    pairs.push((None, rest, None));
                } else if set.open {
                    pairs.push((None, Value::outside(), None));
                }
                pairs
            }
            Value::Inputs => {
                let names = self.names.clone();
                let known = names.into_iter().take(MOST).map(|name| {
                    let value = self.every_input(&name, place);
                    (Some(name), value, None)
                });
                known.collect()
            }
            Value::Input(..) | Value::Package(..) | Value::Either(_) => {
                let any = self.any_member(set, place);
                vec![(None, any, None)]
            }
            _ => vec![(None, Value::outside(), None)],
        };
        if name == "mapAttrs" || name == "mapAttrsRecursive" {
            let mut attrs = Vec::with_capacity(pairs.len());
            let mut rest = None;
            let open = pairs.iter().any(|(name, ..)| name.is_none());
            for (name, value, place) in pairs {
                let text = name.clone().map_or_else(Value::condition, text_of_name);
                let call = State::Call(Box::new((function.clone(), vec![text, value])));
                let thunk = self.thunk(call);
                match name {
                    Some(name) => attrs.push(SetAttr { name, thunk, place, conditional }),
                    None => rest = Some(thunk),
                }
            }
            return Value::set(attrs, rest, open);
        }
        let mut results = Vec::with_capacity(pairs.len());
        for (name, value, _) in pairs {
            let text = name.map_or_else(Value::condition, text_of_name);
            let partial = self.apply(function, text, place);
            results.push(self.apply(&partial, value, place));
        }
        match name {
            "mapAttrsToList" => {
                let items = results.into_iter().map(|value| self.done(value));
                let items = items.collect::<Vec<_>>();
                Value::list(items, false)
            }
            "mapAttrs'" => {
                let items = results.into_iter().map(|value| self.done(value));
                let items = items.collect::<Vec<_>>();
                let list = Value::list(items, false);
                self.list_to_attrs(&list)
            }
            _ => {
                let empty = Value::set(Vec::new(), None, false);
                results.into_iter().fold(empty, |all, one| self.merge(all, one, 0))
            }
        }
    }

    /// `genAttrs names function`
    pub(super) fn generate(&mut self, names: &Value, function: &Value, place: Place) -> Value {
        let _ = place;
        let mut items = Vec::new();
        let open = self.items_into(names, &mut items);
        let mut attrs = Vec::new();
        let mut rest = None;
        for item in items.into_iter().take(MOST) {
            let value = self.force(item);
            let (value, conditional) = value.unconditional();
            let thunk = State::Call(Box::new((function.clone(), vec![value.clone()])));
            let thunk = self.thunk(thunk);
            match value {
                Value::Text(name) => {
                    attrs.push(SetAttr { name: name.clone(), thunk, place: None, conditional });
                }
                _ => rest = Some(thunk),
            }
        }
        if open && rest.is_none() {
            let call = State::Call(Box::new((function.clone(), vec![Value::condition()])));
            rest = Some(self.thunk(call));
        }
        Value::set(attrs, rest, open)
    }

    fn list_to_attrs(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        let mut open = self.items_into(list, &mut items);
        let mut attrs = Vec::new();
        let mut rest: Option<Value> = None;
        let mut unnamed = 0;
        let (name, value) = (Name::from("name"), Name::from("value"));
        for item in items.into_iter().take(MOST) {
            let pair = self.force(item);
            let pairs: Vec<Value> = match pair {
                Value::Either(all) => all.iter().cloned().collect(),
                pair => vec![pair],
            };
            for pair in pairs {
                let (name, value) =
                    (self.member(&pair, &name, None), self.member(&pair, &value, None));
                match name {
                    Value::Text(name) => {
                        let thunk = self.done(value);
                        attrs.push(SetAttr { name, thunk, place: None, conditional: false });
                    }
                    _ => {
                        open = true;
                        unnamed += 1;
                        if unnamed > FEW {
                            // Alternatives are few; whoever goes through all has to meet each.
                            let name = Name::from(format!("‹{unnamed}›"));
                            let thunk = self.done(value);
                            attrs.push(SetAttr { name, thunk, place: None, conditional: false });
                            continue;
                        }
                        rest = Some(match rest.take() {
                            Some(before) => one_of(before, value),
                            None => value,
                        });
                    }
                }
            }
        }
        let rest = rest.map(|value| self.done(value));
        Value::set(attrs, rest, open)
    }

    fn flatten(&mut self, list: &Value, items: &mut Vec<super::value::Thunk>, depth: u32) -> bool {
        let mut outer = Vec::new();
        let mut open = self.items_into(list, &mut outer);
        for item in outer {
            let value = self.force(item);
            match value.unconditional().0 {
                inner @ Value::List(_) if depth < 8 => {
                    let inner = inner.clone();
                    open |= self.flatten(&inner, items, depth + 1);
                }
                Value::Unknown(_) => open = true,
                _ => items.push(item),
            }
            if items.len() > LONGEST_LIST {
                self.facts.cut_short = true;
                return true;
            }
        }
        open
    }

    /// `recursiveUpdate left right`
    pub(super) fn merge(&mut self, left: Value, right: Value, depth: u32) -> Value {
        let (Value::Set(a), Value::Set(b)) = (&left, &right) else {
            return self.update(left, right);
        };
        if self.weigh_sets(a, b) {
            return Value::outside();
        }
        let mut merged = a.update(b);
        if depth < 6 {
            for attr in &mut merged.attrs {
                if let (Some(x), Some(y)) = (a.get(&attr.name), b.get(&attr.name)) {
                    let (x, y) = (self.force(x.thunk), self.force(y.thunk));
                    if matches!((&x, &y), (Value::Set(_), Value::Set(_))) {
                        let both = self.merge(x, y, depth + 1);
                        attr.thunk = self.done(both);
                    }
                }
            }
            if let (Some(x), Some(y)) = (a.rest, b.rest) {
                let (x, y) = (self.force(x), self.force(y));
                let both = match (&x, &y) {
                    (Value::Set(_), Value::Set(_)) => self.merge(x, y, depth + 1),
                    _ => one_of(x, y),
                };
                merged.rest = Some(self.done(both));
            }
        }
        Value::Set(Rc::new(merged))
    }

    fn read_dir(&mut self, path: &Value) -> Value {
        let Value::Path(path) = path.unconditional().0 else { return Value::outside() };
        let entries = self.folder(path);
        let attrs = entries.into_iter().map(|(name, kind)| {
            let kind = if kind == Kind::Folder { "directory" } else { "regular" };
            let thunk = self.done(Value::Text(kind.into()));
            SetAttr { name: name.into(), thunk, place: None, conditional: false }
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, false)
    }
}

/// `isAttrs value` and its like, where the kind of the value is certain.
fn is_of_kind(test: &str, value: &Value) -> Option<bool> {
    let kind = match value {
        Value::Set(set) if set.get("__functor").is_none() => "isAttrs",
        Value::List(_) => "isList",
        Value::Function(..) => "isFunction",
        Value::Path(_) => "isPath",
        Value::Text(_) => "isString",
        Value::Bool(_) => "isBool",
        Value::Null => "isNull",
        _ => return None,
    };
    Some(kind == test)
}

fn args_of(first: Value, mut next: impl FnMut() -> Value) -> [Value; 2] {
    [first, next()]
}

/// The name of an attribute as text; those of attributes whose names are not known are not known.
fn text_of_name(name: Name) -> Value {
    if name.starts_with('‹') { Value::condition() } else { Value::Text(name) }
}

/// Where an input is that was come upon by going through all of them.
fn every() -> super::value::Names {
    Rc::from([Name::from(super::select::EVERY)])
}
