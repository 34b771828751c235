//! Locks with other node keys.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::json_style::Style;

/// The same lock with other node keys: shuffled among the nodes, so that they mislead, or new ones.
pub(crate) fn renamed(lock: &Value, seed: u64) -> Value {
    let nodes = lock["nodes"].as_object().unwrap();
    let mut style = Style::shuffled(seed);
    let mut keys: Vec<String> = nodes.keys().cloned().collect();
    for last in (1..keys.len()).rev() {
        keys.swap(last, style.below(last + 1));
    }
    let new_keys: BTreeMap<&str, String> = nodes
        .keys()
        .zip(keys)
        .map(|(old, new)| {
            (old.as_str(), if seed.is_multiple_of(2) { new } else { format!("{new}\u{1b}") })
        })
        .collect();
    let mut renamed = Map::new();
    for (key, node) in nodes {
        let mut node = node.clone();
        if let Some(inputs) = node.get_mut("inputs").and_then(Value::as_object_mut) {
            for target in inputs.values_mut() {
                if let Some(new) = target.as_str().and_then(|key| new_keys.get(key)) {
                    *target = new.as_str().into();
                }
            }
        }
        renamed.insert(new_keys[key.as_str()].clone(), node);
    }
    let root = &new_keys[lock["root"].as_str().unwrap()];
    json!({"nodes": renamed, "root": root, "version": lock["version"]})
}
