//! Flakes in folders that may be written to: the output of a run, and its effect on the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use assert_cmd::Command;
use similar::TextDiff;
use tempfile::TempDir;

use crate::cli::{fixtures, flake_audit, shown};

/// A folder with a flake.
pub(crate) struct Workspace {
    folder: TempDir,
}

/// Every file of a folder with its content, by path.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

impl Workspace {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With the flake of a fixture, and its sources.
    pub(crate) fn of(case: impl AsRef<Path>) -> Self {
        let workspace = Self::new();
        copy(&fixtures().join(case), workspace.path());
        workspace
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
        self
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    /// Replaces a text that occurs exactly once in a file.
    pub(crate) fn replace(&self, file: &str, old: &str, new: &str) -> &Self {
        let text = self.read(file);
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {text}");
        self.write(file, text.replace(old, new))
    }

    /// All files in it.
    pub(crate) fn files(&self) -> Files {
        let mut files = Files::new();
        collect(self.path(), Path::new(""), &mut files);
        files
    }

    /// `flake-audit`, to be run in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = flake_audit(self.path());
        command.args(arguments);
        if self.path().join("store").is_dir() {
            command.args(["--store", "store"]);
        }
        command
    }

    /// The output of `fix`, its exit code, and what has changed.
    pub(crate) fn fix(&self, arguments: &[&str]) -> String {
        let before = self.files();
        let shown = shown(&mut self.command(&[&["fix"], arguments].concat()));
        shown + &diff(&before, &self.files())
    }

    /// The same, checking that no byte and no time of any file changes.
    pub(crate) fn fix_without_writing(&self, arguments: &[&str]) -> String {
        let (before, written) = (self.files(), times(self.path()));
        let shown = shown(&mut self.command(&[&["fix"], arguments].concat()));
        assert!(before == self.files(), "{shown}");
        assert_eq!(written, times(self.path()), "{shown}");
        shown
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

fn collect(folder: &Path, name: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = name.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &name, files);
        } else {
            match fs::read(entry.path()) {
                Ok(bytes) => drop(files.insert(name, bytes)),
                // Another program has renamed it since the folder was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => panic!("{}: {error}", entry.path().display()),
            }
        }
    }
}

/// When the folder and its two files were last written; each file with its inode number, because a
/// new file may have the same bytes.
fn times(folder: &Path) -> Vec<String> {
    let told = |name: &str| {
        let data = fs::metadata(folder.join(name)).ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&data);
        #[cfg(not(unix))]
        let number = 0;
        Some(format!("{name} {number} {:?}", data.modified().unwrap()))
    };
    ["", "flake.nix", "flake.lock"].into_iter().filter_map(told).collect()
}

/// What is different, as a unified diff.
pub(crate) fn diff(before: &Files, after: &Files) -> String {
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let text = |files: &Files, name: &Path| {
        files.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let mut all = String::new();
    for name in names {
        let (old, new) = (text(before, name), text(after, name));
        if old != new {
            let header = |text: &Option<String>| match text {
                Some(_) => name.to_str().unwrap().to_owned(),
                None => "(no file)".into(),
            };
            let (old_name, new_name) = (header(&old), header(&new));
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            let diff = TextDiff::from_lines(&old, &new);
            let mut diff = diff.unified_diff();
            all += &diff.context_radius(1).header(&old_name, &new_name).to_string();
        }
    }
    all
}
