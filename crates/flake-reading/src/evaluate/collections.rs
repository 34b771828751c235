//! Sets and maps with a fast hash; their order is never used. And hashes that identify things.

use std::hash::{BuildHasher, Hash};
use std::sync::OnceLock;

pub(super) type FastSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;
pub(super) type FastMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// A hash that is the same for equal things within this process.
pub(super) fn number(of: impl Hash) -> u64 {
    static NUMBERS: OnceLock<foldhash::quality::RandomState> = OnceLock::new();
    NUMBERS.get_or_init(Default::default).hash_one(of)
}
