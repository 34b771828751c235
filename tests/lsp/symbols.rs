//! Symbols.

use serde_json::{Value, json};

use crate::editor::{Editor, capabilities, uri};
use crate::flake::Flake;

fn names(symbols: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let mut open: Vec<(String, &Value)> =
        symbols.as_array().unwrap().iter().rev().map(|s| (String::new(), s)).collect();
    while let Some((above, symbol)) = open.pop() {
        let name = format!("{above}{}", symbol["name"].as_str().unwrap());
        if let Some(children) = symbol["children"].as_array() {
            open.extend(children.iter().rev().map(|child| (format!("{name}/"), child)));
        }
        names.push(name);
    }
    names
}

#[test]
fn inputs_are_a_tree_and_a_lock_has_its_nodes() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&[]);
    let (nix, lock) = (flake.at("flake.nix"), flake.at("flake.lock"));
    let text = flake.read("flake.nix");
    editor.open(&nix, 1, &text);
    let ask = |path| json!({ "textDocument": { "uri": uri(path) } });
    let symbols = editor.request("textDocument/documentSymbol", ask(&nix)).unwrap();
    let names_of_inputs = names(&symbols);
    for name in ["another-dep", "another-dep/nixpkgs", "nixpkgs", "nixpkgs-gpu/nixpkgs"] {
        assert!(names_of_inputs.iter().any(|known| known == name), "{names_of_inputs:?}");
    }
    let dep = symbols.as_array().unwrap().iter().find(|s| s["name"] == "another-dep").unwrap();
    assert_eq!(dep["children"][0]["detail"], "follows nixpkgs");
    let (start, end) = (&dep["selectionRange"]["start"], &dep["selectionRange"]["end"]);
    let line = text.lines().nth(start["line"].as_u64().unwrap() as usize).unwrap();
    let column = |end: &Value| end["character"].as_u64().unwrap() as usize;
    assert_eq!(&line[column(start)..column(end)], "another-dep");
    let nodes = editor.request("textDocument/documentSymbol", ask(&lock)).unwrap();
    assert!(names(&nodes).contains(&"another-dep/nixpkgs".to_owned()), "{nodes}");
    // They also work without a readable lock.
    editor.open(&lock, 1, "{");
    let again = editor.request("textDocument/documentSymbol", ask(&nix)).unwrap();
    assert_eq!(again, symbols);
    editor.replace(&nix, 2, "{");
    let none = editor.request("textDocument/documentSymbol", ask(&nix)).unwrap();
    assert_eq!(none, Value::Null);

    // A flat list, for editors without a tree.
    let mut capabilities = capabilities();
    capabilities["textDocument"]["documentSymbol"] = json!({});
    let mut editor = Editor::with(&[], capabilities, Value::Null);
    editor.open(&nix, 1, &text);
    let flat = editor.request("textDocument/documentSymbol", ask(&nix)).unwrap();
    assert_eq!(flat.as_array().unwrap().len(), names_of_inputs.len());
    assert!(flat.as_array().unwrap().iter().any(|s| s["containerName"] == "another-dep"));
}
