//! Telling nixpkgs by its source: the original and locked references, never a key or a name.

use crate::flake_ref::{on_flakehub, repository_name};
use crate::lock::{Attributes, Lock, NodeId, SourceKind};

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceClass {
    Nixpkgs,
    NixpkgsLib,
    /// Provides nothing, on purpose.
    Null,
    Other,
}

/// GitHub repositories that are nixpkgs, though they are not called so.
/// Each line: repository, when it was checked, what shows it.
const NIXPKGS_UNDER_ANOTHER_NAME: &[(&str, &str)] = &[
    // 2026-11-22: the read-only channel branches of NixOS/nixpkgs before 2020.
    ("nixos", "nixpkgs-channels"),
    // 2026-11-22: nixpkgs-unstable with patches, re-exported from its input nixpkgs-src.
    ("cachix", "devenv-nixpkgs"),
    // 2026-11-22: whole trees of nixpkgs with patches, under names of their own.
    ("nuschtos", "nuschtpkgs"),
    ("hatch01", "nixpkgs-patched"),
];

/// Flakes with no outputs, made to disable inputs with. 2026-11-22.
const NULL_FLAKES: &[(&str, &str)] = &[("divnix", "blank"), ("nix-systems", "empty")];

/// Classifies the source of a node. Where the original reference goes through the registry, either
/// may tell: the registry's `nixpkgs` can be locked to a path that says nothing.
pub(super) fn classify(lock: &Lock<'_>, node: NodeId) -> SourceClass {
    let class = lock.original(node).map_or(SourceClass::Other, of_reference);
    match lock.locked(node) {
        Some(locked) if class == SourceClass::Other && is_indirect(lock, node) => {
            of_reference(locked)
        }
        _ => class,
    }
}

fn is_indirect(lock: &Lock<'_>, node: NodeId) -> bool {
    lock.original(node).is_none_or(|original| original.kind() == SourceKind::Indirect)
}

fn of_reference(attributes: Attributes<'_, '_>) -> SourceClass {
    let text = |name| attributes.text(name).unwrap_or_default();
    let is_nixpkgs = match attributes.kind() {
        SourceKind::Forge(_) => {
            let (owner, repo) = (text("owner"), text("repo"));
            let is = |list: &[(&str, &str)]| {
                list.iter()
                    .any(|(o, r)| owner.eq_ignore_ascii_case(o) && repo.eq_ignore_ascii_case(r))
            };
            // nix-community's; divnix has a copy.
            if repo.eq_ignore_ascii_case("nixpkgs.lib") {
                return SourceClass::NixpkgsLib;
            }
            if is(NULL_FLAKES) {
                return SourceClass::Null;
            }
            is_nixpkgs_name(repo) || is(NIXPKGS_UNDER_ANOTHER_NAME)
        }
        SourceKind::Indirect => text("id") == "nixpkgs",
        SourceKind::Git | SourceKind::Mercurial => is_nixpkgs_name(repository_name(text("url"))),
        SourceKind::Tarball | SourceKind::File => is_nixpkgs_archive(text("url")),
        SourceKind::Path => is_nixpkgs_name(repository_name(text("path"))),
        SourceKind::Unknown(_) | SourceKind::Unnamed => false,
    };
    if is_nixpkgs { whole_or_lib(attributes) } else { SourceClass::Other }
}

/// `dir` chooses a flake inside nixpkgs' tree; `lib` is the only one that there is.
fn whole_or_lib(attributes: Attributes<'_, '_>) -> SourceClass {
    match attributes.text("dir").unwrap_or_default().trim_matches('/') {
        "" => SourceClass::Nixpkgs,
        "lib" => SourceClass::NixpkgsLib,
        _ => SourceClass::Other,
    }
}

fn is_nixpkgs_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("nixpkgs")
}

/// Channel tarballs, FlakeHub, and archives of a forge.
fn is_nixpkgs_archive(url: &str) -> bool {
    if let Some((owner, project)) = on_flakehub(url) {
        return is_nixpkgs_name(project)
            || (owner.eq_ignore_ascii_case("DeterminateSystems")
                && is_determinate_nixpkgs(project));
    }
    let Some((_, rest)) = url.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let mut next = || segments.next().unwrap_or_default();
    match host {
        "channels.nixos.org" => is_channel(next()),
        "nixos.org" => next() == "channels" && is_channel(next()),
        "releases.nixos.org" => matches!(next(), "nixos" | "nixpkgs"),
        "github.com" | "codeload.github.com" | "gitlab.com" => {
            let _owner = next();
            is_nixpkgs_name(next())
        }
        _ => false,
    }
}

/// What Determinate Systems publishes nixpkgs as: `nixpkgs-weekly`, `nixpkgs-24.11-chilled`,
/// `secure`, `secure-packages-26.05`. Checked 2026-11-22.
fn is_determinate_nixpkgs(project: &str) -> bool {
    project == "secure" || project.starts_with("secure-") || project.starts_with("nixpkgs-")
}

/// Channels of nixpkgs: `nixos-24.11`, `nixos-unstable-small`, `nixpkgs-unstable`; not
/// `nixos-hardware` or the like, which has no channel there.
fn is_channel(name: &str) -> bool {
    name.starts_with("nixos-") || name.starts_with("nixpkgs-")
}
