//! How wrapper flakes are recognized: by source, by lists, or by name and shape.

use std::collections::BTreeMap;

use super::base::is_base;
use super::known_wrappers::{KNOWN_WRAPPERS, KnownWrapper};
use super::lock_sources::{LockSources, ReadFlake};
use super::role::Role;
use super::settings::{self, Effect, ShownSettings};
use super::slot::is_lib_name;
use super::wrapper::{Evidence, EvidenceKind, Wrapper, may_accompany_packages};
use super::wrapper_name;
use crate::flake_ref::{Repository, identifying_ref, repository_name};
use crate::graph::Graph;
use crate::lock::{Forge, InputId, NodeId, NodeTag, SourceKind, Table};
use crate::source::evaluate::facts::{Exports, MadeInstance};
use crate::source::nixpkgs_config::{self, KeyKind};

/// Flakes that a wrapper may have as inputs besides nixpkgs and still look like one.
const HELPERS: [(&str, &str); 8] = [
    ("numtide", "flake-utils"),
    ("gytis-ivaskevicius", "flake-utils-plus"),
    ("nix-systems", "default"),
    ("nix-systems", "default-linux"),
    ("nix-systems", "x86_64-linux"),
    ("hercules-ci", "flake-parts"),
    ("edolstra", "flake-compat"),
    ("nixos", "flake-compat"),
];

/// A wrapper that the user declared. Its settings come from the list, else from its name.
pub(super) fn declared(
    graph: &Graph<'_, '_>,
    sources: &LockSources,
    node: NodeId,
    evidence: Evidence,
) -> Wrapper {
    if let Some(made) = whole(sources, node).instance() {
        return by_source(node, evidence, made);
    }
    match known_wrapper(graph, node) {
        Some((_, config)) => {
            let config = owned(config);
            make(node, evidence, effect_of(&config), Some(config))
        }
        None => make(node, evidence, effect_by_name(graph, node), None),
    }
}

/// The wrapper that a flake is, by its source; if that was not read, by lists and names.
pub(super) fn recognize(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    sources: &LockSources,
    followed: &Table<NodeTag, bool>,
    node: NodeId,
) -> Option<Wrapper> {
    match whole(sources, node) {
        Whole::Unknown => {}
        // A source without a whole configured nixpkgs overrules the name.
        Whole::No => return None,
        Whole::Yes(made, exports) => {
            if made.settings.is_empty() && made.overlays == Some(0) {
                return None;
            }
            let only =
                exports.known && exports.names.iter().all(|name| may_accompany_packages(name));
            let detail = "its source: `legacyPackages` is nixpkgs, imported with arguments";
            let evidence = Evidence { kind: EvidenceKind::Source, detail: detail.into() };
            let mut made = by_source(node, evidence, made);
            made.candidate = !only && !*followed.at(node);
            return Some(made);
        }
    }
    let names = names(graph, node);
    if !names.iter().flatten().any(|name| wrapper_name::mentions_pkgs(name)) {
        return None;
    }
    if let Some((known, config)) = known_wrapper(graph, node) {
        let detail =
            format!("{}/{} is a known wrapper (read {})", known.owner, known.name, known.month());
        let evidence = Evidence { kind: EvidenceKind::KnownWrapper, detail };
        let config = owned(config);
        return Some(make(node, evidence, effect_of(&config), Some(config)));
    }
    let (name, effect) = names.into_iter().flatten().find_map(|name| {
        let effect = wrapper_name::effect(name)?;
        Some((name, effect))
    })?;
    let detail = format!(
        "a guess: it is called `{name}`, and its inputs are one nixpkgs and helper flakes only"
    );
    has_shape(graph, roles, node)
        .then(|| make(node, Evidence { kind: EvidenceKind::Name, detail }, effect, None))
}

/// Whether a list, or its name and shape, say that a flake is a wrapper, so that its source should
/// be read.
pub(super) fn looks_like_one(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    node: NodeId,
) -> bool {
    let names = names(graph, node);
    known_wrapper(graph, node).is_some()
        || (names.into_iter().flatten().any(|name| wrapper_name::effect(name).is_some())
            && has_shape(graph, roles, node))
}

/// Whether a flake's `legacyPackages` is a whole nixpkgs, by its source.
enum Whole<'c> {
    Unknown,
    No,
    Yes(&'c MadeInstance, &'c Exports),
}

impl<'c> Whole<'c> {
    fn instance(&self) -> Option<&'c MadeInstance> {
        match self {
            Whole::Yes(made, _) => Some(made),
            Whole::Unknown | Whole::No => None,
        }
    }
}

fn whole(sources: &LockSources, node: NodeId) -> Whole<'_> {
    let Some(exported) = sources.flake(node).and_then(ReadFlake::exported) else {
        return Whole::Unknown;
    };
    let made = exported.exports.whole.as_ref().and_then(|whole| exported.instance(whole.instance));
    match made {
        Some(made) => Whole::Yes(made, &exported.exports),
        None if exported.exports.known && !exported.cut_short && exported.unread.is_empty() => {
            Whole::No
        }
        None => Whole::Unknown,
    }
}

/// Marks the nodes at which the root's `nixpkgs`, or any flake's slot of that name, ends.
pub(super) fn primarily_followed(graph: &Graph<'_, '_>) -> Table<NodeTag, bool> {
    let lock = graph.lock();
    let mut followed = Table::like(lock.nodes(), false);
    for &holder in graph.reachable() {
        if let Some(end) = lock.input_named(holder, "nixpkgs").and_then(|input| graph.end(input)) {
            *followed.at_mut(end) = true;
        }
    }
    followed
}

fn owned(config: &[(&str, bool)]) -> ShownSettings {
    config.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect()
}

fn make(
    node: NodeId,
    evidence: Evidence,
    effect: Effect,
    config: Option<ShownSettings>,
) -> Wrapper {
    Wrapper {
        node,
        evidence,
        effect,
        config,
        values: BTreeMap::new(),
        candidate: false,
        base_input: None,
        base: None,
    }
}

/// A wrapper whose source was read.
fn by_source(node: NodeId, evidence: Evidence, made: &MadeInstance) -> Wrapper {
    let wrapper = make(node, evidence, settings::effect(made), Some(settings::shown(made)));
    Wrapper { values: settings::values(made), ..wrapper }
}

fn known_wrapper(
    graph: &Graph<'_, '_>,
    node: NodeId,
) -> Option<(&'static KnownWrapper, &'static [(&'static str, bool)])> {
    let lock = graph.lock();
    let repository = Repository::of(identifying_ref(lock, node)?)?;
    let known = KNOWN_WRAPPERS
        .iter()
        .find(|known| repository.is(Forge::GitHub, known.owner, known.name))?;
    let last_modified = lock.last_modified(node);
    Some((known, known.config(last_modified)))
}

fn effect_of(config: &ShownSettings) -> Effect {
    let builds = |name: &str| nixpkgs_config::kind(name) == Some(KeyKind::Build);
    if config.iter().any(|(name, on)| *on && builds(name)) {
        Effect::Build
    } else {
        Effect::PermissionsOnly
    }
}

/// The names that may show that a node is a wrapper: of its input, and of its repository.
fn names<'a>(graph: &Graph<'_, 'a>, node: NodeId) -> [Option<&'a str>; 2] {
    let lock = graph.lock();
    let input = graph.place(node).and_then(|place| place.owner).map(|owner| lock.input(owner).name);
    let reference = identifying_ref(lock, node);
    let repository = reference.and_then(|reference| {
        let url = || reference.text("url").or(reference.text("path")).map(repository_name);
        reference.text("repo").or_else(url)
    });
    [input, repository]
}

fn effect_by_name(graph: &Graph<'_, '_>, node: NodeId) -> Effect {
    let effect = names(graph, node).into_iter().flatten().find_map(wrapper_name::effect);
    effect.unwrap_or(Effect::Unknown)
}

/// Whether a flake's inputs are one nixpkgs and otherwise only helper flakes.
fn has_shape(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, node: NodeId) -> bool {
    let mut nixpkgs = 0;
    for input in graph.inputs_of(node) {
        if is_base(graph, roles, node, input) {
            nixpkgs += 1;
        } else if !is_helper(graph, roles, node, input) {
            return false;
        }
    }
    nixpkgs == 1
}

fn is_helper(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    node: NodeId,
    input: InputId,
) -> bool {
    let lock = graph.lock();
    let Some(end) = graph.end(input) else { return false };
    matches!(roles.at(end), Role::NixpkgsLib | Role::Null)
        || graph.is_within(node, end)
        || is_lib_name(lock.input(input).name)
        || [lock.original(end), lock.locked(end)].into_iter().flatten().any(|reference| {
            let id = reference.text("id").filter(|_| reference.kind() == SourceKind::Indirect);
            let repository = Repository::of(reference);
            HELPERS.iter().any(|(owner, name)| {
                id == Some(name)
                    || repository.is_some_and(|found| found.is(Forge::GitHub, owner, name))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_wrappers_are_not_passed_over() {
        assert!(KNOWN_WRAPPERS.iter().all(|known| wrapper_name::mentions_pkgs(known.name)));
    }
}
