//! Functions of nixpkgs' library and builtins, as far as they carry what matters.
//!
//! Here are their names, how many arguments they take, and which method tells what each does; the
//! methods stand in a file for each kind of thing that functions are about.
//!
//! Source: Nix manual, "Built-in Functions"; nixpkgs `lib/`. Functions that are not here get what
//! they are given looked through, and give something unknown.

mod attributes;
mod conditions;
mod files;
mod lists;
mod options;
mod overlays;
mod sets;
mod texts;

use super::facts::Place;
use super::machine::Machine;
use super::value::Value;
use super::visit::Giver;

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

/// Elements of lists and sets that a function is mapped over.
const MOST: usize = 1_000;

/// What a function is given. What is missing is unknown.
struct Args(std::vec::IntoIter<Value>);

impl Args {
    fn next(&mut self) -> Value {
        self.0.next().unwrap_or_else(Value::outside)
    }

    fn second(&mut self) -> Value {
        self.next();
        self.next()
    }

    fn third(&mut self) -> Value {
        self.next();
        self.second()
    }
}

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
        let mut args = Args(args.into_iter());
        let args = &mut args;
        match name {
            "import" => self.import(&args.next(), place),
            "scopedImport" => self.import(&args.second(), place),
            "importApply" => self.import_applied(args, place),
            "‹callPackage›" => {
                let (packages, file, given) = (args.next(), args.next(), args.next());
                self.call_file(&packages, file, given, place)
            }
            "callPackageWith" => self.call_package_with(args, place),
            "append" => {
                let (path, text) = (args.next(), args.next());
                self.appended(path, text, place)
            }
            "readDir" => self.read_dir(&args.next()),
            "listFilesRecursive" => self.files_below(&args.next()),
            "pathExists" => self.path_exists(&args.next()),
            "fetchTarball" | "fetchGit" | "fetchTree" | "fetchMercurial" | "getFlake" => {
                self.visit(args.next(), Giver::Nobody);
                Value::Source(super::value::Base::Other, "".into(), place)
            }

            "nixosSystem" => self.library_nixos(input, args.next(), place),
            "nixosTest" | "runTest" | "evalModules" => self.modules_of_others(args.next()),
            "‹flake-parts›" => self.flake_parts_module(args.next(), place),
            "‹withSystem›" => self.with_system(&args.second()),
            "‹moduleWithSystem›" => self.with_system(&args.next()),
            "‹flakelight›" => {
                self.configured_loader("flakelight", &args.next(), place);
                Value::outside()
            }
            "mkIf" | "optionalAttrs" | "optional" | "optionals" => self.on_condition(name, args),
            "mkMerge" => self.merged_list(args.next()),
            "mkOption" | "submodule" | "submoduleWith" | "attrsOf" | "lazyAttrsOf" | "listOf"
            | "nullOr" | "functionTo" => self.option_function(name, args.next()),

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
            | "cleanSource"
            | "addCheck"
            | "tail"
            | "const"
            | "composeManyExtensions" => args.next(),
            "mkOverride"
            | "mkOrder"
            | "seq"
            | "deepSeq"
            | "trace"
            | "warn"
            | "setDefaultModuleLocation"
            | "remove"
            | "sort"
            | "take" => args.second(),
            "warnIf" | "warnIfNot" | "throwIf" | "throwIfNot" => args.third(),

            "singleton" | "toList" => self.as_list(name, args.next()),
            "head" | "last" | "elemAt" | "findFirst" => self.item_of(name, &args.next()),
            "filter" => self.filter(args, place),
            "map" | "concatMap" | "forEach" | "imap0" | "imap1" | "mapNullable" => {
                self.map(name, args, place)
            }
            "concatLists" | "flatten" => self.flattened(&args.next()),
            "foldl'" | "foldl" | "foldr" | "fold" => self.fold(name, args, place),
            "pipe" => self.pipe(args, place),

            "attrValues" => self.attr_values(&args.next(), place),
            "attrNames" => self.attr_names(&args.next()),
            "nameValuePair" => self.name_value_pair(args),
            "listToAttrs" => self.list_to_attrs(&args.next()),
            "removeAttrs" => self.without_attributes(args),
            "getAttr" => self.attribute(args, place),
            "getAttrFromPath" | "attrByPath" => self.attribute_by_path(name, args, place),
            "setAttrByPath" => self.set_by_path(args),

            "filterAttrs" => self.filter_attrs(args, place),
            "mapAttrs" | "mapAttrs'" | "mapAttrsToList" | "concatMapAttrs"
            | "mapAttrsRecursive" => self.map_attrs(name, args, place),
            "genAttrs" | "genAttrs'" => {
                let (names, function) = (args.next(), args.next());
                self.generate(&names, &function)
            }
            "mergeAttrs" => {
                let (left, right) = (args.next(), args.next());
                self.update(left, right)
            }
            "recursiveUpdate" => {
                let (left, right) = (args.next(), args.next());
                self.merge(left, right, 0)
            }
            "recursiveUpdateUntil" => {
                let (left, right) = (args.second(), args.next());
                self.merge(left, right, 0)
            }
            "mergeAttrsList" | "zipAttrs" => self.merged_sets(&args.next()),
            "cartesianProduct" | "cartesianProductOfSets" => self.product(args.next()),

            "flip" => {
                let (function, b, a) = (args.next(), args.next(), args.next());
                let partial = self.apply(&function, a, place);
                self.apply(&partial, b, place)
            }
            "makeOverridable" => {
                let (function, arg) = (args.next(), args.next());
                self.apply(&function, arg, place)
            }
            "fix" | "makeExtensible" => self.fixed(name, args.next()),
            "extend" => {
                let base = Value::Library(input, self.no_names.clone());
                self.extended(base, args.next())
            }
            "‹extend›" => {
                let (base, overlay) = (args.next(), args.next());
                self.extended(base, overlay)
            }
            "composeExtensions" => {
                let (a, b) = (self.done(args.next()), self.done(args.next()));
                Value::list(vec![a, b], false)
            }

            "toString" | "baseNameOf" | "removeSuffix" | "removePrefix" | "dirOf" => {
                self.text_function(name, args)
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
                for arg in [args.next(), args.next(), args.next()] {
                    self.visit(arg, Giver::Nobody);
                }
                Value::outside()
            }

            "elem" | "hasAttr" | "hasPrefix" | "hasSuffix" | "hasInfix" | "any" | "all"
            | "isNull" | "isAttrs" | "isBool" | "isFunction" | "isList" | "isPath" | "isString"
            | "assertMsg" | "versionAtLeast" | "versionOlder" | "isDerivation" | "or" | "and"
            | "match" => conditions::test(name, &args.next(), &args.next()),
            "length" | "stringLength" | "mod" => Value::Number,
            "range" | "getEnv" | "typeOf" | "getName" | "fromJSON" | "currentSystem" => {
                Value::condition()
            }
            "path" | "throw" | "abort" => Value::outside(),
            _ => {
                for arg in args.0.by_ref() {
                    self.visit(arg, Giver::Outside);
                }
                Value::outside()
            }
        }
    }
}
