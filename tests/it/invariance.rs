//! What must not matter does not: the keys of nodes, and the order of members in the file.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::builder::canonical;
use crate::support::corpus;
use crate::support::json_style::Style;
use crate::support::property::check_locks;
use crate::support::random::Shape;
use crate::support::story::tell;

/// The same lock with other node keys: shuffled among the nodes, so that names lie, or new ones.
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

#[test]
fn facts_do_not_depend_on_keys_and_order() {
    let causes = Cell::new(0);
    for shape in [Shape::default(), Shape::WILD] {
        check_locks(shape, |lock, seed| {
            let story = tell(&canonical(lock));
            causes.set(causes.get() + story.causes.len());
            let other = renamed(lock, seed);
            assert_eq!(story, tell(&Style::shuffled(seed).write(&other)));
        });
    }
    println!("{} causes", causes.get());
}

#[test]
fn corpus_facts_do_not_depend_on_keys_and_order() {
    let Some(locks) = corpus::locks() else { return };
    let mut told = 0;
    for (seed, lock) in (0_u64..).zip(&locks) {
        let Ok(value) = serde_json::from_slice::<Value>(&lock.bytes) else { continue };
        if value["version"].as_u64().is_none_or(|version| !(5..=7).contains(&version)) {
            continue;
        }
        let story = tell(std::str::from_utf8(&lock.bytes).unwrap());
        let other = Style::shuffled(seed).write(&renamed(&value, seed));
        assert_eq!(story, tell(&other), "{}", lock.name);
        told += 1;
    }
    println!("{told} told");
}
