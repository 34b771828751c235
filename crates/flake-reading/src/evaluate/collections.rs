//! Sets and maps whose hash is fast: they are never gone through in their order. And what tells things
//! apart without keeping them.

use std::hash::{BuildHasher, Hash};
use std::sync::OnceLock;

pub(super) type FastSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;
pub(super) type FastMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// A number that is the same for the same, within this process.
pub(super) fn number(of: impl Hash) -> u64 {
    static NUMBERS: OnceLock<foldhash::quality::RandomState> = OnceLock::new();
    NUMBERS.get_or_init(Default::default).hash_one(of)
}
