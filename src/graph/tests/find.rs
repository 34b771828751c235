//! Inputs looked up by path, and paths as they are shown.

use super::*;

const TEXT: &str = "
    root: nixpkgs, another-dep, gpu
    gpu: nixpkgs=/nixpkgs
    another-dep: nixpkgs=/gpu, sub, broken=/nope
";

#[test]
fn paths_are_followed_on_the_way() {
    with(TEXT, |graph| {
        let find = |path: &str| graph.find_input(path.split('/'));
        assert_eq!(find("another-dep/nixpkgs"), Some(input(graph, "another-dep.nixpkgs")));
        // `another-dep/nixpkgs` is `gpu`, whose nixpkgs this is.
        assert_eq!(find("another-dep/nixpkgs/nixpkgs"), Some(input(graph, "gpu.nixpkgs")));
        assert_eq!(find("another-dep/broken"), Some(input(graph, "another-dep.broken")));
        assert_eq!(find("another-dep/broken/x"), None);
        assert_eq!(find("nope"), None);
        assert_eq!(graph.find_input([]), None);
    });
}

#[test]
fn the_nearest_name_is_meant_where_there_is_none() {
    with(TEXT, |graph| {
        let nearest = |path: &str| graph.nearest_input(path.split('/'));
        assert_eq!(nearest("anotherdep/nixpkg").as_deref(), Some("another-dep/nixpkgs"));
        assert_eq!(nearest("another-dep/brokn").as_deref(), Some("another-dep/broken"));
        assert_eq!(nearest("another-dep/nixpkgs"), None, "that is there");
        assert_eq!(nearest("another-dep/zzzzzzzz"), None, "nothing is like it");
        assert_eq!(nearest("another-dep/broken/x"), None);
    });
}

#[test]
fn long_paths_keep_their_ends() {
    let names: Vec<_> = (0..100).map(|at| at.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let whole = InputPath::new(&names[..64]);
    assert_eq!((whole.names(), whole.whole()), (&names[..64], Some(&names[..64])));
    let cut = InputPath::new(&names[..65]);
    assert_eq!(cut.names().len(), 65);
    assert_eq!((cut.names()[31], cut.names()[32], cut.names()[33]), ("31", "…", "33"));
    assert_eq!(cut.names().last(), Some(&"64"));
    assert_eq!(cut.whole(), None, "nothing is built from a path that is not whole");

    // A graph does the same for its inputs: 64 names are printed in full, of 65 both ends.
    let mut text = String::from("root: 0=n0\n");
    for at in 0..70 {
        text += &format!("n{at}: {}=n{}, end=/\n", at + 1, at + 1);
    }
    with(&text, |graph| {
        for (key, length) in [("n62", 64), ("n63", 65), ("n64", 66)] {
            let mut expected = names[..length - 1].to_vec();
            expected.push("end");
            let path = graph.input_path(input(graph, &format!("{key}.end")));
            assert_eq!(path, InputPath::new(&expected), "{key}");
        }
        assert_eq!(graph.owner_path(node(graph, "n63")).names(), &names[..64]);
    });
}

#[test]
fn what_no_input_reaches_has_a_name_of_its_own_only() {
    with("root\nleft: nixpkgs", |graph| {
        let path = graph.input_path(input(graph, "left.nixpkgs"));
        assert_eq!(path.names(), ["nixpkgs"]);
        assert!(graph.owner_path(node(graph, "left")).names().is_empty());
    });
}
