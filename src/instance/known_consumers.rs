//! Well-known flakes and what they are taken for, in place of their source.
//!
//! A flake is listed only if what people take from it plainly does not contain packages built
//! from its own nixpkgs.

use crate::flake_ref::{Repository, telling_reference};
use crate::lock::{Lock, NodeId};

/// A flake whose use is known.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownConsumer {
    /// Its repository in lower case, as `github:owner/repo`.
    pub repository: &'static str,
    /// What it is taken for.
    pub taken: Use,
    /// When and where it was looked up, and what shows it.
    pub seen: &'static str,
}

/// What a flake is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// NixOS, home-manager or darwin modules.
    Modules,
    /// Library functions.
    Lib,
    /// Overlays that build with the user's own nixpkgs.
    Overlays,
    /// Development tools, which enter no closure.
    Development,
}

impl Use {
    /// In words, after "taken for its".
    pub fn words(self) -> &'static str {
        match self {
            Use::Modules => "modules",
            Use::Lib => "library functions",
            Use::Overlays => "overlays",
            Use::Development => "development tools",
        }
    }
}

/// The list, sorted by repository.
#[rustfmt::skip] // one line each
pub(super) const KNOWN_CONSUMERS: &[KnownConsumer] = &[
    known("github:anduril/jetpack-nixos", Use::Modules, "2026-11-22 4d857d6da48c: module adds its overlays (final/prev) to the user's pkgs; slot in flashing outputs"),
    known("github:astro/microvm.nix", Use::Modules, "2026-11-22 71beea0076cd: alias of microvm-nix/microvm.nix"),
    known("github:cachix/git-hooks.nix", Use::Development, "2026-11-22 43b3c1ab9d40: lib.run builds hooks from its own slot, but for checks and shells only"),
    known("github:cachix/pre-commit-hooks.nix", Use::Development, "2026-11-22 43b3c1ab9d40: alias of cachix/git-hooks.nix"),
    known("github:divnix/incl", Use::Lib, "2026-11-22 526751ad3d1e: nixlib input, one source filter function"),
    known("github:divnix/yants", Use::Lib, "2026-11-22 8f0da0dba571: its nixpkgs input is nixpkgs.lib; exports type functions only"),
    known("github:ezkea/aagl-gtk-on-nix", Use::Modules, "2026-11-22 af94408291ad: module adds an overlay that uses prev.callPackage; own slot only in packages"),
    known("github:gytis-ivaskevicius/flake-utils-plus", Use::Lib, "2026-11-22 afcb15b845e7: has no nixpkgs input; imports the caller's channels"),
    known("github:hallettj/nuenv", Use::Overlays, "2026-11-22 970bfd5321a5: overlay hands prev.nushell to lib functions; slot only in shells and examples"),
    known("github:hercules-ci/flake-parts", Use::Lib, "2026-11-22 427bf4bd9435: only nixpkgs-lib; modules take pkgs from the caller's inputs"),
    known("github:hercules-ci/gitignore.nix", Use::Lib, "2026-11-22 637db329424f: lib and overlay are source filters made from lib alone"),
    known("github:hercules-ci/hercules-ci-effects", Use::Development, "2026-11-22 af4331c44f13: flakeModule: CI effects over the caller's pkgs; enters no user package"),
    known("github:infinidoge/nix-minecraft", Use::Overlays, "2026-11-22 4db432c1ba01: overlay imports its packages with prev; module defaults to pkgs.minecraft-server"),
    known("github:input-output-hk/haskell.nix", Use::Overlays, "2026-11-22 613e0ba382f7: documented overlay builds from final; own slot in legacyPackages and hydraJobs"),
    known("github:input-output-hk/iohk-nix", Use::Overlays, "2026-11-22 9de00113c11b: overlays use final.callPackage; lib from nixpkgs.lib; slot only in its own pkgs"),
    known("github:kamadorueda/alejandra", Use::Development, "2026-11-22 8c4a4a572bee: a formatter, which no GPU setting changes"),
    known("github:lilyinstarlight/nixos-cosmic", Use::Modules, "2026-11-22 fef2d0c78c4e: module adds an overlay made from final and prev"),
    known("github:linyinfeng/flat-flake", Use::Development, "2026-11-22 09326d0ebcd0: flakeModule adds one check on the lock file"),
    known("github:matthewcroughan/nixinate", Use::Development, "2026-11-22 617b9bb52971: exports deployment apps only"),
    known("github:mic92/nix-fast-build", Use::Development, "2026-11-22 c65830739d07: a build driver, which no GPU setting changes"),
    known("github:mic92/nix-index-database", Use::Modules, "2026-11-22 4f8d52a3598b: alias of nix-community/nix-index-database"),
    known("github:mic92/sops-nix", Use::Modules, "2026-11-22 56b24064fdca: default package is pkgs.callPackage of the user's pkgs"),
    known("github:microvm-nix/microvm.nix", Use::Modules, "2026-11-22 71beea0076cd: modules are paths with the user's pkgs; guest nixpkgs defaults to pkgs.path"),
    known("github:mirkolenz/quadlet-nix", Use::Modules, "2026-11-22 1abb8f63e55f: nixosModules and homeModules are files; no use of its own packages"),
    known("github:musnix/musnix", Use::Modules, "2026-11-22 8548782f0d1d: nixosModules.musnix is ./default.nix; slot only in tests and rtcqs"),
    known("github:nix-community/disko", Use::Modules, "2026-11-22 878ec37d6a8f: nixosModules.disko is a path; own slot only in the disko CLI and tests"),
    known("github:nix-community/emacs-overlay", Use::Overlays, "2026-11-22 a71da2107908: overlays are functions of self/super; own slot only in packages and hydraJobs"),
    known("github:nix-community/haumea", Use::Lib, "2026-11-22 fc881eb46033: its nixpkgs input is nixpkgs.lib; exports lib only"),
    known("github:nix-community/home-manager", Use::Modules, "2026-11-22 ec1a8fdf74ed: modules are paths; homeManagerConfiguration needs the caller's pkgs (since 2022-06-19)"),
    known("github:nix-community/impermanence", Use::Modules, "2026-11-22 7b1d382faf60: nixosModules.impermanence is a file; own slot only in tests and shell"),
    known("github:nix-community/namaka", Use::Development, "2026-11-22 34b69a66a2cf: lib.load for snapshot tests from lib; CLI for developers"),
    known("github:nix-community/nix-github-actions", Use::Lib, "2026-11-22 f4158fa080ef: lib.mkGithubMatrix is plain Nix over check names; builds nothing"),
    known("github:nix-community/nix-index-database", Use::Modules, "2026-11-22 4f8d52a3598b: modules import ./. with the user's pkgs (wrapper and comma)"),
    known("github:nix-community/nix-unit", Use::Development, "2026-11-22 3168acfa7590: test runner from its own slot, for checks and shells only"),
    known("github:nix-community/nixago", Use::Development, "2026-11-22 8cc33f973ab3: writes tool configuration from its own slot for dev shells only"),
    known("github:nix-community/nixago-extensions", Use::Development, "2026-11-22 e5380cb0456f: presets for nixago, dev shells only"),
    known("github:nix-community/nixos-apple-silicon", Use::Modules, "2026-11-22 66d8dd2c27f9: module re-imports pkgs.path of the user; overlay file; slot only in packages"),
    known("github:nix-community/nixos-vscode-server", Use::Modules, "2026-11-22 92ce71c3ba5a: module calls pkgs.callPackage on the fix script with the user's pkgs"),
    known("github:nix-community/nixos-wsl", Use::Modules, "2026-11-22 eaeb18da9002: modules call pkgs.callPackage on their utils with the user's pkgs"),
    known("github:nix-community/plasma-manager", Use::Modules, "2026-11-22 247a8e677b51: home module is ./modules; own slot only in rc2nix, docs, demo"),
    known("github:nix-community/poetry2nix", Use::Overlays, "2026-11-22 ce2369db77f4: overlay and mkPoetry2Nix take the caller's pkgs (its template of 2023 did not)"),
    known("github:nix-community/pyproject.nix", Use::Lib, "2026-11-22 7af23cfe9106: alias of pyproject-nix/pyproject.nix"),
    known("github:nix-community/srvos", Use::Modules, "2026-11-22 e49ccb0d84ed: outputs are import ./. ; dev flake is separate; no own packages in modules"),
    known("github:nixos/nixos-hardware", Use::Modules, "2026-11-22 0471accf8d0a: nixosModules are paths; own slot only in its test packages"),
    known("github:nixpak/nixpak", Use::Lib, "2026-11-22 be97295fa81f: lib.nixpak takes the caller's pkgs and lib; launcher by that pkgs.callPackage"),
    known("github:numtide/blueprint", Use::Lib, "2026-11-22 56131e8628f1: own slot gives lib; pkgs and nixosSystem come from the caller's inputs.nixpkgs"),
    known("github:numtide/devshell", Use::Development, "2026-11-22 17ed8d9744eb: flakeModule and overlay take the caller's pkgs; legacyPackages own slot; shells only"),
    known("github:numtide/srvos", Use::Modules, "2026-11-22 e49ccb0d84ed: alias of nix-community/srvos"),
    known("github:numtide/treefmt-nix", Use::Development, "2026-11-22 ae7910970ddd: lib and flakeModule take the caller's pkgs; formatter only"),
    known("github:oddlama/nix-topology", Use::Modules, "2026-11-22 e61876f548e4: module, overlay (final/prev) and flakeModule; slot only in docs"),
    known("github:oddlama/nixos-extra-modules", Use::Modules, "2026-11-22 26d55fc56806: modules and overlay use the user's inputs and final; slot only in its dev shell"),
    known("github:oxalica/nil", Use::Development, "2026-11-22 205c8ba65a7f: a language server, which no GPU setting changes"),
    known("github:oxalica/rust-overlay", Use::Overlays, "2026-11-22 fd2ebb9cc432: overlay uses final; mkRustBin takes pkgs; own slot only in packages output"),
    known("github:paisano-nix/core", Use::Lib, "2026-11-22 adcf742bc946: uses nixpkgs.lib only (pick, harvest, grow)"),
    known("github:pyproject-nix/build-system-pkgs", Use::Overlays, "2026-11-22 90ffdeee1a49: overlays from uv2nix lib, no pkgs of its own; slot only in checks"),
    known("github:pyproject-nix/pyproject.nix", Use::Lib, "2026-11-22 7af23cfe9106: lib and build are made from lib; packages via the caller's callPackage"),
    known("github:pyproject-nix/uv2nix", Use::Lib, "2026-11-22 49dac8d206c4: lib.workspace makes overlays for the caller's python set; own slot: uv-bin, docs"),
    known("github:ryantm/agenix", Use::Modules, "2026-11-22: modules build with the user's pkgs; own slot only in its command line tool"),
    known("github:rycee/home-manager", Use::Modules, "2026-11-22 ec1a8fdf74ed: alias of nix-community/home-manager"),
    known("github:serokell/deploy-rs", Use::Development, "2026-11-22 d5eff7f94853: deploys; own slot in its command line tool, which no GPU setting changes"),
    known("github:svenum/solaar-flake", Use::Modules, "2026-11-22 1870d5bd8c5d: module default package is pkgs.callPackage of the user's pkgs"),
    known("github:zhaofengli/colmena", Use::Development, "2026-11-22 5bf4ce6a24ad: deploys; makeHive takes the caller's nixpkgs; own slot in its command line tool"),
    known("gitlab:simple-nixos-mailserver/nixos-mailserver", Use::Modules, "2026-11-22: nixosModules.mailserver is import ./. without arguments; slot only in tests and docs"),
];

const fn known(repository: &'static str, taken: Use, seen: &'static str) -> KnownConsumer {
    KnownConsumer { repository, taken, seen }
}

/// The entry for a node's source, if it has one.
pub(super) fn find(lock: &Lock<'_>, node: NodeId) -> Option<&'static KnownConsumer> {
    let wanted = Repository::of(telling_reference(lock, node)?)?.lower_case();
    let found = KNOWN_CONSUMERS.binary_search_by(|known| known.repository.cmp(&wanted)).ok()?;
    KNOWN_CONSUMERS.get(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_in_lower_case() {
        assert!(KNOWN_CONSUMERS.is_sorted_by(|a, b| a.repository < b.repository));
        for known in KNOWN_CONSUMERS {
            assert_eq!(known.repository, known.repository.to_lowercase());
            assert!(known.seen.contains("2026-"), "{} has no date", known.repository);
        }
    }
}
