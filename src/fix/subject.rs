//! The flake to repair.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::{LockInput, Setup};
use crate::config::ConfigInScope;
use crate::load::LOCK_NAME;
use crate::lock::Unescaped;
use crate::source::{Reader, SourceMemory};

/// The file name of a flake.
pub(super) const FLAKE_NAME: &str = "flake.nix";

/// The flake to repair.
#[derive(Debug)]
pub struct RepairSubject<'s> {
    /// The name of its lock to print.
    pub name: &'s str,
    /// The bytes of the lock.
    pub lock: &'s [u8],
    /// The folder that contains both files.
    pub folder: PathBuf,
    /// Its configuration, and whether that is beside the lock.
    pub config: Option<ConfigInScope<'s>>,
    /// How it is audited.
    pub setup: &'s Setup,
    /// What was learned of its sources before.
    pub memory: Arc<SourceMemory>,
}

impl RepairSubject<'_> {
    /// Whether one of the two files is a symlink out of the folder, where nothing is written.
    pub fn leads_out(&self) -> bool {
        let inside = fs::canonicalize(&self.folder).ok();
        [FLAKE_NAME, LOCK_NAME].into_iter().any(|name| {
            let file = fs::canonicalize(self.folder.join(name)).ok();
            file.zip(inside.as_ref()).is_some_and(|(file, inside)| !file.starts_with(inside))
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
