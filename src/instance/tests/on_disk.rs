//! An analysis of a lock with sources on disk.

mod budget;
mod compared;
mod configured;
mod partitions;
mod reached;
mod relative;
mod verdicts;

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::graph::{Graph, Overrides};
use crate::instance::{Analysis, Declared, LockSources};
use crate::lock::{Lock, NodeId, Unescaped};
use crate::source::{Reader, Stores};

/// A flake on disk, and its lock.
struct Flake {
    folder: TempDir,
    nodes: Map<String, Value>,
}

impl Flake {
    /// A flake with these outputs and plain nixpkgs as an input.
    fn new(outputs: &str) -> Self {
        let mut flake = Self { folder: tempfile::tempdir().unwrap(), nodes: Map::new() };
        flake.write("flake.nix", &format!("{{ outputs = {outputs}; }}"));
        flake.nodes.insert("root".into(), json!({ "inputs": {} }));
        flake.github("root", "nixpkgs", "NixOS/nixpkgs");
        flake
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// An input that is not on disk.
    fn github(&mut self, holder: &str, name: &str, repository: &str) {
        let (owner, repo) = repository.split_once('/').unwrap();
        let reference = json!({ "type": "github", "owner": owner, "repo": repo });
        let mut locked = reference.clone();
        locked["rev"] = "a".repeat(40).into();
        self.node(holder, name, json!({ "locked": locked, "original": reference, "inputs": {} }));
    }

    /// An input in a folder of the root.
    fn folder(&mut self, name: &str, folder: &str) {
        self.folder_of("root", &[], name, folder);
    }

    /// An input in a folder of a holder, which is at this path.
    fn folder_of(&mut self, holder: &str, parent: &[&str], name: &str, folder: &str) {
        let reference = json!({ "type": "path", "path": folder });
        let node =
            json!({ "locked": reference, "original": reference, "parent": parent, "inputs": {} });
        self.node(holder, name, node);
    }

    fn node(&mut self, holder: &str, name: &str, node: Value) {
        self.nodes[holder]["inputs"][name] = name.into();
        self.nodes.insert(name.into(), node);
    }

    fn follows(&mut self, holder: &str, name: &str, path: &[&str]) {
        self.nodes[holder]["inputs"][name] = json!(path);
    }

    fn lock(&self) -> String {
        json!({ "nodes": self.nodes, "root": "root", "version": 7 }).to_string()
    }

    fn read<T>(&self, then: impl FnOnce(&Analysis<'_, '_, '_>) -> T) -> T {
        self.read_in(self.path(), then)
    }

    fn read_in<T>(&self, folder: &Path, then: impl FnOnce(&Analysis<'_, '_, '_>) -> T) -> T {
        let lock = self.lock();
        let unescaped = Unescaped::new();
        let lock = Lock::parse(lock.as_bytes(), &unescaped).unwrap();
        let overrides = Overrides::new();
        let graph = Graph::build(&lock, &overrides).unwrap();
        let reader = Reader::new(Stores::default(), Some(folder.to_owned()));
        let declared = Declared::default();
        let sources = LockSources::read(&graph, &declared, &reader);
        then(&Analysis::new(&graph, &declared, &sources))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn node(analysis: &Analysis<'_, '_, '_>, key: &str) -> NodeId {
    analysis.graph().lock().node_keyed(key).unwrap()
}
