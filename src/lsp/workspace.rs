//! The documents that are open, the flakes that they belong to, and what is to be done about those.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lsp_types::{DidChangeTextDocumentParams, PublishDiagnosticsParams, TextDocumentItem, Uri};

use super::diagnostics::FileDiagnostics;
use super::documents::{Documents, NotChanged, Snapshot};
use super::flakes::{FileKind, flake_of, tree_of};
use super::positions::Encoding;

/// How long a flake is left alone after a change, since the next one may follow at once.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);

/// A flake of which a document is open.
#[derive(Debug)]
struct Flake {
    /// The folder whose files it may read.
    tree: PathBuf,
    /// Counts its changes, and those of other flakes.
    revision: u64,
    /// When it is to be audited again, if it is.
    due: Option<Instant>,
    /// What was told of it last.
    told: FileDiagnostics,
}

/// All flakes of which a document is open.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    documents: Documents,
    snapshot: Arc<Snapshot>,
    flakes: BTreeMap<PathBuf, Flake>,
    changes: u64,
}

impl Workspace {
    /// A document is opened; false where no flake is read of it.
    pub(super) fn open(&mut self, item: TextDocumentItem) -> bool {
        let Some(path) = self.documents.open(item) else { return false };
        if let Some(folder) = self.flake_of(&path) {
            let tree = tree_of(&folder);
            let new = || Flake { tree, revision: 0, due: None, told: BTreeMap::new() };
            self.flakes.entry(folder).or_insert_with(new);
        }
        self.touch(&path, Duration::ZERO);
        true
    }

    /// A document is changed.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn change(
        &mut self,
        change: DidChangeTextDocumentParams,
        encoding: Encoding,
    ) -> Result<(), NotChanged> {
        let DidChangeTextDocumentParams { text_document: document, content_changes } = change;
        let (uri, version) = (&document.uri, document.version);
        let path = self.documents.change(uri, version, content_changes, encoding)?;
        self.touch(&path, PATIENCE);
        Ok(())
    }

    /// A document is closed; the flakes of which none is open any more, with what is to be told of
    /// their files: nothing.
    pub(super) fn close(&mut self, uri: &Uri) -> Vec<(PathBuf, Vec<PublishDiagnosticsParams>)> {
        let Some(path) = self.documents.close(uri) else { return Vec::new() };
        self.touch(&path, PATIENCE);
        let open: BTreeSet<PathBuf> =
            self.documents.paths().filter_map(|path| self.flake_of(path)).collect();
        let gone: Vec<PathBuf> =
            self.flakes.keys().filter(|folder| !open.contains(*folder)).cloned().collect();
        let told = gone.into_iter().map(|folder| {
            let told = self.tell(&folder, BTreeMap::new());
            self.flakes.remove(&folder);
            (folder, told)
        });
        told.collect()
    }

    /// A file is another one now: flakes that may read it are to be audited after a while.
    pub(super) fn touch(&mut self, path: &Path, patience: Duration) {
        let Some(kind) = FileKind::of(path) else { return };
        self.snapshot = Arc::new(self.documents.snapshot());
        self.changes += 1;
        let due = Instant::now() + patience;
        for (folder, flake) in &mut self.flakes {
            // A configuration goes for all flakes below it.
            let below = path.parent().filter(|_| kind == FileKind::Config);
            if path.starts_with(&flake.tree) || below.is_some_and(|top| folder.starts_with(top)) {
                flake.revision = self.changes;
                flake.due = Some(due);
            }
        }
    }

    /// The folder of the flake that a file belongs to.
    pub(super) fn flake_of(&self, path: &Path) -> Option<PathBuf> {
        flake_of(path, |file| self.documents.has(file))
    }

    /// The state of a flake: a later one has a higher number; none where no document of it is open.
    pub(super) fn revision(&self, folder: &Path) -> Option<u64> {
        self.flakes.get(folder).map(|flake| flake.revision)
    }

    /// What is open now.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.clone()
    }

    /// When a flake is to be audited next.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.flakes.values().filter_map(|flake| flake.due).min()
    }

    /// A flake that is to be audited by now, and its state.
    pub(super) fn due(&self) -> Option<(PathBuf, u64)> {
        let now = Instant::now();
        let due = |flake: &Flake| flake.due.filter(|due| *due <= now);
        let next =
            self.flakes.iter().filter_map(|(folder, flake)| Some((due(flake)?, folder, flake)));
        next.min_by_key(|(due, ..)| *due).map(|(_, folder, flake)| (folder.clone(), flake.revision))
    }

    /// A flake is being audited.
    pub(super) fn begun(&mut self, folder: &Path) {
        if let Some(flake) = self.flakes.get_mut(folder) {
            flake.due = None;
        }
    }

    /// What is to be told after a flake was audited: of every document of it that is open, and of files
    /// that are not, also that nothing is found there any more. Files that several flakes read have what
    /// all of them find.
    pub(super) fn tell(
        &mut self,
        folder: &Path,
        files: FileDiagnostics,
    ) -> Vec<PublishDiagnosticsParams> {
        let Some(flake) = self.flakes.get_mut(folder) else { return Vec::new() };
        let before = std::mem::replace(&mut flake.told, files);
        let now = flake.told.keys().cloned();
        let mut named: BTreeSet<PathBuf> = before.into_keys().chain(now).collect();
        let is_own = |path: &&Path| self.flake_of(path).as_deref() == Some(folder);
        named.extend(self.documents.paths().filter(is_own).map(Path::to_path_buf));
        let told = named.into_iter().filter_map(|path| {
            let found = self.flakes.values().filter_map(|flake| flake.told.get(&path));
            let diagnostics = found.flatten().cloned().collect();
            let (uri, version) = (self.snapshot.uri(&path)?, self.snapshot.version(&path));
            Some(PublishDiagnosticsParams { uri, diagnostics, version })
        });
        told.collect()
    }
}
