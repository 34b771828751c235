//! One run: from a journal to files that are replaced, or as they were.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::source::TreePath;

use super::disk::Disk;
use super::error::{Problem, WriteError, about};
use super::journal::{Draft, Entry, Id, Journal, Stage};
use super::target::{State, Target};
use super::{Mended, Replacement};

/// A run, with its journal on the disk.
pub(super) struct Run {
    folder: PathBuf,
    id: Id,
    stage: Stage,
    /// Folders that are to be made, outer ones first.
    folders: Vec<TreePath>,
    targets: Vec<Target>,
    /// Files to which nothing leads any more.
    lost: Vec<TreePath>,
}

impl Run {
    /// Looks whether every file is as expected, and writes the journal. A file that does not change
    /// is only looked at.
    pub(super) fn begin(
        disk: &mut Disk<'_>,
        folder: &Path,
        replacements: &[Replacement],
    ) -> Result<Self, WriteError> {
        let folders = missing(folder, replacements)?;
        let draft = Draft::new(disk, folder)?;
        let mut targets = Vec::with_capacity(replacements.len());
        let mut paths = BTreeSet::new();
        for change in replacements {
            let told = |problem| WriteError::new(change.name.as_str(), problem);
            let entry = Entry::from(change);
            let target = Target::locate(folder, &folders, entry, &draft.id, targets.len());
            let target = target.map_err(Problem::from).map_err(told)?;
            target.check().map_err(told)?;
            if !paths.insert(target.path.clone()) {
                return Err(told(Problem::Twice));
            }
            if change.changes() {
                targets.push(target);
            }
        }
        let journal = Journal {
            id: draft.id.clone(),
            stage: Stage::Begun,
            folders,
            entries: targets.iter().map(|target| target.entry.clone()).collect(),
        };
        draft.fill(disk, &journal)?;
        disk.sync_folder(folder);
        let Journal { id, stage, folders, .. } = journal;
        Ok(Self { folder: folder.to_owned(), id, stage, folders, targets, lost: Vec::new() })
    }

    /// Takes up a run where it was interrupted.
    pub(super) fn resume(folder: &Path, journal: Journal) -> Self {
        let Journal { id, stage, folders, entries } = journal;
        let (mut targets, mut lost) = (Vec::new(), Vec::new());
        for (number, entry) in entries.into_iter().enumerate() {
            let name = entry.name.clone();
            match Target::locate(folder, &folders, entry, &id, number) {
                Ok(target) => targets.push(target),
                Err(_) => lost.push(name),
            }
        }
        Self { folder: folder.to_owned(), id, stage, folders, targets, lost }
    }

    /// Replaces all files. Where that fails they are as before.
    pub(super) fn perform(
        mut self,
        disk: &mut Disk<'_>,
        replacements: &[Replacement],
    ) -> Result<(), WriteError> {
        let done = self.prepare(disk, replacements).and_then(|()| self.put(disk));
        let Err(error) = done else {
            // Everybody has the new files; what cannot be removed now, the next run removes.
            let _ = self.clean(disk);
            return Ok(());
        };
        if self.is_mended() {
            // What the other one could not know of.
            let _ = self.clean(disk);
            if self.targets.iter().all(|target| matches!(target.state(), Ok(State::After))) {
                return Ok(());
            }
            self.remove_folders(disk);
            return Err(error);
        }
        let back = self.take_back(disk);
        Err(WriteError { left: back.is_err(), ..error })
    }

    /// Completes the run, or takes it back.
    pub(super) fn settle(mut self, disk: &mut Disk<'_>) -> Result<Mended, WriteError> {
        if self.stage == Stage::Begun {
            self.take_back(disk)?;
            return Ok(Mended::NothingDone);
        }
        for target in &self.targets {
            named(target, target.settle(disk))?;
            named(target, target.give_back(disk))?;
        }
        // Whether somebody has changed files that the run had replaced already.
        let mut changed_since = false;
        let mut replaced = Vec::new();
        let mut open = Vec::new();
        let mut others = self.lost.clone();
        for target in &self.targets {
            let name = target.entry.name.clone();
            match (named(target, target.state())?, named(target, target.is_staged())?) {
                (State::After, _) => replaced.push(name),
                (State::Other, false) => {
                    changed_since = true;
                    replaced.push(name);
                }
                (State::Before, true) => open.push(target),
                (State::Before, false) | (State::Other, true) => others.push(name),
            }
        }
        if replaced.is_empty() {
            self.take_back(disk)?;
            return Ok(Mended::NothingDone);
        }
        let names: Vec<_> = open.iter().map(|target| target.entry.name.clone()).collect();
        if !others.is_empty() || changed_since && !open.is_empty() {
            others.extend(names);
            self.clean(disk)?;
            return Ok(Mended::Abandoned { replaced, others });
        }
        self.make_folders(disk)?;
        for target in open {
            named(target, target.put(disk))?;
        }
        self.clean(disk)?;
        Ok(if names.is_empty() { Mended::AllDone } else { Mended::Completed(names) })
    }

    /// Writes all spares.
    fn prepare(
        &mut self,
        disk: &mut Disk<'_>,
        replacements: &[Replacement],
    ) -> Result<(), WriteError> {
        let changes = replacements.iter().filter(|change| change.changes());
        for (target, change) in self.targets.iter().zip(changes) {
            named(target, target.stage(disk, change))?;
        }
        let ready = self.journal(Stage::Ready);
        about(&ready, disk.rename(&self.journal(Stage::Begun), &ready))?;
        self.stage = Stage::Ready;
        disk.sync_folder(&self.folder);
        Ok(())
    }

    /// Replaces all files; a look at all of them first makes it rare that one has to be taken back.
    fn put(&self, disk: &mut Disk<'_>) -> Result<(), WriteError> {
        for target in &self.targets {
            named(target, target.check())?;
        }
        self.make_folders(disk)?;
        self.targets.iter().try_for_each(|target| named(target, target.put(disk)))
    }

    fn make_folders(&self, disk: &mut Disk<'_>) -> Result<(), WriteError> {
        for folder in &self.folders {
            let path = self.folder.join(folder.as_str());
            let made = disk.make_folder(&path);
            made.map_err(|error| WriteError::new(folder.as_str(), error))?;
        }
        Ok(())
    }

    /// Whether another run has mended this one meanwhile, which can be where folders cannot be
    /// locked.
    fn is_mended(&self) -> bool {
        let journal = fs::symlink_metadata(self.journal(self.stage));
        journal.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    }

    /// Takes back whatever was replaced, the last first, and removes what the run has made.
    fn take_back(&mut self, disk: &mut Disk<'_>) -> Result<(), WriteError> {
        if self.stage == Stage::Ready {
            for target in self.targets.iter().rev() {
                named(target, target.take_back(disk))?;
            }
            self.remove_folders(disk);
            // So that nobody takes what is still being tidied up for a run that can be completed.
            let begun = self.journal(Stage::Begun);
            about(&begun, disk.rename(&self.journal(Stage::Ready), &begun))?;
            self.stage = Stage::Begun;
        }
        self.clean(disk)
    }

    /// Removes the folders that the run has made, where nothing is in them.
    fn remove_folders(&self, disk: &mut Disk<'_>) {
        for folder in self.folders.iter().rev() {
            let path = self.folder.join(folder.as_str());
            // No symlink leads there.
            if fs::canonicalize(&path).is_ok_and(|real| real == path) {
                disk.remove_folder(&path);
            }
        }
    }

    /// Removes all spares, then the journal.
    fn clean(&self, disk: &mut Disk<'_>) -> Result<(), WriteError> {
        for target in &self.targets {
            named(target, target.clean(disk))?;
        }
        let journal = self.journal(self.stage);
        about(&journal, disk.remove(&journal))
    }

    fn journal(&self, stage: Stage) -> PathBuf {
        self.folder.join(self.id.journal(stage))
    }
}

/// The folders of the files that do not exist yet, outer ones first.
fn missing(folder: &Path, replacements: &[Replacement]) -> Result<Vec<TreePath>, WriteError> {
    // Sorted by their text, a folder stands before those in it.
    let mut missing = BTreeSet::new();
    for change in replacements.iter().filter(|change| change.before.is_none()) {
        let mut parent = change.name.parent();
        while let Some(name) = parent.take().filter(|name| !name.is_root()) {
            let path = folder.join(name.as_str());
            match fs::symlink_metadata(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    parent = name.parent();
                    missing.insert(name);
                }
                Err(error) => return Err(WriteError::new(change.name.as_str(), error)),
                Ok(_) => {}
            }
        }
    }
    Ok(missing.into_iter().collect())
}

/// Says which file an error is about.
fn named<T>(target: &Target, result: Result<T, impl Into<Problem>>) -> Result<T, WriteError> {
    result.map_err(|problem| WriteError::new(target.entry.name.as_str(), problem))
}
