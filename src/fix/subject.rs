//! The flake to repair.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::edit::KnownEdit;
use crate::audit::{LockInput, Setup};
use crate::config::ConfigInScope;
use crate::graph::Graph;
use crate::load::LOCK_NAME;
use crate::lock::Unescaped;
use crate::source::{Reader, SourceMemory, WorkTrees};

/// The file name of a flake.
pub(super) const FLAKE_NAME: &str = "flake.nix";

/// The flake to repair.
#[derive(Debug)]
pub struct RepairSubject<'s> {
    /// The name of its lock to print.
    pub name: &'s str,
    /// The bytes of the lock.
    pub lock: &'s [u8],
    /// The same with its inputs resolved, if that is known already.
    pub graph: Option<&'s Graph<'s, 's>>,
    /// The folder that contains both files.
    pub folder: PathBuf,
    /// Its configuration, and whether that is beside the lock.
    pub config: Option<ConfigInScope<'s>>,
    /// How it is audited.
    pub setup: &'s Setup,
    /// What was learned of its sources before.
    pub memory: Arc<SourceMemory>,
    /// Where the flakes of this run lie.
    pub work_trees: Arc<WorkTrees>,
    /// An edit of its flake.nix that was made already.
    pub known_edit: Option<KnownEdit>,
}

impl RepairSubject<'_> {
    /// Whether one of the two files is a symlink out of the folder, where nothing is written.
    pub fn leads_out(&self) -> bool {
        [FLAKE_NAME, LOCK_NAME].into_iter().map(|name| self.folder.join(name)).any(|file| {
            // To resolve a path is a question to the system for each of its names.
            let is_link = fs::symlink_metadata(&file).is_ok_and(|data| data.is_symlink());
            let resolved = || fs::canonicalize(&file).ok().zip(fs::canonicalize(&self.folder).ok());
            is_link && resolved().is_some_and(|(file, inside)| !file.starts_with(inside))
        })
    }

    /// The input for an audit: this lock, with sources if wanted.
    pub(super) fn source<'a>(
        &'a self,
        lock: &'a [u8],
        reader: Option<&'a Reader>,
        unescaped: &'a Unescaped,
    ) -> LockInput<'a> {
        LockInput { name: self.name, bytes: lock, unescaped, reader }
    }
}
