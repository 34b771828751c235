//! Locks made by hand, written as Nix writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value, json};

use super::source::Source;

/// A node of a lock under construction.
pub(crate) type Made = usize;
/// Its root.
pub(crate) const ROOT: Made = 0;

/// A lock under construction: a tree of direct inputs, and follows between them.
#[derive(Clone)]
pub(crate) struct LockBuilder {
    nodes: Vec<MadeNode>,
}

#[derive(Debug, Clone)]
struct MadeNode {
    source: Option<Source>,
    flake: bool,
    path: Vec<String>,
    inputs: BTreeMap<String, MadeInput>,
}

/// Where an input leads.
#[derive(Debug, Clone)]
pub(crate) enum MadeInput {
    Direct(Made),
    Follows(Vec<String>),
}

impl LockBuilder {
    pub(crate) fn new() -> Self {
        let root =
            MadeNode { source: None, flake: true, path: Vec::new(), inputs: BTreeMap::new() };
        Self { nodes: vec![root] }
    }

    /// Adds a node below another.
    pub(crate) fn add(&mut self, holder: Made, name: &str, source: Source) -> Made {
        let node = self.nodes.len();
        let path = [self.path(holder), &[name.to_owned()]].concat();
        self.set(holder, name, MadeInput::Direct(node));
        self.nodes.push(MadeNode {
            source: Some(source),
            flake: true,
            path,
            inputs: BTreeMap::new(),
        });
        node
    }

    /// Makes an input follow a path.
    pub(crate) fn follows(&mut self, holder: Made, name: &str, path: &[&str]) {
        let path = path.iter().map(|&name| name.to_owned()).collect();
        self.set(holder, name, MadeInput::Follows(path));
    }

    /// Sets an input that does not exist yet.
    pub(crate) fn set(&mut self, holder: Made, name: &str, input: MadeInput) {
        let before = self.nodes[holder].inputs.insert(name.to_owned(), input);
        assert!(before.is_none(), "input {name} is there twice");
    }

    /// Locks a node with `flake = false`.
    pub(crate) fn not_a_flake(&mut self, node: Made) {
        self.nodes[node].flake = false;
    }

    /// The owner path of a node.
    pub(crate) fn path(&self, node: Made) -> &[String] {
        &self.nodes[node].path
    }

    pub(crate) fn source(&self, node: Made) -> Option<Source> {
        self.nodes[node].source
    }

    pub(crate) fn is_flake(&self, node: Made) -> bool {
        self.nodes[node].flake
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn inputs(&self, node: Made) -> &BTreeMap<String, MadeInput> {
        &self.nodes[node].inputs
    }

    /// The node keys that Nix would choose (`LockFile::toJSON` in `src/libflake/lockfile.cc`).
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![String::new(); self.nodes.len()];
        let mut taken = BTreeSet::new();
        let mut stack = vec![(ROOT, "root")];
        while let Some((node, name)) = stack.pop() {
            if !keys[node].is_empty() {
                continue;
            }
            let numbered = (2..).map(|n| format!("{name}_{n}"));
            let key = [name.to_owned()].into_iter().chain(numbered).find(|k| !taken.contains(k));
            keys[node] = key.unwrap();
            taken.insert(keys[node].clone());
            for (name, input) in self.nodes[node].inputs.iter().rev() {
                if let MadeInput::Direct(child) = input {
                    stack.push((*child, name));
                }
            }
        }
        keys
    }

    /// The lock as a JSON value; serde_json keeps objects sorted, as Nix does.
    pub(crate) fn to_value(&self) -> Value {
        let keys = self.keys();
        let mut nodes = Map::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let mut written = Map::new();
            if !node.inputs.is_empty() {
                let inputs: Map<_, _> = node
                    .inputs
                    .iter()
                    .map(|(name, input)| {
                        let target = match input {
                            MadeInput::Direct(child) => Value::from(keys[*child].as_str()),
                            MadeInput::Follows(path) => Value::from(path.as_slice()),
                        };
                        (name.clone(), target)
                    })
                    .collect();
                written.insert("inputs".into(), inputs.into());
            }
            if let Some(source) = node.source {
                let (locked, original) = source.references(number);
                written.insert("locked".into(), locked);
                written.insert("original".into(), original);
            }
            if !node.flake {
                written.insert("flake".into(), false.into());
            }
            nodes.insert(keys[number].clone(), written.into());
        }
        json!({"nodes": nodes, "root": keys[ROOT], "version": 7})
    }

    /// The lock, byte for byte as Nix writes it.
    pub(crate) fn to_text(&self) -> String {
        canonical(&self.to_value())
    }
}

/// JSON as Nix writes it into a lock.
pub(crate) fn canonical(lock: &Value) -> String {
    serde_json::to_string_pretty(lock).unwrap() + "\n"
}

/// A failing property shows its lock as a file for pasting.
impl fmt::Debug for LockBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_value().to_string())
    }
}
