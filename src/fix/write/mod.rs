//! Files of a flake replaced, one after the other, each whole or not at all.
//!
//! 1. Every file is looked at: it must hold what the caller read, or already what it is to hold, and
//!    lie in the flake's folder, behind every symlink.
//! 2. A *spare* with the new content is written beside each. What can fail mostly fails here, where
//!    nothing has changed yet.
//! 3. In the order given each file is looked at once more, and its spare takes its name.
//!
//! Nothing is taken back, nothing is written down for later, and no file that lies about says what is
//! to be done: a run that ends halfway leaves what the next one takes for its own beginning. So the
//! order matters, and is the caller's: what others refer to before what refers to it.
//!
//! Between the last look at a file and its new content lies a moment in which somebody else's change
//! would be lost; no system offers more to a program that replaces files by renaming.

mod disk;
mod error;
mod folder_lock;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use crate::load::NewFolders;
use crate::source::TreePath;

use self::disk::Disk;
use self::target::Target;

pub use self::error::{Problem, WriteError};

/// New content for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// From the flake's folder. The file may be a symlink that stays in that folder: then the one
    /// that it leads to gets the new content. Folders that are missing are made.
    pub name: TreePath,
    /// What is in it, as far as the caller knows; `None` if there is none.
    pub before: Option<Vec<u8>>,
    /// What it is to hold. A file that holds that already counts as written.
    pub after: Vec<u8>,
}

impl Replacement {
    /// Whether there is anything to write.
    pub fn changes(&self) -> bool {
        self.before.as_deref() != Some(self.after.as_slice())
    }
}

/// Looks whether files could be replaced, as far as that shows without writing.
///
/// # Errors
/// A file is not as the caller knows it, or does not lie in the flake's folder.
pub fn examine(folder: &Path, replacements: &[Replacement]) -> Result<(), WriteError> {
    targets(folder, replacements).map(drop)
}

/// Replaces files in the order given.
///
/// Mode, owner (where this user may give files away) and symlinks stay. Extended attributes, access
/// lists and hard links do not.
///
/// # Errors
/// A file is not as the caller knows it, does not lie in the flake's folder, or cannot be written; or
/// another run is at work here. The error says which files have their new content all the same.
pub fn replace(folder: &Path, replacements: &[Replacement]) -> Result<(), WriteError> {
    replace_on(&mut Disk::new(&mut |_| Ok(())), folder, replacements)
}

fn replace_on(
    disk: &mut Disk<'_>,
    folder: &Path,
    replacements: &[Replacement],
) -> Result<(), WriteError> {
    if replacements.is_empty() {
        return Ok(());
    }
    let _lock = folder_lock::take(folder).map_err(|problem| WriteError::new("", problem))?;
    let targets = targets(folder, replacements)?;
    // Gone again where nothing comes to be in them.
    let mut made: Vec<NewFolders> = Vec::new();
    let mut spares = Vec::with_capacity(targets.len());
    for target in targets.into_iter().filter(|target| !target.is_done) {
        let spare = target.prepare(disk, &mut made).map_err(|problem| target.error(problem))?;
        spares.push((target, spare));
    }
    let mut written = Vec::new();
    let mut spares = spares.into_iter();
    while let Some((target, spare)) = spares.next() {
        if let Err(problem) = target.put(disk, spare) {
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

/// Where all files are. No two names may lead to one.
fn targets<'r>(
    folder: &Path,
    replacements: &'r [Replacement],
) -> Result<Vec<Target<'r>>, WriteError> {
    let mut paths = BTreeSet::new();
    let target = |replacement: &'r Replacement| {
        let told = |problem| WriteError::new(replacement.name.as_str(), problem);
        let target = Target::find(folder, replacement).map_err(told)?;
        if paths.insert(target.path.clone()) { Ok(target) } else { Err(told(Problem::Twice)) }
    };
    replacements.iter().map(target).collect()
}
