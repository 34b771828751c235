//! Where flakes lie: the real paths of their folders, and the work trees that these are in.
//!
//! Remembered for a run over many locks, most of which lie beside each other. To resolve a path, and
//! to look for `.git` in all folders above, is a question to the system for each of its names.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Folders that were looked at before.
#[derive(Debug, Default)]
pub struct WorkTrees {
    /// Without symlinks, by the paths that were asked for.
    real: Known,
    /// The nearest folder that has a `.git`, itself or above.
    tops: Known,
}

type Known = Mutex<HashMap<PathBuf, Option<PathBuf>>>;

fn lock(known: &Known) -> MutexGuard<'_, HashMap<PathBuf, Option<PathBuf>>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

impl WorkTrees {
    /// The path of a folder without symlinks; `None` where there is no such folder. What it is in is
    /// remembered.
    pub(super) fn real(&self, folder: &Path) -> Option<PathBuf> {
        if let (Some(above), Some(name)) = (folder.parent(), folder.file_name()) {
            let real = self.real_above(above)?.join(name);
            let data = fs::symlink_metadata(&real).ok()?;
            if !data.is_symlink() {
                return data.is_dir().then_some(real);
            }
        }
        let real = fs::canonicalize(folder).ok()?;
        real.is_dir().then_some(real)
    }

    fn real_above(&self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = lock(&self.real).get(folder) {
            return known.clone();
        }
        let real = fs::canonicalize(folder).ok();
        lock(&self.real).insert(folder.to_path_buf(), real.clone());
        real
    }

    /// The work tree that a folder is in: itself, or the nearest above it, that has a `.git`. What
    /// holds for those above is remembered.
    pub(super) fn top(&self, folder: &Path) -> Option<PathBuf> {
        if folder.join(".git").exists() {
            return Some(folder.to_path_buf());
        }
        let mut top = None;
        let mut missed = Vec::new();
        for above in folder.ancestors().skip(1) {
            if let Some(known) = lock(&self.tops).get(above) {
                top = known.clone();
                break;
            }
            missed.push(above.to_path_buf());
            if above.join(".git").exists() {
                top = Some(above.to_path_buf());
                break;
            }
        }
        lock(&self.tops).extend(missed.into_iter().map(|above| (above, top.clone())));
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_trees_are_the_nearest_above() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for path in ["a/.git", "a/b/c", "a/b/d/.git", "e/f"] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        let trees = WorkTrees::default();
        for _ in 0..2 {
            for (path, top) in [("a", "a"), ("a/b/c", "a"), ("a/b/d", "a/b/d"), ("a/b", "a")] {
                assert_eq!(trees.top(&root.join(path)), Some(root.join(top)), "{path}");
            }
            assert!(trees.top(&root.join("e/f")).is_none_or(|top| root.starts_with(top)));
        }
    }

    #[cfg(unix)]
    #[test]
    fn real_paths_are_those_of_the_system() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/file"), "").unwrap();
        symlink("a", root.join("linked")).unwrap();
        symlink("b", root.join("a/beside")).unwrap();
        symlink("file", root.join("a/to-file")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let trees = WorkTrees::default();
        let folders = ["a", "a/b", "linked", "linked/b", "linked/beside", "a/beside", "."];
        for path in folders.into_iter().chain(folders) {
            let path = root.join(path);
            assert_eq!(trees.real(&path), path.canonicalize().ok(), "{}", path.display());
        }
        for path in ["a/file", "a/to-file", "a/none", "none/b", "loop", "loop/b", "a/file/b"] {
            assert_eq!(trees.real(&root.join(path)), None, "{path}");
        }
        assert_eq!(trees.real(Path::new("/")), Some("/".into()));
    }
}
