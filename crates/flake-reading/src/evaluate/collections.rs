//! Sets and maps whose hash is fast: they are never gone through in their order.

pub(super) type FastSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;
pub(super) type FastMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
