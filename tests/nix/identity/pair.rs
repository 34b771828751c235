//! A lock and the flake.nix that it was locked for, as files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use flake_audit::source::store_name;
use flake_audit::text::NixString;
use serde_json::Value;
use tempfile::TempDir;

use super::declared::Flake;
use super::dice::Dice;
use super::grown::{Grown, Shape};
use super::nar;
use crate::program::Nix;

/// All files of a flake, by path.
pub(crate) type Files = BTreeMap<String, String>;

/// A random flake.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// The flake.nix in each folder.
    pub(super) flakes: BTreeMap<String, Flake>,
    pub(super) files: Files,
    /// What can be followed, and what can be overridden.
    pub(super) followable: Vec<Vec<String>>,
    pub(super) overridable: Vec<Vec<String>>,
    /// A store with the sources of everything that it depends on, if there are any.
    pub(super) store: Option<Store>,
}

const EMPTY_LOCK: &str = r#"{ "nodes": { "root": {} }, "root": "root", "version": 7 }"#;

impl Pair {
    /// Numbers of revisions begin at `first`.
    pub(super) fn new(dice: &mut Dice, shape: Shape, first: usize) -> Self {
        let mut grown = Grown::new(dice, shape, first);
        let store = shape.sources.then(|| Store::new(&grown.sources(dice)));
        let flakes = grown.flakes(dice, shape);
        let mut files = Files::new();
        files.insert("flake.lock".into(), grown.lock(dice));
        for (folder, flake) in &flakes {
            files.insert(named(folder, "flake.nix"), flake.text(dice));
            // A lock of its own no longer matters.
            if !folder.is_empty() && dice.percent(20) {
                files.insert(named(folder, "flake.lock"), EMPTY_LOCK.into());
            }
        }
        let (followable, overridable) = (grown.followable(), grown.overridable());
        Self { flakes, files, followable, overridable, store }
    }

    /// Spells a flake.nix again.
    pub(super) fn spell(&mut self, dice: &mut Dice, folder: &str) {
        self.files.insert(named(folder, "flake.nix"), self.flakes[folder].text(dice));
    }

    /// Makes the root's flake.nix repeat the follows that its inputs are locked to; returns whether
    /// there were any.
    pub(super) fn restate(&mut self) -> bool {
        let lock: Value = serde_json::from_str(&self.files["flake.lock"]).unwrap();
        let of = |key: &str| lock["nodes"][key]["inputs"].as_object().cloned().unwrap_or_default();
        let mut is_more = false;
        for (name, key) in of("root") {
            let says_more = self.root().inputs.get(&name).is_some_and(|it| it.follows.is_none());
            let Some(key) = key.as_str().filter(|_| says_more) else { continue };
            for (input, follows) in of(key) {
                let Value::Array(follows) = follows else { continue };
                let follows: Vec<String> =
                    follows.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
                let said = self.root().at(&[name.clone(), input]);
                let is_said = said.follows.is_some() || said.reference.is_some();
                if follows.first() == Some(&name) && !is_said {
                    said.follows = Some(follows);
                    is_more = true;
                }
            }
        }
        is_more
    }

    pub(super) fn root(&mut self) -> &mut Flake {
        self.flakes.get_mut("").unwrap()
    }
}

/// A file in a folder.
pub(super) fn named(folder: &str, file: &str) -> String {
    if folder.is_empty() { file.into() } else { format!("{folder}/{file}") }
}

/// Sources in a store.
#[derive(Debug, Clone)]
pub(super) struct Store {
    folder: Rc<TempDir>,
    /// Their names in it.
    names: BTreeSet<String>,
}

impl Store {
    fn new(sources: &[Files]) -> Self {
        let folder = tempfile::Builder::new().prefix("flake-audit-nix-").tempdir().unwrap();
        let mut names = BTreeSet::new();
        for files in sources {
            let name = store_name("/nix/store", &nar::hash(files), "source").unwrap();
            for (path, text) in files {
                let path = folder.path().join(&name).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            names.insert(name);
        }
        Self { folder: Rc::new(folder), names }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Copies them into Nix's own store.
    pub(super) fn put(&self, nix: &Nix) {
        let paths = self.names.iter().map(|name| {
            let path = NixString(self.path().join(name).to_str().unwrap()).to_string();
            format!("(builtins.path {{ name = \"source\"; path = /. + {path}; }})")
        });
        let all = format!("[ {} ]", paths.collect::<Vec<_>>().join(" "));
        let said = nix.ask(self.path(), &["eval", "--impure", "--json", "--expr", &all]);
        let put: Vec<String> = serde_json::from_str(&said).unwrap();
        let expected = self.names.iter().map(|name| format!("/nix/store/{name}"));
        assert!(put.iter().cloned().eq(expected), "{put:?} is not {:?}", self.names);
    }
}

/// A folder with the files of a flake.
pub(super) struct Scratch(TempDir);

impl Scratch {
    pub(super) fn new(files: &Files) -> Self {
        let scratch = tempfile::Builder::new().prefix("flake-audit-nix-").tempdir().unwrap();
        for (path, text) in files {
            let path = scratch.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// The current content of these files.
    pub(super) fn files(&self, like: &Files) -> Files {
        like.keys().map(|path| (path.clone(), self.read(path))).collect()
    }
}

/// The new state of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It stays as it is.
    Same,
    /// Its new text.
    New(String),
    /// Something would have to be fetched.
    Fetch(String),
    /// Refused.
    Refused(String),
}

impl Answer {
    /// Without what only Determinate Nix writes.
    pub(super) fn without_build_time(self) -> Self {
        match self {
            Answer::New(text) => Answer::New(text.replace("      \"buildTime\": true,\n", "")),
            other => other,
        }
    }
}

/// Nix's new lock for a flake.
pub(super) fn ask(nix: &Nix, files: &Files) -> Answer {
    let scratch = Scratch::new(files);
    let output = nix.run(scratch.path(), &["flake", "lock", "."]);
    let after = scratch.files(files);
    let mut only_lock = after.clone();
    only_lock.insert("flake.lock".into(), files["flake.lock"].clone());
    assert_eq!(only_lock, *files, "{} writes the lock alone", nix.name);
    if output.status.success() {
        let lock = &after["flake.lock"];
        return if *lock == files["flake.lock"] { Answer::Same } else { Answer::New(lock.clone()) };
    }
    assert_eq!(after, *files, "{} writes nothing where it fails", nix.name);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let fetches = [
        "unable to download",
        "cannot find flake 'flake:",
        "is an indirect flake reference",
        "unable to fetch",
        "Failed to fetch",
        "failed to fetch",
        "Could not resolve host",
        "ould not resolve hostname",
        "cannot resolve",
        "git fetch",
        "don't know how to get",
        "No such file or directory",
        "does not exist\n",
    ];
    if fetches.iter().any(|sign| said.contains(sign)) {
        Answer::Fetch(said)
    } else {
        Answer::Refused(said)
    }
}
