//! The store folders of fixtures. Each has the name that Nix gives it in `/nix/store`, by its
//! contents, so editing a file there changes the name of its folder and a hash in `flake.lock`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use flake_audit::source::store_name;
use sha2::{Digest, Sha256};

/// A folder `AREA/CASE/store/NAME`.
#[derive(Debug)]
pub(crate) struct StoreFolder {
    path: PathBuf,
    /// The hash of its contents.
    nar_hash: String,
    /// The name that belongs to the hash.
    true_name: String,
}

/// All store folders of the fixtures below a folder.
pub(crate) fn all(fixtures: &Path) -> Vec<StoreFolder> {
    let cases = folders(fixtures).into_iter().flat_map(|area| folders(&area));
    cases.flat_map(|case| folders(&case.join("store"))).map(StoreFolder::new).collect()
}

/// The folders in a folder, sorted; empty if there is no such folder.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = paths.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

impl StoreFolder {
    fn new(path: PathBuf) -> Self {
        let nar_hash = nar_hash(&path);
        let true_name = store_name("/nix/store", &nar_hash, "source").unwrap();
        Self { path, nar_hash, true_name }
    }

    fn name(&self) -> &str {
        self.path.file_name().and_then(OsStr::to_str).unwrap()
    }

    fn lock(&self) -> PathBuf {
        self.path.ancestors().nth(2).unwrap().join("flake.lock")
    }

    /// The hash by which the lock names the folder, if it does.
    fn locked_hash(&self) -> Option<String> {
        let lock = fs::read_to_string(self.lock()).unwrap();
        let hashes = lock.split("\"sha256-").skip(1);
        let mut hashes = hashes.map(|rest| format!("sha256-{}", rest.split('"').next().unwrap()));
        hashes.find(|hash| store_name("/nix/store", hash, "source").as_deref() == Some(self.name()))
    }

    /// The problem of the folder.
    pub(crate) fn problem(&self) -> Option<String> {
        let path = self.path.display();
        if self.name() != self.true_name {
            Some(format!("{path} has to be called {}", self.true_name))
        } else if self.locked_hash().is_none() {
            Some(format!("{path}: no input of flake.lock has the narHash {}", self.nar_hash))
        } else {
            None
        }
    }

    /// Renames the folder by its contents, also in the lock; returns what was done.
    pub(crate) fn mend(&self) -> Option<String> {
        self.problem()?;
        let renamed = self.path.with_file_name(&self.true_name);
        let told = match self.locked_hash() {
            Some(old) => {
                let lock = fs::read_to_string(self.lock()).unwrap();
                fs::write(self.lock(), lock.replace(&old, &self.nar_hash)).unwrap();
                format!("{} is named anew, and in flake.lock", renamed.display())
            }
            // A new one: it is unknown which input it is for.
            None => format!(
                "{}: give the input that it is the narHash {}",
                renamed.display(),
                self.nar_hash
            ),
        };
        fs::rename(&self.path, renamed).unwrap();
        Some(told)
    }
}

/// The hash of a folder as in locks: of its NAR, which contains names, contents, targets of links
/// and whether a file is executable, but no time or owner.
fn nar_hash(folder: &Path) -> String {
    let mut hash = Sha256::new();
    text(&mut hash, b"nix-archive-1");
    node(&mut hash, folder);
    format!("sha256-{}", BASE64.encode(&hash.finalize()))
}

/// A text with its length, padded to a multiple of eight bytes.
fn text(hash: &mut Sha256, text: &[u8]) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
    hash.update(&[0; 8][..(8 - text.len() % 8) % 8]);
}

fn node(hash: &mut Sha256, path: &Path) {
    let metadata = fs::symlink_metadata(path).unwrap();
    text(hash, b"(");
    text(hash, b"type");
    if metadata.is_dir() {
        text(hash, b"directory");
        let mut entries: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        entries.sort_by(|a, b| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
        for name in entries {
            for part in [&b"entry"[..], b"(", b"name", name.as_encoded_bytes(), b"node"] {
                text(hash, part);
            }
            node(hash, &path.join(name));
            text(hash, b")");
        }
    } else if metadata.is_symlink() {
        text(hash, b"symlink");
        text(hash, b"target");
        text(hash, fs::read_link(path).unwrap().as_os_str().as_encoded_bytes());
    } else {
        text(hash, b"regular");
        if can_be_run(&metadata) {
            text(hash, b"executable");
            text(hash, b"");
        }
        text(hash, b"contents");
        text(hash, &fs::read(path).unwrap());
    }
    text(hash, b")");
}

#[cfg(unix)]
fn can_be_run(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn can_be_run(_: &fs::Metadata) -> bool {
    false
}
