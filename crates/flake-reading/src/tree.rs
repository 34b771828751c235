//! Reading confined to one source.
//!
//! Sources come from anyone. Nothing is read through a symlink that leads out of the tree, nothing
//! but regular files is opened (opening a FIFO waits for ever), and the amount that is read is
//! bounded for each file and for the whole tree.

mod listing;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use thiserror::Error;

use super::TreePath;
use crate::bounded::{self, Unreadable};
use crate::remembered::{Remembered, Stamp};

use self::listing::Listing;
pub use self::listing::{FileSearch, MAX_DEPTH, MAX_ENTRIES};

/// Longer files are not read: the longest `.nix` files that people write by hand have some 10,000
/// lines (nixpkgs' `all-packages.nix`, below 500 KB).
pub const MAX_FILE: u64 = 1 << 20;
/// The most files read of one tree, not counting those that are evaluated; also the most files that
/// one search finds.
pub const MAX_FILES: u64 = 10_000;
/// The most bytes read of one tree, not counting files that are evaluated.
pub const MAX_BYTES: u64 = 16 << 20;
/// The most names in a path: anything deeper counts as missing. Each name costs a look at the disk.
const MAX_NAMES: usize = 128;

/// The file that makes a folder a flake.
const FLAKE_NAME: &str = "flake.nix";

/// What is at a path of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathKind {
    /// A regular file, or a symlink to one in the tree.
    File,
    /// A folder, or a symlink to one in the tree.
    Folder,
    /// Nothing that can be read: it does not exist, leads out of the tree, or is a device.
    Missing,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
pub enum ReadProblem {
    /// There is no regular file.
    #[error("there is no such file")]
    Missing,
    /// A symlink leads out of the tree.
    #[error("it leads out of the source")]
    LeadsOut,
    /// The file is longer than [`MAX_FILE`].
    #[error("it is longer than 1 MiB")]
    TooLarge,
    /// [`MAX_FILES`] or [`MAX_BYTES`] were read of this tree already.
    #[error("the source has too many files")]
    TooMany,
    /// The file is not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
    /// The error of the system.
    #[error("{0}")]
    Io(String),
}

/// A source on disk. Files of one tree may be read in parallel.
#[derive(Debug)]
pub struct Tree {
    /// Its path without symlinks.
    root: PathBuf,
    /// The target of `flake.nix`, if it is a symlink out of the tree.
    linked_flake: Option<PathBuf>,
    /// Folders on whose paths there is no symlink, so that this is not checked again for every file
    /// in them.
    plain: RwLock<HashSet<TreePath>>,
    listings: RwLock<HashMap<TreePath, Listing>>,
    searches: RwLock<HashMap<TreePath, FileSearch>>,
    /// Entries and files in `listings` and `searches`.
    remembered: AtomicUsize,
    files: AtomicU64,
    bytes: AtomicU64,
    /// Texts that replace files on disk.
    laid_over: BTreeMap<TreePath, Arc<str>>,
    /// What is at a path, if somebody has just looked.
    seen: Option<(TreePath, Metadata)>,
    /// Files as they were read earlier.
    before: Option<Arc<Remembered>>,
}

/// Where a path of the tree is on disk.
struct OnDisk {
    path: PathBuf,
    data: Metadata,
}

impl Tree {
    /// The tree below a folder; `None` if there is no such folder.
    pub fn open(root: &Path) -> Option<Self> {
        let root = fs::canonicalize(root).ok()?;
        let is_folder = fs::metadata(&root).is_ok_and(|data| data.is_dir());
        is_folder.then(|| Self::at(root))
    }

    /// The tree below a folder that is there, and whose path has no symlinks.
    pub fn at(root: PathBuf) -> Self {
        Self {
            root,
            linked_flake: None,
            plain: RwLock::default(),
            listings: RwLock::default(),
            searches: RwLock::default(),
            remembered: AtomicUsize::new(0),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            laid_over: BTreeMap::new(),
            seen: None,
            before: None,
        }
    }

    /// The tree of a flake that somebody works on.
    pub fn open_flake(folder: &Path) -> Option<Self> {
        Some(Self::open(folder)?.of_flake())
    }

    /// The same tree, as that of a flake that somebody works on. Its `flake.nix`, and nothing else,
    /// may be a symlink to elsewhere: the one who linked it is the one who asks.
    #[must_use]
    pub fn of_flake(self) -> Self {
        let flake = self.root.join(FLAKE_NAME);
        let is_link = fs::symlink_metadata(&flake).is_ok_and(|data| data.is_symlink());
        let target = if is_link { fs::canonicalize(&flake).ok() } else { None };
        Self { linked_flake: target.filter(|path| !path.starts_with(&self.root)), ..self }
    }

    /// The same tree, where this was seen just now at a path that is no symlink.
    #[must_use]
    pub fn with_seen(self, path: TreePath, data: Metadata) -> Self {
        Self { seen: Some((path, data)), ..self }
    }

    /// Whether its `flake.nix` is a symlink out of it.
    pub fn links_out(&self) -> bool {
        self.linked_flake.is_some()
    }

    /// Replaces the text of a file, which need not exist, as if it had been written.
    pub fn lay_over(&mut self, path: TreePath, text: Arc<str>) {
        self.laid_over.insert(path, text);
    }

    /// The same tree; files that have not changed are not read again.
    #[must_use]
    pub fn with_remembered(self, remembered: Option<Arc<Remembered>>) -> Self {
        Self { before: remembered, ..self }
    }

    /// Files as they were read earlier, if they are kept.
    pub fn remembered(&self) -> Option<&Remembered> {
        self.before.as_deref()
    }

    /// What replaced texts make of a path: a file, or a folder above one.
    fn over(&self, path: &TreePath) -> Option<PathKind> {
        if self.laid_over.contains_key(path) {
            return Some(PathKind::File);
        }
        let below = |file: &TreePath| {
            let rest = file.as_str().strip_prefix(path.as_str());
            rest.is_some_and(|rest| path.is_root() || rest.starts_with('/'))
        };
        self.laid_over.keys().any(below).then_some(PathKind::Folder)
    }

    /// The path on disk, before any symlink is resolved.
    pub(crate) fn on_disk(&self, path: &TreePath) -> PathBuf {
        let mut whole = self.root.clone();
        whole.extend(path.names());
        whole
    }

    /// The folder on disk, without symlinks.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The target of a relative path in a file of this folder, as Nix resolves it: by its text,
    /// before any symlink. `None` if it leads out of the tree.
    pub fn join(&self, folder: &TreePath, text: &str) -> Option<TreePath> {
        folder.join(text)
    }

    /// What is at this path.
    pub fn kind(&self, path: &TreePath) -> PathKind {
        self.over(path).unwrap_or_else(|| {
            self.locate(path).map_or(PathKind::Missing, |place| kind(&place.data))
        })
    }

    /// The text of a file. It is read again each time, and counted.
    ///
    /// # Errors
    /// Why there is no text. Once a tree's limits are reached, always [`ReadProblem::TooMany`].
    pub fn read(&self, path: &TreePath) -> Result<Arc<str>, ReadProblem> {
        if self.files.fetch_add(1, Ordering::Relaxed) >= MAX_FILES {
            return Err(ReadProblem::TooMany);
        }
        let text = self.text(path)?;
        let bytes = text.len() as u64;
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > MAX_BYTES {
            return Err(ReadProblem::TooMany);
        }
        Ok(text)
    }

    /// The text of a file, for callers that count what they read.
    ///
    /// # Errors
    /// Why there is no text.
    pub fn text(&self, path: &TreePath) -> Result<Arc<str>, ReadProblem> {
        if let Some(text) = self.laid_over.get(path) {
            return Ok(text.clone());
        }
        let OnDisk { path, data } = self.locate(path)?;
        if !data.is_file() {
            return Err(ReadProblem::Missing);
        }
        if data.len() > MAX_FILE {
            return Err(ReadProblem::TooLarge);
        }
        // Read the stamp first: if the file changes meanwhile, its stamp will differ.
        let remembered = self.remembered();
        let stamped = remembered.and_then(|known| Some((known, Stamp::of(&data)?)));
        if let Some((known, stamp)) = &stamped
            && let Some(text) = known.text(&path, stamp)
        {
            return Ok(text);
        }
        let mut bytes = Vec::new();
        bounded::read_seen(&path, &data, MAX_FILE, &mut bytes)?;
        let text = String::from_utf8(bytes).map(Arc::from).map_err(|_| ReadProblem::NotText)?;
        if let Some((known, stamp)) = stamped {
            known.keep_text(&path, stamp, &text);
        }
        Ok(text)
    }

    /// Looks at every name of a path by itself, and at each folder once. Only if one is a symlink,
    /// all are resolved: the root has none, and most sources have none either.
    fn locate(&self, path: &TreePath) -> Result<OnDisk, ReadProblem> {
        if path.names().count() > MAX_NAMES {
            return Err(ReadProblem::Missing);
        }
        // Check its folders upwards until one is known.
        let mut unknown = Vec::new();
        let mut folder = path.parent();
        {
            let plain = self.plain.read().unwrap_or_else(PoisonError::into_inner);
            while let Some(next) = folder.filter(|f| !f.is_root() && !plain.contains(f)) {
                folder = next.parent();
                unknown.push(next);
            }
        }
        for folder in unknown.iter().rev() {
            if fs::symlink_metadata(self.on_disk(folder))?.is_symlink() {
                return self.resolve(path);
            }
        }
        if !unknown.is_empty() {
            self.plain.write().unwrap_or_else(PoisonError::into_inner).extend(unknown);
        }
        let at = self.on_disk(path);
        let data = match &self.seen {
            Some((seen, data)) if seen == path => data.clone(),
            _ => fs::symlink_metadata(&at)?,
        };
        if data.is_symlink() && !path.is_root() {
            return self.resolve(path);
        }
        Ok(OnDisk { path: at, data })
    }

    fn resolve(&self, path: &TreePath) -> Result<OnDisk, ReadProblem> {
        let target = fs::canonicalize(self.on_disk(path))?;
        let is_linked =
            || path.as_str() == FLAKE_NAME && self.linked_flake.as_ref() == Some(&target);
        if !target.starts_with(&self.root) && !is_linked() {
            return Err(ReadProblem::LeadsOut);
        }
        // The target has no symlinks, unless one was put there meanwhile.
        let data = fs::symlink_metadata(&target)?;
        if data.is_symlink() {
            Err(ReadProblem::LeadsOut)
        } else {
            Ok(OnDisk { path: target, data })
        }
    }
}

impl From<Unreadable> for ReadProblem {
    fn from(problem: Unreadable) -> Self {
        match problem {
            Unreadable::NotRegular => Self::Missing,
            Unreadable::TooLong(_) => Self::TooLarge,
            Unreadable::Io(error) => error.into(),
        }
    }
}

impl From<io::Error> for ReadProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A name that is longer than the system allows exists nowhere.
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput => Self::Missing,
            _ => Self::Io(error.to_string()),
        }
    }
}

fn kind(data: &Metadata) -> PathKind {
    if data.is_file() {
        PathKind::File
    } else if data.is_dir() {
        PathKind::Folder
    } else {
        PathKind::Missing
    }
}

#[cfg(test)]
mod tests;
