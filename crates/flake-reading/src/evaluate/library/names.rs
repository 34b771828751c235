//! The functions of nixpkgs' library and builtins: how many arguments each takes, and what it does
//! with them.
//!
//! Source: Nix manual, "Built-in Functions"; nixpkgs `lib/default.nix` and the files that it names,
//! 2026-11.

use std::sync::LazyLock;

use Does::{
    Attribute, Condition, Data, Definition, File, Fileset, Fixed, Gives, HandsOn, List, Module,
    Number, OnCondition, Own, Set, Test, Text, Version,
};

use crate::evaluate::collections::FastMap;

/// What a function does: the kind that it belongs to, which has a method for it, or its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// It has an implementation of its own.
    Own,
    File,
    /// The result is the text of a file, or data parsed from one.
    Data,
    Fileset,
    List,
    Attribute,
    Set,
    /// Sets that refer to their own result.
    Fixed,
    Text,
    Test,
    /// It is about versions.
    Version,
    /// It defines or declares options.
    Definition,
    /// It makes a module that renames or removes options.
    Module,
    /// The result depends on a condition.
    OnCondition,
    /// The result is this one of its arguments, as far as it matters.
    Gives(usize),
    /// An unknown text, Boolean or record that has no packages.
    Condition,
    /// The result is a number.
    Number,
    /// Something made of all its arguments.
    HandsOn,
}

/// A known function.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownFunction {
    pub(super) does: Does,
    pub(super) arity: usize,
}

/// The set of the functions, if they have that name only there; what they do; how many arguments
/// they take; and their names.
#[rustfmt::skip]
const FUNCTIONS: &[(&str, Does, usize, &str)] = &[
    ("", Own, 1,
        "abort derivation derivationStrict evalModules extendMkDerivation fetchGit \
         fetchMercurial fetchTarball fetchTree functionArgs genericClosure getFlake import \
         nixosSystem nixosTest runTest throw toExtension toFunction tryEval"),
    ("", Own, 2,
        "converge defaultTo makeOverridable makeScopeWithSplicing' overrideDerivation \
         scopedImport"),
    ("", Own, 3,
        "flip"),
    ("", Own, 4,
        "traceFnSeqN"),
    ("", File, 1,
        "cleanSource cleanSourceWith listFilesRecursive packagesFromDirectoryRecursive \
         path pathExists pathIsDirectory pathIsRegularFile pathType readDir readFileType"),
    ("", Data, 1,
        "fileContents fromJSON fromTOML importJSON importTOML readFile"),
    ("", File, 2,
        "append filterSource importApply sourceByGlobs sourceByRegex \
         sourceFilesBySuffices"),
    ("", File, 3,
        "callPackageWith callPackagesWith"),
    ("", List, 1,
        "concatLists flatten head init last naturalSort reverseList \
         singleton tail toList unique uniqueStrings"),
    ("", List, 2,
        "concat concatMap crossLists drop dropEnd elemAt filter forEach genList groupBy \
         ifilter0 imap imap0 imap1 intersectLists map mapNullable partition pipe range \
         remove replicate sort sortOn subtractLists take takeEnd zipLists"),
    ("", List, 3,
        "findFirst fold foldl foldl' foldr sublist zipListsWith"),
    ("", List, 4,
        "findSingle"),
    ("", Attribute, 1,
        "attrNames attrValues attrsToList listToAttrs"),
    ("", Attribute, 2,
        "attrVals catAttrs collect getAttr getAttrFromPath getAttrs intersectAttrs \
         nameValuePair removeAttrs setAttrByPath"),
    ("", Attribute, 3,
        "attrByPath setAttr"),
    ("", Set, 1,
        "cartesianProduct cartesianProductOfSets concatAttrValues mergeAttrsList \
         zipAttrs"),
    ("", Set, 2,
        "concatMapAttrs filterAttrs filterAttrsRecursive genAttrs genAttrs' mapAttrs \
         mapAttrs' mapAttrsRecursive mapAttrsToList mapCartesianProduct mergeAttrs \
         overrideExisting recursiveUpdate unionOfDisjoint updateManyAttrsByPath \
         zipAttrsWith"),
    ("", Set, 3,
        "foldAttrs foldlAttrs mapAttrsRecursiveCond recursiveUpdateUntil \
         zipAttrsWithNames"),
    ("", Fixed, 1,
        "extend fix fix' makeExtensible"),
    ("", Fixed, 2,
        "composeExtensions makeExtensibleWithCustomName makeScope"),
    ("", Fixed, 3,
        "extends"),
    ("", Text, 1,
        "baseNameOf boolToString boolToYesNo concatLines concatStrings dirOf escapeShellArg \
         escapeC escapeNixString escapeRegex escapeShellArgs escapeURL escapeXML getExe \
         makeBinPath makeIncludePath makeLibraryPath normalizePath stringToCharacters toJSON \
         toLower toSentenceCase toShellVars toString toUpper toXML trim \
         unsafeDiscardStringContext"),
    ("", Text, 2,
        "addContextFrom concatMapStrings concatStringsSep escape getExe' join makeSearchPath \
         removePrefix removeSuffix splitString toFile"),
    ("", Text, 3,
        "concatMapStringsSep makeSearchPathOutput replaceString replaceStrings substring"),
    ("", Test, 1,
        "isAttrs isBool isDerivation isFunction isInt isList isNull isPath isString \
         isStringLike typeOf"),
    ("", Test, 2,
        "all and any assertMsg elem hasAttr hasAttrByPath hasInfix hasPrefix hasSuffix \
         implies lessThan match or xor"),
    ("", Version, 1,
        "major majorMinor minor patch splitVersion"),
    ("", Version, 2,
        "compareVersions pad versionAtLeast versionOlder"),
    ("", Definition, 1,
        "attrsOf functionTo lazyAttrsOf listOf mkAliasDefinitions mkDefault mkEnableOption mkForce \
         mkImageMediaOverride mkMerge mkOption mkOptionDefault mkPerSystemOption \
         mkPerSystemType mkVMOverride nullOr submodule submoduleWith"),
    ("", Definition, 2,
        "addCheck mkAliasAndWrapDefinitions mkAliasIfDef mkIf mkOverride"),
    ("", Definition, 3,
        "mkAssert mkPackageOption"),
    ("", Module, 1,
        "mkRenamedOptionModuleWith mkSinkUndeclaredOptions mkTransposedPerSystemModule"),
    ("", Module, 2,
        "mkAliasOptionModule mkAliasOptionModuleMD mkRemovedOptionModule \
         mkRenamedOptionModule"),
    ("", Module, 3,
        "mkChangedOptionModule mkMergedOptionModule"),
    ("", OnCondition, 2,
        "optional optionalAttrs optionalDrvAttr optionalString optionals"),
    ("", Gives(0), 1,
        "addDrvOutputDependencies break chooseDevOutputs composeManyExtensions \
         dontDistribute dontRecurseIntoAttrs getBin getDev getInclude getLib getMan \
         getStatic hiPrio hiPrioSet hydraJob id lazyDerivation literalExpression \
         lowPrio lowPrioSet mkAfter mkBefore mkFixStrictness recurseIntoAttrs \
         resolveDefaultNix toPath traceVal traceValSeq unsafeDiscardOutputDependency \
         withDefaultOverridePriority"),
    ("", Gives(0), 2,
        "const setFunctionArgs"),
    ("", Gives(1), 2,
        "addErrorContext addMetaAttrs appendToName deepSeq \
         getFirstOutput getOutput info mirrorFunctionArgs mkOrder seq \
         setDefaultModuleLocation setName setPrio showWarnings trace traceSeq \
         traceValFn traceValSeqFn traceValSeqN traceVerbose updateName warn warnOn \
         warnOnInstantiate"),
    ("", Gives(2), 3,
        "checkAssertWarn throwIf throwIfNot traceIf traceSeqN traceValSeqNFn warnIf \
         warnIfNot"),
    ("", Gives(3), 4,
        "checkListOfEnum"),
    ("", Condition, 1,
        "allUnique bitNot canCleanSource ceil charToInt \
         commitIdFromGitRepo currentSystem escapeNixIdentifier findFile flakeRefToString floatToString floor \
         fromHexString getContext getEnv getLicenseFromSpdxId getName \
         getVersion hasContext hasStorePathPrefix isConvertibleWithToString isFloat isInOldestRelease \
         isLinux isOption isOptionType isStorePath isValidPosixName isx86_64 \
         literalExample literalMD nixType \
         oldestSupportedReleaseIsAtLeast parseDrvName parseFlakeRef \
         pathHasContext pathIsGitRepo placeholder renderOptionValue repoRevToName \
         revisionWithDefault runTests sanitizeDerivationName scrubOptionValue shortRev \
         showAttrPath showDefs showFiles showOption showOptionWithDefLocs splitRoot \
         storePath throwTestFailures toCamelCase toHexString toSnakeCase urlToName"),
    ("", Condition, 2,
        "availableOn cleanSourceFilter cmakeBool cmakeFeature commonPrefixLength \
         commonSuffixLength enableFeature fixedWidthNumber \
         getLicenseFromSpdxIdOr hashFile hashString isType literalCode \
         locateDominatingFile matchAttrs mesonBool mesonEnable mesonOption \
         mutuallyExclusive nameFromURL platformMatch revOrTag split toBaseDigits \
         unsafeGetAttrPos withFeature"),
    ("", Condition, 3,
        "assertEachOneOf assertOneOf cmakeOptionType enableFeatureAs findFirstIndex \
         fixedWidthString levenshteinAtMost splitStringBy withFeatureAs"),
    ("", Condition, 5,
        "splitByAndCompare"),
    ("", Number, 1,
        "length stringLength toInt toIntBase10"),
    ("", Number, 2,
        "add bitAnd bitOr bitXor compare compareLists count div levenshtein max min mod mul sub"),
    ("", HandsOn, 1,
        "closePropagation closePropagationFast closePropagationSlow collectModules \
         dischargeProperties filterOverrides filterOverrides' \
         generateSplicesForMkScope getFiles getValues haskellPathsInDir \
         lazyGenericClosure mergeAttrBy mergeAttrDefinitionsWithPrio \
         mergeAttrsByFuncDefaults mergeAttrsByFuncDefaultsClean mergeOneOption \
         mkDefinition mkLuaInline noDepEntry \
         normalizeHash optionAttrSetToDocList packEntry pushDownProperties \
         resolveImports sortProperties testAllTrue toDerivation uniqList uniqListExt \
         unknownModule withNormalizedHash"),
    ("", HandsOn, 2,
        "appendContext checkFlag commonPrefix concatImapStrings \
         cpeFullVersionWithVendor defaultMerge defaultMergeArg doRename fixMergeModules \
         fixupOptionType fullDepEntry ifEnable innerClosePropagation intersperse \
         listDfs longestValidPathPrefix mapAttrsToListRecursive mapCrossIndex \
         mapDefinitionValue mapDerivationAttrset maybeEnv mergeAttrByFunc \
         mergeAttrsConcatenateValues mergeDefaultOption mergeEqualOption mergeModules \
         mergeOptionDecls mkAliasAndWrapDefsWithPriority \
         mkDerivedConfig modifySumArgs nvs optionAttrSetToDocList' renameCrossIndexFrom \
         renameCrossIndexTo setType stringAfter stringAsChars \
         textClosureList toCommandLine toCommandLineGNU toCommandLineShell \
         toCommandLineShellGNU toGNUCommandLine toGNUCommandLineShell toShellVar \
         toposort trimWith"),
    ("", HandsOn, 3,
        "applyModuleArgsIfFunction checkReqs concatImapStringsSep \
         concatMapAttrsStringSep condConcat evalOptionValue extendDerivation getValue \
         mapAttrsToListRecursiveCond maybeAttr maybeAttrNullable mergeAttrsNoOverride \
         mergeAttrsWithFunc mergeDefinitions mergeModules' mergeUniqueOption \
         replaceElemAt textClosureMap unifyModuleSyntax"),
    ("", HandsOn, 4,
        "foldArgs groupBy' innerModifySumArgs setAttrMerge"),
    ("", HandsOn, 6,
        "makeScopeWithSplicing"),
    // Added by home-manager: `lib.hm.dag` (`modules/lib/dag.nix` and files beside it).
    ("dag", Gives(0), 1, "entryAnywhere"),
    ("dag", Gives(1), 2, "entryAfter entryBefore"),
    ("dag", Gives(2), 3, "entryBetween"),
    ("dag", HandsOn, 1, "topoSort"),
    ("dag", HandsOn, 2, "entriesAnywhere map"),
    ("dag", HandsOn, 3, "entriesAfter entriesBefore"),
    ("dag", HandsOn, 4, "entriesBetween"),
    // Packages have these names too: a function is known if it is called through its set, but not
    // if a `with` opens the set.
    ("builtins", Condition, 1, "fetchurl"),
    ("fileset", Fileset, 1,
        "empty fromSource gitTracked isFileset maybeMissing toList toSource traceVal \
         unions"),
    ("fileset", Fileset, 2,
        "difference fileFilter gitTrackedWith hasExt intersection trace union"),
    ("generators", HandsOn, 1,
        "mkDconfKeyValue mkLuaInline toDconfINI toGitINI"),
    ("generators", HandsOn, 2,
        "mkValueStringDefault toDhall toINI toINIWithGlobalSection toJSON toKeyValue \
         toLua toPlist toPretty toYAML withRecursion"),
    ("generators", HandsOn, 4,
        "mkKeyValueDefault"),
    ("gvariant", Condition, 1,
        "isGVariant"),
    ("gvariant", HandsOn, 1,
        "mkArray mkBoolean mkDouble mkEmptyArray mkInt16 mkInt32 mkInt64 mkJust \
         mkNothing mkObjectpath mkString mkTuple mkUchar mkUint16 mkUint32 mkUint64 \
         mkValue mkVariant"),
    ("gvariant", HandsOn, 2,
        "mkDictionaryEntry mkMaybe"),
    ("ipv6", Condition, 1,
        "fromString"),
    ("kernel", HandsOn, 1,
        "freeform module option whenHelpers"),
    ("sources", Gives(0), 1,
        "trace"),
    ("subpath", Text, 1,
        "join"),
    ("subpath", Condition, 1,
        "components isValid normalise"),
    ("ints", Condition, 2, "between"),
    ("numbers", Condition, 2, "between"),
    ("systems", Condition, 1, "elaborate toLosslessStringMaybe"),
    ("systems", Condition, 2, "equals"),
    ("parse", Condition, 1, "doubleFromSystem mkSystemFromString tripleFromSystem"),
    ("types", Own, 1,
        "attrsWith loaOf"),
    ("types", Definition, 1,
        "attrListOf nonEmptyListOf"),
    ("types", Gives(0), 1,
        "uniq"),
    ("types", Gives(1), 2,
        "unique"),
    ("types", Definition, 1,
        "deferredModuleWith"),
    ("types", Definition, 3,
        "coercedTo"),
    ("types", Condition, 1,
        "attrListWith attrTag defaultFunctor enum isOptionType \
         mkOptionType oneOf passwdEntry pathWith separatedString serializableValueWith \
         strMatching"),
    ("types", Condition, 2,
        "defaultTypeMerge either mergeTypes optionDescriptionPhrase"),
];

static BY_NAME: LazyLock<FastMap<(&str, &str), KnownFunction>> = LazyLock::new(|| {
    let rows = FUNCTIONS.iter().flat_map(|(set, does, arity, names)| {
        let known = KnownFunction { does: *does, arity: *arity };
        names.split_whitespace().map(move |name| ((*set, name), known))
    });
    rows.collect()
});

/// A function by its name, preferring the one of its set.
pub(super) fn find(set: &str, name: &str) -> Option<KnownFunction> {
    BY_NAME.get(&(set, name)).or_else(|| BY_NAME.get(&("", name))).copied()
}

/// A function that is called by its name.
pub(super) fn find_called(set: &str, name: &str) -> Option<KnownFunction> {
    find(set, name).or_else(|| find("builtins", name))
}

/// Whether a set has a function of its own of this name.
pub(super) fn is_of_set(set: &str, name: &str) -> bool {
    !set.is_empty() && BY_NAME.contains_key(&(set, name))
}

#[cfg(test)]
mod tests;
