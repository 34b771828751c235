//! Where the source of a locked input is, if somebody has fetched it: at the store path that follows
//! from its `narHash`.
//!
//! Nix is not asked and nothing is fetched: the path is computed (`store_path.rs`), then looked for.
//! For reading it does not matter whether Nix knows of a path that is there.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::TreePath;
use super::listing::StoreListing;
use super::store_path::{NarHash, is_store_name, sha256_of_sri, store_name_of};
use crate::lock::{Attributes, SourceKind};

/// The store directory of nearly every Nix, which is part of every hash.
const STORE_DIR: &str = "/nix/store";

/// A folder that contains store paths.
#[derive(Debug, Clone, PartialEq, Eq)]
struct StoreFolder {
    folder: PathBuf,
    /// The store directory that its hashes are made with.
    store_dir: String,
}

/// The stores in which sources are looked for. Results are remembered, because locks of one team
/// name the same sources.
#[derive(Debug, Clone, Default)]
pub struct Stores {
    places: Arc<[StoreFolder]>,
    /// The names in each of them.
    listings: Arc<[Mutex<StoreListing>]>,
    known: Arc<Mutex<FoundByHash>>,
}

/// Where sources of the usual name are, by hash as it is written: to decode one takes longer.
type FoundByHash = HashMap<Box<str>, Option<PathBuf>, foldhash::fast::RandomState>;

/// Sources that are remembered, some hundred bytes each: those that many locks have are among the
/// first.
const MOST_KNOWN: usize = 1 << 13;

/// The name of nearly every source in a store.
const SOURCE: &str = "source";

impl Stores {
    /// `store_flag` is a store, or a folder with a whole `nix/store` below it (from `nix copy --to`
    /// or `nix-store --store`) whose paths are those of `/nix/store`. `nix_store_dir_env` is
    /// `NIX_STORE_DIR`: Nix's own store directory, from which hashes are made. `/nix/store` is
    /// always included. Folders that do not exist are dropped at once, so that a run without any
    /// store costs nothing.
    pub fn new(store_flag: Option<&Path>, nix_store_dir_env: Option<&OsStr>) -> Self {
        let mut places: Vec<StoreFolder> = Vec::new();
        let mut add = |folder: PathBuf, store_dir: String| {
            let place = StoreFolder { folder, store_dir };
            // Checking whether it is empty would read a whole page of names, so it is not checked.
            if is_folder(&place.folder) && !places.contains(&place) {
                places.push(place);
            }
        };
        if let Some(flag) = store_flag {
            add(flag.to_path_buf(), STORE_DIR.into());
            add(flag.join("nix/store"), STORE_DIR.into());
        }
        add(PathBuf::from(STORE_DIR), STORE_DIR.into());
        if let Some(store_dir) = nix_store_dir_env.and_then(|value| canonical(value.to_str()?)) {
            add(PathBuf::from(&store_dir), store_dir);
        }
        let listings = places.iter().map(|_| Mutex::default()).collect();
        Self { places: places.into(), listings, known: Arc::default() }
    }

    /// Whether there is no store at all.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The root of a locked source, if it is on disk. The flake may be in a folder below it: see
    /// [`flake_folder`]. `None` for a `file`, which is never a flake.
    pub fn find_source(&self, locked: Attributes<'_, '_>) -> Option<PathBuf> {
        if self.is_empty() || locked.kind() == SourceKind::File {
            return None;
        }
        let nar_hash = locked.text("narHash")?;
        let name = match locked.get("name") {
            None => SOURCE,
            Some(_) => locked.text("name")?,
        };
        if name != SOURCE {
            return self.find_on_disk(&sha256_of_sri(nar_hash)?, name);
        }
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(nar_hash) {
            return known.clone();
        }
        let found = self.find_on_disk(&sha256_of_sri(nar_hash)?, name);
        let mut known = known();
        if known.len() < MOST_KNOWN {
            known.insert(nar_hash.into(), found.clone());
        }
        found
    }

    /// Asks the disk.
    fn find_on_disk(&self, nar_hash: &NarHash, name: &str) -> Option<PathBuf> {
        if !is_store_name(name) {
            return None;
        }
        let mut known: Option<(&str, String)> = None;
        for (StoreFolder { folder, store_dir }, listing) in self.places.iter().zip(&*self.listings)
        {
            let name = match known.take() {
                Some((of, name)) if of == store_dir => name,
                _ => store_name_of(store_dir, nar_hash, name)?,
            };
            let mut listing = listing.lock().unwrap_or_else(PoisonError::into_inner);
            let may_be_there = listing.may_hold(folder, &name);
            drop(listing);
            let path = may_be_there.then(|| folder.join(&name));
            if let Some(path) = path.filter(|path| is_folder(path)) {
                return Some(path);
            }
            known = Some((store_dir, name));
        }
        None
    }
}

fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_dir())
}

/// The folder of the flake in its source: `dir`, or the root without one. `None` if it would lead
/// out of the source.
pub fn flake_folder(locked: Attributes<'_, '_>) -> Option<TreePath> {
    match locked.get("dir") {
        None => Some(TreePath::root()),
        // Nix ignores a leading slash, because it makes a path in the source of it (`CanonPath`).
        Some(_) => TreePath::root().join(locked.text("dir")?.trim_start_matches('/')),
    }
}

/// An absolute path without `.`, `..` and double slashes, as Nix makes it (`canonPath`).
fn canonical(path: &str) -> Option<String> {
    let mut text = String::new();
    for name in path.strip_prefix('/')?.split('/') {
        match name {
            "" | "." => {}
            ".." => text.truncate(text.rfind('/').unwrap_or_default()),
            name => {
                text.push('/');
                text.push_str(name);
            }
        }
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Lock, Unescaped};
    use crate::source::store_name;

    /// A folder whose hash and store path were computed by Nix.
    const HASH: &str = "sha256-l4XqxxEKYk2ZUmoM/3Q8Uj1jWXJPMm0HqKL4FdPL93E=";
    const NAME: &str = "qrcnr7aql2lxa9g012l433fdjymd45xm-source";

    fn with_locked<T>(locked: &str, then: impl FnOnce(Attributes<'_, '_>) -> T) -> T {
        let text = format!(
            r#"{{"nodes": {{"root": {{"inputs": {{"a": "a"}}}},
                "a": {{"locked": {{{locked}}}, "original": {{"type": "git", "url": "x"}}}}}},
                "root": "root", "version": 7}}"#
        );
        let unescaped = Unescaped::new();
        let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
        then(lock.locked(lock.node_keyed("a").unwrap()).unwrap())
    }

    #[test]
    fn sources_are_found_in_every_store() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let find = |stores: &Stores, locked: &str| with_locked(locked, |at| stores.find_source(at));
        let git = format!(r#""type": "git", "narHash": "{HASH}""#);

        let flat = root.join("flat");
        fs::create_dir_all(flat.join(NAME)).unwrap();
        let stores = Stores::new(Some(&flat), None);
        assert_eq!(find(&stores, &git), Some(flat.join(NAME)));

        let whole = root.join("whole");
        fs::create_dir_all(whole.join("nix/store").join(NAME)).unwrap();
        let stores = Stores::new(Some(&whole), None);
        assert_eq!(find(&stores, &git), Some(whole.join("nix/store").join(NAME)));
    }

    /// Another store directory is an absolute path of Unix; elsewhere there is no Nix.
    #[cfg(unix)]
    #[test]
    fn another_store_directory_makes_other_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let git = format!(r#""type": "git", "narHash": "{HASH}""#);
        let find = |stores: &Stores| with_locked(&git, |at| stores.find_source(at));

        let own = root.join("own");
        let own_name = store_name(own.to_str().unwrap(), HASH, "source").unwrap();
        fs::create_dir_all(own.join(&own_name)).unwrap();
        let written = format!("{}/./x/..//", own.display());
        let stores = Stores::new(None, Some(OsStr::new(&written)));
        assert_eq!(find(&stores), Some(own.join(&own_name)));
        let stores = Stores::new(Some(&own), None);
        assert_eq!(find(&stores), None);
    }

    #[test]
    fn only_what_can_be_a_flake_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let named = store_name(STORE_DIR, HASH, "own-name").unwrap();
        for name in [NAME, &named] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let stores = Stores::new(Some(folder.path()), Some(OsStr::new("relative")));
        let find = |locked: &str| with_locked(locked, |locked| stores.find_source(locked));
        let is = |name: &str| Some(folder.path().join(name));
        assert_eq!(find(&format!(r#""type": "tarball", "narHash": "{HASH}""#)), is(NAME));
        assert_eq!(
            find(&format!(r#""type": "git", "name": "own-name", "narHash": "{HASH}""#)),
            is(&named)
        );
        for locked in [
            format!(r#""type": "file", "narHash": "{HASH}""#),
            format!(r#""type": "git", "narHash": "{HASH}", "name": 1"#),
            format!(r#""type": "git", "narHash": "{HASH}", "name": "../{NAME}""#),
            r#""type": "git", "narHash": true"#.into(),
            r#""type": "git", "narHash": """#.into(),
            r#""type": "path", "path": "./sub""#.into(),
        ] {
            assert_eq!(find(&locked), None, "{locked}");
        }
        // A file is no source.
        fs::remove_dir(folder.path().join(NAME)).unwrap();
        fs::write(folder.path().join(NAME), "").unwrap();
        let git = format!(r#""type": "git", "narHash": "{HASH}""#);
        let stores = Stores::new(Some(folder.path()), None);
        assert_eq!(with_locked(&git, |locked| stores.find_source(locked)), None);
        // What was found is not looked for again.
        fs::remove_file(folder.path().join(NAME)).unwrap();
        fs::create_dir(folder.path().join(NAME)).unwrap();
        assert_eq!(with_locked(&git, |locked| stores.find_source(locked)), None);
    }

    #[test]
    fn without_a_store_nothing_is_found() {
        let stores = Stores::default();
        assert!(stores.is_empty());
        let locked = format!(r#""type": "git", "narHash": "{HASH}""#);
        assert_eq!(with_locked(&locked, |locked| stores.find_source(locked)), None);
    }

    #[test]
    fn the_folder_of_a_flake_is_confined() {
        let folder = |dir: &str| with_locked(&format!(r#""type": "git"{dir}"#), flake_folder);
        let is = |path: &str| Some(TreePath::root().join(path).unwrap());
        assert_eq!(folder(""), Some(TreePath::root()));
        assert_eq!(folder(r#", "dir": """#), Some(TreePath::root()));
        assert_eq!(folder(r#", "dir": "/""#), Some(TreePath::root()));
        assert_eq!(folder(r#", "dir": "nix/dev/""#), is("nix/dev"));
        assert_eq!(folder(r#", "dir": "/nix/./dev""#), is("nix/dev"));
        assert_eq!(folder(r#", "dir": "../other""#), None);
        assert_eq!(folder(r#", "dir": 1"#), None);
    }

    #[test]
    fn store_directories_are_read_as_nix_reads_them() {
        assert_eq!(canonical("/nix//store/").as_deref(), Some("/nix/store"));
        assert_eq!(canonical("/nix/../a/./b").as_deref(), Some("/a/b"));
        assert_eq!(canonical("/../a").as_deref(), Some("/a"));
        for path in ["", "a/b", "/", "/.."] {
            assert_eq!(canonical(path), None, "{path}");
        }
    }
}
