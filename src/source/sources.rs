//! The sources of one lock: each is opened, listed, read and parsed once, whatever number of nodes
//! leads to it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flake_reading::{Files, Kept, Parsed, Remembered};

use super::{PathKind, Tree, TreePath};

/// Which flake on disk: two nodes with the same one have the same code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// The flakes that were found on disk.
#[derive(Debug, Default)]
pub struct Sources {
    kept: Arc<Kept>,
    /// Files as they were read before.
    remembered: Option<Arc<Remembered>>,
    /// The source that the root is in, and where.
    root: Option<Option<(Arc<Parsed>, TreePath)>>,
    /// By the folder that was asked for.
    asked: HashMap<PathBuf, Option<Arc<Parsed>>>,
    /// By their folders without symlinks.
    opened: HashMap<PathBuf, Arc<Parsed>>,
    /// By what they are parsed into, which is never dropped before this.
    flakes: HashMap<(*const Parsed, TreePath), Option<(SourceId, Files)>>,
}

impl Sources {
    /// Of which files that have not changed are not read again.
    pub(super) fn with_remembered(remembered: Option<Arc<Remembered>>) -> Self {
        Self { remembered, ..Self::default() }
    }

    /// The source of the root, and where in it the flake is; made at the first time.
    pub(super) fn root(
        &mut self,
        open: impl FnOnce() -> Option<(Tree, TreePath)>,
    ) -> Option<(Arc<Parsed>, TreePath)> {
        let kept = &self.kept;
        let new = || open().map(|(tree, flake)| (Arc::new(Parsed::new(tree, kept.clone())), flake));
        self.root.get_or_insert_with(new).clone()
    }

    /// Takes over the source of the root, which was opened before.
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

    /// The flake in a folder of a source; `None` where there is no `flake.nix`.
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
