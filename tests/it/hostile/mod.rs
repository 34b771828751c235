//! Locks made to be slow: the work stays linear in their size, and nothing recurses.
//!
//! Time is not measured. The sizes are such that an algorithm that is quadratic in any of them
//! would take minutes, and one that recurses would overflow the stack.

mod wrappers;

use std::fmt::Write;

use flake_audit::graph::{End, Graph, Overrides};
use flake_audit::instance::{Analysis, Declared, LockSources};
use flake_audit::lock::{Lock, Unescaped};
use flake_audit::text::{LineIndex, Visible, is_hidden};

use crate::support::everything::{Seen, survive};

const MANY: usize = 100_000;
/// Enough where more would only take longer.
const SOME: usize = 30_000;

/// A lock that is written directly, without a tree in memory.
struct Written(String);

impl Written {
    fn new() -> Self {
        Self(String::from("{\"nodes\":{"))
    }

    /// A node of `github:OWNER/REPO` with these inputs, as JSON members.
    fn node(&mut self, key: &str, repository: (&str, &str), inputs: &str) {
        let (owner, repo) = repository;
        let reference = format!(r#"{{"type":"github","owner":"{owner}","repo":"{repo}"}}"#);
        writeln!(
            self.0,
            r#""{key}":{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}},"#
        )
        .unwrap();
    }

    fn nixpkgs(&mut self) {
        self.node("nixpkgs", ("NixOS", "nixpkgs"), "");
    }

    /// Ends the lock with its root.
    fn root(mut self, inputs: &str) -> Vec<u8> {
        write!(self.0, r#""root":{{"inputs":{{{inputs}}}}}}},"root":"root","version":7}}"#)
            .unwrap();
        self.0.into_bytes()
    }
}

const DEP: (&str, &str) = ("acme", "dep");
const GPU: (&str, &str) = ("acme", "nixpkgs-gpu");
const UNFREE: (&str, &str) = ("numtide", "nixpkgs-unfree");

fn members(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

fn seen(bytes: &[u8]) -> Seen {
    survive(bytes).unwrap()
}

/// Resolves and judges, and calls `then` with the result.
fn with_analysis<T>(bytes: &[u8], then: impl FnOnce(&Analysis<'_, '_, '_>) -> T) -> T {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(bytes, &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    then(&Analysis::new(&graph, &Declared::default(), &LockSources::none(&graph)))
}

/// 40 levels of two inputs that lead to one node each.
#[test]
fn paths_by_the_million_million() {
    let mut lock = Written::new();
    for level in 0..40 {
        let next = level + 1;
        lock.node(&format!("n{level}"), DEP, &format!(r#""a":"n{next}","b":"n{next}""#));
    }
    lock.node("n40", ("NixOS", "nixpkgs"), "");
    let seen = seen(&lock.root(r#""a":"n0","b":"n0""#));
    assert_eq!(seen.reachable, 42);
}

/// The same by follows: every input follows one of the level below, in two ways.
#[test]
fn follows_by_the_million_million() {
    let mut lock = Written::new();
    lock.nixpkgs();
    let mut root = String::from(r#""n0":"nixpkgs""#);
    for level in 1..=MANY / 10 {
        let below = level - 1;
        lock.node(&format!("k{level}"), DEP, &format!(r#""a":["n{below}"],"b":["k{below}","a"]"#));
        write!(root, r#","k{level}":"k{level}","n{level}":["k{level}","a"]"#).unwrap();
    }
    // The lowest `b` leads to the missing `k0`, and so do all others.
    let seen = seen(&lock.root(&root));
    assert_eq!(seen.reachable, MANY / 10 + 2);
}

#[test]
fn a_chain_of_follows() {
    let mut lock = Written::new();
    lock.nixpkgs();
    let chain = members((0..MANY).map(|at| format!(r#""n{at}":["n{}"]"#, at + 1)));
    let bytes = lock.root(&format!(r#"{chain},"n{MANY}":"nixpkgs""#));
    assert!(seen(&bytes).steps > MANY);
    with_analysis(&bytes, |analysis| {
        let graph = analysis.graph();
        let first = graph.lock().input_named(graph.lock().root(), "n0").unwrap();
        assert_eq!(graph.chain_length(first) as usize, MANY + 1);
        assert_eq!(graph.end(first), graph.lock().node_keyed("nixpkgs"));
    });
}

/// A chain backwards in the order of names, so that each step is resolved before it is needed; and
/// chains that end in a circle, or nowhere.
#[test]
fn chains_that_end_badly() {
    for (last, is_cycle) in [(r#"["n0000000"]"#, true), (r#"["missing"]"#, false)] {
        let chain = members((1..SOME).map(|at| format!(r#""n{at:07}":["n{:07}"]"#, at - 1)));
        let bytes = Written::new().root(&format!(r#"{chain},"n0000000":{last}"#));
        with_analysis(&bytes, |analysis| {
            let graph = analysis.graph();
            for input in graph.inputs_of(graph.lock().root()) {
                match graph.edge(input).end {
                    End::Cycle { .. } => assert!(is_cycle),
                    End::Dangling { .. } => assert!(!is_cycle),
                    End::Node(_) => panic!("it ends"),
                }
            }
        });
        seen(&bytes);
    }
}

#[test]
fn one_circle_of_follows() {
    let chain = members((0..SOME).map(|at| format!(r#""n{at}":["n{}"]"#, (at + 1) % SOME)));
    seen(&Written::new().root(&chain));
}

#[test]
fn one_path_of_many_names_and_many_paths_of_one() {
    // Every step of the long path goes around once: to the root and down to the same node again.
    let mut lock = Written::new();
    lock.node("a", DEP, r#""up":[]"#);
    let round = members((0..MANY).map(|_| r#""a","up""#.to_owned()));
    assert_eq!(seen(&lock.root(&format!(r#""a":"a","long":[{round}]"#))).reachable, 2);
}

#[test]
fn direct_inputs_in_a_row() {
    // The smaller one is audited and reported, too.
    for depth in [MANY / 10, MANY] {
        let mut lock = Written::new();
        for level in 0..depth {
            let inputs = format!(r#""d":"n{}","nixpkgs":["nixpkgs"],"up":[]"#, level + 1);
            lock.node(&format!("n{level}"), DEP, &inputs);
        }
        lock.node(&format!("n{depth}"), DEP, "");
        lock.nixpkgs();
        lock.node("gpu", GPU, r#""nixpkgs":["nixpkgs"]"#);
        let bytes = lock.root(r#""d":"n0","nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu""#);
        let seen = seen(&bytes);
        assert_eq!(seen.reachable, depth + 4);
        assert_eq!(seen.causes, depth);
    }
}

/// Each follows the slot above it by its whole path, which is the only lock that is quadratic by
/// itself.
#[test]
fn follows_down_a_long_row() {
    const DEPTH: usize = 500;
    let mut lock = Written::new();
    lock.nixpkgs();
    lock.node("gpu", GPU, r#""nixpkgs":["nixpkgs"]"#);
    let mut path = String::new();
    for level in 0..DEPTH {
        let inputs = format!(r#""d":"n{}","nixpkgs":[{path}"nixpkgs"]"#, level + 1);
        lock.node(&format!("n{level}"), DEP, &inputs);
        path.push_str("\"d\",");
    }
    lock.node(&format!("n{DEPTH}"), DEP, "");
    let seen = seen(&lock.root(r#""d":"n0","nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu""#));
    assert_eq!((seen.causes, seen.affects), (1, DEPTH - 1));
}

#[test]
fn nodes_in_a_loop() {
    let mut lock = Written::new();
    for at in 0..SOME {
        lock.node(&format!("n{at}"), DEP, &format!(r#""next":"n{}""#, (at + 1) % SOME));
    }
    let bytes = lock.root(r#""first":"n0""#);
    seen(&bytes);
    with_analysis(&bytes, |analysis| {
        let cycles = analysis.graph().node_cycles();
        assert_eq!(cycles.iter().map(|cycle| cycle.nodes.len()).collect::<Vec<_>>(), [SOME]);
    });
}

#[test]
fn loops_by_the_thousand() {
    let mut lock = Written::new();
    for at in 0..SOME {
        lock.node(&format!("n{at}"), DEP, &format!(r#""self":"n{at}""#));
    }
    let bytes = lock.root(&members((0..SOME).map(|at| format!(r#""n{at}":"n{at}""#))));
    seen(&bytes);
    with_analysis(&bytes, |analysis| assert_eq!(analysis.graph().node_cycles().len(), SOME));
}

#[test]
fn one_node_with_many_inputs_and_many_owners() {
    let mut lock = Written::new();
    lock.nixpkgs();
    lock.node("gpu", GPU, r#""nixpkgs":["nixpkgs"]"#);
    lock.node("dep", DEP, &members((0..MANY).map(|at| format!(r#""n{at}":"nixpkgs""#))));
    let seen = seen(&lock.root(r#""dep":"dep","nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu""#));
    // None is called nixpkgs, so all are primary.
    assert_eq!(seen.causes, MANY);
}

/// All slots follow one slot, and one follows all others in turn. Wrappers on wrappers on wrappers,
/// side by side and nested. As many flakes that hold a wrapper as there are slots to judge, and
/// each of them in all. Everything that the root holds is a wrapper, so that every slot has to
/// choose among them.
#[test]
fn many_nodes() {
    let mut lock = Written::new();
    lock.nixpkgs();
    lock.node("gpu", GPU, r#""nixpkgs":["nixpkgs"]"#);
    let mut root = String::from(r#""nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu""#);
    for at in 0..MANY {
        lock.node(&format!("a{at}"), DEP, &format!(r#""b":"b{at}","nixpkgs":["nixpkgs-gpu"]"#));
        lock.node(&format!("b{at}"), DEP, &format!(r#""nixpkgs":["a{at}","nixpkgs"]"#));
        write!(root, r#","a{at}":"a{at}""#).unwrap();
    }
    let seen = seen(&lock.root(&root));
    assert_eq!((seen.reachable, seen.causes), (2 * MANY + 3, 0));
}

#[test]
fn nodes_that_no_input_reaches() {
    let mut lock = Written::new();
    for at in 0..SOME {
        lock.node(&format!("n{at}"), DEP, &format!(r#""x":["n{at}","x"],"y":"missing""#));
    }
    assert_eq!(seen(&lock.root("")).reachable, 1);
}

#[test]
fn keys_and_names_that_stand_there_again_and_again() {
    let mut lock = Written::new();
    let twice = members((0..SOME).map(|_| r#""\u0078":[]"#.to_owned()));
    for _ in 0..SOME {
        lock.node("same", DEP, r#""\u0078":[],"y":["x"]"#);
    }
    lock.node("\\u0073ame", DEP, &twice);
    assert_eq!(seen(&lock.root(r#""x":"same""#)).reachable, 2);
}

#[test]
fn one_reference_of_many_attributes_in_no_order() {
    let attributes = members((0..MANY).rev().map(|at| format!(r#""x{at}":"y""#)));
    let reference = format!(r#"{{"type":"github","owner":"o","repo":"r",{attributes}}}"#);
    let mut lock = Written::new();
    writeln!(lock.0, r#""a":{{"locked":{reference},"original":{reference}}},"#).unwrap();
    assert_eq!(seen(&lock.root(r#""a":"a""#)).reachable, 2);
}

const HOSTILE: &str = concat!(
    r"\u001b[31m\u202e\u2066\u009b\u200b\ufeff\u0000\r\n\t",
    r#"\"'\\/.${x}<script>alert(1)</script>&amp;%0A::error::`|]]"#
);

/// Every name contains what terminals, HTML, Nix and CI would interpret, and every place is
/// requested.
#[test]
fn names_that_mean_harm() {
    const HERE: usize = 10_000;
    let mut lock = Written::new();
    let mut root = format!(r#""{HOSTILE}":["{HOSTILE}0"]"#);
    for at in 0..HERE {
        let inputs = format!(r#""{HOSTILE}{at}":["{HOSTILE}{}"],"nixpkgs":[]"#, at / 2);
        lock.node(&format!("{HOSTILE}{at}"), ("\\u001b]0;", HOSTILE), &inputs);
        write!(root, r#","{HOSTILE}{at}":"{HOSTILE}{at}""#).unwrap();
    }
    let bytes = lock.root(&root);
    assert_eq!(seen(&bytes).reachable, HERE + 1);
    let unescaped = Unescaped::new();
    let lock = Lock::parse(&bytes, &unescaped).unwrap();
    let index = LineIndex::new(lock.text());
    for (id, node) in lock.nodes().iter() {
        let shown = Visible(node.key).to_string();
        assert!(!shown.contains(is_hidden), "{shown:?}");
        // One node per line, including the last one.
        let line = index.position(lock.node_key_span(id).start).line;
        assert_eq!(line, id.index() + 1);
        for input in node.inputs.ids() {
            let span = lock.input_span(id, input);
            assert_eq!(index.position(span.start).line, line);
            assert!(lock.text()[span.range()].starts_with('"'));
        }
    }
}

#[test]
fn values_nested_deeply_where_nothing_is_expected() {
    let deep = [&"[".repeat(MANY)[..], &"]".repeat(MANY)].concat();
    let objects = [&r#"{"a":"#.repeat(MANY)[..], "1", &"}".repeat(MANY)].concat();
    for nested in [&deep, &objects] {
        let fine = format!(
            r#"{{"x":{nested},"nodes":{{"root":{{"x":{nested},"locked":{nested}}},"n":{nested},"m":{{"inputs":{nested}}}}},"root":"root","version":7}}"#
        );
        assert_eq!(seen(fine.as_bytes()).reachable, 1);
        for bad in [
            nested.clone(),
            format!(r#"{{"version":{nested}}}"#),
            format!(r#"{{"version":7,"root":{nested}}}"#),
            format!(r#"{{"version":7,"root":"r","nodes":{nested}}}"#),
            format!(
                r#"{{"version":7,"root":"r","nodes":{{"r":{{"inputs":{{"a":[{nested}]}}}}}}}}"#
            ),
        ] {
            assert!(survive(bad.as_bytes()).is_err());
        }
        assert!(survive(&fine.as_bytes()[..MANY]).is_err());
    }
}

/// One line of megabytes, and a line for every blank: positions cost the same.
#[test]
fn positions_in_long_lines_and_many_lines() {
    for blanks in [" ", "\n"] {
        let blanks = blanks.repeat(10 * MANY);
        let text = format!(r#"{{"version":7,"root":"r",{blanks}"nodes":{{"r":{{"inputs":"#);
        let inputs = members((0..MANY).map(|at| format!(r#""\u00e9{at}":[]"#)));
        seen(format!(r#"{text}{{{inputs}}}}}}}}}"#).as_bytes());
    }
}
