//! A file to replace.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::load::{AtPath, NewFolders, at_path, inside};

use super::disk::Disk;
use super::{Problem, Replacement, WriteError};

/// A file to replace, at its real path.
#[derive(Debug)]
pub(super) struct Target<'r> {
    change: &'r Replacement,
    /// Without symlinks.
    pub(super) path: PathBuf,
    /// Whether it already has its new content.
    pub(super) is_done: bool,
}

impl<'r> Target<'r> {
    /// Finds the file, and checks that it is as the caller believes.
    pub(super) fn find(folder: &Path, change: &'r Replacement) -> Result<Self, Problem> {
        let path = inside(folder, Path::new(change.name.as_str()))?;
        let mut target = Self { change, path, is_done: false };
        target.is_done = target.look()?;
        Ok(target)
    }

    pub(super) fn name(&self) -> String {
        self.change.name.as_str().to_owned()
    }

    pub(super) fn error(&self, problem: Problem) -> WriteError {
        WriteError::new(self.change.name.as_str(), problem)
    }

    /// Whether it has its new content; an error if it has neither the old nor the new one.
    fn look(&self) -> Result<bool, Problem> {
        let Replacement { before, after, .. } = self.change;
        let contents = [after.as_slice(), before.as_deref().unwrap_or(after)];
        match (at_path(&self.path, &contents)?, before) {
            (AtPath::Same(0), _) => Ok(true),
            (AtPath::Same(_), _) | (AtPath::Nothing, None) => Ok(false),
            (AtPath::NoFile, _) => Err(Problem::NotAFile),
            (_, Some(_)) => Err(Problem::Changed),
            (_, None) => Err(Problem::Exists),
        }
    }

    /// Writes the spare.
    pub(super) fn prepare(
        &self,
        disk: &mut Disk<'_>,
        made: &mut Vec<NewFolders>,
    ) -> Result<NamedTempFile, Problem> {
        let folder = self.folder()?;
        let like = match self.change.before {
            Some(_) => Some(fs::symlink_metadata(&self.path)?),
            None => {
                made.push(disk.make_folders(folder)?);
                None
            }
        };
        Ok(disk.spare(folder, &self.change.after, like.as_ref())?)
    }

    /// Renames the spare over the file.
    pub(super) fn put(&self, disk: &mut Disk<'_>, spare: NamedTempFile) -> Result<(), Problem> {
        let folder = self.folder()?;
        // The folder has not become a symlink meanwhile.
        if fs::canonicalize(folder)? != folder {
            return Err(Problem::Changed);
        }
        if self.look()? {
            return Ok(());
        }
        match self.change.before {
            Some(_) => disk.replace(spare, &self.path)?,
            None => disk.place(spare, &self.path).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => Problem::Exists,
                _ => error.into(),
            })?,
        }
        disk.sync_folder(folder);
        Ok(())
    }

    fn folder(&self) -> Result<&Path, Problem> {
        self.path.parent().ok_or(Problem::NotAFile)
    }
}
