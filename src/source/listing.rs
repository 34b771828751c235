//! The names in a store, read bit by bit while sources are looked for in it.
//!
//! Asking the disk for a name that is missing takes as long as reading several that exist. For a
//! lock with thousands of nodes a list is faster, unless the store is far larger than the lock. So
//! each look-up reads a few names, and once all are read the list answers.

use std::collections::HashSet;
use std::fs::{self, ReadDir};
use std::path::Path;

/// Look-ups before listing begins. Most runs need fewer.
const BEFORE: usize = 256;

/// Names to read at each further look-up, which takes about as long as the look-up.
const AT_ONCE: usize = 4;

/// The hashes that names in a store begin with.
type Hashes = HashSet<[u8; 32], foldhash::fast::RandomState>;

/// How far a store is listed.
#[derive(Debug)]
pub(super) enum StoreListing {
    /// Not yet; the number of look-ups so far.
    Waiting(usize),
    /// The first names, and where to go on.
    Reading(ReadDir, Hashes),
    /// All names.
    Whole(Hashes),
    /// It cannot be listed.
    Unreadable,
}

impl Default for StoreListing {
    fn default() -> Self {
        Self::Waiting(0)
    }
}

impl StoreListing {
    /// Whether the disk has to be asked for a name in this store: false if all names are known and
    /// none has its hash. Reads some more names.
    pub(super) fn may_hold(&mut self, store: &Path, name: &str) -> bool {
        if let Self::Waiting(look_ups) = self {
            *look_ups += 1;
            if *look_ups > BEFORE {
                let all = fs::read_dir(store);
                *self = all.map_or(Self::Unreadable, |all| Self::Reading(all, Hashes::default()));
            }
        }
        if let Self::Reading(all, hashes) = self {
            for _ in 0..AT_ONCE {
                match all.next() {
                    Some(Ok(entry)) => {
                        hashes.extend(entry.file_name().as_encoded_bytes().first_chunk());
                    }
                    Some(Err(_)) => {
                        *self = Self::Unreadable;
                        break;
                    }
                    None => {
                        *self = Self::Whole(std::mem::take(hashes));
                        break;
                    }
                }
            }
        }
        match (&self, name.as_bytes().first_chunk()) {
            (Self::Whole(hashes), Some(hash)) => hashes.contains(hash),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_answers_once_it_is_whole() {
        let store = tempfile::tempdir().unwrap();
        let name = |at: usize| format!("{at:032}-source");
        let there = AT_ONCE * 10;
        for at in 0..there {
            fs::write(store.path().join(name(at)), "").unwrap();
        }
        fs::write(store.path().join("short"), "").unwrap();
        let mut listing = StoreListing::default();
        let mut asked = 0;
        while listing.may_hold(store.path(), &name(1_000_000)) {
            asked += 1;
            assert!(asked < BEFORE + there, "it is never whole");
        }
        assert!(asked >= BEFORE + there / AT_ONCE, "{asked}");
        for at in 0..there {
            assert!(listing.may_hold(store.path(), &name(at)), "{at}");
        }
        assert!(!listing.may_hold(store.path(), &name(there)));
    }

    #[test]
    fn what_cannot_be_listed_is_asked() {
        let store = tempfile::tempdir().unwrap();
        let missing = store.path().join("missing");
        let mut listing = StoreListing::default();
        assert!((0..BEFORE * 2).all(|_| listing.may_hold(&missing, "x")));
        assert!(matches!(listing, StoreListing::Unreadable));
    }
}
