//! The whole library of nixpkgs: every function has a meaning, or is known to be something made of
//! its arguments.

use super::*;

/// The contents of the library's sets, by name: those of nixpkgs in 2026-11, and those of Nix.
#[rustfmt::skip]
const LIBRARY: &[(&str, &str)] = &[
    ("builtins",
        "abort add addErrorContext all any appendContext attrNames attrValues \
         baseNameOf bitAnd bitOr bitXor builtins catAttrs ceil compareVersions \
         concatLists concatMap concatStringsSep currentSystem currentTime deepSeq \
         derivation derivationStrict dirOf div elem elemAt false fetchGit \
         fetchMercurial fetchTarball fetchTree fetchurl filter filterSource findFile \
         floor foldl' fromJSON fromTOML functionArgs genList genericClosure getAttr \
         getContext getEnv getFlake groupBy hasAttr hasContext hashFile hashString head \
         import intersectAttrs isAttrs isBool isFloat isFunction isInt isList isNull \
         isPath isString langVersion length lessThan listToAttrs map mapAttrs match mul \
         nixPath nixVersion null parseDrvName partition path pathExists placeholder \
         readDir readFile removeAttrs replaceStrings scopedImport seq sort split \
         splitVersion storeDir storePath stringLength sub substring tail throw toFile \
         toJSON toPath toString toXML trace true tryEval typeOf \
         unsafeDiscardOutputDependency unsafeDiscardStringContext unsafeGetAttrPos \
         zipAttrsWith"),
    ("trivial",
        "add and bitAnd bitNot bitOr bitXor boolToString boolToYesNo ceil \
         checkListOfEnum codeName compare concat const deepSeq defaultTo div flip floor \
         fromHexString functionArgs genericClosure id importJSON importTOML inNixShell \
         inPureEvalMode info isBool isFloat isFunction isInOldestRelease isInt lessThan \
         mapNullable max mergeAttrs min mirrorFunctionArgs mod mul nixpkgsVersion \
         oldestSupportedRelease oldestSupportedReleaseIsAtLeast or pathExists pipe \
         readFile release revisionWithDefault seq setFunctionArgs showWarnings \
         splitByAndCompare sub throwIf throwIfNot toBaseDigits toFunction toHexString \
         version versionSuffix warn warnIf warnIfNot xor"),
    ("fixedPoints",
        "composeExtensions composeManyExtensions converge extends fix fix' \
         makeExtensible makeExtensibleWithCustomName toExtension"),
    ("attrsets",
        "attrByPath attrNames attrVals attrValues attrsToList cartesianProduct catAttrs \
         chooseDevOutputs collect concatMapAttrs dontRecurseIntoAttrs filterAttrs \
         filterAttrsRecursive foldAttrs foldlAttrs genAttrs genAttrs' getAttr \
         getAttrFromPath getAttrs getBin getDev getFirstOutput getInclude getLib getMan \
         getOutput getStatic hasAttr hasAttrByPath intersectAttrs isAttrs isDerivation \
         listToAttrs longestValidPathPrefix mapAttrs mapAttrs' mapAttrsRecursive \
         mapAttrsRecursiveCond mapAttrsToList mapAttrsToListRecursive \
         mapAttrsToListRecursiveCond mapCartesianProduct matchAttrs mergeAttrsList \
         nameValuePair optionalAttrs overrideExisting recurseIntoAttrs recursiveUpdate \
         recursiveUpdateUntil removeAttrs setAttrByPath showAttrPath toDerivation \
         unionOfDisjoint updateManyAttrsByPath zipAttrs zipAttrsWith zipAttrsWithNames"),
    ("lists",
        "all allUnique any commonPrefix compareLists concatAttrValues concatLists \
         concatMap count crossLists drop dropEnd elem elemAt filter findFirst \
         findFirstIndex findSingle flatten fold foldl foldl' foldr forEach genList \
         groupBy groupBy' hasPrefix head ifilter0 imap0 imap1 init intersectLists \
         isList last length listDfs map mutuallyExclusive naturalSort optional \
         optionals partition range remove removePrefix replaceElemAt replicate \
         reverseList singleton sort sortOn sublist subtractLists tail take takeEnd \
         toList toposort unique uniqueStrings zipLists zipListsWith"),
    ("strings",
        "addContextFrom appendContext charToInt cmakeBool cmakeFeature cmakeOptionType \
         commonPrefixLength commonSuffixLength compareVersions concatImapStrings \
         concatImapStringsSep concatLines concatMapAttrsStringSep concatMapStrings \
         concatMapStringsSep concatStrings concatStringsSep elem elemAt enableFeature \
         enableFeatureAs escape escapeC escapeNixIdentifier escapeNixString escapeRegex \
         escapeShellArg escapeShellArgs escapeURL escapeXML fileContents filter \
         fixedWidthNumber fixedWidthString floatToString fromJSON genList getName \
         getVersion hasInfix hasPrefix hasSuffix head intersperse isAttrs \
         isConvertibleWithToString isInt isList isPath isStorePath isString \
         isStringLike isValidPosixName join levenshtein levenshteinAtMost lowerChars \
         makeBinPath makeIncludePath makeLibraryPath makeSearchPath \
         makeSearchPathOutput match mesonBool mesonEnable mesonOption nameFromURL \
         normalizePath optionalString parseDrvName readFile removePrefix removeSuffix \
         replaceString replaceStrings replicate sanitizeDerivationName split \
         splitString splitStringBy storeDir stringAsChars stringLength \
         stringToCharacters substring tail toCamelCase toInt toIntBase10 toJSON toLower \
         toSentenceCase toShellVar toShellVars toUpper trim trimWith typeOf \
         unsafeDiscardStringContext upperChars versionAtLeast versionOlder withFeature \
         withFeatureAs"),
    ("stringsWithDeps",
        "fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap"),
    ("customisation",
        "callPackageWith callPackagesWith extendDerivation extendMkDerivation hydraJob \
         makeOverridable makeScope makeScopeWithSplicing makeScopeWithSplicing' \
         mapCrossIndex overrideDerivation renameCrossIndexFrom renameCrossIndexTo"),
    ("derivations",
        "addDrvOutputDependencies lazyDerivation optionalDrvAttr warnOnInstantiate"),
    ("meta",
        "addMetaAttrs appendToName availableOn cpeFullVersionWithVendor defaultPriority \
         dontDistribute getExe getExe' getLicenseFromSpdxId getLicenseFromSpdxIdOr \
         hiPrio hiPrioSet licensesSpdx lowPrio lowPrioSet mapDerivationAttrset \
         platformMatch setName setPrio updateName"),
    ("versions",
        "compareVersions major majorMinor minor pad patch splitVersion"),
    ("modules",
        "applyModuleArgsIfFunction collectModules defaultOrderPriority \
         defaultOverridePriority dischargeProperties doRename evalModules \
         evalOptionValue filterOverrides filterOverrides' fixMergeModules \
         fixupOptionType importApply importJSON importTOML mapDefinitionValue \
         mergeAttrDefinitionsWithPrio mergeDefinitions mergeModules mergeModules' \
         mergeOptionDecls mkAfter mkAliasAndWrapDefinitions \
         mkAliasAndWrapDefsWithPriority mkAliasDefinitions mkAliasIfDef \
         mkAliasOptionModule mkAliasOptionModuleMD mkAssert mkBefore \
         mkChangedOptionModule mkDefault mkDefinition mkDerivedConfig mkFixStrictness \
         mkForce mkIf mkImageMediaOverride mkMerge mkMergedOptionModule mkOptionDefault \
         mkOrder mkOverride mkRemovedOptionModule mkRenamedOptionModule \
         mkRenamedOptionModuleWith mkVMOverride pushDownProperties \
         setDefaultModuleLocation sortProperties unifyModuleSyntax"),
    ("options",
        "getFiles getValues isOption literalCode literalExpression literalMD \
         mergeDefaultOption mergeEqualOption mergeOneOption mergeUniqueOption \
         mkEnableOption mkOption mkPackageOption mkSinkUndeclaredOptions \
         optionAttrSetToDocList optionAttrSetToDocList' renderOptionValue \
         scrubOptionValue showDefs showFiles showOption showOptionWithDefLocs \
         unknownModule"),
    ("types",
        "addCheck anything attrListOf attrListWith attrTag attrs attrsOf attrsWith bool \
         boolByOr coercedTo commas defaultFunctor defaultTypeMerge deferredModule \
         deferredModuleWith either enum envVar externalPath fileset float functionTo \
         int ints isOptionType isType json lazyAttrsOf lines listOf loaOf luaInline \
         mergeTypes mkOptionType noCheckForDocsModule nonEmptyListOf nonEmptyStr nullOr \
         number numbers oneOf optionDeclaration optionDescriptionPhrase optionType \
         package passwdEntry path pathInStore pathWith pkgs port raw separatedString \
         serializableValueWith setType shellPackage singleLineStr str strMatching \
         submodule submoduleWith toml types uniq unique unspecified"),
    ("cli",
        "toCommandLine toCommandLineGNU toCommandLineShell toCommandLineShellGNU \
         toGNUCommandLine toGNUCommandLineShell"),
    ("gvariant",
        "intConstructors isGVariant mkArray mkBoolean mkDictionaryEntry mkDouble \
         mkEmptyArray mkInt16 mkInt32 mkInt64 mkJust mkMaybe mkNothing mkObjectpath \
         mkString mkTuple mkUchar mkUint16 mkUint32 mkUint64 mkValue mkVariant type"),
    ("generators",
        "mkDconfKeyValue mkKeyValueDefault mkLuaInline mkValueStringDefault toDconfINI \
         toDhall toGitINI toINI toINIWithGlobalSection toJSON toKeyValue toLua toPlist \
         toPretty toYAML withRecursion"),
    ("asserts",
        "assertEachOneOf assertMsg assertOneOf checkAssertWarn"),
    ("debug",
        "addErrorContext runTests testAllTrue throwTestFailures trace traceFnSeqN \
         traceIf traceSeq traceSeqN traceVal traceValFn traceValSeq traceValSeqFn \
         traceValSeqN traceValSeqNFn unsafeGetAttrPos"),
    ("misc",
        "checkFlag checkReqs closePropagation closePropagationFast closePropagationSlow \
         condConcat defaultMerge defaultMergeArg fakeHash fakeSha256 fakeSha512 \
         foldArgs getValue ifEnable imap innerClosePropagation innerModifySumArgs \
         lazyGenericClosure maybeAttr maybeAttrNullable maybeEnv mergeAttrBy \
         mergeAttrByFunc mergeAttrsByFuncDefaults mergeAttrsByFuncDefaultsClean \
         mergeAttrsConcatenateValues mergeAttrsNoOverride mergeAttrsWithFunc \
         modifySumArgs nixType nvs setAttr setAttrMerge uniqList uniqListExt"),
    ("fetchers",
        "normalizeHash proxyImpureEnvVars withNormalizedHash"),
    ("path",
        "append hasPrefix hasStorePathPrefix removePrefix splitRoot subpath"),
    ("subpath",
        "components isValid join normalise"),
    ("filesystem",
        "baseNameOf dirOf hashFile haskellPathsInDir isPath listFilesRecursive \
         locateDominatingFile packagesFromDirectoryRecursive pathIsDirectory \
         pathIsRegularFile pathType readDir readFileType resolveDefaultNix"),
    ("fileset",
        "difference empty fileFilter fromSource gitTracked gitTrackedWith intersection \
         isFileset maybeMissing toList toSource trace traceVal union unions"),
    ("sources",
        "canCleanSource cleanSource cleanSourceFilter cleanSourceWith \
         commitIdFromGitRepo filterSource pathHasContext pathIsGitRepo repoRevToName \
         revOrTag shortRev sourceByGlobs sourceByRegex sourceFilesBySuffices trace \
         urlToName"),
    ("kernel",
        "freeform module no option unset whenHelpers yes"),
    ("flakes",
        "flakeRefToString parseFlakeRef"),
    ("network",
        "ipv6"),
];

/// Those that are not functions: texts, numbers, types, records.
const NO_FUNCTIONS: &str = "anything attrs bool boolByOr builtins codeName commas currentTime \
    defaultOrderPriority defaultOverridePriority defaultPriority deferredModule envVar \
    externalPath fakeHash fakeSha256 fakeSha512 false fileset float inNixShell \
    inPureEvalMode int intConstructors ints ipv6 json langVersion licensesSpdx lines \
    lowerChars luaInline nixPath nixVersion nixpkgsVersion no noCheckForDocsModule \
    nonEmptyStr null number numbers oldestSupportedRelease optionDeclaration optionType \
    package pathInStore pkgs port proxyImpureEnvVars raw release shellPackage \
    singleLineStr storeDir str subpath toml true type types unset unspecified upperChars \
    version versionSuffix yes";

#[test]
fn all_of_the_library_is_known() {
    let mut unknown = Vec::new();
    for (set, names) in LIBRARY {
        for name in names.split_whitespace() {
            let is_value = NO_FUNCTIONS.split_whitespace().any(|value| value == name);
            if !is_value && find_called(set, name).is_none() {
                unknown.push(format!("{set}.{name}"));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:?} have no meaning, and are not known to hand on");
}

#[test]
fn each_name_is_there_once() {
    let all = FUNCTIONS
        .iter()
        .flat_map(|(set, _, _, names)| names.split_whitespace().map(move |name| (*set, name)));
    let mut names: Vec<_> = all.collect();
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn functions_of_one_name_are_told_apart_by_their_sets() {
    assert_eq!(find("lists", "unique").unwrap().does, Does::List);
    assert_eq!(find("types", "unique").unwrap().does, Does::Gives(1));
    assert_eq!(find("", "trace").unwrap().arity, 2);
    assert_eq!(find("sources", "trace").unwrap().arity, 1);
    assert!(find("", "union").is_none() && find("", "fetchurl").is_none());
}
