//! Copies of fixtures, so that files beside them can be changed.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) struct Flake {
    folder: TempDir,
}

impl Flake {
    /// A fixture, like `seed/a-follows-plain`.
    pub(crate) fn of(fixture: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        copy(&from, folder.path());
        Self { folder }
    }

    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The store to look in, which need not exist.
    pub(crate) fn store(&self) -> String {
        self.at("store").to_str().unwrap().to_owned()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let to = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &to);
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// All fixtures that hold a lock.
pub(crate) fn fixtures() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found = Vec::new();
    for rule in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap()) {
        if !rule.path().is_dir() {
            continue;
        }
        for case in fs::read_dir(rule.path()).unwrap().map(|entry| entry.unwrap()) {
            if case.path().join("flake.lock").exists() {
                let path = case.path();
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push(name);
            }
        }
    }
    found.sort();
    found
}
