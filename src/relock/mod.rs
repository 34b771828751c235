//! The lock that Nix would write for a `flake.nix`, computed without fetching anything.
//!
//! Source: Nix, `src/libflake/flake.cc`, `lockFlake`, of 2.30 or later: inputs whose reference is
//! unchanged keep their nodes, overrides of outer flakes win over those of inner ones, a follows of
//! a dependency is stored in the lock with the dependency's path in front, and unreachable nodes
//! are dropped. What Nix would have to fetch is an error here.
//!
//! Nix reads a dependency again if that has follows of its own. So does this module if the source
//! is in a store. Otherwise it trusts the lock to have what the source says, because that is
//! pinned, so reading it would yield the same; only declarations that flakes above no longer make
//! are noticed.

mod check;
mod difference;
mod draft;
pub mod merge;
mod old;
mod override_trie;
mod sources;
mod text;
mod walk;

pub use difference::{DeclaringFlake, DifferenceKind, LockDifference};

use crate::graph::Graph;
use crate::lock::Lock;
use crate::source::Files;
use crate::source::Stores;
use crate::source::declare::Declarations;
use draft::LockDraft;
use sources::RelockSources;
use walk::WalkResult;

/// Why the lock cannot be computed. Names from the files are unescaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlockable {
    /// Nix would have to fetch something.
    #[error("{0}")]
    Fetch(String),
    /// Nix would refuse it.
    #[error("{0}")]
    Refused(String),
}

/// A lock compared with the flakes that it locks.
#[derive(Debug)]
pub struct Relocked {
    old: LockDraft,
    new: LockDraft,
    hindrance: Option<Unlockable>,
    /// Where Nix would lock an input differently.
    pub differences: Vec<LockDifference>,
}

/// What `nix flake lock` would make of a lock for the root's flake.nix. `files` is the flake's own
/// source, for inputs that are folders in it; `stores` are where the sources of others are.
pub fn relock(
    graph: &Graph<'_, '_>,
    declarations: &Declarations,
    files: Option<&Files>,
    stores: &Stores,
) -> Relocked {
    if !graph.node_cycles().is_empty() {
        let circle = "its nodes lead in a circle, which no Nix survives".to_owned();
        return Relocked {
            old: LockDraft::empty(),
            new: LockDraft::empty(),
            hindrance: Some(Unlockable::Refused(circle)),
            differences: Vec::new(),
        };
    }
    let old = LockDraft::of(graph.lock());
    let WalkResult { new, hindrance, differences } = {
        let sources = RelockSources::new(files, stores);
        walk::walk(&old, declarations, &sources)
    };
    Relocked { old, new, hindrance, differences }
}

impl Relocked {
    /// The text of `flake.lock` that Nix would write; `None` if it would leave the file as it is.
    ///
    /// # Errors
    /// Something would have to be fetched, or Nix would refuse the outcome.
    pub fn lock(&self) -> Result<Option<String>, Unlockable> {
        Ok(self.lock_and(|_| ())?.map(|(text, ())| text))
    }

    /// The same, with what `look` sees in the graph of the new lock, which is built to check it.
    ///
    /// # Errors
    /// Those of `lock`.
    pub fn lock_and<T>(
        &self,
        look: impl FnOnce(&Graph<'_, '_>) -> T,
    ) -> Result<Option<(String, T)>, Unlockable> {
        if let Some(hindrance) = &self.hindrance {
            return Err(hindrance.clone());
        }
        if self.new.is_same(&self.old) {
            return Ok(None);
        }
        let text = text::write(&self.new);
        let seen = check::check(&text, look)?;
        Ok(Some((text, seen)))
    }
}

/// The text that Nix would write for an existing lock.
pub fn canonical(lock: &Lock<'_>) -> String {
    text::write(&LockDraft::of(lock))
}

#[cfg(test)]
mod tests;
