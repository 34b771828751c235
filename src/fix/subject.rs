//! The flake to be repaired.

use std::path::PathBuf;

use crate::audit::{Setup, Source};
use crate::config::Config;
use crate::lock::Unescaped;
use crate::source::Reader;

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
    pub config: Option<(&'s Config, bool)>,
    /// How it is audited.
    pub setup: &'s Setup,
}

impl Subject<'_> {
    /// What is audited: this lock, and sources if they are wanted.
    pub(super) fn source<'a>(
        &'a self,
        lock: &'a [u8],
        reader: Option<&'a Reader>,
        unescaped: &'a Unescaped,
    ) -> Source<'a> {
        Source { name: self.name, bytes: lock, unescaped, reader }
    }
}
