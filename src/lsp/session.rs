//! What is known of a flake as long as nothing changes: its audit, and the texts that were audited.

use std::path::{Component, Path, PathBuf};

use lsp_types::{Location, Range};

use super::client::Client;
use super::documents::Snapshot;
use super::texts::Texts;
use crate::audit::{self, Report, SourceFiles};
use crate::detail::DetailContext;
use crate::fix::RepairSubject;
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::load::LOCK_NAME;

/// An audited flake.
#[derive(Debug)]
pub(super) struct Session<'s, 'g, 'l, 'a> {
    /// What the client can do.
    pub(super) client: Client,
    /// The open documents.
    pub(super) snapshot: &'s Snapshot,
    /// The texts of files.
    pub(super) texts: &'s Texts,
    /// The flake in the form that repairs need.
    pub(super) subject: &'s RepairSubject<'s>,
    /// The data for details.
    pub(super) known: DetailContext<'s, 'g, 'l, 'a>,
    /// Its report, which is meaningless if Nix refuses its flake.nix.
    pub(super) report: &'s Report<'a>,
    /// Why Nix refuses its flake.nix, if it does.
    pub(super) refused: Option<audit::Error>,
}

impl<'s, 'g, 'l, 'a> Session<'s, 'g, 'l, 'a> {
    /// Its facts.
    pub(super) fn analysis(&self) -> &'s Analysis<'g, 'l, 'a> {
        self.known.analysis
    }

    /// Its graph.
    pub(super) fn graph(&self) -> &'g Graph<'l, 'a> {
        self.analysis().graph()
    }

    /// The path of a file that a report of this flake names: relative to the folder of the lock.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        file_below(&self.subject.folder, name)
    }

    /// The lock's path.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.subject.folder.join(LOCK_NAME)
    }

    /// The file and range of a place in a report of this flake.
    pub(super) fn range(&self, location: &audit::Location) -> Option<(PathBuf, Range)> {
        let path = self.file(&location.file);
        let range = self.texts.get(&path)?.between(location.start, location.end);
        Some((path, range))
    }

    /// The same with the client's name for the file.
    pub(super) fn location(&self, location: &audit::Location) -> Option<Location> {
        let (path, range) = self.range(location)?;
        Some(Location { uri: self.snapshot.uri(&path)?, range })
    }

    /// A place in the lock, with the client's name for it.
    pub(super) fn in_lock(&self, span: crate::text::Span) -> Option<Location> {
        let path = self.lock_file();
        let range = self.texts.get(&path)?.range(span);
        Some(Location { uri: self.snapshot.uri(&path)?, range })
    }

    /// The files of the flake, with their names in its report.
    pub(super) fn source_files(&self) -> SourceFiles<'g> {
        SourceFiles::new(self.analysis().sources(), self.subject.name)
    }
}

/// A file by its name relative to a folder, which may begin with `../`.
pub(super) fn file_below(folder: &Path, name: &str) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    path
}
