//! From the paths on the command line to locks.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use ignore::{DirEntry, Walk, WalkBuilder};

use super::physical;

/// The name of a lock.
pub const LOCK_NAME: &str = "flake.lock";

/// A lock to be read, or a place where one was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFile {
    /// As it is to be named: as given, and what the search added, with `/`.
    pub name: String,
    /// Where it is; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Why there is nothing to read.
    pub problem: Option<String>,
}

impl LockFile {
    fn at(path: &Path) -> Self {
        Self { name: shown(path), path: Some(path.to_path_buf()), problem: None }
    }

    fn missing(path: &Path, problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::at(path) }
    }

    /// The folder of the lock, absolute; for its configuration.
    pub fn folder(&self) -> Option<PathBuf> {
        physical(self.path.as_deref()?.parent()?)
    }
}

/// All locks that the paths name, each once, in order, as they are found: those below a folder by
/// name, with ignore files honoured; a `flake.nix` names the lock beside it.
pub fn find(paths: &[PathBuf]) -> Search<'_> {
    // One folder holds no lock twice.
    let seen = (paths.len() > 1).then(HashSet::new);
    Search { paths: paths.iter(), below: None, seen }
}

/// Locks that are being looked for.
pub struct Search<'p> {
    paths: slice::Iter<'p, PathBuf>,
    below: Option<Below<'p>>,
    seen: Option<HashSet<PathBuf>>,
}

impl Iterator for Search<'_> {
    type Item = LockFile;

    fn next(&mut self) -> Option<LockFile> {
        loop {
            let found = match &mut self.below {
                Some(below) => match below.next() {
                    Some(found) => found,
                    None => {
                        self.below = None;
                        continue;
                    }
                },
                None => {
                    let path = self.paths.next()?;
                    if is_folder(path) {
                        self.below = Some(Below::new(path));
                        continue;
                    }
                    file(path)
                }
            };
            let is_new = self.seen.as_mut().is_none_or(|seen| seen.insert(place(&found)));
            if is_new {
                return Some(found);
            }
        }
    }
}

/// The one lock that a path names: itself, the one beside a `flake.nix`, or the one in a folder.
pub fn single(path: &Path) -> LockFile {
    if is_folder(path) { in_folder(path) } else { file(path) }
}

/// Of paths that each name one flake, those that name different ones: the first name of each.
pub fn distinct(paths: &[PathBuf]) -> Vec<&Path> {
    let mut seen = HashSet::new();
    let named = paths.iter().map(PathBuf::as_path);
    named.filter(|path| seen.insert(place(&single(path)))).collect()
}

/// The paths without every `flake.nix` that has no lock beside it.
pub fn without_unlocked(paths: &[PathBuf]) -> Vec<PathBuf> {
    let is_unlocked = |path: &Path| {
        path.file_name().is_some_and(|name| name == "flake.nix")
            && path.is_file()
            && !path.with_file_name(LOCK_NAME).exists()
    };
    paths.iter().filter(|path| !is_unlocked(path)).cloned().collect()
}

/// The lock that a path names which is no folder.
fn file(path: &Path) -> LockFile {
    if path == Path::new("-") {
        LockFile { name: "-".into(), path: None, problem: None }
    } else if path.file_name().is_some_and(|name| name == "flake.nix") {
        existing(&path.with_file_name(LOCK_NAME))
    } else {
        LockFile::at(path)
    }
}

fn in_folder(folder: &Path) -> LockFile {
    let lock = folder.join(LOCK_NAME);
    existing(lock.strip_prefix(".").unwrap_or(&lock))
}

fn existing(lock: &Path) -> LockFile {
    if lock.exists() {
        LockFile::at(lock)
    } else {
        LockFile::missing(lock, "there is no such lock: `nix flake lock` makes it")
    }
}

fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_dir())
}

/// Asks the disk only where the entry does not say: a lock may be a symlink.
fn is_folder_entry(entry: &DirEntry) -> bool {
    match entry.file_type() {
        Some(kind) if !kind.is_symlink() => kind.is_dir(),
        _ => is_folder(entry.path()),
    }
}

/// The locks below a folder.
struct Below<'p> {
    folder: &'p Path,
    /// The lock of the folder itself, which was as good as named: no ignore file hides it.
    own: Option<LockFile>,
    has_own: bool,
    walk: Walk,
    is_empty: bool,
}

impl<'p> Below<'p> {
    fn new(folder: &'p Path) -> Self {
        // The global ignore file of Git would cost more to compile than most locks to audit.
        let walk = WalkBuilder::new(folder)
            .git_global(false)
            .require_git(false)
            .filter_entry(|entry| {
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                entry.file_name() == LOCK_NAME || !is_file
            })
            .sort_by_file_name(Ord::cmp)
            .build();
        let own = Some(in_folder(folder)).filter(|own| own.problem.is_none());
        Self { folder, has_own: own.is_some(), own, walk, is_empty: true }
    }
}

impl Iterator for Below<'_> {
    type Item = LockFile;

    fn next(&mut self) -> Option<LockFile> {
        let own = self.own.take();
        let found = own.or_else(|| {
            self.walk.by_ref().find_map(|entry| match entry {
                Ok(entry) if entry.file_name() == LOCK_NAME && !is_folder_entry(&entry) => {
                    let is_own = entry.depth() == 1 && self.has_own;
                    let path = entry.path();
                    (!is_own).then(|| LockFile::at(path.strip_prefix(".").unwrap_or(path)))
                }
                Ok(_) => None,
                Err(error) => Some(LockFile::missing(self.folder, error.to_string())),
            })
        });
        if found.is_none() && self.is_empty {
            self.is_empty = false;
            let problem = format!("there is no {LOCK_NAME} below this folder");
            return Some(LockFile::missing(self.folder, problem));
        }
        self.is_empty = false;
        found
    }
}

/// What tells two names of one lock apart from two locks. A lock that is a symlink belongs to the
/// flake whose folder it lies in.
fn place(lock: &LockFile) -> PathBuf {
    let Some(path) = &lock.path else { return PathBuf::from("-") };
    match (path.parent().and_then(physical), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.clone(),
    }
}

fn shown(path: &Path) -> String {
    with_slashes(&path.to_string_lossy(), std::path::MAIN_SEPARATOR)
}

/// A path of a system with this separator. Where that is `/`, a `\` is part of a name.
fn with_slashes(text: &str, separator: char) -> String {
    text.replace(separator, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&Path]) -> Vec<String> {
        let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
        find(&paths).map(|lock| lock.name).collect()
    }

    #[test]
    fn paths_are_named_with_slashes() {
        assert_eq!(with_slashes(r"C:\flakes\a/flake.lock", '\\'), "C:/flakes/a/flake.lock");
        assert_eq!(with_slashes(r"\\host\share\flake.lock", '\\'), "//host/share/flake.lock");
        assert_eq!(with_slashes(r"a\b/flake.lock", '/'), r"a\b/flake.lock");
    }

    #[test]
    fn locks_are_found_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("flake.lock", ""),
            ("flake.nix", ""),
            ("b/flake.lock", ""),
            ("a/dev/flake.lock", ""),
            ("hidden/flake.lock", ""),
            (".ignore", "hidden\nflake.lock\n"),
            ("a/dev/.ignore", "!flake.lock\n"),
            ("b/.ignore", "!flake.lock\n"),
            ("b/other.lock", ""),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let shown =
            |path: &str| root.join(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        assert_eq!(
            names(&[root]),
            [shown("flake.lock"), shown("a/dev/flake.lock"), shown("b/flake.lock")]
        );
        let nix = root.join("flake.nix");
        let again = root.join("b/../flake.lock");
        assert_eq!(names(&[&nix, &again, Path::new("-")]), [shown("flake.lock"), "-".into()]);
        let empty = tempfile::tempdir().unwrap();
        let paths = [empty.path().to_path_buf()];
        let found: Vec<_> = find(&paths).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].problem.as_ref().unwrap().contains("no flake.lock"));
    }
}
