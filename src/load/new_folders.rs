//! Folders created for a file that goes into them.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Folders that were created here, outer ones first. When this is dropped, those that are still
/// empty are removed.
#[derive(Debug, Default)]
pub struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Creates a folder, and those above it that are missing.
    ///
    /// # Errors
    /// Those of the disk; then no created folder is left.
    pub fn make(folder: &Path) -> io::Result<Self> {
        let mut missing = Vec::new();
        for path in folder.ancestors() {
            match fs::symlink_metadata(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => missing.push(path),
                there => {
                    there?;
                    break;
                }
            }
        }
        let mut made = Self::default();
        for path in missing.into_iter().rev() {
            match fs::create_dir(path) {
                // Created meanwhile by somebody else. If it is no folder, writing into it will
                // fail.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                result => {
                    result?;
                    made.0.push(path.to_path_buf());
                }
            }
        }
        Ok(made)
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            // Fails for a folder that is not empty, as intended.
            let _ = fs::remove_dir(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_empty_goes_again_and_nothing_else() {
        let disk = tempfile::tempdir().unwrap();
        let at = |name: &str| disk.path().join(name);
        fs::create_dir(at("theirs")).unwrap();
        drop(NewFolders::make(&at("theirs")).unwrap());
        drop(NewFolders::make(&at("theirs/a/b")).unwrap());
        assert!(at("theirs").exists() && !at("theirs/a").exists());
        let made = NewFolders::make(&at("theirs/a/b")).unwrap();
        fs::write(at("theirs/a/file"), "").unwrap();
        drop(made);
        assert!(at("theirs/a").exists() && !at("theirs/a/b").exists());
        assert!(NewFolders::make(&at("theirs/a/file/b")).is_err());
        assert_eq!(fs::read_dir(at("theirs")).unwrap().count(), 1);
    }
}
