//! Keys by which values are compared: hashes of everything that is known of them.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::OnceLock;

use foldhash::quality::{FoldHasher, RandomState};

/// The key of a value. Two values have the same key only if they are the same: two hashes of 64 bits,
/// seeded at random for each process, are equal by chance once in 10^38 pairs, and a flake cannot be
/// written for a seed that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ValueKey(u64, u64);

/// What a part of a key says, so that equal contents of two kinds are two.
#[derive(Clone, Copy, Hash)]
pub(super) enum Kind {
    Argument,
    Attr,
    Before,
    Bool,
    Code,
    Conditional,
    Config,
    Options,
    Declared,
    Flake,
    Function,
    Imported,
    Inputs,
    Itself,
    Library,
    Null,
    Number,
    /// A value by its address.
    One,
    Package,
    Path,
    Set,
    Settings,
    Source,
    System,
    SystemInputs,
    SystemItself,
    Text,
    Thunk,
    Unknown,
    Unread,
}

/// A key to which parts are added.
pub(super) struct KeyMaker(FoldHasher<'static>, FoldHasher<'static>);

impl Default for KeyMaker {
    fn default() -> Self {
        static SEEDS: OnceLock<(RandomState, RandomState)> = OnceLock::new();
        let (one, other) = SEEDS.get_or_init(Default::default);
        Self(one.build_hasher(), other.build_hasher())
    }
}

impl KeyMaker {
    /// Adds a part.
    pub(super) fn add(&mut self, kind: Kind, what: impl Hash) {
        (kind, what).hash(self);
    }

    /// The key of all that was added.
    pub(super) fn done(self) -> ValueKey {
        ValueKey(self.0.finish(), self.1.finish())
    }
}

impl Hasher for KeyMaker {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    // Numbers are hashed in one step, unless they are written as bytes.

    fn write_u8(&mut self, number: u8) {
        self.0.write_u8(number);
        self.1.write_u8(number);
    }

    fn write_u32(&mut self, number: u32) {
        self.0.write_u32(number);
        self.1.write_u32(number);
    }

    fn write_u64(&mut self, number: u64) {
        self.0.write_u64(number);
        self.1.write_u64(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.0.write_usize(number);
        self.1.write_usize(number);
    }

    fn finish(&self) -> u64 {
        self.0.finish()
    }
}
