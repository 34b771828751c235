//! Worlds on a disk: a folder for each, and one store for all.

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
        Self::at(folder, shapes)
    }

    /// One world, in a folder that stays.
    pub(super) fn keep(folder: &Path, shape: &Shape) {
        fs::create_dir_all(folder).unwrap();
        let yard = Self::at(TempDir::new_in(folder).unwrap(), std::slice::from_ref(shape));
        let _ = fs::remove_dir_all(folder.join("root"));
        let _ = fs::remove_dir_all(folder.join("store"));
        fs::rename(yard.root(0), folder.join("root")).unwrap();
        fs::rename(yard.store(), folder.join("store")).unwrap();
    }

    fn at(folder: TempDir, shapes: &[Shape]) -> Self {
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

    /// The root of a world, without the source of one node.
    pub(super) fn without(&self, at: usize, node: &str) -> PathBuf {
        let folder = self.path().join(format!("{at}-without-{node}"));
        put(&folder, &self.worlds[at].without(node));
        folder
    }

    pub(super) fn store(&self) -> PathBuf {
        self.path().join("store")
    }

    /// An empty store.
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
