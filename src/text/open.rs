//! Files that are open in an editor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Texts that are read in place of what is on disk, by absolute path: the folder without symlinks,
/// the file as it is named there.
#[derive(Debug, Clone, Default)]
pub struct OpenFiles(Arc<BTreeMap<PathBuf, Arc<str>>>);

impl OpenFiles {
    /// The text of a file, if it is open.
    pub fn get(&self, path: &Path) -> Option<&Arc<str>> {
        self.0.get(path)
    }

    /// All of them, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Arc<str>)> {
        self.0.iter().map(|(path, text)| (path.as_path(), text))
    }
}

impl FromIterator<(PathBuf, Arc<str>)> for OpenFiles {
    fn from_iter<I: IntoIterator<Item = (PathBuf, Arc<str>)>>(files: I) -> Self {
        Self(Arc::new(files.into_iter().collect()))
    }
}
