//! What is known of a flake while nothing changes: its audit, and the texts that it was made of.

use std::path::{Component, Path, PathBuf};

use lsp_types::{Location, Range};

use super::client::Client;
use super::documents::Snapshot;
use super::texts::Texts;
use crate::audit::{self, Report, SourceFiles};
use crate::detail::DetailContext;
use crate::fix::Subject;
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::load::LOCK_NAME;

/// An audited flake.
#[derive(Debug)]
pub(super) struct Session<'s, 'g, 'l, 'a> {
    /// What the client can do.
    pub(super) client: Client,
    /// What is open.
    pub(super) snapshot: &'s Snapshot,
    /// The texts of files.
    pub(super) texts: &'s Texts,
    /// The flake, as it is repaired.
    pub(super) subject: &'s Subject<'s>,
    /// What there is to know of it.
    pub(super) known: DetailContext<'s, 'g, 'l, 'a>,
    /// Its report; of a flake.nix that Nix refuses it says nothing.
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

    /// A file that a report of this flake names: from the folder of the lock.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        file_below(&self.subject.folder, name)
    }

    /// The lock's path.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.subject.folder.join(LOCK_NAME)
    }

    /// A place that a report of this flake names.
    pub(super) fn range(&self, location: &audit::Location) -> Option<(PathBuf, Range)> {
        let path = self.file(&location.file);
        let range = self.texts.get(&path)?.between(location.start, location.end);
        Some((path, range))
    }

    /// The same, as the client names it.
    pub(super) fn location(&self, location: &audit::Location) -> Option<Location> {
        let (path, range) = self.range(location)?;
        Some(Location { uri: self.snapshot.uri(&path)?, range })
    }

    /// A place in the lock, as the client names it.
    pub(super) fn in_lock(&self, span: crate::text::Span) -> Option<Location> {
        let path = self.lock_file();
        let range = self.texts.get(&path)?.range(span);
        Some(Location { uri: self.snapshot.uri(&path)?, range })
    }

    /// The files of the flake, as its report names them.
    pub(super) fn source_files(&self) -> SourceFiles<'g> {
        SourceFiles::new(self.analysis().sources(), self.subject.name)
    }
}

/// A file by its name from a folder: names may begin with `../`.
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
