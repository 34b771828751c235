//! What a flake's own inputs are locked to: a repair must not move it.

use std::collections::BTreeMap;

use crate::flake_ref::FlakeRef;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, LockError, Unescaped};

/// What a flake's own inputs are locked to, by name.
pub(super) type Pins = BTreeMap<String, String>;

/// The pins of a lock.
///
/// # Errors
/// The lock cannot be read.
pub(super) fn pins(lock: &[u8]) -> Result<Pins, LockError> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(lock, &unescaped)?;
    let overrides = Overrides::new();
    Ok(pins_of(&Graph::build(&lock, &overrides)?))
}

/// The pins of a lock that was read.
pub(super) fn pins_of(graph: &Graph<'_, '_>) -> Pins {
    let lock = graph.lock();
    let own = graph.inputs_of(lock.root()).filter_map(|input| {
        let locked = lock.locked(graph.end(input)?)?;
        // Older versions of Nix wrote a hash for a folder of the flake itself.
        let hash = locked.text("narHash").filter(|_| locked.relative_path().is_none());
        let hash = hash.unwrap_or_default();
        Some((lock.input(input).name.to_owned(), format!("{} {hash}", FlakeRef::new(locked))))
    });
    own.collect()
}
