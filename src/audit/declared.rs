//! What the user declared about inputs, resolved in one lock.

use super::Error;
use crate::config::{Config, ConfigInScope, DeclaredInput};
use crate::graph::Graph;
use crate::instance::{
    Declared, DeclaredWrapper, EvidenceKind, NotConfigured, lookalikes, not_configured,
};
use crate::lock::NodeId;
use crate::text::{Visible, did_you_mean};

/// The declared nodes. Flags win over the file, because they are what is wanted now.
///
/// # Errors
/// A declared input that the lock does not have, if the configuration is beside the lock (one that
/// serves several flakes may name an input of another). An input declared as configured that cannot
/// be: it is no flake, or nixpkgs itself, or has no nixpkgs to configure. An input declared as
/// both.
pub(super) fn resolve(
    graph: &Graph<'_, '_>,
    config: Option<ConfigInScope<'_>>,
    flags: &[DeclaredInput],
) -> Result<Declared, Error> {
    let mut declared = Declared::default();
    for input in flags {
        if let Some(node) = declared_node(graph, input) {
            require_flake(graph, input, node, None)?;
            require_wrapper(graph, input, node, None)?;
            declared.configured.push(DeclaredWrapper { node, kind: EvidenceKind::Flag });
        }
    }
    let Some(ConfigInScope { config, beside }) = config else { return Ok(declared) };
    declared.requires_nix = config.requires_nix;
    for input in &config.configured {
        let Some(node) = declared_node(graph, input) else {
            if beside {
                return Err(unknown(graph, input, config));
            }
            continue;
        };
        require_flake(graph, input, node, Some(config))?;
        match require_wrapper(graph, input, node, Some(config)) {
            Ok(()) => {}
            Err(error) if beside => return Err(error),
            // Another flake that the file serves may have it.
            Err(_) => continue,
        }
        declared.configured.push(DeclaredWrapper { node, kind: EvidenceKind::ConfigFile });
    }
    for input in &config.nixpkgs {
        match declared_node(graph, input) {
            Some(node) if is_from_file(&declared, node) => {
                let path = input.path.join("/");
                let message = format!(
                    "`{path}` is listed as `configured`, too: it is either plain nixpkgs or has settings"
                );
                return Err(error(message, input, Some(config)));
            }
            Some(node) => declared.nixpkgs.push(node),
            None if beside => return Err(unknown(graph, input, config)),
            None => {}
        }
    }
    // An exemption whose input no lock has is told with the one that was probably meant.
    for input in config.exempt.iter().filter_map(|exemption| exemption.named.as_ref()) {
        let is_there = graph.find_input(input.path.iter().map(String::as_str)).is_some();
        look_for(graph, input, is_there);
    }
    Ok(declared)
}

fn declared_node(graph: &Graph<'_, '_>, input: &DeclaredInput) -> Option<NodeId> {
    let names = input.path.iter().map(String::as_str);
    let node = graph.find_input(names).and_then(|found| graph.end(found));
    look_for(graph, input, node.is_some());
    node
}

/// Remembers that the lock has an input, or what it has instead.
fn look_for(graph: &Graph<'_, '_>, input: &DeclaredInput, is_there: bool) {
    let names = input.path.iter().map(String::as_str);
    if is_there {
        input.see();
    } else if !input.was_seen() {
        graph.nearest_input(names).into_iter().for_each(|meant| input.miss(meant));
    }
}

fn unknown(graph: &Graph<'_, '_>, input: &DeclaredInput, config: &Config) -> Error {
    let path = input.path.join("/");
    // Another lock may have a name that is nearer, but the message is about this one.
    let meant = graph.nearest_input(input.path.iter().map(String::as_str));
    let message = format!("the lock has no input `{path}`{}", did_you_mean(meant.as_deref()));
    error(message, input, Some(config))
}

/// A source that is not a flake exports nothing: it cannot be the configured nixpkgs.
fn require_flake(
    graph: &Graph<'_, '_>,
    input: &DeclaredInput,
    node: NodeId,
    config: Option<&Config>,
) -> Result<(), Error> {
    if graph.lock().node(node).flake {
        return Ok(());
    }
    let path = input.path.join("/");
    let message = format!("`{path}` is locked with `flake = false`: it exports no nixpkgs");
    Err(error(message, input, config))
}

/// Refuses nixpkgs itself, which has no settings, and a flake without a nixpkgs among its inputs.
fn require_wrapper(
    graph: &Graph<'_, '_>,
    input: &DeclaredInput,
    node: NodeId,
    config: Option<&Config>,
) -> Result<(), Error> {
    let path = input.path.join("/");
    let message = match not_configured(graph, node) {
        None => return Ok(()),
        Some(NotConfigured::Nixpkgs) => format!(
            "`{path}` is NixOS/nixpkgs itself, which has no settings: `configured` names the wrapper \
             flake that imports it with some{}",
            lookalikes_hint(graph)
        ),
        Some(NotConfigured::TakesNone) => format!(
            "`{path}` has no nixpkgs among its inputs: `configured` names the wrapper flake that imports \
             one with settings{}",
            lookalikes_hint(graph)
        ),
    };
    Err(error(message, input, config))
}

/// Asks for the root's inputs that look like wrappers, as the end of a message.
fn lookalikes_hint(graph: &Graph<'_, '_>) -> String {
    let names: Vec<_> = lookalikes(graph).iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!(": {}?", names.join(", ")) }
}

fn is_from_file(declared: &Declared, node: NodeId) -> bool {
    let of_file = |of: &DeclaredWrapper| of.kind == EvidenceKind::ConfigFile;
    declared.configured.iter().any(|of| of.node == node && of_file(of))
}

fn error(message: String, input: &DeclaredInput, config: Option<&Config>) -> Error {
    let file = config.map(|config| config.file.clone());
    let position = file.as_ref().map(|_| input.position);
    let excerpt = file.as_ref().and_then(|_| input.excerpt.clone());
    Error { message: Visible(&message).to_string(), file, position, excerpt }
}
