//! The text of a lock, byte for byte as Nix writes it.
//!
//! Source: Nix, `src/libflake/lockfile.cc`, `LockFile::toJSON`, and the JSON of nlohmann: keys in
//! bytewise order, two spaces for each level, no escapes except those that JSON requires.
//! serde_json prints in the same way.

use std::collections::{HashMap, HashSet};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::draft::{DraftId, DraftNode, DraftTag, DraftTarget, LockDraft};
use crate::flake_ref::OwnedRef;
use crate::lock::{AttributeValue, Table};

/// Writes a lock.
pub(super) fn write(draft: &LockDraft) -> String {
    let keys = keys(draft);
    let node =
        |id| Some((keys.at(id).as_deref()?, WrittenNode { node: draft.nodes.at(id), keys: &keys }));
    let mut nodes: Vec<_> = draft.nodes.ids().filter_map(node).collect();
    nodes.sort_unstable_by_key(|(key, _)| *key);
    let lock = WrittenLock { nodes: WrittenNodes(nodes), root: "root", version: 7 };
    // Serializing these types cannot fail.
    serde_json::to_string_pretty(&lock).unwrap_or_default() + "\n"
}

type Keys = Table<DraftTag, Option<String>>;

/// A key for each reachable node: the name of the input that reaches it first, depth first, inputs
/// in the order of their names; with a number if the name is taken.
fn keys(draft: &LockDraft) -> Keys {
    let mut keys: Keys = Table::like(&draft.nodes, None);
    let mut taken: HashSet<String> = HashSet::new();
    // The next number to try for each name, because keys are never freed.
    let mut next: HashMap<&str, u64> = HashMap::new();
    let children = |id: DraftId| {
        draft.nodes.at(id).inputs.iter().rev().filter_map(|(name, target)| match target {
            DraftTarget::Direct(child) => Some((name, *child)),
            DraftTarget::Follows(_) => None,
        })
    };
    let mut open = vec![("root", draft.root)];
    while let Some((name, id)) = open.pop() {
        if keys.at(id).is_some() {
            continue;
        }
        let mut key = name.to_owned();
        let number = next.entry(name).or_insert(2);
        while taken.contains(&key) {
            key = format!("{name}_{number}");
            *number += 1;
        }
        taken.insert(key.clone());
        *keys.at_mut(id) = Some(key);
        open.extend(children(id));
    }
    keys
}

/// Members are in the order of their names.
#[derive(Serialize)]
struct WrittenLock<'d> {
    nodes: WrittenNodes<'d>,
    root: &'static str,
    version: u8,
}

/// By their keys, sorted.
struct WrittenNodes<'d>(Vec<(&'d str, WrittenNode<'d>)>);

impl Serialize for WrittenNodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, node)| (key, node)))
    }
}

struct WrittenNode<'d> {
    node: &'d DraftNode,
    keys: &'d Keys,
}

impl Serialize for WrittenNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { node, keys } = self;
        let mut members = serializer.serialize_map(None)?;
        if node.build_time {
            members.serialize_entry("buildTime", &true)?;
        }
        if node.is_source {
            members.serialize_entry("flake", &false)?;
        }
        if !node.inputs.is_empty() {
            members.serialize_entry("inputs", &WrittenInputs { node, keys })?;
        }
        if let Some(references) = &node.references {
            members.serialize_entry("locked", &WrittenReference(&references.locked))?;
            members.serialize_entry("original", &WrittenReference(&references.original))?;
        }
        if let Some(parent) = &node.parent {
            members.serialize_entry("parent", parent)?;
        }
        members.end()
    }
}

struct WrittenInputs<'d> {
    node: &'d DraftNode,
    keys: &'d Keys,
}

impl Serialize for WrittenInputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inputs = self.node.inputs.iter().map(|(name, to)| match to {
            DraftTarget::Direct(child) => {
                let key = self.keys.at(*child).as_deref().unwrap_or_default();
                (name, WrittenTarget::Direct(key))
            }
            DraftTarget::Follows(path) => (name, WrittenTarget::Follows(path)),
        });
        serializer.collect_map(inputs)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenTarget<'d> {
    Direct(&'d str),
    Follows(&'d [String]),
}

struct WrittenReference<'d>(&'d OwnedRef);

impl Serialize for WrittenReference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let attributes = self.0.list();
        serializer.collect_map(attributes.iter().map(|it| (it.name, WrittenAttribute(it.value))))
    }
}

struct WrittenAttribute<'d>(AttributeValue<'d>);

impl Serialize for WrittenAttribute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::Text(text) => serializer.serialize_str(text),
            AttributeValue::Bool(value) => serializer.serialize_bool(value),
            AttributeValue::Number(number) => serializer.serialize_u64(number),
        }
    }
}
