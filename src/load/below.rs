//! The locks below a folder: found by name, in order, except those that ignore files hide.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

use super::LOCK_NAME;
use super::ignored::{Ignored, Present};

/// The deepest nesting of folders to enter. The system resolves every name of a path on each
/// access, and no hand-made tree is deeper.
const DEEPEST: usize = 256;

/// What a search yields.
pub(super) enum FoundBelow {
    /// A lock.
    Lock(PathBuf),
    /// A folder that cannot be read.
    Unread(PathBuf, io::Error),
    /// A folder or an ignore file that was skipped, and why.
    PassedOver(PathBuf, String),
}

/// The search.
pub(super) struct Below {
    /// The current folder: as it is printed, and without symlinks for matching patterns.
    shown: PathBuf,
    real: PathBuf,
    levels: Vec<Level>,
    /// Yielded before anything else.
    first: Vec<FoundBelow>,
}

/// A folder that is being searched.
struct Level {
    ignored: Ignored,
    entries: vec::IntoIter<Entry>,
}

/// A lock, or a folder that may contain one.
struct Entry {
    name: OsString,
    is_folder: bool,
    is_link: bool,
}

impl Below {
    /// Searches a folder and everything below it, except symlinks to folders, which may loop.
    pub(super) fn new(folder: &Path) -> Self {
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        let mut below =
            Self { shown: folder.to_path_buf(), real, levels: Vec::new(), first: Vec::new() };
        let first = &mut below.first;
        let above = Ignored::above(&below.real, &mut |file, problem| {
            first.push(FoundBelow::PassedOver(file, problem.to_string()));
        });
        below.enter(&above);
        below
    }

    /// Whether the current entry is directly in the folder that was given.
    pub(super) fn is_at_top(&self) -> bool {
        self.levels.len() == 1
    }

    /// Reads the current folder.
    fn enter(&mut self, above: &Ignored) {
        let mut present = Present { ignore: false, git_ignore: false, git: false };
        let mut entries = Vec::new();
        let read = fs::read_dir(&self.shown).and_then(|read| {
            for entry in read {
                let entry = entry?;
                let name = entry.file_name();
                present.ignore |= name == ".ignore";
                present.git_ignore |= name == ".gitignore";
                present.git |= name == ".git";
                let kind = entry.file_type()?;
                let (is_folder, is_link) = (kind.is_dir(), kind.is_symlink());
                if is_folder || name == LOCK_NAME {
                    entries.push(Entry { name, is_folder, is_link });
                }
            }
            Ok(())
        });
        if let Err(problem) = read {
            self.first.push(FoundBelow::Unread(self.shown.clone(), problem));
        }
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let (shown, first) = (&self.shown, &mut self.first);
        let ignored = above.within(&self.real, present, &mut |file, problem| {
            // Only `info/exclude` of a linked work tree is elsewhere.
            let file = match file.strip_prefix(&self.real) {
                Ok(name) => shown.join(name),
                Err(_) => file,
            };
            first.push(FoundBelow::PassedOver(file, problem.to_string()));
        });
        self.levels.push(Level { ignored, entries: entries.into_iter() });
    }

    fn leave(&mut self) {
        self.levels.pop();
        self.shown.pop();
        self.real.pop();
    }
}

impl Iterator for Below {
    type Item = FoundBelow;

    fn next(&mut self) -> Option<FoundBelow> {
        loop {
            if let Some(first) = self.first.pop() {
                return Some(first);
            }
            let is_deepest = self.levels.len() > DEEPEST;
            let level = self.levels.last_mut()?;
            let Some(Entry { name, is_folder, is_link }) = level.entries.next() else {
                self.leave();
                continue;
            };
            self.shown.push(&name);
            self.real.push(&name);
            let is_hidden = level.ignored.hides(&self.real, is_folder);
            if is_folder && !is_hidden && !is_deepest {
                let above = level.ignored.clone();
                self.enter(&above);
                continue;
            }
            let shown = self.shown.clone();
            self.shown.pop();
            self.real.pop();
            if is_hidden {
                continue;
            }
            if is_folder {
                let why = format!("folders are searched down to {DEEPEST} inside each other");
                return Some(FoundBelow::PassedOver(shown, why));
            }
            // A symlink to a folder is no lock.
            if !is_link || !shown.is_dir() {
                return Some(FoundBelow::Lock(shown));
            }
        }
    }
}
