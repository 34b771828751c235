//! The lock that Nix would write for a `flake.nix`, computed without fetching anything.
//!
//! Source: Nix, `src/libflake/flake.cc`, `lockFlake`, of 2.30 or later: inputs whose reference is
//! unchanged keep their nodes, overrides of outer flakes win over those of inner ones, a follows of
//! a dependency stands in the lock with the dependency's path in front, and what nothing leads to
//! is dropped. What Nix would have to fetch is an error here.
//!
//! One thing is taken from the lock that Nix would read from source: the follows that a direct
//! dependency declares. Its source is locked, so reading it would bring them again.

mod check;
mod draft;
mod folder;
mod old;
mod override_trie;
mod text;
mod walk;

use crate::graph::Graph;
use crate::lock::Lock;
use crate::source::declare::Declarations;
use crate::source::evaluate::Files;

use draft::Draft;

/// Why the lock cannot be computed. Names in it are as they stand in the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlockable {
    /// Nix would have to fetch something.
    #[error("{0}")]
    Fetch(String),
    /// Nix would refuse it.
    #[error("{0}")]
    Refused(String),
}

/// The text of `flake.lock` that `nix flake lock` would write for these declarations; `None` where
/// it would leave the file as it is. `files` is the flake's own source, for inputs that are folders
/// in it.
///
/// # Errors
/// Something would have to be fetched, or Nix would refuse the outcome.
pub fn relock(
    graph: &Graph<'_, '_>,
    declarations: &Declarations,
    files: Option<&Files>,
) -> Result<Option<String>, Unlockable> {
    if !graph.node_cycles().is_empty() {
        return Err(Unlockable::Refused(
            "its nodes lead in a circle, which no Nix survives".into(),
        ));
    }
    let old = Draft::of(graph.lock());
    let new = walk::walk(&old, declarations, files)?;
    let text = text::write(&new);
    if text == text::write(&old) {
        return Ok(None);
    }
    check::check(&text)?;
    Ok(Some(text))
}

/// The text that Nix would write for a lock as it is.
pub fn canonical(lock: &Lock<'_>) -> String {
    text::write(&Draft::of(lock))
}

#[cfg(test)]
mod tests;
