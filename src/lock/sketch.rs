//! Locks for unit tests, from a few words.
//!
//! A line is a node: its key, and its inputs behind a colon. An input `name` leads to the node of
//! that key, `name=key` to another, and `name=/a/b` follows that path. What has no line of its own
//! is a node without inputs. `key!` has `flake = false`; `key (owner/repo)` is that repository on
//! GitHub, and without it the key, up to a number behind `_`, is one of `acme`; nixpkgs is itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The text of a lock.
pub(crate) fn lock(sketch: &str) -> String {
    let mut nodes: BTreeMap<String, Value> = BTreeMap::new();
    let mut named = Vec::new();
    for line in sketch.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (node, inputs) = line.split_once(':').unwrap_or((line, ""));
        let (key, repository) = match node.split_once(" (") {
            Some((key, rest)) => (key, rest.strip_suffix(')')),
            None => (node, None),
        };
        let (key, is_flake) = match key.strip_suffix('!') {
            Some(key) => (key, false),
            None => (key, true),
        };
        let mut targets = BTreeMap::new();
        for input in inputs.split(',').map(str::trim).filter(|input| !input.is_empty()) {
            let (name, target) = input.split_once('=').unwrap_or((input, input));
            let follows = target.strip_prefix('/').map(|path| path.split('/'));
            let target = match follows {
                Some(path) => json!(path.filter(|name| !name.is_empty()).collect::<Vec<_>>()),
                None => {
                    named.push(target.to_owned());
                    json!(target)
                }
            };
            targets.insert(name.to_owned(), target);
        }
        let mut made = json!({ "inputs": targets });
        if key != "root" {
            source(&mut made, key, repository);
        }
        if !is_flake {
            made["flake"] = json!(false);
        }
        nodes.insert(key.to_owned(), made);
    }
    for key in named {
        nodes.entry(key).or_insert_with_key(|key| {
            let mut leaf = json!({});
            source(&mut leaf, key, None);
            leaf
        });
    }
    json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string()
}

fn source(node: &mut Value, key: &str, repository: Option<&str>) {
    let stem = key.split('_').next().unwrap_or(key);
    let owner = if stem == "nixpkgs" { "NixOS" } else { "acme" };
    let (owner, repo) = repository.and_then(|name| name.split_once('/')).unwrap_or((owner, stem));
    let original = json!({ "owner": owner, "repo": repo, "type": "github" });
    let rev = "97521cfea6d77335d866179ca5e0f05b381c7e63";
    node["locked"] = json!({ "owner": owner, "repo": repo, "rev": rev, "type": "github" });
    node["original"] = original;
}
