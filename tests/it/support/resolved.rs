//! How inputs resolve, compared with two other resolvers: one written from the definition, and the
//! crate `nix-flake-lock`.

use std::collections::BTreeMap;

use flake_audit::graph::{End, Graph, Overrides};
use flake_audit::lock::{InputId, Lock, Unescaped};
use nix_flake_lock::{Edge, LockFile, ResolveError};
use serde_json::Value;

use super::naive::{NaiveEnd, NaiveLock};

/// Calls `then` with the graph of a lock, if it can be read.
pub(crate) fn with_graph<T>(
    bytes: &[u8],
    then: impl FnOnce(&Graph<'_, '_>) -> T,
) -> Result<T, String> {
    let unescaped = Unescaped::new();
    let overrides = Overrides::new();
    let lock = Lock::parse(bytes, &unescaped).map_err(|error| error.to_string())?;
    Graph::build(&lock, &overrides).map(|graph| then(&graph)).map_err(|error| error.to_string())
}

fn same_kind(end: End, naive: NaiveEnd<'_>, graph: &Graph<'_, '_>) -> bool {
    match (end, naive) {
        (End::Node(node), NaiveEnd::Node(key)) => graph.lock().node(node).key == key,
        (End::Dangling { .. }, NaiveEnd::Dangling) | (End::Cycle { .. }, NaiveEnd::Cycle) => true,
        (_, naive) => naive == NaiveEnd::TooLong,
    }
}

/// How many inputs were compared with the naive resolver, by kind of end.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Compared {
    pub(crate) nodes: usize,
    pub(crate) dangling: usize,
    pub(crate) cycles: usize,
    pub(crate) too_long: usize,
}

impl Compared {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            nodes: self.nodes + other.nodes,
            dangling: self.dangling + other.dangling,
            cycles: self.cycles + other.cycles,
            too_long: self.too_long + other.too_long,
        }
    }
}

pub(crate) fn compare_with_naive(graph: &Graph<'_, '_>) -> Compared {
    let lock = graph.lock();
    let value: Value = serde_json::from_str(lock.text()).unwrap();
    let naive = NaiveLock::new(&value);
    let mut compared = Compared::default();
    let mut inputs = 0;
    for (holder, name, target) in naive.inputs() {
        let node = lock.node_keyed(holder).unwrap();
        let input = lock.input_named(node, name).unwrap();
        let edge = graph.edge(input);
        assert_eq!(edge.holder, node);
        let expected = naive.end(target);
        assert!(
            same_kind(edge.end, expected, graph),
            "{holder} {name}: {:?}, but naively {expected:?}",
            edge.end
        );
        inputs += 1;
        match expected {
            NaiveEnd::Node(_) => compared.nodes += 1,
            NaiveEnd::Dangling => compared.dangling += 1,
            NaiveEnd::Cycle => compared.cycles += 1,
            NaiveEnd::TooLong => compared.too_long += 1,
        }
        chain_leads_there(graph, input);
    }
    assert_eq!(inputs, lock.inputs().len());
    let owner_paths = naive.owner_paths();
    let reachable: BTreeMap<_, _> = graph
        .reachable()
        .iter()
        .map(|node| (lock.node(*node).key, graph.owner_path(*node)))
        .map(|(key, path)| (key, path.names().to_vec()))
        .collect();
    assert_eq!(reachable, owner_paths);
    compared
}

/// The chain of an input leads to the input's end, in the given number of steps.
fn chain_leads_there(graph: &Graph<'_, '_>, input: InputId) {
    let chain: Vec<_> = graph.chain(input).collect();
    assert_eq!(chain.len(), graph.chain_length(input) as usize);
    assert_eq!(chain.first(), Some(&input));
    for step in &chain {
        assert_eq!(graph.edge(*step).end, graph.edge(input).end);
    }
    let last = chain.last().and_then(|last| graph.edge(*last).next);
    match graph.edge(input).end {
        End::Node(_) => assert_eq!(last, None),
        End::Dangling { cause, .. } => assert_eq!((chain.last(), last), (Some(&cause), None)),
        End::Cycle { cause } => assert!(chain.contains(&cause) && chain.contains(&last.unwrap())),
    }
}

/// Compares with `nix-flake-lock`; returns the number of inputs, or why it does not read the lock.
pub(crate) fn compare_with_crate(bytes: &[u8], graph: &Graph<'_, '_>) -> Result<usize, String> {
    let other = LockFile::parse(bytes).map_err(|error| format!("{:?}", error.kind()))?;
    let lock = graph.lock();
    let mut compared = 0;
    for (_, node) in other.nodes() {
        let holder = lock.node_keyed(node.source_key()).unwrap();
        for input in node.inputs() {
            let ours = graph.edge(lock.input_named(holder, input.name()).unwrap()).end;
            let theirs = match input.edge() {
                Edge::Node(node) => Ok(Some(*node)),
                Edge::Follows(path) => other.resolve_path(path),
            };
            let same = match (ours, &theirs) {
                (End::Node(node), Ok(Some(id))) => {
                    lock.node(node).key == other.node(*id).unwrap().source_key()
                }
                (End::Dangling { .. }, Ok(None))
                | (End::Cycle { .. }, Err(ResolveError::FollowsCycle { .. })) => true,
                _ => false,
            };
            assert!(same, "{} {}: {ours:?}, {theirs:?}", node.source_key(), input.name());
            compared += 1;
        }
    }
    Ok(compared)
}
