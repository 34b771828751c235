//! The text of a lock, byte for byte as Nix writes it.
//!
//! Source: Nix, `src/libflake/lockfile.cc`, `LockFile::toJSON`, and the JSON of nlohmann: keys in
//! bytewise order, two spaces for each level, no escapes except those that JSON requires, which are
//! those of serde_json.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

use super::draft::{DraftId, DraftNode, DraftTag, DraftTarget, LockDraft, Reference};
use crate::lock::{AttributeValue, NameMap, Table};

/// Writes a lock.
pub(super) fn write(draft: &LockDraft<'_>) -> String {
    let keys = keys(draft);
    let node = |id| Some((keys.at(id).as_deref()?, draft.nodes.at(id)));
    let mut nodes: Vec<_> = draft.nodes.ids().filter_map(node).collect();
    nodes.sort_unstable_by_key(|(key, _)| *key);
    let mut out = Text::default();
    out.open("{");
    out.member("nodes");
    out.open("{");
    for (key, node) in nodes {
        out.member(key);
        out.open("{");
        node_members(&mut out, node, &keys);
        out.close("}");
    }
    out.close("}");
    out.member("root");
    out.string("root");
    out.member("version");
    out.text.push('7');
    out.close("}");
    out.text.push('\n');
    out.text
}

pub(super) type Keys<'d> = Table<DraftTag, Option<Cow<'d, str>>>;

/// A key for each reachable node: the name of the input that reaches it first, depth first, inputs
/// in the order of their names; with a number if the name is taken.
pub(super) fn keys<'d>(draft: &LockDraft<'d>) -> Keys<'d> {
    let mut keys: Keys<'d> = Table::like(&draft.nodes, None);
    let mut taken: HashSet<Cow<'d, str>, foldhash::fast::RandomState> = HashSet::default();
    // The next number to try for each name, because keys are never freed.
    let mut next: NameMap<'d, u64> = NameMap::default();
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
        let mut key = Cow::Borrowed(name);
        let number = next.entry(name).or_insert(2);
        while taken.contains(&key) {
            key = format!("{name}_{number}").into();
            *number += 1;
        }
        taken.insert(key.clone());
        *keys.at_mut(id) = Some(key);
        open.extend(children(id));
    }
    keys
}

/// The members of a node, in the order of their names.
fn node_members(out: &mut Text, node: &DraftNode<'_>, keys: &Keys<'_>) {
    if node.build_time {
        out.member("buildTime");
        out.text.push_str("true");
    }
    if node.is_source {
        out.member("flake");
        out.text.push_str("false");
    }
    if !node.inputs.is_empty() {
        out.member("inputs");
        out.open("{");
        for (name, target) in node.inputs.iter() {
            out.member(name);
            match target {
                DraftTarget::Direct(child) => out.string(keys.at(*child).as_deref().unwrap_or("")),
                DraftTarget::Follows(path) => out.path(path),
            }
        }
        out.close("}");
    }
    if let Some(references) = &node.references {
        out.reference("locked", &references.locked);
        out.reference("original", &references.original);
    }
    if let Some(parent) = &node.parent {
        out.member("parent");
        out.path(parent);
    }
}

/// JSON as it is written.
#[derive(Default)]
struct Text {
    text: String,
    /// How many brackets are open.
    depth: usize,
    /// Whether the innermost of them has something in it.
    is_filled: bool,
}

impl Text {
    fn open(&mut self, bracket: &str) {
        self.text.push_str(bracket);
        self.depth += 1;
        self.is_filled = false;
    }

    fn close(&mut self, bracket: &str) {
        self.depth -= 1;
        if self.is_filled {
            self.line(1);
        }
        self.text.push_str(bracket);
        self.is_filled = true;
    }

    /// A new line for what comes next in the innermost bracket.
    fn next(&mut self) {
        let from = if self.is_filled { 0 } else { 1 };
        self.is_filled = true;
        self.line(from);
    }

    /// A comma, a new line, and its indentation, from this byte of them on. A path in a node is as
    /// deep as it gets.
    fn line(&mut self, from: usize) {
        const DEEPEST: &str = ",\n            ";
        self.text.push_str(DEEPEST.get(from..2 + 2 * self.depth).unwrap_or_default());
    }

    fn member(&mut self, name: &str) {
        self.next();
        self.string(name);
        self.text.push_str(": ");
    }

    fn string(&mut self, text: &str) {
        // Without an early end, so that many bytes are looked at together.
        let is_plain =
            text.bytes().fold(true, |plain, b| plain & (b >= b' ') & (b != b'"') & (b != b'\\'));
        if is_plain {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
        } else {
            // A string can always be serialized.
            self.text.push_str(&serde_json::to_string(text).unwrap_or_default());
        }
    }

    fn path(&mut self, names: &[&str]) {
        self.open("[");
        for name in names {
            self.next();
            self.string(name);
        }
        self.close("]");
    }

    fn reference(&mut self, name: &str, reference: &Reference<'_>) {
        self.member(name);
        self.open("{");
        for attribute in reference.attributes().iter() {
            self.member(attribute.name);
            match attribute.value {
                AttributeValue::Text(text) => self.string(text),
                // Writing to a string cannot fail.
                AttributeValue::Bool(value) => drop(write!(self.text, "{value}")),
                AttributeValue::Number(number) => drop(write!(self.text, "{number}")),
                AttributeValue::Other(text) => self.text.push_str(text),
            }
        }
        self.close("}");
    }
}
