//! Owner paths, what stands within what, and loops of owners.

use super::*;

#[test]
fn the_shortest_path_owns_and_of_equal_ones_the_first() {
    let shared = "
        root: b, c, z=far
        b: x=shared
        c: a=shared
        far: deep
        deep: s=shared
    ";
    with(shared, |graph| {
        assert_eq!(owner(graph, "shared"), "b/x");
        assert_eq!(owner(graph, "root"), "");
        let more = graph.extra_owners().iter();
        let more: Vec<_> = more.map(|at| graph.input_path(*at).names().join("/")).collect();
        assert_eq!(more, ["c/a", "z/deep/s"]);
        assert_eq!(graph.node_cycles(), []);
    });
    // Shorter wins over first.
    with("root: a, z\na: b=z", |graph| assert_eq!(owner(graph, "z"), "z"));
    // A follows owns nothing.
    with("root: a, b\na: x=/b/c\nb: c", |graph| {
        assert_eq!(owner(graph, "c"), "b/c");
        assert_eq!(graph.extra_owners(), []);
    });
}

#[test]
fn reachable_nodes_come_by_depth_and_path() {
    let text = "
        root: b, a
        a: d, c
        b: e
        left: nixpkgs
    ";
    with(text, |graph| {
        let keys: Vec<_> = graph.reachable().iter().map(|node| key(graph, *node)).collect();
        assert_eq!(keys, ["root", "a", "b", "c", "d", "e"]);
        assert!(!graph.is_reachable(node(graph, "left")));
        assert!(!graph.is_reachable(node(graph, "nixpkgs")));
        assert!(graph.place(node(graph, "left")).is_none());
    });
}

#[test]
fn a_node_is_within_itself_and_what_owns_it() {
    let text = "
        root: a, b
        a: c, d
        c: e
        b: f
        left
    ";
    with(text, |graph| {
        let within = |a: &str, b: &str| graph.is_within(node(graph, a), node(graph, b));
        for (inner, outer) in [("e", "c"), ("e", "a"), ("e", "root"), ("d", "a"), ("c", "c")] {
            assert!(within(inner, outer), "{inner} in {outer}");
            assert!(inner == outer || !within(outer, inner), "{outer} in {inner}");
        }
        for (one, other) in [("d", "c"), ("c", "d"), ("f", "a"), ("b", "a"), ("a", "b")] {
            assert!(!within(one, other), "{one} in {other}");
        }
        assert!(!within("left", "left") && !within("left", "root") && !within("root", "left"));
        // Ranks below a node are those within it, and no others.
        for outer in ["root", "a", "b", "c", "e"] {
            let below = graph.ranks_below(node(graph, outer));
            for inner in ["root", "a", "b", "c", "d", "e", "f"] {
                let rank = graph.depth_first_rank(node(graph, inner)).unwrap();
                let is_below = inner != outer && within(inner, outer);
                assert_eq!(below.contains(&rank), is_below, "{inner} below {outer}");
            }
        }
        assert!(graph.ranks_below(node(graph, "left")).is_empty());
    });
}

#[test]
fn inputs_sort_by_depth_before_name() {
    // `a` stands before the root in the file.
    with("root: a\na: b, c=/a/b", |graph| {
        let order = |name| graph.input_order(input(graph, name));
        assert!(order("root.a") < order("a.b"), "the holder that is nearer comes first");
        assert!(order("a.b") < order("a.c"));
    });
}

#[test]
fn loops_of_owners_are_found_where_they_close() {
    let text = "
        root: a, d
        a: b
        b: c
        c: a, d
    ";
    with(text, |graph| {
        let cycles = graph.node_cycles();
        assert_eq!(cycles.len(), 1, "`d` has two owners and is no loop: {cycles:?}");
        assert_eq!(cycles[0].closes, input(graph, "c.a"));
        let nodes: Vec<_> = cycles[0].nodes.iter().map(|node| key(graph, *node)).collect();
        assert_eq!(nodes, ["a", "b", "c"]);
    });
    // Two inputs close one loop, which is reported once; another loop is separate.
    with("root: a, x\na: b\nb: a, again=a\nx: me=x", |graph| {
        let closes: Vec<_> = graph.node_cycles().iter().map(|cycle| cycle.closes).collect();
        assert_eq!(closes, [input(graph, "x.me"), input(graph, "b.a")]);
    });
    // The nodes of a loop come by owner path, whatever their keys.
    with("root: m\nm: z\nz: a\na: m", |graph| {
        let nodes = graph.node_cycles()[0].nodes.clone();
        let nodes: Vec<_> = nodes.iter().map(|node| key(graph, *node)).collect();
        assert_eq!(nodes, ["m", "z", "a"]);
    });
    // A follows, or an unreachable node, closes no loop, even if a node has two owners.
    let by_follows = "root: a, b\na: d, x=/b\nb: d\nd: back=/a";
    with(by_follows, |graph| assert_eq!(graph.node_cycles(), []));
    with("root: a\na: b\nb: a=/a", |graph| assert_eq!(graph.node_cycles(), []));
    with("root: a, b=a\nx: y\ny: x", |graph| assert_eq!(graph.node_cycles(), []));
    // An override is a follows, so it opens the loop.
    with_overrides(text, &[("a/b/c/a", "d")], |graph| assert_eq!(graph.node_cycles(), []));
}
