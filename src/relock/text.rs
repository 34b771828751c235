//! The text of a lock, byte for byte as Nix writes it.
//!
//! Source: Nix, `src/libflake/lockfile.cc`, `LockFile::toJSON`, and the JSON of nlohmann: keys in
//! the order of their bytes, two spaces for each level, no escapes but those that JSON requires.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::draft::{Draft, DraftId, DraftTag, DraftTarget};
use crate::flake_ref::SpelledRef;
use crate::lock::{AttributeValue, Table};

/// Writes a lock.
pub(super) fn write(draft: &Draft) -> String {
    let keys = keys(draft);
    let mut json = Json::default();
    json.open('{');
    json.key("nodes");
    json.open('{');
    let by_key: BTreeMap<&str, DraftId> =
        draft.nodes.ids().filter_map(|id| Some((keys.at(id).as_deref()?, id))).collect();
    for (key, id) in by_key {
        json.key(key);
        node(&mut json, draft, &keys, id);
    }
    json.close('}');
    json.key("root");
    json.text("root");
    json.key("version");
    json.raw("7");
    json.close('}');
    json.text.push('\n');
    json.text
}

type Keys = Table<DraftTag, Option<String>>;

/// A key for each node that is reached: the name of the input that reaches it first, depth first,
/// inputs in the order of their names; with a number where that is taken.
fn keys(draft: &Draft) -> Keys {
    let mut keys: Keys = Table::like(&draft.nodes, None);
    let mut taken: HashSet<String> = HashSet::new();
    // The number to be tried next for a name: keys are never given back.
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

fn node(json: &mut Json, draft: &Draft, keys: &Keys, id: DraftId) {
    let node = draft.nodes.at(id);
    json.open('{');
    if node.build_time {
        json.key("buildTime");
        json.raw("true");
    }
    if node.is_source {
        json.key("flake");
        json.raw("false");
    }
    if !node.inputs.is_empty() {
        json.key("inputs");
        json.open('{');
        for (name, target) in &node.inputs {
            json.key(name);
            match target {
                DraftTarget::Direct(child) => {
                    json.text(keys.at(*child).as_deref().unwrap_or_default());
                }
                DraftTarget::Follows(path) => json.texts(path),
            }
        }
        json.close('}');
    }
    if let Some(references) = &node.references {
        reference(json, "locked", &references.locked);
        reference(json, "original", &references.original);
    }
    if let Some(parent) = &node.parent {
        json.key("parent");
        json.texts(parent);
    }
    json.close('}');
}

fn reference(json: &mut Json, key: &str, reference: &SpelledRef) {
    json.key(key);
    json.open('{');
    for attribute in reference.list() {
        json.key(attribute.name);
        match attribute.value {
            AttributeValue::Text(text) => json.text(text),
            AttributeValue::Bool(value) => json.raw(if value { "true" } else { "false" }),
            AttributeValue::Number(number) => json.raw(&number.to_string()),
        }
    }
    json.close('}');
}

/// JSON as nlohmann's `dump(2)` lays it out.
#[derive(Debug, Default)]
struct Json {
    text: String,
    depth: usize,
    /// Whether nothing stands yet in what was opened last.
    is_first: bool,
}

impl Json {
    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
        self.is_first = true;
    }

    /// What was opened last is closed. An empty one stays on its line.
    fn close(&mut self, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        if !self.is_first {
            self.line();
        }
        self.text.push(bracket);
        self.is_first = false;
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn item(&mut self) {
        if !self.is_first {
            self.text.push(',');
        }
        self.is_first = false;
        self.line();
    }

    fn key(&mut self, key: &str) {
        self.item();
        self.text(key);
        self.text.push_str(": ");
    }

    /// serde_json escapes what nlohmann escapes, in the same way.
    fn text(&mut self, text: &str) {
        self.text.push_str(&serde_json::Value::from(text).to_string());
    }

    fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn texts(&mut self, texts: &[String]) {
        self.open('[');
        for text in texts {
            self.item();
            self.text(text);
        }
        self.close(']');
    }
}
