//! The roles of all nodes.

use super::base;
use super::declared::Declared;
use super::lock_sources::LockSources;
use super::recognition;
use super::role::Role;
use super::settings::Effect;
use super::source::{self, SourceClass};
use super::wrapper::{Evidence, EvidenceKind, Wrapper, WrapperTag};
use crate::graph::Graph;
use crate::lock::{NodeId, NodeTag, Table};
use crate::source::RootSource;

/// The roles of all nodes, by references and the user's declarations; wrappers are still flakes
/// here.
pub(super) fn plain(graph: &Graph<'_, '_>, declared: &Declared) -> Table<NodeTag, Role> {
    let mut roles = by_source(graph);
    for &node in &declared.nixpkgs {
        if node != graph.lock().root() {
            *roles.at_mut(node) = Role::Nixpkgs;
        }
    }
    roles
}

/// The roles of all nodes, and the wrappers among them.
pub(super) type FoundRoles = (Table<NodeTag, Role>, Table<WrapperTag, Wrapper>);

/// The same, as it was found before sources were read; anew for a graph with overrides.
pub(super) fn known_roles(
    graph: &Graph<'_, '_>,
    declared: &Declared,
    sources: &LockSources,
) -> FoundRoles {
    let found = sources.found_roles.as_ref().filter(|_| !graph.is_changed());
    let root = sources.root.as_ref().map(|root| &*root.source);
    found.cloned().unwrap_or_else(|| find_roles(graph, declared, sources, root))
}

/// Finds them.
pub(super) fn find_roles(
    graph: &Graph<'_, '_>,
    declared: &Declared,
    sources: &LockSources,
    root: Option<&RootSource>,
) -> FoundRoles {
    let mut roles = sources.plain_roles.clone().unwrap_or_else(|| plain(graph, declared));
    let mut wrappers: Table<WrapperTag, Wrapper> = Vec::new().into();
    for wanted in &declared.configured {
        let detail = match wanted.kind {
            EvidenceKind::Flag => "declared by --configured",
            _ => "declared in flake-audit.toml",
        };
        if wanted.node != graph.lock().root() && !is_configured(&roles, wanted.node) {
            let evidence = Evidence { kind: wanted.kind, detail: detail.into() };
            let made = recognition::declared(graph, sources, wanted.node, evidence);
            add(&mut roles, &mut wrappers, made);
        }
    }
    let mut recognized = Vec::new();
    let followed = recognition::primarily_followed(graph);
    for &node in graph.reachable() {
        if *roles.at(node) == Role::Flake
            && let Some(made) = recognition::recognize(graph, &roles, sources, &followed, node)
        {
            recognized.push(made);
        }
    }
    // Keep candidates only if no certain wrapper exists.
    let sure = !wrappers.is_empty() || recognized.iter().any(|wrapper| !wrapper.candidate);
    recognized.retain(|wrapper| !wrapper.candidate || (!sure && may_be_one(graph, root, wrapper)));
    // Recognition reads `roles`; assign afterwards, so that the order does not matter.
    for made in recognized {
        add(&mut roles, &mut wrappers, made);
    }
    base::find_bases(graph, &roles, &mut wrappers);
    (roles, wrappers)
}

/// Whether a flake that exports its whole set among other things may be held for that. One without build
/// settings has nothing that others could be built without: where the root does not even name the set, it is
/// a flake whose packages are told apart by what they are built from.
fn may_be_one(graph: &Graph<'_, '_>, root: Option<&RootSource>, wrapper: &Wrapper) -> bool {
    let Some(place) = graph.place(wrapper.node).filter(|place| place.depth == 1) else {
        return false;
    };
    let is_named = || {
        let (Some(root), Some(owner)) = (root, place.owner) else { return true };
        let set = format!("{}.legacyPackages", graph.lock().input(owner).name);
        // Not the end of a longer name.
        let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
        root.text
            .match_indices(&set)
            .any(|(at, _)| !root.text.get(..at).is_some_and(|before| before.ends_with(is_of_name)))
    };
    wrapper.effect == Effect::Build || is_named()
}

fn add(roles: &mut Table<NodeTag, Role>, wrappers: &mut Table<WrapperTag, Wrapper>, made: Wrapper) {
    let node = made.node;
    *roles.at_mut(node) = Role::Configured(wrappers.push(made));
}

fn is_configured(roles: &Table<NodeTag, Role>, node: NodeId) -> bool {
    matches!(roles.at(node), Role::Configured(_))
}

fn by_source(graph: &Graph<'_, '_>) -> Table<NodeTag, Role> {
    let lock = graph.lock();
    let mut roles = Table::like(lock.nodes(), Role::Flake);
    for node in lock.nodes().ids() {
        *roles.at_mut(node) = if node == lock.root() {
            Role::Root
        } else {
            match source::classify(lock, node) {
                SourceClass::Nixpkgs => Role::Nixpkgs,
                SourceClass::NixpkgsLib => Role::NixpkgsLib,
                SourceClass::Null => Role::Null,
                SourceClass::Other if lock.node(node).flake => Role::Flake,
                SourceClass::Other => Role::Source,
            }
        };
    }
    roles
}
