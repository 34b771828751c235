//! The flake for Nix: a source in the store, and a lock.

use std::path::Path;

use serde_json::Value;

use super::nix::{Nix, NixError};
use super::subject::{self, ComparedInstance};
use crate::flake_ref::FlakeRef;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, NodeId, Unescaped};

/// A flake whose source is in Nix's store.
pub(super) struct StoreFlake {
    /// Its locked reference, which can be evaluated in pure mode.
    pub(super) reference: String,
    /// The lock that Nix evaluates it with.
    lock: String,
}

/// The flake in a folder.
pub(super) fn locked(nix: &Nix, folder: &Path) -> Result<StoreFlake, NixError> {
    if !folder.join("flake.nix").exists() {
        // Nix would look for a flake in the folders above.
        return Err(NixError::NoFlake);
    }
    // By `.`, so that no character of the folder's name can be read as part of a reference.
    let metadata = nix.metadata(folder, ".")?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let path = text(metadata.get("path")).ok_or(NixError::Unknown("nix flake metadata"))?;
    let locked = metadata.get("locked");
    let hash = match text(locked.and_then(|locked| locked.get("narHash"))) {
        Some(hash) => hash,
        None => nix.hash(folder, &path)?,
    };
    let mut reference = in_store(&path, &hash);
    if let Some(dir) = text(locked.and_then(|locked| locked.get("dir"))) {
        let whole = format!("{reference}&dir={}", Encoded(&dir));
        // Old versions (2.8) refuse `dir` here: to them the folder itself is the source, which is
        // good enough for asking about its inputs.
        reference = if nix.metadata(folder, &whole).is_ok() {
            whole
        } else {
            let below = format!("{path}/{dir}");
            in_store(&below, &nix.hash(folder, &below)?)
        };
    }
    let lock = metadata.get("locks").ok_or(NixError::Unknown("nix flake metadata"))?;
    Ok(StoreFlake { reference, lock: lock.to_string() })
}

/// The reference of a path in the store.
fn in_store(path: &str, hash: &str) -> String {
    format!("path:{}?narHash={}", Encoded(path), Encoded(hash))
}

impl StoreFlake {
    /// Checks that Nix's lock has these instances in their places. It does not if `flake.lock` is
    /// stale, or is not tracked by Git.
    pub(super) fn agrees(&self, subjects: &[ComparedInstance]) -> Result<(), NixError> {
        let unescaped = Unescaped::new();
        let lock = Lock::parse(self.lock.as_bytes(), &unescaped);
        let lock = lock.map_err(|_| NixError::Unknown("nix flake metadata"))?;
        let overrides = Overrides::new();
        let graph = Graph::build(&lock, &overrides);
        let graph = graph.map_err(|_| NixError::Unknown("nix flake metadata"))?;
        let end = |path: &[String]| -> Option<NodeId> {
            graph.end(graph.find_input(path.iter().map(String::as_str))?)
        };
        let is_whole = |path: &&Vec<String>| path.len() <= crate::graph::InputPath::LONGEST;
        for subject in subjects {
            let node = end(&subject.path);
            let reference = node.and_then(|node| lock.locked(node)).map(FlakeRef::new);
            let same = subject::locked(reference) == subject.reference;
            let mut consumers = subject.consumers.iter().filter(is_whole);
            if is_whole(&&subject.path) && !(same && consumers.all(|path| end(path) == node)) {
                return Err(NixError::OtherLock);
            }
        }
        Ok(())
    }
}

/// Text for a URL: everything except letters, digits and `-._~/` as `%2B`.
struct Encoded<'a>(&'a str);

impl std::fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.bytes().try_for_each(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                write!(f, "{}", char::from(byte))
            }
            byte => write!(f, "%{byte:02X}"),
        })
    }
}
