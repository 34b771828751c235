//! Files replaced together: all of them or none.
//!
//! A system replaces one file at a time, so what is about to be done is written down first:
//!
//! 1. `.flake-audit-XXXXXXXX.begun`, the journal, in the flake's folder: which files, and the
//!    digests of their old and new bytes. From here on nothing lies on the disk that no journal
//!    names.
//! 2. A *spare* beside each file, with its new bytes: same folder, so same file system.
//! 3. The journal is renamed to `.flake-audit-XXXXXXXX.journal`: every spare is whole.
//! 4. Each file changes places with its spare. What came out is looked at: were those not the old
//!    bytes, somebody changed the file meanwhile, it is put back, and so are those before it.
//! 5. Spares and journal are removed. Where files were taken back, the journal first gets its first
//!    name again: there is nothing to complete.
//!
//! [`mend`] reads from a journal how far an interrupted run came. If it had replaced nothing, it is
//! taken back; if it had replaced something, it is completed, because Nix and people may have built
//! on that since. A file that somebody changed meanwhile stays as it is in either case.
//!
//! A journal may come with a repository, from anyone. It names no spare: their names follow from its
//! own, and they lie beside the files, behind every symlink. So it can only replace a file by what
//! somebody put into the very folder of that file, under that name and with that digest.

mod digest;
mod disk;
mod error;
mod folder_lock;
mod journal;
mod mended;
mod run;
mod target;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::source::TreePath;

use self::disk::Disk;
use self::journal::Found;
use self::run::Run;

pub use self::error::{Problem, WriteError};
pub use self::mended::Mended;

/// New content for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// From the flake's folder. The file may be a symlink: then the one that it leads to gets the
    /// new content. Folders that are missing are made.
    pub name: TreePath,
    /// What is in it, as far as the caller knows; `None` if it must not exist yet.
    pub before: Option<Vec<u8>>,
    /// What it is to hold.
    pub after: Vec<u8>,
}

impl Replacement {
    /// Whether the bytes differ.
    fn changes(&self) -> bool {
        self.before.as_deref() != Some(self.after.as_slice())
    }
}

/// Replaces files in the order given: all of them or none. One that keeps its bytes is not written,
/// but it must still hold them before the others are.
///
/// Mode, owner (where this user may give files away) and symlinks stay. Extended attributes, access
/// lists and hard links do not.
///
/// # Errors
/// A file is not as the caller knows it, or cannot be written; or another run is at work here. Then
/// all files are as before, unless the error says that something is left for [`mend`].
pub fn replace(folder: &Path, replacements: &[Replacement]) -> Result<(), WriteError> {
    replace_on(&mut Disk::new(&mut |_| Ok(())), folder, replacements)
}

fn replace_on(
    disk: &mut Disk<'_>,
    folder: &Path,
    replacements: &[Replacement],
) -> Result<(), WriteError> {
    if !replacements.iter().any(Replacement::changes) {
        return Ok(());
    }
    let folder = error::about(folder, std::fs::canonicalize(folder))?;
    let _lock = folder_lock::take(&folder, disk)?;
    Run::begin(disk, &folder, replacements)?.perform(disk, replacements)
}

/// Completes or takes back what interrupted runs left in a flake's folder, and says so; nothing is
/// done where there is nothing.
///
/// # Errors
/// Another run is at work here, or something cannot be read or written. It can be tried again.
pub fn mend(folder: &Path) -> Result<Vec<Mended>, WriteError> {
    mend_on(&mut Disk::new(&mut |_| Ok(())), folder)
}

/// Whether interrupted runs left something in a flake's folder for [`mend`].
///
/// # Errors
/// The folder cannot be read.
pub fn is_unfinished(folder: &Path) -> Result<bool, WriteError> {
    Ok(!journal::find(folder)?.is_empty())
}

fn mend_on(disk: &mut Disk<'_>, folder: &Path) -> Result<Vec<Mended>, WriteError> {
    let folder = error::about(folder, std::fs::canonicalize(folder))?;
    // Nearly always: then nothing is locked, and the folder may be read-only.
    if journal::find(&folder)?.is_empty() {
        return Ok(Vec::new());
    }
    let _lock = folder_lock::take(&folder, disk)?;
    let mut mended = Vec::new();
    // Another run may have mended them before the lock was taken.
    for left in journal::find(&folder)? {
        mended.push(match left.read() {
            Found::Journal(journal) => {
                let settled = Run::resume(&folder, journal).settle(disk);
                settled.map_err(|error| WriteError { left: true, ..error })?
            }
            Found::Unfinished => {
                error::about(left.path(), disk.remove(left.path()))?;
                Mended::NothingDone
            }
            Found::Bad(reason) => Mended::Ignored { journal: left.name().to_owned(), reason },
        });
    }
    Ok(mended)
}
