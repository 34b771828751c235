//! Where inputs end, and by which steps.

use super::*;

const CHAIN: &str = "
    root: nixpkgs, a, gpu
    gpu: nixpkgs=/nixpkgs
    a: nixpkgs=/gpu/nixpkgs, b, pkgs=/a/nixpkgs
    b: nixpkgs=/a/pkgs
";

#[test]
fn follows_lead_through_follows() {
    with(CHAIN, |graph| {
        assert_eq!(end(graph, "b.nixpkgs"), "nixpkgs");
        let steps = ["a/b/nixpkgs", "a/pkgs", "a/nixpkgs", "gpu/nixpkgs", "nixpkgs"];
        assert_eq!(chain(graph, "b.nixpkgs"), steps);
        assert_eq!(graph.chain_length(input(graph, "b.nixpkgs")), 5);
        assert_eq!(chain(graph, "root.nixpkgs"), ["nixpkgs"]);
        // Only the last name of a path is a step of the chain.
        assert_eq!(graph.edge(input(graph, "a.pkgs")).next, Some(input(graph, "a.nixpkgs")));
        assert_eq!(graph.edge(input(graph, "root.nixpkgs")).next, None);
    });
}

#[test]
fn an_empty_path_is_the_root() {
    with("root: a\na: self=/", |graph| {
        assert_eq!(end(graph, "a.self"), "root");
        assert_eq!(chain(graph, "a.self"), ["a/self"]);
        assert!(!graph.is_direct(input(graph, "a.self")));
        assert!(graph.is_direct(input(graph, "root.a")));
    });
}

#[test]
fn what_dangles_says_where() {
    let text = "
        root: a, b
        a: x=/b/nope/deeper, y=/a/x, z=/a/y/more
    ";
    with(text, |graph| {
        assert_eq!(end(graph, "a.x"), "dangling at a/x 1");
        // Whoever follows it breaks for the same reason, at the same place.
        assert_eq!(end(graph, "a.y"), "dangling at a/x 1");
        assert_eq!(end(graph, "a.z"), "dangling at a/x 1");
        assert_eq!(chain(graph, "a.z"), ["a/z", "a/y", "a/x"]);
        assert_eq!(graph.end(input(graph, "a.z")), None);
    });
}

#[test]
fn a_cycle_is_named_by_its_first_member() {
    let text = "
        root: a, b
        a: x=/b/x, into=/b/y
        b: x=/b/y, y=/a/x
    ";
    with(text, |graph| {
        for member in ["a.x", "b.x", "b.y"] {
            assert_eq!(end(graph, member), "cycle of a/x");
            assert_eq!(graph.chain_length(input(graph, member)), 3, "{member}");
        }
        // Not a member itself: it leads into the cycle, one step longer.
        assert_eq!(end(graph, "a.into"), "cycle of a/x");
        assert_eq!(graph.chain_length(input(graph, "a.into")), 4);
        assert_eq!(chain(graph, "b.x"), ["b/x", "b/y", "a/x"]);
    });
    with("root: x=/x", |graph| {
        assert_eq!(end(graph, "root.x"), "cycle of x");
        assert_eq!(chain(graph, "root.x"), ["x"]);
    });
}

#[test]
fn overrides_count_and_what_is_written_does_not() {
    let none = with(CHAIN, |graph| end(graph, "a.nixpkgs"));
    assert_eq!(none, "nixpkgs");
    with_overrides(CHAIN, &[("a/nixpkgs", "gpu")], |graph| {
        assert_eq!(end(graph, "a.nixpkgs"), "gpu");
        assert_eq!(end(graph, "b.nixpkgs"), "gpu", "it follows what is overridden");
        assert_eq!(end(graph, "gpu.nixpkgs"), "nixpkgs");
    });
    // A node that nothing owns any more is gone, with everything below it.
    with_overrides(CHAIN, &[("a", "gpu")], |graph| {
        assert!(!graph.is_reachable(node(graph, "a")) && !graph.is_reachable(node(graph, "b")));
        assert!(graph.is_reachable(node(graph, "gpu")));
    });
}

#[test]
fn users_are_those_whose_inputs_end_there() {
    with(CHAIN, |graph| {
        let users = graph.adjacency().users(node(graph, "nixpkgs"));
        let mut users: Vec<_> =
            users.into_iter().map(|user| graph.input_path(user).names().join("/")).collect();
        users.sort();
        assert_eq!(users, ["a/b/nixpkgs", "a/nixpkgs", "a/pkgs", "gpu/nixpkgs", "nixpkgs"]);
        assert_eq!(graph.adjacency().users(node(graph, "root")), []);
    });
    // In the order of the lock, not of insertion.
    with("root: a, b, c\na: x=c\nb: x=/c", |graph| {
        let users = graph.adjacency().users(node(graph, "c"));
        assert!(users.is_sorted() && users.len() == 3, "{users:?}");
    });
    with("root: x=/nope", |graph| assert_eq!(graph.adjacency().petgraph().edge_count(), 0));
}

#[test]
fn what_nix_refuses_is_an_error() {
    let refused = |text: &str| {
        let (unescaped, none) = (Unescaped::new(), Overrides::new());
        let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
        Graph::build(&lock, &none).map(|_| ()).unwrap_err().message
    };
    let told = refused(&sketch::lock("root: a\na: up=root"));
    assert!(told.contains("leads to the root"), "{told}");
    let missing = r#"{"nodes": {"root": {"inputs": {"a": "b"}}}, "root": "root", "version": 7}"#;
    assert!(refused(missing).contains("names a missing node `b`"));
    let bare = |node: &str| {
        refused(&format!(
            r#"{{"nodes": {{"root": {{"inputs": {{"a": "a"}}}}, "a": {node}}}, "root": "root", "version": 7}}"#
        ))
    };
    assert!(bare(r#"{"original": {"type": "path"}}"#).contains("has no `locked`"));
    assert!(bare(r#"{"locked": {"type": "path"}}"#).contains("has no `original`"));
    // Nix never looks at a node that no input reaches.
    let (unescaped, none) = (Unescaped::new(), Overrides::new());
    let left =
        r#"{"nodes": {"root": {}, "left": {"inputs": {"a": "b"}}}, "root": "root", "version": 7}"#;
    let lock = Lock::parse(left.as_bytes(), &unescaped).unwrap();
    assert!(Graph::build(&lock, &none).is_ok());
}
