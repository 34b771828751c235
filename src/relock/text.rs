//! The text of a lock, byte for byte as Nix writes it.
//!
//! Source: Nix, `src/libflake/lockfile.cc`, `LockFile::toJSON`, and the JSON of nlohmann: keys in
//! bytewise order, two spaces for each level, no escapes except those that JSON requires.
//! serde_json prints in the same way.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Serialize, Serializer};

use super::draft::{DraftId, DraftNode, DraftTag, DraftTarget, LockDraft};
use crate::flake_ref::OwnedRef;
use crate::lock::{AttributeValue, Table};

/// Writes a lock.
pub(super) fn write(draft: &LockDraft) -> String {
    let keys = keys(draft);
    let node = |id| Some((keys.at(id).as_deref()?, WrittenNode::new(draft.nodes.at(id), &keys)));
    let nodes = draft.nodes.ids().filter_map(node).collect();
    let lock = WrittenLock { nodes, root: "root", version: 7 };
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
            DraftTarget::Direct(child) => Some((name.as_str(), *child)),
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
    nodes: BTreeMap<&'d str, WrittenNode<'d>>,
    root: &'static str,
    version: u8,
}

#[derive(Serialize)]
struct WrittenNode<'d> {
    #[serde(rename = "buildTime", skip_serializing_if = "Option::is_none")]
    build_time: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flake: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    inputs: BTreeMap<&'d str, WrittenTarget<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked: Option<WrittenReference<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<WrittenReference<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'d [String]>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenTarget<'d> {
    Direct(&'d str),
    Follows(&'d [String]),
}

struct WrittenReference<'d>(&'d OwnedRef);

impl<'d> WrittenNode<'d> {
    fn new(node: &'d DraftNode, keys: &'d Keys) -> Self {
        let target = |target: &'d DraftTarget| match target {
            DraftTarget::Direct(child) => {
                WrittenTarget::Direct(keys.at(*child).as_deref().unwrap_or_default())
            }
            DraftTarget::Follows(path) => WrittenTarget::Follows(path),
        };
        let inputs = node.inputs.iter().map(|(name, to)| (name.as_str(), target(to)));
        Self {
            build_time: node.build_time.then_some(true),
            flake: node.is_source.then_some(false),
            inputs: inputs.collect(),
            locked: node.references.as_ref().map(|references| WrittenReference(&references.locked)),
            original: node
                .references
                .as_ref()
                .map(|references| WrittenReference(&references.original)),
            parent: node.parent.as_deref(),
        }
    }
}

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
