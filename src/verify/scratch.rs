//! Copies what Nix sees of a flake, so that files can be replaced without touching the user's.
//!
//! In a work tree of Git that is every tracked file in its current state, staged or only announced,
//! even if it is ignored. The copy is a work tree too, so that folders, `..` and submodules mean
//! the same to Nix as in the original. Elsewhere it is all of the flake's folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;
use tempfile::TempDir;
use thiserror::Error;

use super::git::{self, GitError, TrackedEntry};
use super::nix::Nix;
use super::process::{Patience, Stopped};

/// The most files that are copied.
const MOST_FILES: usize = 200_000;
/// The most bytes that are copied.
const MOST_BYTES: u64 = 4 << 30;
/// The deepest nesting of submodules that is copied.
const DEEPEST: usize = 16;

/// A copy of a flake, deleted when dropped.
#[derive(Debug)]
pub struct Scratch {
    /// The work tree, or the flake's folder.
    top: TempDir,
    /// The flake's folder in it.
    folder: PathBuf,
}

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum ScratchError {
    /// A file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// There are too many files.
    #[error("{} holds more than {MOST_FILES} files", .0.display())]
    TooMany(PathBuf),
    /// The files are too large.
    #[error("{} holds more than {} GiB", .0.display(), MOST_BYTES >> 30)]
    TooLarge(PathBuf),
    /// A folder of the flake is a symlink.
    #[error("{} lies behind a symlink", .0.display())]
    Behind(PathBuf),
    /// What Git says is not to be had.
    #[error(transparent)]
    Git(#[from] GitError),
    /// It exceeds the time limit.
    #[error("the copy took longer than it may; --timeout gives it more")]
    TooSlow,
    /// The user does not want to know any more.
    #[error("interrupted")]
    Interrupted,
}

impl Scratch {
    /// Copies the flake in a folder, with some files replaced.
    ///
    /// # Errors
    /// It cannot be copied completely, or not within Nix's time limit.
    pub fn new<'f>(
        folder: &Path,
        files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
        nix: &Nix,
    ) -> Result<Self, ScratchError> {
        let folder = about(folder, fs::canonicalize(folder))?;
        let scratch = std::env::temp_dir();
        let top = about(&scratch, tempfile::Builder::new().prefix("flake-audit-").tempdir())?;
        let work_tree = git::work_tree(&folder);
        let source = work_tree.unwrap_or(&folder);
        let below = folder.strip_prefix(source).unwrap_or(Path::new("")).to_path_buf();
        let mut copy = Copy { top: source, files: 0, bytes: 0, patience: nix.patience() };
        let mut submodules = Vec::new();
        match work_tree {
            Some(_) => submodules = copy.copy_tracked(source, top.path())?,
            None => copy.copy_all(source, top.path())?,
        }
        for (name, content) in files {
            let path = destination(top.path(), &below.join(name))?;
            let path = path.ok_or_else(|| ScratchError::Behind(folder.join(name)))?;
            about(&path, fs::write(&path, content))?;
        }
        // If the temporary folder is in a work tree, Nix would use that.
        let is_inside = || top.path().canonicalize().is_ok_and(|at| git::work_tree(&at).is_some());
        if work_tree.is_some() || is_inside() {
            git::make_repository(top.path(), nix.patience())?;
            copy.copy_submodules(source, top.path(), submodules)?;
        }
        let folder = top.path().join(below);
        about(&folder, fs::create_dir_all(&folder))?;
        Ok(Self { top, folder })
    }

    /// The flake's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Deletes it.
    ///
    /// # Errors
    /// Some of it could not be deleted.
    pub fn close(self) -> io::Result<()> {
        self.top.close()
    }
}

/// A submodule: its path in its work tree, and its commit.
type Submodule = (PathBuf, String);

struct Copy<'c> {
    /// The original.
    top: &'c Path,
    files: usize,
    bytes: u64,
    patience: &'c Patience,
}

impl Copy<'_> {
    /// Copies the tracked files of a work tree; returns its submodules.
    fn copy_tracked(&mut self, from: &Path, to: &Path) -> Result<Vec<Submodule>, ScratchError> {
        let mut submodules = Vec::new();
        // Folders that were checked already.
        let mut real: BTreeSet<PathBuf> = BTreeSet::new();
        for (path, entry) in git::tracked_files(from, &[], self.patience)? {
            match entry {
                TrackedEntry::Submodule(commit) => submodules.push((path, commit)),
                TrackedEntry::File if is_within(from, &path, &mut real) => {
                    self.copy_file(from, to, &path)?
                }
                TrackedEntry::File => {}
            }
        }
        Ok(submodules)
    }

    /// Copies everything in a folder.
    fn copy_all(&mut self, from: &Path, to: &Path) -> Result<(), ScratchError> {
        let to_itself = about(to, fs::canonicalize(to))?;
        let walk = WalkBuilder::new(from)
            .standard_filters(false)
            .filter_entry(move |entry| entry.path() != to_itself)
            .build();
        for entry in walk {
            let entry = entry.map_err(|error| ScratchError::File {
                path: from.to_path_buf(),
                error: error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into()),
            })?;
            if let Ok(path) = entry.path().strip_prefix(from) {
                self.copy_file(from, to, path)?;
            }
        }
        Ok(())
    }

    /// Copies submodules that are checked out, as repositories in the copy.
    fn copy_submodules(
        &mut self,
        from: &Path,
        to: &Path,
        submodules: Vec<Submodule>,
    ) -> Result<(), ScratchError> {
        let places = |from: &Path, to: &Path, all: Vec<Submodule>, depth| {
            let all = all.into_iter();
            all.map(|it| (from.to_path_buf(), to.to_path_buf(), it, depth)).collect::<Vec<_>>()
        };
        let mut open = places(from, to, submodules, 0);
        while let Some((from, to, (path, commit), depth)) = open.pop() {
            git::add_submodule(&to, &path, &commit, self.patience)?;
            let inner = from.join(&path);
            let mut real = BTreeSet::new();
            let is_there = is_within(&from, &path.join(".git"), &mut real)
                && inner.join(".git").exists()
                && depth < DEEPEST;
            let Some(copy) = destination(&to, &path)?.filter(|_| is_there) else { continue };
            about(&copy, fs::create_dir_all(&copy))?;
            let further = self.copy_tracked(&inner, &copy)?;
            git::make_repository(&copy, self.patience)?;
            open.extend(places(&inner, &copy, further, depth + 1));
        }
        Ok(())
    }

    /// Copies one file or symlink, or creates a folder. Nix cannot copy other kinds of files
    /// either, and missing files are skipped.
    fn copy_file(&mut self, from: &Path, to: &Path, path: &Path) -> Result<(), ScratchError> {
        self.patience.check().map_err(|stopped| match stopped {
            Stopped::Interrupted => ScratchError::Interrupted,
            _ => ScratchError::TooSlow,
        })?;
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(ScratchError::TooMany(self.top.to_path_buf()));
        }
        let source = from.join(path);
        let data = match fs::symlink_metadata(&source) {
            Err(error) if is_gone(&error) => return Ok(()),
            data => about(&source, data)?,
        };
        let Some(target) = destination(to, path)? else { return Ok(()) };
        if data.is_symlink() {
            about(&source, link(&source, &target))
        } else if data.is_file() {
            self.bytes = self.bytes.saturating_add(data.len());
            if self.bytes > MOST_BYTES {
                return Err(ScratchError::TooLarge(self.top.to_path_buf()));
            }
            about(&source, fs::copy(&source, &target)).map(drop)
        } else if data.is_dir() {
            about(&target, fs::create_dir_all(&target))
        } else {
            Ok(())
        }
    }
}

/// The place of a file in the copy, with its folders created and nothing there yet. `None` if the
/// path or a symlink of the copy would lead elsewhere.
fn destination(top: &Path, path: &Path) -> Result<Option<PathBuf>, ScratchError> {
    let mut at = top.to_path_buf();
    let mut names = path.components().peekable();
    while let Some(name) = names.next() {
        let Component::Normal(name) = name else { return Ok(None) };
        if name.eq_ignore_ascii_case(".git") {
            return Ok(None);
        }
        at.push(name);
        let data = fs::symlink_metadata(&at).ok();
        match (names.peek(), data) {
            (Some(_), None) => about(&at, fs::create_dir(&at))?,
            (Some(_), Some(data)) if !data.is_dir() => return Ok(None),
            (None, Some(data)) if !data.is_dir() => about(&at, fs::remove_file(&at))?,
            _ => {}
        }
    }
    Ok(Some(at))
}

/// Whether all folders above a file are real folders, not symlinks to elsewhere.
fn is_within(top: &Path, path: &Path, real: &mut BTreeSet<PathBuf>) -> bool {
    let mut folders: Vec<&Path> = path.ancestors().skip(1).collect();
    folders.reverse();
    folders.into_iter().all(|folder| {
        let is_known = folder.as_os_str().is_empty() || real.contains(folder);
        let is_real = || fs::symlink_metadata(top.join(folder)).is_ok_and(|data| data.is_dir());
        is_known || is_real() && real.insert(folder.to_path_buf())
    })
}

/// Also true if a folder has become a file.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn about<T>(path: &Path, result: io::Result<T>) -> Result<T, ScratchError> {
    result.map_err(|error| ScratchError::File { path: path.to_path_buf(), error })
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

/// On systems where few users may create symlinks, copy the file.
#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() { fs::copy(from, to).map(drop) } else { Ok(()) }
}
