use super::*;
use crate::graph::{Graph, Overrides};
use crate::lock::{InputId, Lock, NodeId, Unescaped, sketch};

/// Calls `then` with the analysis of a sketched lock without sources; `configured` and `nixpkgs`
/// are keys of nodes that the user declared.
fn declared<T>(
    text: &str,
    configured: &[&str],
    nixpkgs: &[&str],
    then: impl FnOnce(&Analysis<'_, '_, '_>) -> T,
) -> T {
    let (text, unescaped, none) = (sketch::lock(text), Unescaped::new(), Overrides::new());
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let graph = Graph::build(&lock, &none).unwrap();
    let nodes = |keys: &[&str]| -> Vec<NodeId> {
        keys.iter().map(|key| lock.node_keyed(key).unwrap()).collect()
    };
    let kind = EvidenceKind::ConfigFile;
    let configured =
        nodes(configured).into_iter().map(|node| DeclaredWrapper { node, kind }).collect();
    let declared = Declared { configured, nixpkgs: nodes(nixpkgs), ..Declared::default() };
    let sources = LockSources::none(&graph);
    then(&Analysis::new(&graph, &declared, &sources))
}

fn with<T>(text: &str, then: impl FnOnce(&Analysis<'_, '_, '_>) -> T) -> T {
    declared(text, &[], &[], then)
}

/// An input named as `node.input`.
fn input(analysis: &Analysis<'_, '_, '_>, name: &str) -> InputId {
    let lock = analysis.graph().lock();
    let (node, input) = name.split_once('.').unwrap();
    lock.input_named(lock.node_keyed(node).unwrap(), input).unwrap()
}

fn node(analysis: &Analysis<'_, '_, '_>, key: &str) -> NodeId {
    analysis.graph().lock().node_keyed(key).unwrap()
}

fn key<'a>(analysis: &Analysis<'_, '_, 'a>, node: NodeId) -> &'a str {
    analysis.graph().lock().node(node).key
}

/// The key of a wrapper's node.
fn of_wrapper<'a>(analysis: &Analysis<'_, '_, 'a>, id: WrapperId) -> &'a str {
    key(analysis, analysis.wrapper(id).node)
}

fn path(analysis: &Analysis<'_, '_, '_>, input: InputId) -> String {
    analysis.graph().input_path(input).names().join("/")
}

fn paths(analysis: &Analysis<'_, '_, '_>, inputs: &[InputId]) -> Vec<String> {
    inputs.iter().map(|input| path(analysis, *input)).collect()
}

mod causes;
mod expectations;
mod known;
mod known_flakes;
mod listed;
mod on_disk;
mod roles;
mod settings;
mod slots;
