//! A lock: its name, its folder, and its bytes.

use std::path::{Component, Path, PathBuf, absolute};
use std::sync::OnceLock;
use std::{fs, io};

use crate::bounded::{self, Unreadable};

/// The name of a lock.
pub const LOCK_NAME: &str = "flake.lock";
/// Longer files are refused: the largest known lock has 1.4 MB.
const LONGEST: u64 = 64 << 20;

/// A lock to read, or a place where one was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFile {
    /// The name to print: as given, plus what the search added, with `/`.
    pub name: String,
    /// Its path; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Why there is nothing to read.
    pub problem: Option<String>,
}

impl LockFile {
    pub(super) fn at(path: &Path) -> Self {
        Self { name: shown_path(path), path: Some(path.to_path_buf()), problem: None }
    }

    pub(super) fn missing(path: &Path, problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::at(path) }
    }

    /// The absolute folder of the lock, for finding its configuration.
    pub fn folder(&self) -> Option<PathBuf> {
        physical(self.path.as_deref()?.parent()?)
    }
}

/// Reads a lock in place of what is in the buffer.
///
/// # Errors
/// Why there is nothing to audit, in one line.
pub fn read(lock: &LockFile, buffer: &mut Vec<u8>) -> Result<(), String> {
    if let Some(problem) = &lock.problem {
        return Err(problem.clone());
    }
    let read = match &lock.path {
        None => {
            buffer.clear();
            bounded::read_from(io::stdin().lock(), LONGEST, buffer)
        }
        Some(path) => bounded::read_over(path, LONGEST, buffer),
    };
    if read.is_err() {
        // Nothing is left of the lock before.
        buffer.clear();
    }
    read.map_err(|problem| match problem {
        Unreadable::NotRegular => {
            format!("{problem} (`-` reads a lock from standard input)")
        }
        _ => problem.to_string(),
    })
}

/// The absolute path of a folder. Symlinks are resolved only if `..` makes it necessary, because
/// resolving every part of every path would dominate a run over thousands of locks.
pub fn physical(folder: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if folder.components().any(|part| part == Component::ParentDir) {
        fs::canonicalize(folder).ok()
    } else if folder.is_absolute() {
        absolute(folder).ok()
    } else {
        absolute(here()?.join(folder)).ok()
    }
}

/// The working folder, which this program never changes.
fn here() -> Option<&'static Path> {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    HERE.get_or_init(|| std::env::current_dir().ok()).as_deref()
}

/// How a path is printed: with `/` on every system.
pub(super) fn shown_path(path: &Path) -> String {
    with_slashes(&path.to_string_lossy(), std::path::MAIN_SEPARATOR)
}

/// A path of a system with this separator. If that is `/`, a `\` is part of a name.
fn with_slashes(text: &str, separator: char) -> String {
    text.replace(separator, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_named_with_slashes() {
        assert_eq!(with_slashes(r"C:\flakes\a/flake.lock", '\\'), "C:/flakes/a/flake.lock");
        assert_eq!(with_slashes(r"\\host\share\flake.lock", '\\'), "//host/share/flake.lock");
        assert_eq!(with_slashes(r"a\b/flake.lock", '/'), r"a\b/flake.lock");
    }
}
