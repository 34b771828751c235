//! Worlds on a disk: one folder each, and one store for all.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::shape::Shape;
use super::written::Written;
use crate::identity::Files;

/// A folder with worlds.
pub(super) struct Yard {
    folder: TempDir,
    pub(super) worlds: Vec<Written>,
}

impl Yard {
    pub(super) fn new(shapes: &[Shape]) -> Self {
        let folder = tempfile::Builder::new().prefix("flake-audit-nix-").tempdir().unwrap();
        fs::create_dir(folder.path().join("nothing")).unwrap();
        let worlds = shapes.iter().map(Written::new).collect();
        let yard = Self { folder, worlds };
        for (at, world) in yard.worlds.iter().enumerate() {
            put(&yard.root(at), &world.files);
            for source in world.sources.values() {
                let folder = yard.store().join(&source.folder);
                if !folder.exists() {
                    put(&folder, &source.files);
                }
            }
        }
        yard
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The root of a world.
    pub(super) fn root(&self, at: usize) -> PathBuf {
        self.path().join(format!("{at}"))
    }

    /// The root of a world, but for the source of one node.
    pub(super) fn without(&self, at: usize, node: &str) -> PathBuf {
        let folder = self.path().join(format!("{at}-without-{node}"));
        put(&folder, &self.worlds[at].without(node));
        folder
    }

    pub(super) fn store(&self) -> PathBuf {
        self.path().join("store")
    }

    /// A store in which nothing is.
    pub(super) fn nothing(&self) -> PathBuf {
        self.path().join("nothing")
    }
}

fn put(folder: &Path, files: &Files) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
