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
mod draft_inputs;
pub mod merge;
mod old;
mod override_trie;
mod sources;
mod text;
mod unwritten;
mod walk;

pub use check::check;
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
    /// The text of `flake.lock` that Nix would write; `None` if it would leave the file as it is.
    written: Result<Option<String>, Unlockable>,
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
    with_draft(graph, declarations, files, stores, |made, differences| Relocked {
        written: made.map(|new| new.map(text::write)),
        differences,
    })
}

/// The same for whoever only looks at the lock: calls `then` with it as it would be read, or with `None`
/// if Nix would leave it as it is. Whether Nix would write it is not looked at ([`check`]).
pub fn relock_unwritten<T>(
    graph: &Graph<'_, '_>,
    declarations: &Declarations,
    files: Option<&Files>,
    stores: &Stores,
    then: impl FnOnce(Result<Option<&Lock<'_>>, Unlockable>) -> T,
) -> T {
    with_draft(graph, declarations, files, stores, |made, _| match made {
        Ok(Some(new)) => unwritten::with_lock(new, |lock| then(Ok(Some(lock)))),
        Ok(None) => then(Ok(None)),
        Err(problem) => then(Err(problem)),
    })
}

/// Calls `then` with the new lock, which is `None` if it is the same, and where it differs.
fn with_draft<T>(
    graph: &Graph<'_, '_>,
    declarations: &Declarations,
    files: Option<&Files>,
    stores: &Stores,
    then: impl FnOnce(Result<Option<&LockDraft<'_>>, Unlockable>, Vec<LockDifference>) -> T,
) -> T {
    if !graph.node_cycles().is_empty() {
        let circle = "its nodes lead in a circle, which no Nix survives".to_owned();
        return then(Err(Unlockable::Refused(circle)), Vec::new());
    }
    let old = LockDraft::of(graph.lock());
    let sources = RelockSources::new(files, stores);
    let WalkResult { new, hindrance, differences } = walk::walk(&old, declarations, &sources);
    match hindrance {
        Some(hindrance) => then(Err(hindrance), differences),
        None => then(Ok((!new.is_same(&old)).then_some(&new)), differences),
    }
}

impl Relocked {
    /// The text of `flake.lock` that Nix would write; `None` if it would leave the file as it is.
    ///
    /// # Errors
    /// Something would have to be fetched, or Nix would refuse the outcome.
    pub fn lock(self) -> Result<Option<String>, Unlockable> {
        let Some(text) = self.unchecked_lock()? else { return Ok(None) };
        check::check_text(&text)?;
        Ok(Some(text))
    }

    /// The same before the outcome is looked at, for whoever passes it to [`check`].
    ///
    /// # Errors
    /// Something would have to be fetched.
    pub fn unchecked_lock(self) -> Result<Option<String>, Unlockable> {
        self.written
    }
}

/// The text that Nix would write for an existing lock.
pub fn canonical(lock: &Lock<'_>) -> String {
    text::write(&LockDraft::of(lock))
}

#[cfg(test)]
mod tests;
