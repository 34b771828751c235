//! Where a folder is.

use std::fs;
use std::path::{Component, Path, PathBuf, absolute};

/// The absolute path of a folder. Symlinks are resolved only where `..` makes it necessary: asking
/// for every part of every path is what a run over thousands of locks would spend its time on.
pub fn physical(folder: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if folder.components().any(|part| part == Component::ParentDir) {
        fs::canonicalize(folder).ok()
    } else {
        absolute(folder).ok()
    }
}
