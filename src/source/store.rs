//! Where the source of a locked input lies, if somebody has fetched it: the store path that follows
//! from its `narHash`.
//!
//! Nothing is asked of Nix and nothing is fetched: the path is computed as Nix computes it
//! (`makeFixedOutputPath` in `src/libstore/store-api.cc`, `compressHash` and the base 32 of
//! `src/libutil/hash.cc`), then looked for. A path that is there without Nix knowing of it is as
//! good for reading.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use data_encoding::{BASE64_NOPAD, Encoding, HEXLOWER, Specification};
use sha2::{Digest, Sha256};

use super::TreePath;
use super::listing::Listing;
use crate::lock::{Attributes, SourceKind};

/// The store directory of nearly every Nix; it is part of every hash.
const STORE_DIR: &str = "/nix/store";

/// Bytes of the hash in a store path: sha256, folded (`compressHash`).
const FOLDED: usize = 20;

/// How store paths are written: without e, o, u, t, and the last byte first (`BaseNix32`).
static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut base32 = Specification::new();
    base32.symbols.push_str("0123456789abcdfghijklmnpqrsvwxyz");
    base32.encoding().ok()
});

/// The longest name in a store path (`StorePath::MaxPathLen`).
const LONGEST_NAME: usize = 211;

/// The name in the store of a source with this NAR hash: `qrcnr7aql2lxa9g012l433fdjymd45xm-source`.
/// `store_dir` goes into the hash. `None` for what Nix would not take as hash or name.
pub fn store_name(store_dir: &str, nar_hash_sri: &str, name: &str) -> Option<String> {
    if !is_store_name(name) {
        return None;
    }
    store_name_of(store_dir, &sha256_of_sri(nar_hash_sri)?, name)
}

/// The same of a hash that was read. A lock names thousands of them.
fn store_name_of(store_dir: &str, nar_hash: &NarHash, name: &str) -> Option<String> {
    let mut digits = [0; 2 * size_of::<NarHash>()];
    HEXLOWER.encode_mut(nar_hash, &mut digits);
    let mut what = Sha256::new();
    for part in [b"source:sha256:", &digits[..], b":", store_dir.as_bytes(), b":", name.as_bytes()]
    {
        what.update(part);
    }
    let mut hash = fold(&what.finalize());
    hash.reverse();
    let mut whole = String::with_capacity(name.len() + 33);
    BASE32.as_ref()?.encode_append(&hash, &mut whole);
    whole.push('-');
    whole.push_str(name);
    Some(whole)
}

/// The hash of a source, packed.
type NarHash = [u8; 32];

/// What Nix accepts as the name in a store path (`checkName` in `src/libstore/path.cc`).
fn is_store_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte);
    let first = name.split('-').next().unwrap_or_default();
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(is_allowed)
        && !matches!(first, "." | "..")
}

/// The 32 bytes of `sha256-<base64>`. Nix reads it without its final `=` too, and so do locks that
/// were edited by hand.
fn sha256_of_sri(sri: &str) -> Option<NarHash> {
    let text = sri.strip_prefix("sha256-")?;
    let text = text.strip_suffix('=').unwrap_or(text).as_bytes();
    let mut hash = NarHash::default();
    if BASE64_NOPAD.decode_len(text.len()) != Ok(hash.len()) {
        return None;
    }
    BASE64_NOPAD.decode_mut(text, &mut hash).ok()?;
    Some(hash)
}

fn fold(hash: &[u8]) -> [u8; FOLDED] {
    let mut folded = [0; FOLDED];
    for chunk in hash.chunks(FOLDED) {
        for (to, from) in folded.iter_mut().zip(chunk) {
            *to ^= from;
        }
    }
    folded
}

/// A folder in which store paths lie.
#[derive(Debug, Clone, PartialEq, Eq)]
struct StoreFolder {
    folder: PathBuf,
    /// The store directory of which its hashes are made.
    store_dir: String,
}

/// The stores in which sources are looked for. What was found is remembered: locks of one team name
/// the same sources.
#[derive(Debug, Clone, Default)]
pub struct Stores {
    places: Arc<[StoreFolder]>,
    /// What is in each of them.
    listings: Arc<[Mutex<Listing>]>,
    known: Arc<Mutex<FoundByHash>>,
}

/// Where sources of the usual name lie, by their hash.
type FoundByHash = HashMap<NarHash, Option<PathBuf>, foldhash::fast::RandomState>;

/// Sources that are remembered, some hundred bytes each: those that many locks have are among the
/// first.
const MOST_KNOWN: usize = 1 << 11;

/// What nearly every source is called in a store.
const SOURCE: &str = "source";

impl Stores {
    /// `store_flag` is a store, or a folder with a whole `nix/store` below it (what
    /// `nix copy --to` and `nix-store --store` make), whose paths are those of `/nix/store`.
    /// `nix_store_dir_env` is `NIX_STORE_DIR`: another store directory for Nix itself, so hashes are
    /// made of it. `/nix/store` always counts. What does not exist is left out at once, so that a
    /// run without any store costs nothing.
    pub fn new(store_flag: Option<&Path>, nix_store_dir_env: Option<&OsStr>) -> Self {
        let mut places: Vec<StoreFolder> = Vec::new();
        let mut add = |folder: PathBuf, store_dir: String| {
            let place = StoreFolder { folder, store_dir };
            // To see whether it is empty would be to read of its names as many as fit into a page.
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

    /// The root of the source that a lock says, where it is on disk. The flake in it may be in a
    /// folder below: see [`flake_folder`]. `None` for a `file`, which never is a flake.
    pub fn find(&self, locked: Attributes<'_, '_>) -> Option<PathBuf> {
        if self.is_empty() || locked.kind() == SourceKind::File {
            return None;
        }
        let nar_hash = locked.text("narHash")?;
        let name = match locked.get("name") {
            None => SOURCE,
            Some(_) => locked.text("name")?,
        };
        let hash = sha256_of_sri(nar_hash)?;
        if name != SOURCE {
            return self.look_for(&hash, name);
        }
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(&hash) {
            return known.clone();
        }
        let found = self.look_for(&hash, name);
        let mut known = known();
        if known.len() < MOST_KNOWN {
            known.insert(hash, found.clone());
        }
        found
    }

    /// Looks at the disk.
    fn look_for(&self, nar_hash: &NarHash, name: &str) -> Option<PathBuf> {
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

/// The folder of the flake in its source: `dir`, or the root where there is none. `None` where it
/// would lead out of the source.
pub fn flake_folder(locked: Attributes<'_, '_>) -> Option<TreePath> {
    match locked.get("dir") {
        None => Some(TreePath::root()),
        // Nix makes a path in the source of it, so a first slash says nothing (`CanonPath`).
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

    /// A folder whose hash and store path Nix computed.
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
    fn the_name_is_the_one_that_nix_gives() {
        assert_eq!(store_name(STORE_DIR, HASH, "source").as_deref(), Some(NAME));
        assert_eq!(
            store_name(STORE_DIR, HASH.trim_end_matches('='), "source").as_deref(),
            Some(NAME)
        );
        for (store_dir, name, is) in [
            ("/nix/store", "dot.and-dash_2+?=", "dk26nzjdjpha71s1c555h2r1ib48n8wz"),
            ("/elsewhere/store", "source", "12v30hn0hrxblj0n5axwvn91yfgfhxdq"),
            ("/elsewhere/store", "dot.and-dash_2+?=", "8rf2c9hzx688dzcj8mkyzkx9p7wc18lg"),
        ] {
            assert_eq!(store_name(store_dir, HASH, name), Some(format!("{is}-{name}")));
        }
    }

    #[test]
    fn what_is_no_hash_or_name_is_refused() {
        let text = &HASH["sha256-".len()..];
        for hash in [
            "",
            "=",
            "sha256-",
            "sha256-=",
            text,
            &format!("sha1-{text}"),
            &format!("sha512-{text}"),
            &format!("sha256:{text}"),
            &format!("SHA256-{text}"),
            &format!("{HASH}="),
            &format!("{HASH} "),
            &format!("sha256- {text}"),
            &format!("sha256-A{text}"),
            &HASH.replace('x', "-"),
            &HASH.replace('x', "ä"),
            &HASH.replace('x', "\0"),
            // The two bits that are over are not zero.
            &HASH.replace("93E=", "93F="),
            "sha256-9785eac7110a624d99526a0cff743c523d6359724f326d07a8a2f815d3cbf771",
            "sha256-0wgprg9iby52m03nscjgf9cn6gaj7isgy33aaaclsqha273ym1cp",
        ] {
            assert_eq!(store_name(STORE_DIR, hash, "source"), None, "{hash}");
        }
        for name in ["", ".", "..", ".-a", "..-a", "a/b", "/", "a b", "a\0", "ä", &"a".repeat(212)]
        {
            assert_eq!(store_name(STORE_DIR, HASH, name), None, "{name}");
        }
        for name in [".a", "...", "..a", "-", &"a".repeat(211)] {
            assert!(store_name(STORE_DIR, HASH, name).is_some(), "{name}");
        }
    }

    #[test]
    fn sources_are_found_in_every_store() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let find = |stores: &Stores, locked: &str| with_locked(locked, |at| stores.find(at));
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

    /// Another store directory is an absolute path of Unix: there is no Nix elsewhere.
    #[cfg(unix)]
    #[test]
    fn another_store_directory_makes_other_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let git = format!(r#""type": "git", "narHash": "{HASH}""#);
        let find = |stores: &Stores| with_locked(&git, |at| stores.find(at));

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
        let find = |locked: &str| with_locked(locked, |locked| stores.find(locked));
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
        assert_eq!(with_locked(&git, |locked| stores.find(locked)), None);
        // What a run has found it looks for no more.
        fs::remove_file(folder.path().join(NAME)).unwrap();
        fs::create_dir(folder.path().join(NAME)).unwrap();
        assert_eq!(with_locked(&git, |locked| stores.find(locked)), None);
    }

    #[test]
    fn without_a_store_nothing_is_found() {
        let stores = Stores::default();
        assert!(stores.is_empty());
        let locked = format!(r#""type": "git", "narHash": "{HASH}""#);
        assert_eq!(with_locked(&locked, |locked| stores.find(locked)), None);
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
