//! What the keys of nixpkgs' `config` do.
//!
//! From nixpkgs, looked up on 2026-11-24: `pkgs/top-level/config.nix` (the declared options, with
//! "may cause a mass rebuild" at those that change every package),
//! `pkgs/stdenv/generic/check-meta.nix` and `problems.nix` (what is refused),
//! `pkgs/stdenv/generic/make-derivation.nix` and the package sets of single languages (what reads
//! keys that are not declared), and the manual's "Global configuration" and "CUDA".

/// What a key of `config` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// It changes the derivations of packages that exist without it, so that there are two of each.
    Build,
    /// It decides which packages may be evaluated. Their derivations are the same.
    Permission,
    /// Neither: it concerns fetching, checks, warnings, accepted licences, or what single packages
    /// have built in.
    Neither,
}

use KeyKind::{Build, Neither, Permission};

/// The known keys, sorted.
///
/// - `fetchedSourceNameDefault` goes into the names of fetched sources, and so into their store
///   paths and everything that is built from them. A key that changes *how* something is fetched
///   changes nothing: a fixed output is named by its hash (`gitConfig`, `hashedMirrors`,
///   `npmRegistryOverrides`, `rewriteURL`).
/// - `stdenv` has `userHook`, which is in every derivation.
/// - `problems` is the successor of `allowBroken` and similar keys: it says which kinds of problems
///   are errors.
/// - Keys that single packages read (`config.pulseaudio or …`, `firefox`, `android_sdk`) are like
///   an `override` of each of them: they do not double what others build on, and a desktop that
///   sets one does not expect it of its dependencies. `cudnnSupport` is one of these: only Caffe
///   was found to read it.
/// - Some widely copied keys were found to be read by nothing in nixpkgs: `cudaEnableForwardCompat`
///   (it is `cudaForwardCompat`), `cudaVersion` (there is a package set for each), `rocmTargets`
///   (of the overlay `nixos-rocm`).
/// - `inHydra` shortens messages and changes what is refused, for builders of whole sets.
const KEYS: &[(&str, KeyKind)] = &[
    ("_module", Neither),
    ("allowAliases", Neither),
    ("allowBroken", Permission),
    ("allowBrokenPredicate", Permission),
    ("allowDeprecatedx86_64Darwin", Permission),
    ("allowInsecure", Permission),
    ("allowInsecurePredicate", Permission),
    ("allowNonSource", Permission),
    ("allowNonSourcePredicate", Permission),
    ("allowUnfree", Permission),
    ("allowUnfreePackages", Permission),
    ("allowUnfreePredicate", Permission),
    ("allowUnsupportedSystem", Permission),
    ("allowVariants", Neither),
    ("allowlistedLicenses", Permission),
    ("android_sdk", Neither),
    ("assertions", Neither),
    ("attrPathsDisallowedForInternalUse", Neither),
    ("blacklistedLicenses", Permission),
    ("blocklistedLicenses", Permission),
    ("checkMeta", Neither),
    ("checkMetaRecursively", Neither),
    ("chromium", Neither),
    ("configurePlatformsByDefault", Build),
    ("contentAddressedByDefault", Build),
    ("cudaCapabilities", Build),
    ("cudaEnableForwardCompat", Neither),
    ("cudaForwardCompat", Build),
    ("cudaSupport", Build),
    ("cudaVersion", Neither),
    ("cudnnSupport", Neither),
    ("doCheckByDefault", Build),
    ("dyalog", Neither),
    ("enableParallelBuildingByDefault", Build),
    ("fetchedSourceNameDefault", Build),
    ("firefox", Neither),
    ("gitConfig", Neither),
    ("gitConfigFile", Neither),
    ("handleEvalIssue", Neither),
    ("hashedMirrors", Neither),
    ("haskellPackageOverrides", Build),
    ("inHydra", Neither),
    ("input-fonts", Neither),
    ("joypixels", Neither),
    ("metalSupport", Build),
    ("microsoftVisualStudioLicenseAccepted", Neither),
    ("neoload", Neither),
    ("npmRegistryOverrides", Neither),
    ("npmRegistryOverridesString", Neither),
    ("nvidia", Neither),
    ("oraclejdk", Neither),
    ("packageOverrides", Build),
    ("perlPackageOverrides", Build),
    ("permittedInsecurePackages", Permission),
    ("problems", Permission),
    ("pulseaudio", Neither),
    ("rPackageOverrides", Build),
    ("recursionMode", Neither),
    ("replaceBootstrapFiles", Build),
    ("replaceStdenv", Build),
    ("rewriteURL", Neither),
    ("rocmSupport", Build),
    ("rocmTargets", Neither),
    ("sc2-headless", Neither),
    ("segger-jlink", Neither),
    ("showDerivationWarnings", Neither),
    ("stdenv", Build),
    ("strictDepsByDefault", Build),
    ("structuredAttrsByDefault", Build),
    ("warnUndeclaredOptions", Neither),
    ("warnings", Neither),
    ("whitelistedLicenses", Permission),
    ("xxe-pe", Neither),
];

/// The name under which compiler options of a platform (`hostPlatform.gcc.arch`) are listed with
/// the keys. They are no part of `config`, and change every package.
///
/// Source: nixpkgs `lib/systems/architectures.nix`, `pkgs/build-support/cc-wrapper`.
pub const PLATFORM_GCC: &str = "hostPlatform.gcc";

/// Below the name of a package: that its license is accepted, whatever the package.
pub const LICENSE: &str = "acceptLicense";

fn is_license(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(package, name)| !package.is_empty() && name == LICENSE)
}

/// What a key does; `None` if it is not known. Of a dotted key (`joypixels.acceptLicense`) the
/// first name counts.
pub fn kind(key: &str) -> Option<KeyKind> {
    if key == PLATFORM_GCC {
        return Some(Build);
    }
    if is_license(key) {
        return Some(Neither);
    }
    let key = key.split('.').next().unwrap_or_default();
    let at = KEYS.binary_search_by(|(name, _)| (*name).cmp(key)).ok()?;
    KEYS.get(at).map(|(_, kind)| *kind)
}

/// The names of the known keys.
pub fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(name, _)| *name)
}

/// Whether a key is about GPUs, and changes builds.
pub fn is_gpu(key: &str) -> bool {
    matches!(
        key,
        "cudaCapabilities" | "cudaForwardCompat" | "cudaSupport" | "metalSupport" | "rocmSupport"
    )
}

/// Whether a key that changes builds is on where nobody sets it.
///
/// Source: `default` in nixpkgs' `pkgs/top-level/config.nix`, 2026-11.
pub fn is_on_by_default(key: &str) -> bool {
    key == "cudaForwardCompat"
}

/// Whether a key is declared as a Boolean: nixpkgs refuses any other value.
pub fn is_boolean(key: &str) -> bool {
    matches!(
        key,
        "allowAliases"
            | "allowBroken"
            | "allowUnfree"
            | "allowUnsupportedSystem"
            | "allowVariants"
            | "checkMeta"
            | "contentAddressedByDefault"
            | "cudaSupport"
            | "doCheckByDefault"
            | "enableParallelBuildingByDefault"
            | "rocmSupport"
            | "strictDepsByDefault"
            | "structuredAttrsByDefault"
    )
}

/// What a variant of nixpkgs switches on, and what it switches off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// This setting is on, whatever the `config` that it starts from.
    pub on: &'static str,
    /// This one is off.
    pub off: &'static str,
}

/// The settings of a variant of nixpkgs (`pkgs/top-level/variants.nix`): `pkgs.pkgsCuda` is `pkgs`
/// with `cudaSupport`, and without `rocmSupport`. Only variants for GPUs are meant to be used beside
/// plain nixpkgs, together with its packages.
pub fn variant(name: &str) -> Option<Variant> {
    match name {
        "pkgsCuda" | "pkgsForCudaArch" => Some(Variant { on: "cudaSupport", off: "rocmSupport" }),
        "pkgsRocm" => Some(Variant { on: "rocmSupport", off: "cudaSupport" }),
        _ => None,
    }
}

/// Why a key in `config` changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ineffective {
    /// Nixpkgs calls it by this name.
    Called(&'static str),
    /// No package reads it; the text says more.
    Unread(&'static str),
    /// No package reads it since this release; the text says more.
    Dropped(Release, &'static str),
    /// It is `nixpkgs`, the option of NixOS that has this `config`.
    Nested,
    /// It is an option of NixOS, or of home-manager.
    Option,
    /// It is an argument of nixpkgs, and belongs beside `config`.
    Argument,
}

/// A release of nixpkgs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Its name: `24.05`.
    pub name: &'static str,
    /// When it was branched off, in seconds since 1970; an older revision may still read the key.
    pub branched: u64,
}

/// 24.05, which was branched off on 2024-05-22.
const NIXOS_24_05: Release = Release { name: "24.05", branched: 1_716_336_000 };

/// Keys that public flakes set and that nothing in nixpkgs reads, sorted. Looked up on 2026-11-28:
/// each has many uses in public flakes, and none in nixpkgs but those mentioned here.
const UNREAD: &[(&str, Ineffective)] = &[
    ("cuda", Ineffective::Called("cudaSupport")),
    ("cudaCapability", Ineffective::Called("cudaCapabilities")),
    ("cudaEnable", Ineffective::Called("cudaSupport")),
    // From a comment in llama.cpp's flake.nix, which many have copied.
    ("cudaEnableForwardCompat", Ineffective::Called("cudaForwardCompat")),
    ("cudaVersion", Ineffective::Unread("each version has its own set, `cudaPackages_12`")),
    // `useCudnn` of caffe and caffe2.
    (
        "cudnnSupport",
        Ineffective::Dropped(
            NIXOS_24_05,
            "only `caffe` did, which is gone; `cudaSupport` brings cuDNN with it",
        ),
    ),
    ("enableCUDA", Ineffective::Called("cudaSupport")),
    ("enableCuda", Ineffective::Called("cudaSupport")),
    ("enableRocm", Ineffective::Called("rocmSupport")),
    ("hipSupport", Ineffective::Called("rocmSupport")),
    ("rocmEnable", Ineffective::Called("rocmSupport")),
    ("rocmTargets", Ineffective::Unread("it was of the overlay `nixos-rocm`")),
    ("useCuda", Ineffective::Called("cudaSupport")),
    ("withCUDA", Ineffective::Called("cudaSupport")),
    ("withCuda", Ineffective::Called("cudaSupport")),
];

/// Options of NixOS that are found in `config` by mistake: first names, sorted.
const OPTIONS: [&str; 20] = [
    "boot",
    "buildPlatform",
    "console",
    "environment",
    "fileSystems",
    "fonts",
    "hardware",
    "home",
    "hostPlatform",
    "i18n",
    "imports",
    "networking",
    "nix",
    "programs",
    "security",
    "services",
    "sound",
    "systemd",
    "users",
    "virtualisation",
];

/// Why a key in `config` changes nothing, if that is certain. Overlays may read keys of their own,
/// so an unknown name proves nothing.
pub fn ineffective(key: &str) -> Option<Ineffective> {
    if let Ok(at) = UNREAD.binary_search_by(|(name, _)| (*name).cmp(key)) {
        return UNREAD.get(at).map(|(_, why)| *why);
    }
    if is_license(key) {
        return None;
    }
    let first = key.split('.').next().unwrap_or_default();
    if first == "nixpkgs" {
        return Some(Ineffective::Nested);
    }
    if OPTIONS.binary_search(&first).is_ok() {
        return Some(Ineffective::Option);
    }
    matches!(first, "config" | "crossSystem" | "localSystem" | "overlays" | "system")
        .then_some(Ineffective::Argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_is_known_by_its_name_and_what_is_not_known_says_nothing() {
        assert!(UNREAD.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(OPTIONS.is_sorted());
        for (key, why) in [
            ("enableCuda", Some(Ineffective::Called("cudaSupport"))),
            ("hardware", Some(Ineffective::Option)),
            ("hostPlatform", Some(Ineffective::Option)),
            ("overlays", Some(Ineffective::Argument)),
            ("nixpkgs.allowUnfree", Some(Ineffective::Nested)),
            ("cudaSupport", None),
            ("joypixels.acceptLicense", None),
            ("cuda.acceptLicense", None),
            ("cuda", Some(Ineffective::Called("cudaSupport"))),
            ("myOwnKey", None),
            ("", None),
        ] {
            assert_eq!(ineffective(key), why, "{key}");
        }
        for (key, why) in UNREAD {
            assert_ne!(kind(key), Some(Build), "{key}");
            if let Ineffective::Called(name) = why {
                assert_eq!(kind(name), Some(Build), "{key}");
            }
        }
    }

    #[test]
    fn the_table_is_sorted_and_each_key_is_found() {
        assert!(KEYS.is_sorted_by(|(one, _), (other, _)| one < other));
        for (key, is) in KEYS {
            assert_eq!(kind(key), Some(*is), "{key}");
        }
    }

    #[test]
    fn keys_are_looked_up_by_their_first_name() {
        assert_eq!(kind("cudaSupport"), Some(Build));
        assert_eq!(kind("allowUnfreePredicate"), Some(Permission));
        assert_eq!(kind("joypixels.acceptLicense"), Some(Neither));
        assert_eq!(kind("cuda.acceptLicense"), Some(Neither));
        assert_eq!(kind("stdenv.userHook"), Some(Build));
        for key in ["", ".", "cuda", "cudasupport", "cudaSupports", ".cudaSupport", "zzz"] {
            assert_eq!(kind(key), None, "{key}");
        }
    }

    #[test]
    fn what_is_about_gpus_changes_builds() {
        let gpu: Vec<_> = KEYS.iter().filter(|(key, _)| is_gpu(key)).collect();
        assert_eq!(gpu.len(), 5);
        assert!(gpu.iter().all(|(_, kind)| *kind == Build));
        for name in ["pkgsCuda", "pkgsForCudaArch", "pkgsRocm"] {
            let variant = variant(name).unwrap();
            assert!(is_gpu(variant.on) && is_gpu(variant.off) && variant.on != variant.off);
        }
        assert_eq!(variant("pkgsMusl"), None);
    }

    #[test]
    fn boolean_keys_are_known_ones() {
        let boolean: Vec<_> = keys().filter(|key| is_boolean(key)).collect();
        assert_eq!(boolean.len(), 13);
        assert!(!is_boolean("cudaCapabilities") && !is_boolean("allowUnfreePredicate"));
    }
}
