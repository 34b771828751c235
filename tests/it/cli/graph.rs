//! `graph` from the command line: how much is drawn.

use serde_json::json;

use super::flake_audit;

/// A lock with so many nodes, one of which has a nixpkgs.
fn lock(nodes: usize) -> String {
    let names: Vec<String> = (0..nodes - 2).map(|at| format!("n{at:03}")).collect();
    let mut all = serde_json::Map::new();
    let mut root = serde_json::Map::new();
    for name in &names {
        let source = json!({ "type": "github", "owner": "acme", "repo": name });
        all.insert(name.clone(), json!({ "locked": source, "original": source }));
        root.insert(name.clone(), json!(name));
    }
    let nixpkgs = json!({ "type": "github", "owner": "NixOS", "repo": "nixpkgs" });
    all.insert("nixpkgs".into(), json!({ "locked": nixpkgs, "original": nixpkgs }));
    root.insert("nixpkgs".into(), json!("nixpkgs"));
    all.insert("root".into(), json!({ "inputs": root }));
    json!({ "nodes": all, "root": "root", "version": 7 }).to_string()
}

#[test]
fn of_a_large_lock_a_picture_has_what_matters_and_all_of_it_where_that_is_asked_for() {
    let drawn = |nodes: usize, arguments: &[&str]| {
        let mut graph = flake_audit(std::env::temp_dir().as_path());
        let output = graph.arg("graph").args(arguments).arg("-").write_stdin(lock(nodes)).assert();
        let output = output.success().get_output().clone();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    for format in ["dot", "svg", "mermaid"] {
        let (all, said) = drawn(80, &["--format", format]);
        assert!(all.contains("n000") && said.is_empty(), "{format}: {said}");
        let (some, said) = drawn(81, &["--format", format]);
        assert!(!some.contains("n000") && some.contains("nixpkgs"), "{format}: {some}");
        assert!(
            said.starts_with("note: the lock has 81 nodes, so only ") && said.contains("--all"),
            "{said}"
        );
        let (all, said) = drawn(81, &["--format", format, "--all"]);
        assert!(all.contains("n000") && said.is_empty(), "{format}: {said}");
        // A part is drawn if it is asked for.
        let (part, said) = drawn(81, &["--format", format, "--focus", "n000"]);
        assert!(part.contains("n000") && said.is_empty(), "{format}: {said}");
    }
    // Formats with room for everything contain everything.
    for format in ["tree", "json", "html"] {
        let (all, said) = drawn(81, &["--format", format]);
        assert!(all.contains("n000") && said.is_empty(), "{format}: {said}");
    }
}
