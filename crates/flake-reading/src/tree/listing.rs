//! The contents of folders of a source, each listed once, and searches for files below them.

use std::fs;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::{FLAKE_NAME, MAX_FILES, PathKind, Tree};
use crate::TreePath;

/// The most entries of one folder that are returned.
pub const MAX_ENTRIES: usize = 4_096;
/// The most entries of one folder that are looked at: which are the first by name is only known
/// when all are read.
const MAX_SCANNED: usize = 16 * MAX_ENTRIES;
/// How deep below a folder files are searched.
pub const MAX_DEPTH: usize = 32;
/// The most folders that one search enters.
const MAX_FOLDERS: usize = 10_000;
/// The most entries that one search looks at.
const MAX_SEARCHED: usize = 100_000;
/// The most entries and found files that are remembered of one tree. Others are listed again.
const MAX_REMEMBERED: usize = 200_000;

/// An entry of a folder.
#[derive(Debug)]
struct Entry {
    name: String,
    kind: PathKind,
    is_link: bool,
}

/// The contents of a folder.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    entries: Arc<[Entry]>,
    /// Whether there are more than the limit.
    cut_short: bool,
}

/// The result of a search for files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileSearch {
    /// The files, in the order of their bytes.
    pub files: Arc<[TreePath]>,
    /// How many entries of folders were looked at.
    pub looked_at: usize,
    /// Whether a limit ended it.
    pub cut_short: bool,
}

impl Tree {
    /// The entries of a folder that can be read, in the order of their bytes, including hidden ones
    /// (as in `builtins.readDir`), but without `.git`, which no source in the store has. At most
    /// [`MAX_ENTRIES`], and whether those are all.
    pub fn entries(&self, path: &TreePath) -> (Vec<(String, PathKind)>, bool) {
        let Listing { entries, cut_short } = self.list(path);
        let readable = entries.iter().filter(|entry| entry.kind != PathKind::Missing);
        (readable.map(|entry| (entry.name.clone(), entry.kind)).collect(), !cut_short)
    }

    /// All files called `*.nix` in a folder and below it, in the order of their bytes, without
    /// those of other flakes (a folder below with a `flake.nix` of its own) and without entering
    /// symlinked folders, which may loop. At most [`MAX_FILES`], down to [`MAX_DEPTH`].
    pub fn files_below(&self, path: &TreePath) -> FileSearch {
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

    fn search(&self, path: &TreePath) -> FileSearch {
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
            let is_flake = |entry: &Entry| entry.kind == PathKind::File && entry.name == FLAKE_NAME;
            if depth > 0 && entries.iter().any(is_flake) {
                continue;
            }
            // The last one is taken first.
            for Entry { name, kind, is_link } in entries.iter().rev() {
                let Some(path) = folder.child(name) else { continue };
                match kind {
                    PathKind::File if name.ends_with(".nix") => found.push(path),
                    PathKind::Folder if !is_link && depth < MAX_DEPTH => {
                        folders.push((path, depth + 1));
                    }
                    PathKind::Folder if !is_link => cut_short = true,
                    PathKind::File | PathKind::Folder | PathKind::Missing => {}
                }
            }
        }
        found.sort_unstable();
        found.truncate(usize::try_from(MAX_FILES).unwrap_or(usize::MAX));
        FileSearch { files: found.into(), looked_at: looked_at + entered, cut_short }
    }

    /// Counts `things` more; whether there is room to remember them.
    fn has_room(&self, things: usize) -> bool {
        let before = self.remembered.fetch_add(things + 1, Ordering::Relaxed);
        before.saturating_add(things) <= MAX_REMEMBERED
    }

    /// The entries of a folder, sorted by name; empty if there is no folder. Names that are not
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
                path.child(&name).map_or(PathKind::Missing, |path| self.kind(&path))
            } else if told.is_dir() {
                PathKind::Folder
            } else if told.is_file() {
                PathKind::File
            } else {
                PathKind::Missing
            };
            Some(Entry { name, kind, is_link: told.is_symlink() })
        };
        Listing { entries: named.into_iter().filter_map(entry).collect(), cut_short }
    }
}
