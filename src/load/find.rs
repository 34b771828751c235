//! From the paths on the command line to locks.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

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

    /// The folder of the lock, for its configuration.
    pub fn folder(&self) -> Option<&Path> {
        self.path.as_deref()?.parent()
    }
}

/// All locks that the paths name, each once, in order: those below a folder by name, with ignore
/// files honoured; a `flake.nix` names the lock beside it.
pub fn find(paths: &[PathBuf]) -> Vec<LockFile> {
    let mut found = Vec::new();
    for path in paths {
        if is_folder(path) {
            below(path, &mut found);
        } else {
            found.push(single(path));
        }
    }
    // One folder holds no lock twice.
    if paths.len() > 1 {
        let mut seen = HashSet::new();
        found.retain(|lock| seen.insert(place(lock)));
    }
    found
}

/// The one lock that a path names: itself, the one beside a `flake.nix`, or the one in a folder.
pub fn single(path: &Path) -> LockFile {
    if path == Path::new("-") {
        return LockFile { name: "-".into(), path: None, problem: None };
    }
    let lock = if is_folder(path) {
        let lock = path.join(LOCK_NAME);
        lock.strip_prefix(".").map(Path::to_path_buf).unwrap_or(lock)
    } else if path.file_name().is_some_and(|name| name == "flake.nix") {
        path.with_file_name(LOCK_NAME)
    } else {
        return LockFile::at(path);
    };
    if lock.exists() {
        LockFile::at(&lock)
    } else {
        LockFile::missing(&lock, "there is no such lock: `nix flake lock` makes it")
    }
}

fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_dir())
}

fn below(folder: &Path, found: &mut Vec<LockFile>) {
    let before = found.len();
    // The lock of the folder itself was as good as named: no ignore file hides it.
    let own = single(folder);
    if own.problem.is_none() {
        found.push(own);
    }
    let walk = WalkBuilder::new(folder)
        .filter_entry(|entry| {
            entry.file_name() == LOCK_NAME || !entry.file_type().is_some_and(|kind| kind.is_file())
        })
        .sort_by_file_name(Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_name() == LOCK_NAME && !is_folder(entry.path()) => {
                let path = entry.path();
                // The own lock was pushed above.
                if entry.depth() > 1 || found.len() == before {
                    found.push(LockFile::at(path.strip_prefix(".").unwrap_or(path)));
                }
            }
            Ok(_) => {}
            Err(error) => found.push(LockFile::missing(folder, error.to_string())),
        }
    }
    if found.len() == before {
        found.push(LockFile::missing(folder, format!("there is no {LOCK_NAME} below this folder")));
    }
}

/// What tells two names of one lock apart from two locks. A lock that is a symlink belongs to the
/// flake whose folder it lies in.
fn place(lock: &LockFile) -> PathBuf {
    let Some(path) = &lock.path else { return PathBuf::from("-") };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.clone(),
    }
}

fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace('\\', "/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&Path]) -> Vec<String> {
        let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
        find(&paths).into_iter().map(|lock| lock.name).collect()
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
        let shown = |path: &str| root.join(path).to_string_lossy().into_owned();
        assert_eq!(
            names(&[root]),
            [shown("flake.lock"), shown("a/dev/flake.lock"), shown("b/flake.lock")]
        );
        let nix = root.join("flake.nix");
        let again = root.join("b/../flake.lock");
        assert_eq!(names(&[&nix, &again, Path::new("-")]), [shown("flake.lock"), "-".into()]);
        let empty = tempfile::tempdir().unwrap();
        let found = find(&[empty.path().to_path_buf()]);
        assert!(found[0].problem.as_ref().unwrap().contains("no flake.lock"));
    }
}
