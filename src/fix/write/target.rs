//! A file to replace.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::load::{AtPath, NewFolders, at_path, resolve_inside};

use super::disk::Disk;
use super::{Replacement, WriteError, WriteProblem};

/// A file to replace, at its real path.
#[derive(Debug)]
pub(super) struct Target<'r> {
    change: &'r Replacement<'r>,
    /// Without symlinks.
    pub(super) path: PathBuf,
    /// Whether it already has its new content.
    pub(super) is_done: bool,
}

impl<'r> Target<'r> {
    /// Finds the file, and checks that it is as the caller believes.
    pub(super) fn locate(folder: &Path, change: &'r Replacement<'r>) -> Result<Self, WriteProblem> {
        let path = resolve_inside(folder, Path::new(change.name.as_str()))?;
        let mut target = Self { change, path, is_done: false };
        target.is_done = target.is_written()?;
        Ok(target)
    }

    pub(super) fn name(&self) -> String {
        self.change.name.as_str().to_owned()
    }

    pub(super) fn error(&self, problem: WriteProblem) -> WriteError {
        WriteError::new(self.change.name.as_str(), problem)
    }

    /// Whether it has its new content; an error if it has neither the old nor the new one.
    fn is_written(&self) -> Result<bool, WriteProblem> {
        let Replacement { before, after, .. } = self.change;
        let contents = [&**after, before.as_deref().unwrap_or(after)];
        match (at_path(&self.path, &contents)?, before) {
            (AtPath::Same(0), _) => Ok(true),
            (AtPath::Same(_), _) | (AtPath::Nothing, None) => Ok(false),
            (AtPath::NoFile, _) => Err(WriteProblem::NotAFile),
            (_, Some(_)) => Err(WriteProblem::Changed),
            (_, None) => Err(WriteProblem::Exists),
        }
    }

    /// Writes the spare.
    pub(super) fn prepare(
        &self,
        disk: &mut Disk<'_>,
        made: &mut Vec<NewFolders>,
    ) -> Result<NamedTempFile, WriteProblem> {
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
    pub(super) fn install(
        &self,
        disk: &mut Disk<'_>,
        spare: NamedTempFile,
    ) -> Result<(), WriteProblem> {
        let folder = self.folder()?;
        // The folder has not become a symlink meanwhile.
        if fs::canonicalize(folder)? != folder {
            return Err(WriteProblem::Changed);
        }
        if self.is_written()? {
            return Ok(());
        }
        match self.change.before {
            Some(_) => disk.replace(spare, &self.path)?,
            None => disk.install_new(spare, &self.path).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => WriteProblem::Exists,
                _ => error.into(),
            })?,
        }
        disk.sync_folder(folder);
        Ok(())
    }

    fn folder(&self) -> Result<&Path, WriteProblem> {
        self.path.parent().ok_or(WriteProblem::NotAFile)
    }
}
