//! A file that is to be replaced, and its spare.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::source::TreePath;

use super::Replacement;
use super::digest::{Content, Digest};
use super::disk::Disk;
use super::error::Problem;
use super::journal::{Entry, Id};

/// A file that is to be replaced, where it really is.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) entry: Entry,
    /// Without symlinks, as far as there is something.
    pub(super) path: PathBuf,
    /// Holds the new content until it changes places with the file; then the old.
    spare: PathBuf,
    /// Holds the old content while the exchange takes two steps.
    kept: PathBuf,
}

/// What is in a file that was to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// What was there before.
    Before,
    /// What was to be there.
    After,
    /// What somebody else put there, or nothing.
    Other,
}

impl Target {
    /// Finds the file. `made` are folders that the run has to make, or has made.
    pub(super) fn locate(
        folder: &Path,
        made: &[TreePath],
        entry: Entry,
        id: &Id,
        number: usize,
    ) -> io::Result<Self> {
        let (path, beside) = match entry.before {
            Some(_) => existing(&folder.join(entry.name.as_str()))?,
            None => new(folder, made, &entry.name)?,
        };
        let spare = beside.join(id.spare(number));
        Ok(Self { path, spare, kept: beside.join(id.kept(number)), entry })
    }

    /// What is in the file.
    pub(super) fn state(&self) -> io::Result<State> {
        Ok(match Content::at(&self.path)? {
            Content::File(digest) if digest == self.entry.after => State::After,
            Content::File(digest) if Some(digest) == self.entry.before => State::Before,
            Content::Nothing if self.entry.before.is_none() => State::Before,
            _ => State::Other,
        })
    }

    /// Looks whether the file is as the caller of a replacement believes.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match (Content::at(&self.path)?, self.entry.before) {
            (Content::File(content), Some(before)) if content == before => Ok(()),
            (Content::Nothing, None) => Ok(()),
            (Content::Other, _) if fs::metadata(&self.path).is_err() => Err(Problem::Dangling),
            (_, None) => Err(Problem::Exists),
            (Content::Other, _) => Err(Problem::NotAFile),
            _ => Err(Problem::Changed),
        }
    }

    /// Writes the spare.
    pub(super) fn stage(&self, disk: &mut Disk<'_>, change: &Replacement) -> io::Result<()> {
        let like = self.entry.before.map(|_| fs::metadata(&self.path)).transpose()?;
        disk.create(&self.spare, &change.after, like.as_ref())?;
        sync_parent(disk, &self.spare);
        Ok(())
    }

    /// Whether the spare holds the new content.
    pub(super) fn is_staged(&self) -> io::Result<bool> {
        Ok(Content::at(&self.spare)? == Content::File(self.entry.after))
    }

    /// Replaces the file.
    pub(super) fn put(&self, disk: &mut Disk<'_>) -> Result<(), Problem> {
        match self.entry.before {
            Some(before) => self.exchange(disk, before)?,
            None => self.place(disk)?,
        }
        sync_parent(disk, &self.path);
        Ok(())
    }

    /// Undoes [`Target::put`], also where it failed halfway: whatever came out of the file's place
    /// goes back. Where somebody else has put something there by now, that stays.
    pub(super) fn take_back(&self, disk: &mut Disk<'_>) -> Result<(), Problem> {
        self.settle(disk)?;
        // Where the spare is still in its place, it was not this run that wrote the same bytes.
        if self.state()? != State::After || self.is_staged()? {
            return Ok(());
        }
        let taken = match self.entry.before {
            Some(_) => self.exchange(disk, self.entry.after),
            None => self.unplace(disk),
        };
        sync_parent(disk, &self.path);
        match taken {
            Err(Problem::Changed | Problem::Exists) => Ok(()),
            taken => taken,
        }
    }

    /// Ends an exchange in steps that was interrupted, so that there is a spare and nothing kept.
    pub(super) fn settle(&self, disk: &mut Disk<'_>) -> io::Result<()> {
        match (Content::at(&self.kept)?, Content::at(&self.spare)?) {
            (Content::Nothing, _) => Ok(()),
            (_, Content::Nothing) => disk.rename(&self.kept, &self.spare),
            _ => disk.remove(&self.kept),
        }
    }

    /// Gives the file back to somebody who changed it at the very moment at which it was replaced.
    /// What they wrote is in the spare.
    pub(super) fn give_back(&self, disk: &mut Disk<'_>) -> Result<(), Problem> {
        let (Some(before), State::After) = (self.entry.before, self.state()?) else {
            return Ok(());
        };
        match Content::at(&self.spare)? {
            Content::File(came_out) if came_out != before && came_out != self.entry.after => {
                self.take_back(disk)
            }
            _ => Ok(()),
        }
    }

    /// Removes the spare.
    pub(super) fn clean(&self, disk: &mut Disk<'_>) -> io::Result<()> {
        disk.remove(&self.kept)?;
        disk.remove(&self.spare)
    }

    /// Lets file and spare change places, if the file is what it is expected to be. Whether it was
    /// is known for sure only when it is out; if not, it is put back.
    fn exchange(&self, disk: &mut Disk<'_>, expected: Digest) -> Result<(), Problem> {
        let expected = Content::File(expected);
        if Content::at(&self.path)? != expected {
            return Err(Problem::Changed);
        }
        disk.exchange(&self.path, &self.spare, &self.kept)?;
        if Content::at(&self.spare)? != expected {
            disk.exchange(&self.path, &self.spare, &self.kept)?;
            return Err(Problem::Changed);
        }
        Ok(())
    }

    /// Puts the spare where there was no file.
    fn place(&self, disk: &mut Disk<'_>) -> Result<(), Problem> {
        disk.place(&self.spare, &self.path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Problem::Exists,
            _ => error.into(),
        })
    }

    /// Takes the file away that was placed.
    fn unplace(&self, disk: &mut Disk<'_>) -> Result<(), Problem> {
        disk.rename(&self.path, &self.spare)?;
        if self.is_staged()? { Ok(()) } else { self.place(disk) }
    }
}

/// Where a file is that exists, and the folder for its spare. If it is gone, where it was.
fn existing(path: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let gone = |error: &io::Error| error.kind() == ErrorKind::NotFound;
    let real = match fs::symlink_metadata(path) {
        Err(error) if gone(&error) => {
            let (parent, name) = split(path)?;
            fs::canonicalize(parent)?.join(name)
        }
        data => match (fs::canonicalize(path), data?.is_symlink()) {
            // Told by `check`.
            (Err(error), true) if gone(&error) => path.to_owned(),
            (real, _) => real?,
        },
    };
    let folder = split(&real)?.0.to_owned();
    Ok((real, folder))
}

/// Where a new file goes, and the folder for its spare: the nearest one that was there before the
/// run. Between the two are only folders that the run makes, and no symlink.
fn new(folder: &Path, made: &[TreePath], name: &TreePath) -> io::Result<(PathBuf, PathBuf)> {
    let mut there = name.parent();
    while let Some(parent) = there.as_ref().filter(|parent| made.contains(parent)) {
        there = parent.parent();
    }
    let there = there.unwrap_or_else(TreePath::root);
    let beside = fs::canonicalize(folder.join(there.as_str()))?;
    let rest: Vec<&str> = name.names().skip(there.names().count()).collect();
    let mut path = beside.clone();
    for name in rest {
        if fs::symlink_metadata(&path).is_ok_and(|data| !data.is_dir()) {
            return Err(ErrorKind::NotADirectory.into());
        }
        path.push(name);
    }
    Ok((path, beside))
}

fn split(path: &Path) -> io::Result<(&Path, &std::ffi::OsStr)> {
    path.parent().zip(path.file_name()).ok_or_else(|| ErrorKind::InvalidInput.into())
}

fn sync_parent(disk: &mut Disk<'_>, path: &Path) {
    if let Some(folder) = path.parent() {
        disk.sync_folder(folder);
    }
}
