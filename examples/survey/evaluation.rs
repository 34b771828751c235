//! The evaluator asked, without any store.

use std::path::Path;

use flake_audit::audit::{LockInput, with_analysis};
use flake_audit::instance::Analysis;
use flake_audit::lock::Unescaped;
use flake_audit::source::evaluate::facts::Reading;
use flake_audit::source::{Reader, Stores};
use serde_json::{Map, Value, json};

/// Evaluates the flake in a folder by a lock.
pub(crate) fn evaluate(
    folder: &Path,
    lock: &Value,
    mut then: impl FnMut(&Analysis<'_, '_, '_>, &Reading),
) -> Result<(), String> {
    let text = lock.to_string();
    let unescaped = Unescaped::new();
    let reader = Reader::new(Stores::default(), Some(folder.to_path_buf()));
    let source = LockInput {
        name: "flake.lock",
        bytes: text.as_bytes(),
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let done = with_analysis(source, None, &[], |analysis, _| match analysis.sources().root() {
        Some(root) if root.problem.is_none() => {
            then(analysis, &root.reading);
            Ok(())
        }
        Some(root) => Err(root.problem.clone().unwrap_or_default()),
        None => Err("it has no flake.nix".into()),
    });
    done.unwrap_or_else(|error| Err(format!("{error:?}")))
}

/// A lock of a flake that takes another one, and nixpkgs.
pub(crate) fn held(lock: &Value, path: &str) -> Value {
    let empty = Map::new();
    let nodes = lock.get("nodes").and_then(Value::as_object).unwrap_or(&empty);
    let root = lock.get("root").and_then(Value::as_str).unwrap_or("root");
    let mut held = Map::new();
    for (key, node) in nodes {
        let mut node = node.clone();
        if let Some(inputs) = node.get_mut("inputs").and_then(Value::as_object_mut) {
            for target in inputs.values_mut() {
                match target {
                    Value::String(key) => *key = format!("its {key}"),
                    Value::Array(follows) => follows.insert(0, "it".into()),
                    _ => {}
                }
            }
        }
        if key == root
            && let Some(node) = node.as_object_mut()
        {
            node.insert("locked".into(), json!({ "type": "path", "path": path }));
            node.insert("original".into(), json!({ "type": "path", "path": path }));
        }
        held.insert(format!("its {key}"), node);
    }
    let nixpkgs = json!({ "type": "github", "owner": "NixOS", "repo": "nixpkgs" });
    held.insert("nixpkgs".into(), json!({ "locked": nixpkgs, "original": nixpkgs }));
    let inputs = json!({ "inputs": { "it": format!("its {root}"), "nixpkgs": "nixpkgs" } });
    held.insert("root".into(), inputs);
    json!({ "nodes": held, "root": "root", "version": 7 })
}
