//! Functions of nixpkgs' library and builtins, as far as they carry what matters.
//!
//! Here are their names, how many arguments they take, and which method tells what each does; the
//! methods stand in a file for each kind of thing that functions are about.
//!
//! Source: Nix manual, "Built-in Functions"; nixpkgs `lib/` (attrsets, lists, strings, trivial,
//! fixedPoints, modules, options, filesystem, customisation), 2026-11. What is not here hands on
//! what it is given: it is something made of it.

mod attributes;
mod conditions;
mod files;
mod lists;
mod modules;
mod sets;
mod texts;

use super::facts::Place;
use super::machine::Machine;
use super::value::{How, Thunk, Value};
use super::world::Slot;
use crate::syntax::Name;

/// Functions and how many arguments they take; all that take more than one are here.
#[rustfmt::skip]
const ARITIES: &[(&str, usize)] = &[
    ("add", 2), ("addContextFrom", 2), ("addErrorContext", 2), ("all", 2), ("and", 2), ("any", 2), ("append", 2), ("attrByPath", 3), ("attrNames", 1),
    ("attrValues", 1), ("attrVals", 2), ("attrsToList", 1), ("baseNameOf", 1), ("bitAnd", 2), ("callPackageWith", 3), ("callPackagesWith", 3), ("cartesianProduct", 1),
    ("cartesianProductOfSets", 1), ("catAttrs", 2), ("cleanSource", 1), ("cleanSourceWith", 1), ("collect", 2), ("compareVersions", 2), ("composeExtensions", 2),
    ("composeManyExtensions", 1), ("concat", 2), ("concatLists", 1), ("concatMap", 2), ("concatMapAttrs", 2), ("concatMapStrings", 2), ("concatMapStringsSep", 3),
    ("concatStrings", 1), ("concatStringsSep", 2), ("const", 2), ("converge", 2), ("count", 2), ("crossLists", 2), ("deepSeq", 2), ("defaultTo", 2), ("deferredModuleWith", 1), ("dirOf", 1), ("div", 2), ("drop", 2),
    ("elem", 2), ("elemAt", 2), ("escape", 2), ("evalModules", 1), ("extend", 1), ("extends", 2), ("fetchGit", 1), ("fetchMercurial", 1), ("fetchTarball", 1), ("fetchTree", 1), ("fileContents", 1),
    ("filter", 2), ("filterAttrs", 2), ("filterAttrsRecursive", 2), ("findFirst", 3), ("findFirstIndex", 3), ("findSingle", 4), ("fix", 1), ("fix'", 1), ("flatten", 1), ("flip", 3),
    ("fold", 3), ("foldAttrs", 3), ("foldl", 3), ("foldl'", 3), ("foldlAttrs", 3), ("foldr", 3), ("forEach", 2), ("fromJSON", 1), ("functionArgs", 1), ("functionTo", 1),
    ("genAttrs", 2), ("genAttrs'", 2), ("genList", 2), ("generateSplicesForMkScope", 1), ("getAttr", 2), ("getAttrFromPath", 2), ("getAttrs", 2), ("getBin", 1), ("getDev", 1), ("getEnv", 1), ("getExe", 1), ("getExe'", 2), ("getFlake", 1), ("getLib", 1), ("getName", 1), ("getOutput", 2), ("getVersion", 1),
    ("groupBy", 2), ("groupBy'", 4), ("hasAttr", 2), ("hasAttrByPath", 2), ("hasInfix", 2), ("hasPrefix", 2), ("hasSuffix", 2), ("head", 1), ("hydraJob", 1), ("id", 1), ("ifilter0", 2), ("imap", 2), ("imap0", 2), ("imap1", 2),
    ("implies", 2), ("import", 1), ("importApply", 2), ("importJSON", 1), ("importTOML", 1), ("init", 1), ("intersectAttrs", 2), ("intersectLists", 2), ("isAttrs", 1), ("isBool", 1), ("isDerivation", 1),
    ("isFunction", 1), ("isInt", 1), ("isList", 1), ("isNull", 1), ("isPath", 1), ("isString", 1), ("last", 1), ("lazyDerivation", 1), ("length", 1), ("lessThan", 2), ("listFilesRecursive", 1), ("listOf", 1), ("listToAttrs", 1), ("longestValidPathPrefix", 1), ("attrsOf", 1), ("lazyAttrsOf", 1),
    ("makeExtensible", 1), ("makeExtensibleWithCustomName", 2), ("makeOverridable", 2), ("makeScope", 2), ("map", 2), ("mapAttrs", 2), ("mapAttrs'", 2), ("mapAttrsRecursive", 2), ("mapAttrsRecursiveCond", 3), ("mapAttrsToList", 2), ("mapAttrsToListRecursive", 2), ("mapCartesianProduct", 2), ("mapNullable", 2), ("match", 2), ("matchAttrs", 2), ("max", 2), ("mergeAttrs", 2), ("mergeAttrsList", 1), ("mergeModules", 2), ("min", 2),
    ("mkAfter", 1), ("mkAliasOptionModule", 2), ("mkAssert", 3), ("mkBefore", 1), ("mkChangedOptionModule", 3), ("mkDefault", 1), ("mkDerivedConfig", 2), ("mkEnableOption", 1), ("mkFixStrictness", 1), ("mkForce", 1), ("mkIf", 2), ("mkImageMediaOverride", 1), ("mkMerge", 1),
    ("mkMergedOptionModule", 3), ("mkOption", 1), ("mkOptionDefault", 1), ("mkOrder", 2), ("mkOverride", 2), ("mkPackageOption", 3), ("mkRemovedOptionModule", 2), ("mkRenamedOptionModule", 2), ("mkSinkUndeclaredOptions", 1), ("mkVMOverride", 1), ("mod", 2), ("mul", 2), ("mutuallyExclusive", 2), ("nameValuePair", 2), ("naturalSort", 1), ("nixosSystem", 1),
    ("nixosTest", 1), ("nullOr", 1), ("optional", 2), ("optionalAttrs", 2), ("optionalDrvAttr", 2), ("optionalString", 2), ("optionals", 2), ("or", 2), ("overrideDerivation", 2), ("overrideExisting", 2), ("packagesFromDirectoryRecursive", 1), ("partition", 2), ("path", 1), ("pathExists", 1), ("pathIsDirectory", 1), ("pipe", 2), ("range", 2), ("readDir", 1), ("readFile", 1), ("recurseIntoAttrs", 1), ("recursiveUpdate", 2), ("recursiveUpdateUntil", 3),
    ("remove", 2), ("removeAttrs", 2), ("removePrefix", 2), ("removeSuffix", 2), ("replaceElemAt", 3), ("replaceStrings", 3), ("replicate", 2), ("resolveImports", 1), ("reverseList", 1), ("runTest", 1), ("scopedImport", 2), ("seq", 2), ("setAttr", 3), ("setAttrByPath", 2), ("setDefaultModuleLocation", 2), ("setFunctionArgs", 2), ("setName", 2), ("setPrio", 2), ("showWarnings", 2), ("singleton", 1), ("sort", 2), ("sortOn", 2), ("sourceByRegex", 2), ("sourceFilesBySuffices", 2), ("sourceByGlobs", 2), ("split", 2), ("splitString", 2), ("splitStringBy", 3), ("storePath", 1), ("stringLength", 1), ("sub", 2), ("sublist", 3), ("submodule", 1), ("submoduleWith", 1), ("substring", 3), ("subtractLists", 2), ("tail", 1), ("take", 2), ("takeEnd", 2), ("throw", 1), ("throwIf", 3), ("throwIfNot", 3), ("toFile", 2), ("toFunction", 1), ("toJSON", 1), ("toList", 1), ("toLower", 1), ("toPath", 1), ("toString", 1), ("toUpper", 1), ("trace", 2), ("traceIf", 3), ("traceSeq", 2), ("traceVal", 1), ("traceVerbose", 2), ("tryEval", 1), ("typeOf", 1), ("types", 1), ("unionOfDisjoint", 2), ("unique", 1), ("uniqueStrings", 1), ("updateManyAttrsByPath", 2), ("updateName", 2), ("versionAtLeast", 2), ("versionOlder", 2), ("warn", 2), ("warnIf", 3), ("warnIfNot", 3), ("warnOn", 2), ("withDefaultOverridePriority", 1), ("xor", 2), ("zipAttrs", 1), ("zipAttrsWith", 2), ("zipAttrsWithNames", 3), ("zipLists", 2), ("zipListsWith", 3), ("addCheck", 2), ("abort", 1), ("assertMsg", 2), ("derivation", 1), ("derivationStrict", 1), ("filterSource", 2), ("genericClosure", 1), ("isx86_64", 1), ("isLinux", 1), ("concatAttrValues", 1), ("toShellVars", 1), ("escapeShellArg", 1), ("escapeShellArgs", 1), ("mkIfElse", 3), ("dropEnd", 2), ("all'", 2), ("makeBinPath", 1), ("makeLibraryPath", 1), ("makeSearchPath", 2), ("makeSearchPathOutput", 3), ("currentSystem", 0), ("unsafeDiscardStringContext", 1), ("unsafeGetAttrPos", 2), ("hashString", 2), ("hashFile", 2), ("placeholder", 1), ("break", 1), ("enableOption", 1), ("isStringLike", 1), ("isStorePath", 1), ("hasContext", 1), ("fromTOML", 1), ("nixosOptionsDoc", 1), ("getSystem", 1), ("literalExpression", 1), ("importNpmLock", 1), ("showOption", 1), ("attrsets", 0),
];

/// Sets of functions within the library.
const SETS: [&str; 24] = [
    "attrsets",
    "lists",
    "strings",
    "modules",
    "systems",
    "types",
    "filesystem",
    "platforms",
    "trivial",
    "options",
    "licenses",
    "maintainers",
    "generators",
    "customisation",
    "fixedPoints",
    "debug",
    "meta",
    "versions",
    "asserts",
    "sources",
    "fileset",
    "path",
    "gvariant",
    "derivations",
];

/// Whether there is a library function of this name.
pub(super) fn is_known(name: &str) -> bool {
    ARITIES.iter().any(|(known, _)| *known == name)
}

/// Whether this is the name of a set of functions in the library.
pub(super) fn is_set(name: &str) -> bool {
    SETS.contains(&name)
}

pub(super) fn arity(name: &str) -> usize {
    ARITIES.iter().find(|(known, _)| *known == name).map_or(1, |(_, arity)| (*arity).max(1))
}

/// Elements of lists and sets that a function is mapped over.
const MOST: usize = 1_000;

/// What a function is given. What is missing is unknown.
struct Args {
    thunks: std::vec::IntoIter<Thunk>,
    place: Place,
}

impl Args {
    /// The next one, not yet computed.
    fn thunk(&mut self, machine: &mut Machine<'_>) -> Thunk {
        self.thunks.next().unwrap_or_else(|| machine.done(Value::outside()))
    }

    /// The value of the next one, and what options make of it.
    fn next(&mut self, machine: &mut Machine<'_>) -> Value {
        let thunk = self.thunk(machine);
        machine.force_known(thunk)
    }

    /// The value of the one after the next.
    fn second(&mut self, machine: &mut Machine<'_>) -> Value {
        self.thunks.next();
        let thunk = self.thunk(machine);
        machine.force(thunk)
    }

    fn third(&mut self, machine: &mut Machine<'_>) -> Value {
        self.thunks.next();
        self.second(machine)
    }
}

impl Machine<'_> {
    /// A call with all arguments.
    pub(super) fn library(
        &mut self,
        slot: Option<Slot>,
        name: &Name,
        args: Vec<Thunk>,
        place: Place,
    ) -> Value {
        let given = args.clone();
        let mut args = Args { thunks: args.into_iter(), place };
        let args = &mut args;
        match &**name {
            "import" => {
                let what = args.next(self);
                self.import(&what, place)
            }
            "scopedImport" => {
                let what = args.second(self);
                self.import(&what, place)
            }
            "importApply"
            | "callPackageWith"
            | "callPackagesWith"
            | "append"
            | "readDir"
            | "listFilesRecursive"
            | "pathExists"
            | "pathIsDirectory"
            | "readFile"
            | "packagesFromDirectoryRecursive"
            | "cleanSource"
            | "cleanSourceWith"
            | "path"
            | "filterSource"
            | "sourceByRegex"
            | "sourceFilesBySuffices"
            | "sourceByGlobs" => self.file_function(name, args),
            "fetchTarball" | "fetchGit" | "fetchTree" | "fetchMercurial" | "getFlake" => {
                Value::Source(super::value::Base::Other, "".into(), place)
            }

            "nixosSystem" => {
                let base = slot.map_or(super::value::Base::Other, super::value::Base::Input);
                let arg = args.thunk(self);
                self.nixos_of(base, arg, place)
            }
            "nixosTest" | "runTest" | "evalModules" => {
                let arg = args.next(self);
                self.modules_of_others(slot, &arg, place)
            }
            "mkIf"
            | "mkMerge"
            | "mkForce"
            | "mkDefault"
            | "mkOptionDefault"
            | "mkVMOverride"
            | "mkImageMediaOverride"
            | "mkOverride"
            | "mkOption"
            | "submodule"
            | "submoduleWith"
            | "attrsOf"
            | "lazyAttrsOf"
            | "listOf"
            | "nullOr"
            | "functionTo"
            | "mkEnableOption"
            | "mkPackageOption"
            | "addCheck"
            | "mkAssert" => self.definition_function(name, args),
            "optionalAttrs" | "optional" | "optionals" | "optionalString" | "optionalDrvAttr" => {
                self.on_condition(name, args)
            }

            // What does not change what matters.
            "mkBefore"
            | "mkAfter"
            | "id"
            | "traceVal"
            | "recurseIntoAttrs"
            | "toPath"
            | "hydraJob"
            | "unsafeDiscardStringContext"
            | "getBin"
            | "getDev"
            | "getLib"
            | "const"
            | "break"
            | "withDefaultOverridePriority"
            | "lazyDerivation"
            | "composeManyExtensions"
            | "literalExpression" => {
                let thunk = args.thunk(self);
                self.force(thunk)
            }
            "mkOrder"
            | "seq"
            | "deepSeq"
            | "trace"
            | "traceSeq"
            | "traceVerbose"
            | "warn"
            | "warnOn"
            | "setDefaultModuleLocation"
            | "addErrorContext"
            | "getOutput"
            | "setPrio"
            | "setName"
            | "updateName"
            | "showWarnings"
            | "addContextFrom" => args.second(self),
            "warnIf" | "warnIfNot" | "throwIf" | "throwIfNot" | "traceIf" => args.third(self),
            "toFunction" => {
                let value = args.next(self);
                match value {
                    function @ (Value::Function(..) | Value::Native(_) | Value::Library(..)) => {
                        function
                    }
                    value => self.constant(value),
                }
            }
            "setFunctionArgs" => {
                let thunk = args.thunk(self);
                self.force(thunk)
            }
            "tryEval" => {
                let value = args.thunk(self);
                let success = self.done(Value::condition());
                let attrs = [("success", success), ("value", value)];
                let attrs = attrs.map(|(name, thunk)| super::value::attr(name, thunk));
                Value::set(attrs.into(), None, false)
            }

            "singleton" | "toList" | "head" | "last" | "elemAt" | "findFirst" | "findSingle"
            | "filter" | "partition" | "map" | "concatMap" | "forEach" | "imap0" | "imap1"
            | "imap" | "mapNullable" | "concatLists" | "flatten" | "concat" | "foldl'"
            | "foldl" | "foldr" | "fold" | "pipe" | "genList" | "range" | "groupBy"
            | "zipLists" | "zipListsWith" | "reverseList" | "unique" | "uniqueStrings"
            | "naturalSort" | "init" | "tail" | "remove" | "sort" | "sortOn" | "take" | "drop"
            | "takeEnd" | "dropEnd" | "sublist" | "subtractLists" | "intersectLists"
            | "replicate" | "ifilter0" | "crossLists" | "optionalList" => {
                self.list_function(name, args)
            }

            "attrValues" | "attrNames" | "attrVals" | "getAttrs" | "nameValuePair"
            | "listToAttrs" | "removeAttrs" | "getAttr" | "getAttrFromPath" | "attrByPath"
            | "setAttrByPath" | "attrsToList" | "catAttrs" | "intersectAttrs" | "collect"
            | "setAttr" => self.attribute_function(name, args),

            "filterAttrs"
            | "filterAttrsRecursive"
            | "mapAttrs"
            | "mapAttrs'"
            | "mapAttrsToList"
            | "concatMapAttrs"
            | "mapAttrsRecursive"
            | "mapAttrsRecursiveCond"
            | "genAttrs"
            | "genAttrs'"
            | "mergeAttrs"
            | "recursiveUpdate"
            | "recursiveUpdateUntil"
            | "mergeAttrsList"
            | "zipAttrs"
            | "zipAttrsWith"
            | "zipAttrsWithNames"
            | "foldAttrs"
            | "foldlAttrs"
            | "cartesianProduct"
            | "cartesianProductOfSets"
            | "mapCartesianProduct"
            | "overrideExisting"
            | "unionOfDisjoint"
            | "concatAttrValues" => self.set_function(name, args),

            "flip" => {
                let function = args.next(self);
                let (b, a) = (args.thunk(self), args.thunk(self));
                self.apply_both(&function, a, b, place)
            }
            "makeOverridable" => {
                let function = args.next(self);
                let arg = args.thunk(self);
                self.apply(&function, arg, place)
            }
            "defaultTo" => {
                let default = args.next(self);
                match args.next(self) {
                    Value::Null => default,
                    value => value,
                }
            }
            "fix"
            | "fix'"
            | "makeExtensible"
            | "makeExtensibleWithCustomName"
            | "makeScope"
            | "extend"
            | "composeExtensions"
            | "extends" => self.fixed_point(slot, name, args),
            "converge" => {
                let function = args.next(self);
                let start = args.thunk(self);
                self.apply(&function, start, place)
            }
            "overrideDerivation" => {
                let (made, given) = (args.thunk(self), args.thunk(self));
                Value::woven(How::Handed, vec![made, given], place)
            }

            "toString"
            | "baseNameOf"
            | "removeSuffix"
            | "removePrefix"
            | "dirOf"
            | "splitString"
            | "toLower"
            | "toUpper"
            | "concatStringsSep"
            | "concatStrings"
            | "replaceStrings"
            | "substring"
            | "stringLength"
            | "concatMapStringsSep"
            | "concatMapStrings"
            | "importJSON"
            | "importTOML"
            | "fileContents"
            | "getExe"
            | "getExe'"
            | "makeBinPath"
            | "makeLibraryPath"
            | "makeSearchPath"
            | "makeSearchPathOutput"
            | "escapeShellArg"
            | "escapeShellArgs"
            | "toJSON"
            | "toFile"
            | "toShellVars" => self.text_function(name, args),

            "elem" | "hasAttr" | "hasAttrByPath" | "hasPrefix" | "hasSuffix" | "hasInfix"
            | "any" | "all" | "isNull" | "isAttrs" | "isBool" | "isFunction" | "isList"
            | "isPath" | "isString" | "isInt" | "isStringLike" | "assertMsg" | "versionAtLeast"
            | "versionOlder" | "isDerivation" | "or" | "and" | "xor" | "implies" | "match"
            | "lessThan" | "add" | "sub" | "mul" | "div" | "max" | "min" | "length" | "count" => {
                self.test_function(name, args)
            }
            "functionArgs" => {
                let function = args.next(self);
                match function {
                    Value::Function(code, _) => {
                        let formals = self.formals(code).unwrap_or_default();
                        let attrs = formals.into_iter().map(|(name, has_default)| {
                            let thunk = self.done(Value::Bool(has_default));
                            super::value::attr(name, thunk)
                        });
                        let attrs = attrs.collect();
                        Value::set(attrs, None, false)
                    }
                    _ => Value::condition(),
                }
            }
            "mod" | "bitAnd" | "compareVersions" => Value::Number(None),
            "getEnv" | "typeOf" | "getName" | "getVersion" | "fromJSON" | "fromTOML"
            | "currentSystem" | "hashString" | "hashFile" | "placeholder" | "unsafeGetAttrPos"
            | "split" | "showOption" | "storePath" => Value::condition(),
            "throw" | "abort" => Value::outside(),
            "derivation" | "derivationStrict" => Value::woven(How::Derivation, given, place),
            _ => {
                let function = Value::Library(slot, [name.clone()].into());
                self.hand_all(&function, &given, place)
            }
        }
    }

    /// A function that gives a value whatever it is given.
    fn constant(&mut self, value: Value) -> Value {
        let value = self.done(value);
        let function = super::value::Function::Library(None, "const".into());
        Value::native(function, vec![value])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_there_once() {
        let mut names: Vec<_> = ARITIES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
