//! Recognizing nixpkgs by its source: the original and locked references, never a node key or the
//! name of an input.

use crate::flake_ref::{Archived, Link, Repository, identifying_ref, repository_name};
use crate::lock::{Attributes, Forge, Lock, NodeId, SourceKind};

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceClass {
    Nixpkgs,
    NixpkgsLib,
    /// It has no outputs, on purpose.
    Null,
    Other,
}

/// GitHub repositories that are nixpkgs under another name. Each line: repository, when it was
/// checked, what shows it.
const NIXPKGS_UNDER_ANOTHER_NAME: &[(&str, &str)] = &[
    // 2026-11-22: nixpkgs-unstable with patches, re-exported from its input nixpkgs-src.
    ("cachix", "devenv-nixpkgs"),
    // 2026-11-22: whole trees of nixpkgs with patches, under names of their own.
    ("nuschtos", "nuschtpkgs"),
    ("hatch01", "nixpkgs-patched"),
];

/// Flakes without outputs, made to disable inputs with. Checked 2026-11-22.
const NULL_FLAKES: &[(&str, &str)] = &[("divnix", "blank"), ("nix-systems", "empty")];

/// Classifies the source of a node. If the original reference goes through the registry or is an
/// archive's URL, either reference may show it: the registry's `nixpkgs` can be locked to a path
/// that shows nothing, and a server can redirect its own URL to a channel.
pub(super) fn classify(lock: &Lock<'_>, node: NodeId) -> SourceClass {
    let class = lock.original(node).map_or(SourceClass::Other, of_reference);
    match lock.locked(node) {
        Some(locked) if class == SourceClass::Other && leads_on(lock, node) => of_reference(locked),
        _ => class,
    }
}

/// Whether a node's source is a whole nixpkgs.
pub(super) fn is_nixpkgs(lock: &Lock<'_>, node: NodeId) -> bool {
    classify(lock, node) == SourceClass::Nixpkgs
}

/// Whether a node is NixOS/nixpkgs itself, not a fork.
pub(super) fn is_upstream(lock: &Lock<'_>, node: NodeId) -> bool {
    let repository = identifying_ref(lock, node).and_then(Repository::of);
    let is = |name| repository.is_some_and(|of| of.is(Forge::GitHub, "NixOS", name));
    is_nixpkgs(lock, node) && (is("nixpkgs") || is("nixpkgs-channels"))
}

fn leads_on(lock: &Lock<'_>, node: NodeId) -> bool {
    let original = lock.original(node);
    original.is_none_or(|original| {
        matches!(original.kind(), SourceKind::Indirect | SourceKind::Tarball | SourceKind::File)
    })
}

fn of_reference(attributes: Attributes<'_, '_>) -> SourceClass {
    let text = |name| attributes.text(name).unwrap_or_default();
    let known = Repository::of(attributes);
    let is = |list: &[(&str, &str)]| {
        known.is_some_and(|of| list.iter().any(|(owner, name)| of.is(Forge::GitHub, owner, name)))
    };
    if is(NULL_FLAKES) {
        return SourceClass::Null;
    }
    if is(NIXPKGS_UNDER_ANOTHER_NAME) {
        return whole_or_lib(attributes);
    }
    // nix-community has it; divnix has a copy.
    let name = attributes.text("repo").or(known.map(|of| of.name)).unwrap_or_default();
    if name.eq_ignore_ascii_case("nixpkgs.lib") {
        return SourceClass::NixpkgsLib;
    }
    let is_nixpkgs = match attributes.kind() {
        SourceKind::Forge(_) => is_nixpkgs_name(text("repo")),
        SourceKind::Indirect => text("id") == "nixpkgs",
        SourceKind::Git | SourceKind::Mercurial => is_nixpkgs_name(repository_name(text("url"))),
        SourceKind::Tarball | SourceKind::File => is_nixpkgs_archive(text("url")),
        SourceKind::Path => is_nixpkgs_name(repository_name(text("path"))),
        SourceKind::Unknown(_) | SourceKind::Unnamed => false,
    };
    if is_nixpkgs { whole_or_lib(attributes) } else { SourceClass::Other }
}

/// `dir` selects a flake inside nixpkgs' tree; `lib` is the only one.
fn whole_or_lib(attributes: Attributes<'_, '_>) -> SourceClass {
    match attributes.text("dir").unwrap_or_default().trim_matches('/') {
        "" => SourceClass::Nixpkgs,
        "lib" => SourceClass::NixpkgsLib,
        _ => SourceClass::Other,
    }
}

/// `nixpkgs-channels` had the channels' branches before 2020, and there are mirrors of it.
fn is_nixpkgs_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("nixpkgs") || name.eq_ignore_ascii_case("nixpkgs-channels")
}

/// Channels, FlakeHub, and archives of a forge.
fn is_nixpkgs_archive(url: &str) -> bool {
    match Link::new(url).of {
        Archived::FlakeHub(owner, project) => {
            is_nixpkgs_name(project)
                || (owner.eq_ignore_ascii_case("DeterminateSystems")
                    && is_determinate_nixpkgs(project))
        }
        Archived::Channel => true,
        Archived::Repository(_, path) => {
            path.last().is_some_and(|name| is_nixpkgs_name(repository_name(name)))
        }
        Archived::Other => false,
    }
}

/// The names under which Determinate Systems publishes nixpkgs: `nixpkgs-weekly`,
/// `nixpkgs-24.11-chilled`, `secure`, `secure-packages-26.05`. Checked 2026-11-22.
fn is_determinate_nixpkgs(project: &str) -> bool {
    project == "secure" || project.starts_with("secure-") || project.starts_with("nixpkgs-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flake_ref::parse;

    #[test]
    fn nixpkgs_is_told_by_its_source_in_every_spelling() {
        use SourceClass::{Nixpkgs, NixpkgsLib, Null, Other};
        for (url, class) in [
            ("github:nixos/Nixpkgs/nixos-24.11", Nixpkgs),
            ("github:acme/nixpkgs", Nixpkgs),
            ("github:acme/nixpkgs?host=git.example", Nixpkgs),
            ("github:NixOS/nixpkgs?dir=lib", NixpkgsLib),
            ("github:NixOS/nixpkgs-channels/nixos-19.09", Nixpkgs),
            ("git+https://mirror.example/git/nixpkgs-channels.git", Nixpkgs),
            ("github:cachix/devenv-nixpkgs/rolling", Nixpkgs),
            ("git+https://github.com/cachix/devenv-nixpkgs", Nixpkgs),
            ("https://github.com/cachix/devenv-nixpkgs/archive/rolling.tar.gz", Nixpkgs),
            ("nixpkgs", Nixpkgs),
            ("git+https://mirrors.tuna.tsinghua.edu.cn/git/nixpkgs.git?ref=nixos-24.11", Nixpkgs),
            ("git+https://proxy.example/https://github.com/NixOS/nixpkgs", Nixpkgs),
            ("git+ssh://git@git.example/mirror/nixpkgs", Nixpkgs),
            ("https://mirrors.ustc.edu.cn/nix-channels/nixos-unstable/nixexprs.tar.xz", Nixpkgs),
            ("https://mirror.nju.edu.cn/nix-channels/nixpkgs-unstable/nixexprs.tar.xz", Nixpkgs),
            ("https://mirrors.bfsu.edu.cn/nix-channels/nixos-24.11", Nixpkgs),
            ("http://cache.lan/nixexprs.tar.xz", Nixpkgs),
            ("https://proxy.example/https://github.com/NixOS/nixpkgs/archive/main.tar.gz", Nixpkgs),
            ("https://api.github.com/repos/NixOS/nixpkgs/tarball/nixos-24.11", Nixpkgs),
            ("https://git.example/mirrors/nixpkgs/archive/nixos-24.11.tar.gz", Nixpkgs),
            ("https://git.example/mirrors/nixpkgs/-/archive/x/nixpkgs-x.tar.gz", Nixpkgs),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.1", Nixpkgs),
            ("https://flakehub.com/f/DeterminateSystems/secure-packages/0", Nixpkgs),
            ("https://flakehub.com/f/acme/secure-packages/0", Other),
            ("https://github.com/nix-community/nixpkgs.lib/archive/master.tar.gz", NixpkgsLib),
            ("github:nix-community/nixpkgs.lib", NixpkgsLib),
            ("https://github.com/divnix/blank/archive/master.tar.gz", Null),
            ("github:nix-systems/empty", Null),
            ("github:nix-community/nixpkgs-xr", Other),
            ("github:nix-community/nixpkgs-wayland", Other),
            ("https://github.com/acme/nixpkgs-fmt/archive/main.tar.gz", Other),
            ("https://channels.nixos.org/flake-registry.json", Other),
            ("https://mirror.example/nix-channels/store", Other),
            ("https://mirror.example/nixos-hardware/archive/main.tar.gz", Other),
        ] {
            let reference = parse(url, true).unwrap_or_else(|| panic!("{url}"));
            let list = reference.list();
            assert_eq!(of_reference(Attributes::of(&list)), class, "{url}");
        }
    }
}
