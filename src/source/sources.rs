//! The sources of one lock: each is opened, listed, read and parsed once, however many nodes lead
//! to it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flake_reading::{Files, Kept, Parsed, Remembered};

use super::{PathKind, Tree, TreePath};
use crate::lock::NodeId;

/// A flake on disk: two nodes with the same id have the same code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// A source, and a folder in it.
pub(super) type Placed = (Arc<Parsed>, TreePath);

/// The flakes that were found on disk.
#[derive(Debug, Default)]
pub struct Sources {
    kept: Arc<Kept>,
    /// Files that were read before.
    remembered: Option<Arc<Remembered>>,
    /// The source with the root, and the root's path in it.
    root: Option<Option<Placed>>,
    /// By the folder that was asked for.
    asked: HashMap<PathBuf, Option<Arc<Parsed>>>,
    /// By folder without symlinks.
    opened: HashMap<PathBuf, Arc<Parsed>>,
    /// By the address of the parsed source, which lives as long as this, and the path in it.
    flakes: HashMap<(*const Parsed, TreePath), Option<(SourceId, Files)>>,
    /// Where nodes are, as far as they were looked for.
    pub(super) places: HashMap<NodeId, Option<Placed>>,
}

impl Sources {
    /// Does not read again what is remembered and has not changed.
    pub(super) fn with_remembered(remembered: Option<Arc<Remembered>>) -> Self {
        Self { remembered, ..Self::default() }
    }

    /// The source with the root, and the flake's path in it; made on first use.
    pub(super) fn root(
        &mut self,
        open: impl FnOnce() -> Option<(Tree, TreePath)>,
    ) -> Option<Placed> {
        let kept = &self.kept;
        let new = || open().map(|(tree, flake)| (Arc::new(Parsed::new(tree, kept.clone())), flake));
        self.root.get_or_insert_with(new).clone()
    }

    /// Takes over the root's source, which is already open.
    pub(super) fn take_root(&mut self, files: &Files) {
        self.root.get_or_insert_with(|| Some((files.source().clone(), files.flake().clone())));
    }

    /// The source in a folder.
    pub(super) fn open(&mut self, folder: &Path) -> Option<Arc<Parsed>> {
        if let Some(known) = self.asked.get(folder) {
            return known.clone();
        }
        let source = Tree::open(folder).map(|tree| {
            let tree = tree.with_remembered(self.remembered.clone());
            let root = tree.root().to_path_buf();
            let new = || Arc::new(Parsed::new(tree, self.kept.clone()));
            self.opened.entry(root).or_insert_with(new).clone()
        });
        self.asked.insert(folder.to_path_buf(), source.clone());
        source
    }

    /// The flake in a folder of a source; `None` if there is no `flake.nix`.
    pub(super) fn flake(
        &mut self,
        source: Arc<Parsed>,
        folder: TreePath,
    ) -> Option<(SourceId, Files)> {
        let id = SourceId(self.flakes.len());
        let found =
            self.flakes.entry((Arc::as_ptr(&source), folder.clone())).or_insert_with(|| {
                let files = Files::of(source, folder);
                let is_file = files.tree().kind(&files.flake_file()) == PathKind::File;
                is_file.then_some((id, files))
            });
        found.clone()
    }
}
