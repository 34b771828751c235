use super::*;
use crate::lock::{Unescaped, sketch};

/// Calls `then` with the graph of a sketched lock, with `overrides` applied: pairs of input path
/// and path to follow, with slashes.
fn with_overrides<T>(
    text: &str,
    overrides: &[(&str, &str)],
    then: impl FnOnce(&Graph<'_, '_>) -> T,
) -> T {
    let (text, unescaped, none) = (sketch::lock(text), Unescaped::new(), Overrides::new());
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let plain = Graph::build(&lock, &none).unwrap();
    let overrides = overrides.iter().map(|(input, follows)| {
        let follows = follows.split('/').filter(|name| !name.is_empty()).collect();
        (plain.find_input(input.split('/')).unwrap(), follows)
    });
    let overrides = overrides.collect();
    then(&Graph::build(&lock, &overrides).unwrap())
}

fn with<T>(text: &str, then: impl FnOnce(&Graph<'_, '_>) -> T) -> T {
    with_overrides(text, &[], then)
}

/// The input of a node, named as `node.input`, wherever it leads.
fn input(graph: &Graph<'_, '_>, name: &str) -> InputId {
    let (node, input) = name.split_once('.').unwrap();
    graph.lock().input_named(graph.lock().node_keyed(node).unwrap(), input).unwrap()
}

fn key<'a>(graph: &Graph<'_, 'a>, node: NodeId) -> &'a str {
    graph.lock().node(node).key
}

fn node(graph: &Graph<'_, '_>, key: &str) -> NodeId {
    graph.lock().node_keyed(key).unwrap()
}

/// Where an input ends: a key, or how and at which input it breaks.
fn end(graph: &Graph<'_, '_>, name: &str) -> String {
    let shown = |input| graph.input_path(input).names().join("/");
    match graph.edge(input(graph, name)).end {
        End::Node(node) => key(graph, node).into(),
        End::Dangling { cause, step } => format!("dangling at {} {step}", shown(cause)),
        End::Cycle { cause } => format!("cycle of {}", shown(cause)),
    }
}

fn chain(graph: &Graph<'_, '_>, name: &str) -> Vec<String> {
    let chain = graph.chain(input(graph, name));
    chain.map(|input| graph.input_path(input).names().join("/")).collect()
}

fn owner(graph: &Graph<'_, '_>, key: &str) -> String {
    graph.owner_path(node(graph, key)).names().join("/")
}

mod find;
mod owners;
mod resolved;
