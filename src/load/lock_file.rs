//! A lock, by its name.

use std::path::{Path, PathBuf};

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
    pub(super) fn at(path: &Path) -> Self {
        Self { name: shown(path), path: Some(path.to_path_buf()), problem: None }
    }

    pub(super) fn missing(path: &Path, problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::at(path) }
    }

    /// The folder of the lock, absolute; for its configuration.
    pub fn folder(&self) -> Option<PathBuf> {
        physical(self.path.as_deref()?.parent()?)
    }
}

/// How a path is named: with `/`, whatever the system has.
pub(super) fn shown(path: &Path) -> String {
    with_slashes(&path.to_string_lossy(), std::path::MAIN_SEPARATOR)
}

/// A path of a system with this separator. Where that is `/`, a `\` is part of a name.
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
