//! Every input ends where two other resolvers say: one written from the definition, and the crate
//! `nix-flake-lock`.

use std::cell::Cell;

use flake_audit::graph::InputPath;

use crate::support::builder::{LockBuilder, ROOT, canonical};
use crate::support::json_style::Style;
use crate::support::locks::{fixtures, read_below};
use crate::support::property::check_locks;
use crate::support::random::Shape;
use crate::support::resolved::{Compared, compare_with_crate, compare_with_naive, with_graph};
use crate::support::source::Source;

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
fn fixtures_resolve_as_defined() {
    for lock in read_below(&fixtures()).iter().filter(|lock| !lock.name.starts_with("malformed")) {
        // The naive resolver does not support a byte order mark.
        let compared = with_graph(&lock.bytes, compare_with_naive);
        assert!(compared.is_ok(), "{}: {compared:?}", lock.name);
    }
}

/// Nix keeps one list of all follows on the way of a path, and reports a cycle when one occurs
/// twice. Here only what never ends is one.
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
