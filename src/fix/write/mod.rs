//! Replaces files of a flake one after the other, each completely or not at all.
//!
//! 1. Every file is examined: it must have the content that the caller read, or already its new
//!    content, and be in the flake's folder behind all symlinks.
//! 2. A *spare* with the new content is written beside each. Most errors occur here, before
//!    anything has changed.
//! 3. In the given order each file is examined once more, and its spare is renamed over it.
//!
//! Nothing is rolled back, and nothing is recorded for later: the next run takes what an
//! interrupted one leaves for its own beginning. So the order matters, and is chosen by the caller:
//! files before those that refer to them.
//!
//! Between the last look at a file and the renaming, somebody else's change can be lost; no system
//! offers more to a program that replaces files by renaming.

mod disk;
mod error;
mod folder_lock;
mod target;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use crate::load::NewFolders;
use crate::source::TreePath;

use self::disk::Disk;
use self::target::Target;

pub use self::error::{WriteError, WriteProblem};

/// New content for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement<'r> {
    /// Its path from the flake's folder. A symlink that stays in that folder is followed, and its
    /// target gets the new content. Missing folders are created.
    pub name: TreePath,
    /// Its content, as far as the caller knows; `None` if there is no file.
    pub before: Option<Cow<'r, [u8]>>,
    /// Its new content. A file that already has it counts as written.
    pub after: Cow<'r, [u8]>,
}

impl Replacement<'_> {
    /// Whether there is anything to write.
    pub fn changes(&self) -> bool {
        self.before.as_ref() != Some(&self.after)
    }
}

/// Checks whether files could be replaced, as far as that is possible without writing.
///
/// # Errors
/// A file is not as the caller knows it, or is not in the flake's folder.
pub fn examine(folder: &Path, replacements: &[Replacement<'_>]) -> Result<(), WriteError> {
    targets(folder, replacements).map(drop)
}

/// Replaces files in the given order.
///
/// Mode, owner (if this user may give files away) and symlinks stay. Extended attributes, access
/// lists and hard links do not.
///
/// # Errors
/// A file is not as the caller knows it, is not in the flake's folder, or cannot be written; or
/// another run is at work here. The error says which files have their new content nevertheless.
pub fn replace(folder: &Path, replacements: &[Replacement<'_>]) -> Result<(), WriteError> {
    replace_on(&mut Disk::new(&mut |_| Ok(())), folder, replacements)
}

fn replace_on(
    disk: &mut Disk<'_>,
    folder: &Path,
    replacements: &[Replacement<'_>],
) -> Result<(), WriteError> {
    if replacements.is_empty() {
        return Ok(());
    }
    let _lock = folder_lock::acquire(folder).map_err(|problem| WriteError::new("", problem))?;
    let targets = targets(folder, replacements)?;
    // Removes those that are still empty when dropped.
    let mut made: Vec<NewFolders> = Vec::new();
    let mut spares = Vec::with_capacity(targets.len());
    for target in targets.into_iter().filter(|target| !target.is_done) {
        let spare = target.prepare(disk, &mut made).map_err(|problem| target.error(problem))?;
        spares.push((target, spare));
    }
    let mut written = Vec::new();
    let mut spares = spares.into_iter();
    while let Some((target, spare)) = spares.next() {
        if let Err(problem) = target.install(disk, spare) {
            let mut error = target.error(problem);
            error.left = spares.map(|(target, _)| target.name()).collect();
            error.left.insert(0, target.name());
            error.written = written;
            return Err(error);
        }
        written.push(target.name());
    }
    Ok(())
}

/// Where all files are. Fails if two names lead to one file.
fn targets<'r>(
    folder: &Path,
    replacements: &'r [Replacement<'r>],
) -> Result<Vec<Target<'r>>, WriteError> {
    let mut paths = BTreeSet::new();
    let target = |replacement: &'r Replacement<'r>| {
        let error = |problem| WriteError::new(replacement.name.as_str(), problem);
        let target = Target::locate(folder, replacement).map_err(error)?;
        if paths.insert(target.path.clone()) { Ok(target) } else { Err(error(WriteProblem::Twice)) }
    };
    replacements.iter().map(target).collect()
}
