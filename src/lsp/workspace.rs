//! The open documents, the flakes that they belong to, and what has to be done for those.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lsp_types::{DidChangeTextDocumentParams, PublishDiagnosticsParams, TextDocumentItem, Uri};

use super::diagnostics::FileDiagnostics;
use super::documents::{Documents, NotChanged, Snapshot};
use super::flakes::{FileKind, flake_of, tree_of};
use super::positions::Encoding;

/// How long to wait after a change, because the next one may follow at once.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);

/// A flake with an open document.
#[derive(Debug)]
struct Flake {
    /// The folder whose files it may read.
    tree: PathBuf,
    /// The number of its state: a counter over the changes of all flakes.
    revision: u64,
    /// When to audit it again, if it has changed.
    due: Option<Instant>,
    /// Its last published diagnostics.
    told: FileDiagnostics,
}

/// All flakes with an open document.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    documents: Documents,
    /// The current snapshot, made on demand.
    snapshot: Option<Arc<Snapshot>>,
    flakes: BTreeMap<PathBuf, Flake>,
    /// The flakes that open documents belong to.
    homes: BTreeMap<PathBuf, PathBuf>,
    changes: u64,
}

impl Workspace {
    /// Opens a document; false if no flake reads such a file.
    pub(super) fn open(&mut self, item: TextDocumentItem) -> bool {
        let Some(path) = self.documents.open(item) else { return false };
        match FileKind::of(&path) {
            Some(FileKind::Flake) => self.find_homes(),
            _ => self.find_home(&path),
        }
        self.touch(&path, Duration::ZERO);
        true
    }

    /// Finds the flake of each document again, because a flake.nix was added or removed.
    fn find_homes(&mut self) {
        let open: Vec<PathBuf> = self.documents.paths().map(Path::to_path_buf).collect();
        self.homes.clear();
        open.iter().for_each(|path| self.find_home(path));
    }

    fn find_home(&mut self, path: &Path) {
        if let Some(folder) = self.flake_of(path) {
            let tree = tree_of(&folder);
            let new = || Flake { tree, revision: 0, due: None, told: BTreeMap::new() };
            self.flakes.entry(folder.clone()).or_insert_with(new);
            self.homes.insert(path.to_path_buf(), folder);
        }
    }

    /// Changes a document.
    ///
    /// # Errors
    /// It was not changed.
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

    /// Closes a document; returns the flakes without open documents, with empty diagnostics to
    /// publish for their files.
    pub(super) fn close(&mut self, uri: &Uri) -> Vec<(PathBuf, Vec<PublishDiagnosticsParams>)> {
        // Use the client's names for the last time.
        let names = self.snapshot();
        let Some(path) = self.documents.close(uri) else { return Vec::new() };
        let home = self.homes.remove(&path);
        let mut gone = Vec::new();
        if FileKind::of(&path) == Some(FileKind::Flake) {
            self.find_homes();
            let homes: BTreeSet<&PathBuf> = self.homes.values().collect();
            gone.extend(self.flakes.keys().filter(|folder| !homes.contains(folder)).cloned());
        } else {
            gone.extend(home.filter(|home| !self.homes.values().any(|other| other == home)));
        }
        self.touch(&path, PATIENCE);
        let told = gone.into_iter().map(|folder| {
            let told = self.update_from(&names, &folder, BTreeMap::new());
            self.flakes.remove(&folder);
            (folder, told)
        });
        told.collect()
    }

    /// Handles a change on disk: flakes that may read the file are audited after a while.
    pub(super) fn touch_on_disk(&mut self, path: &Path, patience: Duration) {
        if FileKind::of(path) == Some(FileKind::Flake) {
            self.find_homes();
        }
        self.touch(path, patience);
    }

    /// Marks flakes that may read a file to be audited after a while.
    fn touch(&mut self, path: &Path, patience: Duration) {
        let Some(kind) = FileKind::of(path) else { return };
        self.snapshot = None;
        self.changes += 1;
        let due = Instant::now() + patience;
        for (folder, flake) in &mut self.flakes {
            // A configuration applies to all flakes below it.
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

    /// The state of a flake: later states have higher numbers; `None` if no document of it is open.
    pub(super) fn revision(&self, folder: &Path) -> Option<u64> {
        self.flakes.get(folder).map(|flake| flake.revision)
    }

    /// The open documents.
    pub(super) fn snapshot(&mut self) -> Arc<Snapshot> {
        let new = || Arc::new(self.documents.snapshot());
        self.snapshot.get_or_insert_with(new).clone()
    }

    /// When the next flake has to be audited.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.flakes.values().filter_map(|flake| flake.due).min()
    }

    /// A flake that has to be audited now, and its state.
    pub(super) fn due(&self) -> Option<(PathBuf, u64)> {
        let now = Instant::now();
        let due = |flake: &Flake| flake.due.filter(|due| *due <= now);
        let next =
            self.flakes.iter().filter_map(|(folder, flake)| Some((due(flake)?, folder, flake)));
        next.min_by_key(|(due, ..)| *due).map(|(_, folder, flake)| (folder.clone(), flake.revision))
    }

    /// Notes that the audit of a flake begins.
    pub(super) fn begun(&mut self, folder: &Path) {
        if let Some(flake) = self.flakes.get_mut(folder) {
            flake.due = None;
        }
    }

    /// The diagnostics to publish after an audit: for every open document of the flake, and for
    /// other files with diagnostics, including those that have none any more. A file that several
    /// flakes read gets the diagnostics of all.
    pub(super) fn update(
        &mut self,
        folder: &Path,
        files: FileDiagnostics,
    ) -> Vec<PublishDiagnosticsParams> {
        let names = self.snapshot();
        self.update_from(&names, folder, files)
    }

    fn update_from(
        &mut self,
        names: &Snapshot,
        folder: &Path,
        files: FileDiagnostics,
    ) -> Vec<PublishDiagnosticsParams> {
        let Some(flake) = self.flakes.get_mut(folder) else { return Vec::new() };
        let before = std::mem::replace(&mut flake.told, files);
        let now = flake.told.keys().cloned();
        let mut named: BTreeSet<PathBuf> = before.into_keys().chain(now).collect();
        let own = self.homes.iter().filter(|(_, home)| *home == folder);
        named.extend(own.map(|(path, _)| path.clone()));
        let told = named.into_iter().filter_map(|path| {
            let found = self.flakes.values().filter_map(|flake| flake.told.get(&path));
            let diagnostics = found.flatten().cloned().collect();
            let version = names.version(&path).filter(|_| self.documents.has(&path));
            let uri = names.uri(&path)?;
            Some(PublishDiagnosticsParams { uri, diagnostics, version })
        });
        told.collect()
    }
}
