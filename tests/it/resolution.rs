//! Every input ends where two other resolvers say: one written from the definition, and the crate
//! `nix-flake-lock`.

use std::cell::Cell;
use std::collections::BTreeMap;

use flake_audit::graph::{End, Graph, InputPath, Overrides};
use flake_audit::lock::{Lock, Unescaped};
use nix_flake_lock::{Edge, LockFile, ResolveError};
use serde_json::Value;

use crate::support::builder::{LockBuilder, ROOT, canonical};
use crate::support::naive::{NaiveEnd, NaiveLock};
use crate::support::property::check_locks;
use crate::support::random::Shape;
use crate::support::source::Source;
use crate::support::{corpus, json_style::Style};

/// Does something with the graph of a lock that can be read.
fn with_graph<T>(bytes: &[u8], then: impl FnOnce(&Graph<'_, '_>) -> T) -> Result<T, String> {
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

/// How many inputs were compared with the naive resolver, and ended in each way.
#[derive(Debug, Default, Clone, Copy)]
struct Compared {
    nodes: usize,
    dangling: usize,
    cycles: usize,
    too_long: usize,
}

impl Compared {
    fn plus(self, other: Self) -> Self {
        Self {
            nodes: self.nodes + other.nodes,
            dangling: self.dangling + other.dangling,
            cycles: self.cycles + other.cycles,
            too_long: self.too_long + other.too_long,
        }
    }
}

fn compare_with_naive(graph: &Graph<'_, '_>) -> Compared {
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

/// The chain of an input has the end of the input all along, and as many steps as it says.
fn chain_leads_there(graph: &Graph<'_, '_>, input: flake_audit::lock::InputId) {
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

/// Compares with `nix-flake-lock`; the number of inputs, or why it does not read the lock.
fn compare_with_crate(bytes: &[u8], graph: &Graph<'_, '_>) -> Result<usize, String> {
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

#[test]
fn random_locks_resolve_as_defined() {
    let sum = Cell::new(Compared::default());
    let refused = Cell::new(0);
    for shape in [Shape::default(), Shape::WILD] {
        check_locks(shape, |lock, _| {
            let text = canonical(lock);
            with_graph(text.as_bytes(), |graph| {
                let compared = compare_with_naive(graph);
                if !shape.dangling && !shape.cycles {
                    assert_eq!(compared.dangling + compared.cycles, 0);
                }
                sum.set(sum.get().plus(compared));
                if compare_with_crate(text.as_bytes(), graph).is_err() {
                    refused.set(refused.get() + 1);
                }
            })
            .unwrap();
        });
    }
    println!("{:?}; nix-flake-lock refused {}", sum.get(), refused.get());
    assert_eq!(refused.get(), 0, "nix-flake-lock reads what the generator writes");
}

#[test]
fn keys_in_any_order_and_any_spelling_resolve_alike() {
    check_locks(Shape::WILD, |lock, seed| {
        let text = Style::wild(seed).write(lock);
        with_graph(text.as_bytes(), compare_with_naive).unwrap();
    });
}

#[test]
fn corpus_locks_resolve_as_defined() {
    let Some(locks) = corpus::locks() else { return };
    let mut sum = Compared::default();
    let mut ours: BTreeMap<String, usize> = BTreeMap::new();
    let mut theirs: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let (mut accepted, mut inputs) = (0, 0);
    for lock in &locks {
        let compared = with_graph(&lock.bytes, |graph| {
            (compare_with_naive(graph), compare_with_crate(&lock.bytes, graph))
        });
        match compared {
            Ok((naive, by_crate)) => {
                sum = sum.plus(naive);
                match by_crate {
                    Ok(compared) => {
                        accepted += 1;
                        inputs += compared;
                    }
                    Err(reason) => theirs.entry(reason).or_default().push(&lock.name),
                }
            }
            Err(reason) => *ours.entry(reason).or_default() += 1,
        }
    }
    let refused: usize = ours.values().sum();
    println!("read {}, {sum:?}; refused {refused}: {ours:#?}", locks.len() - refused);
    println!("nix-flake-lock: read {accepted} ({inputs} inputs), refused {theirs:#?}");
    assert_eq!(sum.too_long, 0);
}

#[test]
fn fixtures_resolve_as_defined() {
    for lock in corpus::fixtures().iter().filter(|lock| !lock.name.starts_with("malformed")) {
        // The naive resolver knows no byte order mark.
        let compared = with_graph(&lock.bytes, compare_with_naive);
        assert!(compared.is_ok(), "{}: {compared:?}", lock.name);
    }
}

/// Nix keeps one list of all follows that it met while resolving a path, and calls a second
/// meeting a cycle (lock-format.md, 2). Here only what never ends is one.
#[test]
fn a_follows_met_twice_is_no_cycle() {
    let mut lock = LockBuilder::new();
    let a = lock.add(ROOT, "a", Source::Acme("a"));
    let t = lock.add(ROOT, "t", Source::Acme("t"));
    lock.follows(a, "p", &["t"]);
    lock.follows(t, "q", &["t"]);
    lock.follows(ROOT, "edge", &["a", "p", "q"]);
    with_graph(lock.to_text().as_bytes(), |graph| {
        let edge = graph.lock().input_named(graph.lock().root(), "edge").unwrap();
        assert_eq!(graph.end(edge), graph.lock().node_keyed("t"));
        compare_with_naive(graph);
        compare_with_crate(lock.to_text().as_bytes(), graph).unwrap();
    })
    .unwrap();
}

#[test]
fn long_paths_keep_both_ends() {
    let names: Vec<String> = (0..100).map(|depth| format!("n{depth}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut lock = LockBuilder::new();
    let mut holder = ROOT;
    for name in &names {
        lock.follows(holder, "self", &[]);
        holder = lock.add(holder, name, Source::Acme("dep"));
    }
    with_graph(lock.to_text().as_bytes(), |graph| {
        assert_eq!(graph.reachable().len(), 101);
        for (depth, &node) in graph.reachable().iter().enumerate() {
            let path = graph.owner_path(node);
            let whole = &names[..depth];
            assert_eq!(path, InputPath::new(whole), "at {depth}");
            if depth <= 64 {
                assert_eq!(path.whole(), Some(whole));
            } else {
                assert_eq!(path.whole(), None);
                let shown = [&whole[..32], &["…"], &whole[depth - 32..]].concat();
                assert_eq!(path.names(), shown);
            }
            if let Some(input) = graph.lock().input_named(node, "self") {
                let whole = [whole, &["self"]].concat();
                assert_eq!(graph.input_path(input), InputPath::new(&whole), "at {depth}");
            }
        }
    })
    .unwrap();
}
