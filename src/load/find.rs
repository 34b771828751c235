//! From the paths on the command line to locks.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::{Mutex, PoisonError};

use super::below::{Below, FoundBelow};
use super::lock_file::{LOCK_NAME, LockFile, physical, shown_path};

/// The name of a flake's file.
pub const FLAKE_NAME: &str = "flake.nix";

/// All locks that the paths name, each once, in order, as they are found: those below a folder by
/// name, with ignore files honoured; a `flake.nix` stands for the lock beside it.
pub fn find_locks<'p>(paths: &'p [PathBuf], passed_over: &'p PassedOver) -> LockSearch<'p> {
    // A single folder yields no lock twice.
    let seen = (paths.len() > 1).then(HashSet::new);
    LockSearch { paths: paths.iter(), below: None, seen, passed_over }
}

/// What a search skipped: folders and ignore files that exceed its limits.
#[derive(Debug, Default)]
pub struct PassedOver(Mutex<Vec<(String, String)>>);

impl PassedOver {
    /// A longer list is of no use.
    const MOST: usize = 100;

    fn add(&self, name: String, why: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < Self::MOST {
            all.push((name, why));
        }
    }

    /// What was skipped and why; the first hundred.
    pub fn into_all(self) -> Vec<(String, String)> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running search for locks.
pub struct LockSearch<'p> {
    paths: slice::Iter<'p, PathBuf>,
    below: Option<Locks<'p>>,
    seen: Option<HashSet<PathBuf>>,
    passed_over: &'p PassedOver,
}

impl Iterator for LockSearch<'_> {
    type Item = LockFile;

    fn next(&mut self) -> Option<LockFile> {
        loop {
            let found = match &mut self.below {
                Some(below) => match below.next(self.passed_over) {
                    Some(found) => found,
                    None => {
                        self.below = None;
                        continue;
                    }
                },
                None => {
                    let path = self.paths.next()?;
                    if is_folder(path) {
                        self.below = Some(Locks::new(path));
                        continue;
                    }
                    file(path)
                }
            };
            let is_new = self.seen.as_mut().is_none_or(|seen| seen.insert(identity(&found)));
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
    named.filter(|path| seen.insert(identity(&single(path)))).collect()
}

/// The paths except each `flake.nix` without a lock beside it.
pub fn without_unlocked(paths: &[PathBuf]) -> Vec<PathBuf> {
    let is_unlocked = |path: &Path| {
        path.file_name().is_some_and(|name| name == FLAKE_NAME)
            && path.is_file()
            && !path.with_file_name(LOCK_NAME).exists()
    };
    paths.iter().filter(|path| !is_unlocked(path)).cloned().collect()
}

/// The lock that a path names, if the path is no folder.
fn file(path: &Path) -> LockFile {
    if path == Path::new("-") {
        LockFile { name: "-".into(), path: None, problem: None }
    } else if path.file_name().is_some_and(|name| name == FLAKE_NAME) {
        existing(&path.with_file_name(LOCK_NAME))
    } else {
        LockFile::at(path)
    }
}

/// The lock of the flake in a folder; if the current folder has none, that of the nearest one
/// above.
fn in_folder(folder: &Path) -> LockFile {
    let above = if folder == Path::new(".") { flake_above() } else { None };
    existing_in(above.as_deref().unwrap_or(folder))
}

fn existing_in(folder: &Path) -> LockFile {
    let lock = folder.join(LOCK_NAME);
    existing(lock.strip_prefix(".").unwrap_or(&lock))
}

/// The nearest folder above the current one that has a flake, if the current one has none. Like
/// Nix, it stops at the repository's root or the home folder.
fn flake_above() -> Option<PathBuf> {
    let has = |folder: &Path, name: &str| folder.join(name).exists();
    let has_flake = |folder: &Path| has(folder, FLAKE_NAME) || has(folder, LOCK_NAME);
    let here = std::env::current_dir().ok()?;
    let home = std::env::home_dir();
    let is_end = |folder: &Path| has(folder, ".git") || home.as_deref() == Some(folder);
    if has_flake(&here) || is_end(&here) {
        return None;
    }
    let mut up = PathBuf::new();
    for folder in here.ancestors().skip(1) {
        up.push("..");
        if has_flake(folder) {
            return Some(up);
        }
        if is_end(folder) {
            break;
        }
    }
    None
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

/// The locks below a folder.
struct Locks<'p> {
    folder: &'p Path,
    /// The lock of the folder itself, which the user named, so ignore files do not apply to it.
    own: Option<LockFile>,
    has_own: bool,
    below: Below,
    is_empty: bool,
}

impl<'p> Locks<'p> {
    fn new(folder: &'p Path) -> Self {
        let own = Some(existing_in(folder)).filter(|own| own.problem.is_none());
        let below = Below::new(folder);
        Self { folder, has_own: own.is_some(), own, below, is_empty: true }
    }

    /// The next lock, or what kept it from being found. Records what is skipped on the way.
    fn next(&mut self, passed_over: &PassedOver) -> Option<LockFile> {
        let named = |path: &Path| path.strip_prefix(".").unwrap_or(path).to_path_buf();
        let mut found = self.own.take();
        while found.is_none() {
            match self.below.next() {
                None => break,
                // It was yielded first.
                Some(FoundBelow::Lock(_)) if self.has_own && self.below.is_at_top() => {}
                Some(FoundBelow::Lock(path)) => found = Some(LockFile::at(&named(&path))),
                Some(FoundBelow::Unread(path, problem)) => {
                    found = Some(LockFile::missing(&named(&path), problem.to_string()));
                }
                Some(FoundBelow::PassedOver(path, why)) => {
                    passed_over.add(shown_path(&named(&path)), why)
                }
            }
        }
        if found.is_none() && self.is_empty {
            let problem = format!("there is no {LOCK_NAME} below this folder");
            let above = Some(in_folder(self.folder)).filter(|above| above.problem.is_none());
            found = above.or_else(|| Some(LockFile::missing(self.folder, problem)));
        }
        self.is_empty = false;
        found
    }
}

/// Identifies a lock that is named in two ways. A lock that is a symlink belongs to the flake whose
/// folder contains it.
fn identity(lock: &LockFile) -> PathBuf {
    let Some(path) = &lock.path else { return PathBuf::from("-") };
    match (path.parent().and_then(physical), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&Path]) -> Vec<String> {
        let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
        find_locks(&paths, &PassedOver::default()).map(|lock| lock.name).collect()
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
        let found: Vec<_> = find_locks(&paths, &PassedOver::default()).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].problem.as_ref().unwrap().contains("no flake.lock"));
    }
}
