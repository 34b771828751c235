//! Storage for strings that cannot be borrowed from the text because they contain an escape.

use std::fmt;

use typed_arena::Arena;

/// Lives beside the text as long as a [`Lock`](super::Lock) is in use, so that every name in it is
/// a plain `&str`.
pub struct Unescaped(Arena<u8>);

impl Unescaped {
    /// Allocates nothing until an escaped string is kept.
    pub fn new() -> Self {
        Self(Arena::with_capacity(0))
    }

    pub(super) fn keep(&self, text: &str) -> &str {
        self.0.alloc_str(text)
    }
}

impl Default for Unescaped {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Unescaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unescaped({} bytes)", self.0.len())
    }
}
