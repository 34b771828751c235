//! Reading confined to one source.
//!
//! Sources come from anyone. Nothing is read through a symlink that leads out of the tree, nothing
//! that is not a regular file is opened (opening a FIFO waits for ever), and how much is read is
//! bounded for each file and for the whole tree.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use thiserror::Error;

use super::TreePath;
use crate::bounded::{self, Unreadable};

/// Longer files are not read: the longest `.nix` files that people write by hand have some 10,000
/// lines (nixpkgs' `all-packages.nix`, below 500 KB).
pub const MAX_FILE: u64 = 1 << 20;
/// Files read of one tree, but for those that are evaluated, and files that one search finds.
pub const MAX_FILES: u64 = 10_000;
/// Bytes read of one tree, but for those that are evaluated.
pub const MAX_BYTES: u64 = 16 << 20;
/// Entries listed of one folder.
pub const MAX_ENTRIES: usize = 4_096;
/// Entries of one folder that are looked at: the first ones by name can only be told when all are
/// known.
const MAX_SCANNED: usize = 16 * MAX_ENTRIES;
/// How deep below a folder files are looked for.
pub const MAX_DEPTH: usize = 32;
/// Folders that one search for files enters.
const MAX_FOLDERS: usize = 10_000;
/// Entries that one search for files looks at.
const MAX_SEARCHED: usize = 100_000;
/// Entries and found files that are remembered of one tree. What does not fit is listed anew.
const MAX_REMEMBERED: usize = 200_000;
/// Names in a path: what lies deeper is not there. Each costs a look at the disk.
const MAX_NAMES: usize = 128;

/// The file that makes a folder a flake.
const FLAKE_NAME: &str = "flake.nix";

/// What a path of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file, or a symlink to one in the tree.
    File,
    /// A folder, or a symlink to one in the tree.
    Folder,
    /// Nothing that can be read: there is nothing, it leads out of the tree, or it is a device.
    Missing,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
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
    /// What the system says.
    #[error("{0}")]
    Io(String),
}

/// A source on disk. Files of one tree may be read in parallel.
#[derive(Debug)]
pub struct Tree {
    /// Without symlinks.
    root: PathBuf,
    /// Where a `flake.nix` leads that is a symlink out of the tree.
    linked_flake: Option<PathBuf>,
    /// Folders to which no symlink leads, so that not every file in them has to ask again.
    plain: RwLock<HashSet<TreePath>>,
    listings: RwLock<HashMap<TreePath, Listing>>,
    searches: RwLock<HashMap<TreePath, Search>>,
    /// Entries and files in `listings` and `searches`.
    remembered: AtomicUsize,
    files: AtomicU64,
    bytes: AtomicU64,
    /// Files as they are to be, in place of what is on disk.
    laid_over: BTreeMap<TreePath, Arc<str>>,
}

/// Where a path of the tree is on disk.
struct Place {
    path: PathBuf,
    data: Metadata,
}

/// An entry of a folder.
#[derive(Debug)]
struct Entry {
    name: String,
    kind: Kind,
    is_link: bool,
}

/// What is in a folder.
#[derive(Debug, Clone)]
struct Listing {
    entries: Arc<[Entry]>,
    /// Whether there are more, which is too much.
    cut_short: bool,
}

/// What a search for files found.
#[derive(Debug, Clone)]
pub struct Search {
    /// The files, in the order of their bytes.
    pub files: Arc<[TreePath]>,
    /// How many entries of folders were looked at.
    pub looked_at: usize,
    /// Whether there are more, which is too much.
    pub cut_short: bool,
}

impl Tree {
    /// The tree below a folder; `None` where there is no such folder.
    pub fn open(root: &Path) -> Option<Self> {
        let root = fs::canonicalize(root).ok()?;
        let is_folder = fs::metadata(&root).is_ok_and(|data| data.is_dir());
        is_folder.then(|| Self {
            root,
            linked_flake: None,
            plain: RwLock::default(),
            listings: RwLock::default(),
            searches: RwLock::default(),
            remembered: AtomicUsize::new(0),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            laid_over: BTreeMap::new(),
        })
    }

    /// The tree of a flake that somebody works on. Its `flake.nix`, and nothing else, may be a
    /// symlink to elsewhere: the one who linked it is the one who asks.
    pub fn open_flake(folder: &Path) -> Option<Self> {
        let tree = Self::open(folder)?;
        let flake = tree.root.join(FLAKE_NAME);
        let is_link = fs::symlink_metadata(&flake).is_ok_and(|data| data.is_symlink());
        let target = if is_link { fs::canonicalize(&flake).ok() } else { None };
        Some(Self { linked_flake: target.filter(|path| !path.starts_with(&tree.root)), ..tree })
    }

    /// Whether its `flake.nix` is a symlink to elsewhere.
    pub fn links_out(&self) -> bool {
        self.linked_flake.is_some()
    }

    /// Lays a text over a file, which need not exist: what would be read if it were written.
    pub fn lay_over(&mut self, path: TreePath, text: Arc<str>) {
        self.laid_over.insert(path, text);
    }

    /// What is laid over a path, or makes a folder of it.
    fn over(&self, path: &TreePath) -> Option<Kind> {
        if self.laid_over.contains_key(path) {
            return Some(Kind::File);
        }
        let below = |file: &TreePath| {
            let rest = file.as_str().strip_prefix(path.as_str());
            rest.is_some_and(|rest| path.is_root() || rest.starts_with('/'))
        };
        self.laid_over.keys().any(below).then_some(Kind::Folder)
    }

    /// The folder on disk, without symlinks.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a relative path leads that is written in a file of this folder, as Nix resolves it:
    /// by its text, before any symlink. `None` where that is out of the tree.
    pub fn join(&self, folder: &TreePath, text: &str) -> Option<TreePath> {
        folder.join(text)
    }

    /// What is at this path.
    pub fn kind(&self, path: &TreePath) -> Kind {
        self.over(path)
            .unwrap_or_else(|| self.locate(path).map_or(Kind::Missing, |place| kind(&place.data)))
    }

    /// The text of a file. It is read anew each time, and counted.
    ///
    /// # Errors
    /// Why there is no text. Once a tree's limits are reached, [`ReadProblem::TooMany`] for all.
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

    /// The text of a file, for whoever counts what it reads.
    ///
    /// # Errors
    /// Why there is no text.
    pub fn text(&self, path: &TreePath) -> Result<Arc<str>, ReadProblem> {
        if let Some(text) = self.laid_over.get(path) {
            return Ok(text.clone());
        }
        let Place { path, data } = self.locate(path)?;
        if !data.is_file() {
            return Err(ReadProblem::Missing);
        }
        if data.len() > MAX_FILE {
            return Err(ReadProblem::TooLarge);
        }
        let mut bytes = Vec::new();
        bounded::read(&path, MAX_FILE, &mut bytes)?;
        String::from_utf8(bytes).map(Arc::from).map_err(|_| ReadProblem::NotText)
    }

    /// The entries of a folder that can be read, in the order of their bytes, hidden ones too (as
    /// `builtins.readDir` has them), but not `.git`, which no source in the store has. At most
    /// [`MAX_ENTRIES`], and whether those are all.
    pub fn entries(&self, path: &TreePath) -> (Vec<(String, Kind)>, bool) {
        let Listing { entries, cut_short } = self.list(path);
        let readable = entries.iter().filter(|entry| entry.kind != Kind::Missing);
        (readable.map(|entry| (entry.name.clone(), entry.kind)).collect(), !cut_short)
    }

    /// All files called `*.nix` in a folder and below it, in the order of their bytes, without
    /// those of other flakes (a folder below with a `flake.nix` of its own) and without entering
    /// symlinked folders, which may loop. At most [`MAX_FILES`], down to [`MAX_DEPTH`].
    pub fn files_below(&self, path: &TreePath) -> Search {
        let known = self.searches.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        known.unwrap_or_else(|| {
            let search = self.search(path);
            if self.has_room(search.files.len()) {
                let mut known = self.searches.write().unwrap_or_else(PoisonError::into_inner);
                known.insert(path.clone(), search.clone());
            }
            search
        })
    }

    fn search(&self, path: &TreePath) -> Search {
        let mut found = Vec::new();
        let mut folders = vec![(path.clone(), 0_usize)];
        let mut entered = 0;
        let mut looked_at = 0;
        let mut cut_short = false;
        while let Some((folder, depth)) = folders.pop() {
            if entered == MAX_FOLDERS || found.len() as u64 >= MAX_FILES || looked_at > MAX_SEARCHED
            {
                cut_short = true;
                break;
            }
            entered += 1;
            let Listing { entries, cut_short: is_cut } = self.list(&folder);
            cut_short |= is_cut;
            looked_at += entries.len();
            let is_flake = |entry: &Entry| entry.kind == Kind::File && entry.name == FLAKE_NAME;
            if depth > 0 && entries.iter().any(is_flake) {
                continue;
            }
            // The last one is taken up first.
            for Entry { name, kind, is_link } in entries.iter().rev() {
                let Some(path) = folder.child(name) else { continue };
                match kind {
                    Kind::File if name.ends_with(".nix") => found.push(path),
                    Kind::Folder if !is_link && depth < MAX_DEPTH => {
                        folders.push((path, depth + 1));
                    }
                    Kind::Folder if !is_link => cut_short = true,
                    Kind::File | Kind::Folder | Kind::Missing => {}
                }
            }
        }
        found.sort_unstable();
        found.truncate(usize::try_from(MAX_FILES).unwrap_or(usize::MAX));
        Search { files: found.into(), looked_at: looked_at + entered, cut_short }
    }

    /// Whether so many more things may be remembered; if so, they are counted.
    fn has_room(&self, things: usize) -> bool {
        let before = self.remembered.fetch_add(things + 1, Ordering::Relaxed);
        before.saturating_add(things) <= MAX_REMEMBERED
    }

    /// Looks at every name of a path on its own, and at each folder once. Only where one is a
    /// symlink, all are resolved: the root has none, and most sources have none either.
    fn locate(&self, path: &TreePath) -> Result<Place, ReadProblem> {
        if path.names().count() > MAX_NAMES {
            return Err(ReadProblem::Missing);
        }
        let mut at = self.root.clone();
        // From the folder that it is in upwards, as far as they are not known.
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
            let mut whole = self.root.clone();
            whole.extend(folder.names());
            if fs::symlink_metadata(whole)?.is_symlink() {
                return self.resolve(path);
            }
        }
        if !unknown.is_empty() {
            self.plain.write().unwrap_or_else(PoisonError::into_inner).extend(unknown);
        }
        at.extend(path.names());
        let data = fs::symlink_metadata(&at)?;
        if data.is_symlink() && !path.is_root() {
            return self.resolve(path);
        }
        Ok(Place { path: at, data })
    }

    fn resolve(&self, path: &TreePath) -> Result<Place, ReadProblem> {
        let mut whole = self.root.clone();
        whole.extend(path.names());
        let target = fs::canonicalize(whole)?;
        let is_linked =
            || path.as_str() == FLAKE_NAME && self.linked_flake.as_ref() == Some(&target);
        if !target.starts_with(&self.root) && !is_linked() {
            return Err(ReadProblem::LeadsOut);
        }
        // The target has no symlinks, unless one was put there since.
        let data = fs::symlink_metadata(&target)?;
        if data.is_symlink() {
            Err(ReadProblem::LeadsOut)
        } else {
            Ok(Place { path: target, data })
        }
    }

    /// The entries of a folder by their names; none where there is no folder. Names that are not
    /// UTF-8 cannot be written in Nix and are left out. Each folder is listed once.
    fn list(&self, path: &TreePath) -> Listing {
        let known = self.listings.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        known.unwrap_or_else(|| {
            let listing = self.list_anew(path);
            if self.has_room(listing.entries.len()) {
                let mut known = self.listings.write().unwrap_or_else(PoisonError::into_inner);
                known.insert(path.clone(), listing.clone());
            }
            listing
        })
    }

    fn list_anew(&self, path: &TreePath) -> Listing {
        let place = self.locate(path).ok().filter(|place| place.data.is_dir());
        let Some(entries) = place.and_then(|place| fs::read_dir(place.path).ok()) else {
            return Listing { entries: Arc::default(), cut_short: false };
        };
        let mut named: Vec<_> = entries
            .take(MAX_SCANNED)
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                (name != ".git").then_some((name, entry))
            })
            .collect();
        named.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let cut_short = named.len() > MAX_ENTRIES;
        named.truncate(MAX_ENTRIES);
        let entry = |(name, entry): (String, fs::DirEntry)| {
            let told = entry.file_type().ok()?;
            let kind = if told.is_symlink() {
                path.child(&name).map_or(Kind::Missing, |path| self.kind(&path))
            } else if told.is_dir() {
                Kind::Folder
            } else if told.is_file() {
                Kind::File
            } else {
                Kind::Missing
            };
            Some(Entry { name, kind, is_link: told.is_symlink() })
        };
        Listing { entries: named.into_iter().filter_map(entry).collect(), cut_short }
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
            // A name in a path that is longer than the system allows exists nowhere.
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput => Self::Missing,
            _ => Self::Io(error.to_string()),
        }
    }
}

fn kind(data: &Metadata) -> Kind {
    if data.is_file() {
        Kind::File
    } else if data.is_dir() {
        Kind::Folder
    } else {
        Kind::Missing
    }
}

#[cfg(test)]
mod tests;
