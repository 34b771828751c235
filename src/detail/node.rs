//! A node: its source, its role, its users.

use super::{Destination, DetailContext, DetailLine, slashed};
use crate::flake_ref::{FlakeRef, source_of};
use crate::instance::{self, Role};
use crate::lock::NodeId;
use crate::text::AttrPath;

/// The details of a node.
pub fn of_node(context: &DetailContext<'_, '_, '_, '_>, node: NodeId) -> Vec<DetailLine> {
    let analysis = context.analysis;
    let graph = context.graph();
    let lock = graph.lock();
    let mut lines = vec![DetailLine::new("source", source_of(lock, node))];
    if let Some(original) = lock.original(node) {
        lines.push(DetailLine::new("original", FlakeRef::new(original).to_string()));
    }
    let owner = match graph.place(node) {
        None => "no input reaches it".to_owned(),
        Some(place) if place.owner.is_none() => "this flake".to_owned(),
        Some(_) => format!("owned by {}", slashed(&graph.owner_path(node))),
    };
    lines.push(DetailLine::new("node", format!("{}, {owner}", lock.node(node).key)));
    lines.push(DetailLine::new("role", role(analysis.role(node))));
    let is_flake = analysis.role(node) == Role::Flake;
    if let Some(line) = instance::known_flake(lock, node).filter(|_| is_flake) {
        lines.push(DetailLine::new("known", format!("it {}", line.words())));
        if let Some(overlay) = line.overlay {
            let path = AttrPath(&["overlays", overlay]);
            lines.push(DetailLine::new(
                "",
                format!("`{path}` offers its packages, built by the nixpkgs that it is given"),
            ));
        }
        if let Some(cache) = line.cache {
            lines.push(DetailLine::new("", format!("its binary cache is {cache}")));
        }
    }
    if let Some(wrapper) = analysis.wrapper_of(node).map(|id| analysis.wrapper(id)) {
        lines.push(DetailLine::new("evidence", &*wrapper.evidence.detail));
        if let Some(settings) = wrapper.config.as_ref().filter(|settings| !settings.is_empty()) {
            let settings: Vec<_> =
                settings.iter().map(|(name, on)| format!("{name} = {on}")).collect();
            lines.push(DetailLine::new("settings", settings.join(", ")));
        }
        if let Some(base) = wrapper.base {
            lines.push(
                DetailLine::new("built on", source_of(lock, base)).to(Destination::Node(base)),
            );
        }
    }
    lines.extend(context.needs(Destination::Node(node)));
    lines.extend(users(context, node));
    lines
}

/// The inputs that end at a node.
fn users(context: &DetailContext<'_, '_, '_, '_>, node: NodeId) -> Vec<DetailLine> {
    let graph = context.graph();
    let mut users = graph.adjacency().users(node);
    users.retain(|user| graph.is_reachable(graph.edge(*user).holder));
    users.sort_by_key(|user| graph.input_order(*user));
    let named = users.iter().take(context.shown).map(|&user| {
        let verdict = if context.explained.cause(context.analysis, user).is_some() {
            " (unconfigured)"
        } else if context.analysis.is_disabled(user) {
            " (disabled)"
        } else {
            ""
        };
        let path = slashed(&graph.input_path(user));
        DetailLine::new("", format!("{path}{verdict}")).to(Destination::Input(user))
    });
    let mut lines: Vec<_> = DetailLine::list("used by", named).collect();
    let more = users.len().saturating_sub(context.shown);
    if more > 0 {
        lines.push(DetailLine::new("", format!("and {more} more")));
    }
    lines
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Root => "the flake under audit",
        Role::Nixpkgs => "plain nixpkgs",
        Role::NixpkgsLib => "the library of nixpkgs: builds nothing",
        Role::Configured(_) => "configured nixpkgs",
        Role::Null => "a flake with nothing in it, to disable inputs with",
        Role::Flake => "a flake",
        Role::Source => "a source, no flake (`flake = false`)",
    }
}
