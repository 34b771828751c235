//! The flake to be repaired.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::{LockInput, Setup};
use crate::config::ConfigInScope;
use crate::load::LOCK_NAME;
use crate::lock::Unescaped;
use crate::source::{Memory, Reader};

/// The file that is a flake.
pub(super) const FLAKE_NAME: &str = "flake.nix";

/// The flake to be repaired.
#[derive(Debug)]
pub struct Subject<'s> {
    /// Its lock, as it is to be named.
    pub name: &'s str,
    /// The bytes of the lock.
    pub lock: &'s [u8],
    /// The folder that both files are in.
    pub folder: PathBuf,
    /// Its configuration, and whether that stands beside the lock.
    pub config: Option<ConfigInScope<'s>>,
    /// How it is audited.
    pub setup: &'s Setup,
    /// What was learned of its sources before.
    pub memory: Arc<Memory>,
}

impl Subject<'_> {
    /// Whether one of the two files is a symlink to somewhere else, where nothing is written.
    pub fn leads_out(&self) -> bool {
        let inside = fs::canonicalize(&self.folder).ok();
        [FLAKE_NAME, LOCK_NAME].into_iter().any(|name| {
            let file = fs::canonicalize(self.folder.join(name)).ok();
            file.zip(inside.as_ref()).is_some_and(|(file, inside)| !file.starts_with(inside))
        })
    }

    /// What is audited: this lock, and sources if they are wanted.
    pub(super) fn source<'a>(
        &'a self,
        lock: &'a [u8],
        reader: Option<&'a Reader>,
        unescaped: &'a Unescaped,
    ) -> LockInput<'a> {
        LockInput { name: self.name, bytes: lock, unescaped, reader }
    }
}
