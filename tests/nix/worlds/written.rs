//! A world as files: the root with its lock, and a source for each of its nodes.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use flake_audit::source::store_name;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::dependency::dependency;
use super::flakes;
use super::root;
use super::shape::{From, Input, NAMES, Settings, Shape, Slot, Style, Wrapper};
use crate::identity::{Files, hash};

/// A source, and its name in a lock.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) files: Files,
    pub(super) hash: String,
    /// Its name in a store.
    pub(super) folder: String,
}

impl Source {
    fn new(files: Files) -> Self {
        let hash = hash(&files);
        let folder = store_name("/nix/store", &hash, "source").unwrap();
        Self { files, hash, folder }
    }

    fn nixpkgs() -> &'static Self {
        static NIXPKGS: OnceLock<Source> = OnceLock::new();
        NIXPKGS.get_or_init(|| Self::new(flakes::nixpkgs()))
    }
}

/// A world on disk.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// The files of the root, including its lock.
    pub(super) files: Files,
    /// By node.
    pub(super) sources: BTreeMap<String, Source>,
}

impl Written {
    pub(super) fn new(shape: &Shape) -> Self {
        let mut lock = Lock { nodes: Map::new(), sources: BTreeMap::new(), shape };
        lock.root();
        let Lock { nodes, sources, .. } = lock;
        let mut files = root::root(shape);
        let lock = json!({ "nodes": nodes, "root": "root", "version": 7 });
        let text = serde_json::to_string_pretty(&lock).unwrap() + "\n";
        files.insert("flake.lock".into(), text);
        Self { files, sources }
    }

    /// The same with a lock in which one node is locked to a missing source.
    pub(super) fn without(&self, node: &str) -> Files {
        let mut files = self.files.clone();
        let mut lock: Value = serde_json::from_str(&files["flake.lock"]).unwrap();
        let hash = hash(&Files::from([("gone".to_owned(), node.to_owned())]));
        lock["nodes"][node]["locked"]["narHash"] = hash.into();
        files.insert("flake.lock".into(), serde_json::to_string_pretty(&lock).unwrap() + "\n");
        files
    }

    /// Nodes of dependencies: neither nixpkgs nor a wrapper.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = &str> {
        let is_one = |node: &&str| NAMES.iter().any(|name| node.starts_with(name));
        self.sources.keys().map(String::as_str).filter(is_one)
    }

    /// For people: what ends where, and all files that are not the stub's.
    pub(super) fn shown(&self) -> String {
        let lock: Value = serde_json::from_str(&self.files["flake.lock"]).unwrap();
        let mut text = String::new();
        for (key, node) in lock["nodes"].as_object().unwrap() {
            for (name, target) in node["inputs"].as_object().into_iter().flatten() {
                text += &format!("{key}/{name} -> {target}\n");
            }
        }
        let mut show = |title: &str, files: &Files| {
            for (path, content) in files.iter().filter(|it| it.0 != "flake.lock") {
                text += &format!("--- {title}{path}\n{content}");
            }
        };
        show("", &self.files);
        let own = ["nixpkgs-gpu", "nixpkgs-gpu_2", "nixpkgs-rocm", "nixpkgs-unfree"];
        for (node, source) in &self.sources {
            if own.contains(&&**node) || self.dependencies().any(|it| it == node) {
                show(&format!("{node}: "), &source.files);
            }
        }
        text
    }
}

/// A lock that grows from the root, in Nix's format.
struct Lock<'s> {
    nodes: Map<String, Value>,
    sources: BTreeMap<String, Source>,
    shape: &'s Shape,
}

impl Lock<'_> {
    /// A node with this source; returns its key.
    fn node(&mut self, original: Value, source: &Source, inputs: Option<Value>) -> String {
        let owner = original["owner"].clone();
        let repo = original["repo"].as_str().unwrap().to_owned();
        let mut key = repo.clone();
        let mut number = 2;
        while self.sources.contains_key(&key) {
            key = format!("{repo}_{number}");
            number += 1;
        }
        // Nix caches the contents of a revision.
        let rev = Sha256::digest(format!("{key} {}", source.hash));
        let rev: String = rev.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
        let mut node = json!({
            "locked": { "lastModified": 1_735_563_628, "narHash": source.hash, "owner": owner,
                "repo": repo, "rev": rev, "type": "github" },
            "original": original,
        });
        if let Some(inputs) = inputs {
            node["inputs"] = inputs;
        }
        self.nodes.insert(key.clone(), node);
        self.sources.insert(key.clone(), source.clone());
        key
    }

    fn nixpkgs(&mut self, branch: &str) -> String {
        let mut original = github("NixOS", "nixpkgs");
        original["ref"] = branch.into();
        self.node(original, Source::nixpkgs(), None)
    }

    fn root(&mut self) {
        let shape = self.shape;
        let mut inputs = Map::new();
        inputs.insert("nixpkgs".into(), self.nixpkgs("nixos-24.11").into());
        if let Some(wrapper) = shape.wrapper {
            let base = if wrapper.follows {
                json!(["nixpkgs"])
            } else {
                self.nixpkgs("nixos-24.11").into()
            };
            let source = Source::new(flakes::wrapper(wrapper));
            let name = wrapper.name();
            let key =
                self.node(github(flakes::OWNER, name), &source, Some(json!({ "nixpkgs": base })));
            inputs.insert(name.into(), key.into());
        }
        if shape.second {
            let key = self.nixpkgs("nixos-unstable");
            inputs.insert("nixpkgs-unstable".into(), key.into());
        }
        if root::has_homes(shape) {
            let follows = json!({ "nixpkgs": ["nixpkgs"] });
            let name = github("nix-community", "home-manager");
            let source = Source::new(flakes::home_manager());
            let key = self.node(name, &source, Some(follows));
            inputs.insert("home-manager".into(), key.into());
        }
        match shape.style {
            Style::Plain | Style::Each => {}
            Style::Utils => {
                let source = Source::new(flakes::flake_utils());
                let key = self.node(github("numtide", "flake-utils"), &source, None);
                inputs.insert("flake-utils".into(), key.into());
            }
            Style::Parts => {
                let source = Source::new(flakes::nixpkgs_lib());
                let lib = self.node(github("nix-community", "nixpkgs.lib"), &source, None);
                let source = Source::new(flakes::flake_parts());
                let name = github("hercules-ci", "flake-parts");
                let key = self.node(name, &source, Some(json!({ "nixpkgs-lib": lib })));
                inputs.insert("flake-parts".into(), key.into());
            }
        }
        for input in &shape.inputs {
            let key = self.dependency(*input, &[]);
            inputs.insert(NAMES[input.dep].into(), key.into());
        }
        self.nodes.insert("root".into(), json!({ "inputs": inputs }));
    }

    fn dependency(&mut self, input: Input, holder: &[&str]) -> String {
        let (shape, name) = (self.shape, NAMES[input.dep]);
        let mut inputs = Map::new();
        let nixpkgs = match input.slot {
            Slot::Own | Slot::Shared => self.nixpkgs("nixos-unstable").into(),
            Slot::Root => json!(["nixpkgs"]),
            Slot::Second => json!(["nixpkgs-unstable"]),
            Slot::Wrapper => json!([shape.wrapper.map_or("", Wrapper::name)]),
            Slot::Of(dep) => json!([NAMES[dep], "nixpkgs"]),
            Slot::Holder => json!([holder, &["nixpkgs"]].concat()),
        };
        inputs.insert("nixpkgs".into(), nixpkgs);
        let path = [holder, &[name]].concat();
        let dep = &shape.deps[input.dep];
        let second = dep.second.map(|slot| match slot {
            Slot::Root => json!(["nixpkgs"]),
            Slot::Second => json!(["nixpkgs-unstable"]),
            _ => self.nixpkgs("nixos-unstable").into(),
        });
        if let Some(second) = second {
            inputs.insert("nixpkgs-unstable".into(), second);
        }
        if dep.from == From::Wrapper {
            let wrapper = if dep.shared {
                json!([flakes::WRAPPER])
            } else {
                let follows = [holder, &[name, "nixpkgs"]].concat();
                let wrapper = Wrapper { settings: Settings::Cuda, follows: true, declared: false };
                let source = Source::new(flakes::wrapper(wrapper));
                let original = github(flakes::OWNER, flakes::WRAPPER);
                self.node(original, &source, Some(json!({ "nixpkgs": follows }))).into()
            };
            inputs.insert(flakes::WRAPPER.into(), wrapper);
        }
        for sub in &dep.inputs {
            let target = match sub.slot {
                Slot::Shared => json!([NAMES[sub.dep]]),
                _ => self.dependency(*sub, &path).into(),
            };
            inputs.insert(NAMES[sub.dep].into(), target);
        }
        let source = Source::new(dependency(input.dep, &shape.deps[input.dep]));
        self.node(github(flakes::OWNER, name), &source, Some(Value::Object(inputs)))
    }
}

/// The original reference of a repository.
fn github(owner: &str, repo: &str) -> Value {
    json!({ "type": "github", "owner": owner, "repo": repo })
}
