//! Flakes in folders of the root's source, which no lock pins.

use super::Unlockable;
use super::draft::Draft;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, Unescaped};
use crate::source::declare::Declarations;
use crate::source::evaluate::Files;
use crate::source::{Kind, TreePath, syntax};

/// What the `flake.nix` in a folder declares.
pub(super) fn declarations(files: &Files, folder: &TreePath) -> Result<Declarations, Unlockable> {
    let refused = |why: String| Unlockable::Refused(format!("the flake in `{folder}`: {why}"));
    let file = folder.child("flake.nix").ok_or_else(|| refused("there is no flake.nix".into()))?;
    let text = files.tree().read(&file).map_err(|problem| refused(problem.to_string()))?;
    let root = syntax::tree(&text).map_err(|error| refused(error.message))?;
    Declarations::read(&root).map_err(|error| refused(error.message))
}

/// The lock of a flake in a folder, if it has one.
pub(super) fn own_lock(files: &Files, folder: &TreePath) -> Result<Option<Draft>, Unlockable> {
    let refused = |why: String| Unlockable::Refused(format!("the lock in `{folder}`: {why}"));
    let file = folder.child("flake.lock").filter(|file| files.tree().kind(file) == Kind::File);
    let Some(file) = file else { return Ok(None) };
    let text = files.tree().read(&file).map_err(|problem| refused(problem.to_string()))?;
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).map_err(|e| refused(e.message))?;
    // What Nix refuses in a node that it reaches, and loops, which it does not survive.
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).map_err(|error| refused(error.message))?;
    if !graph.node_cycles().is_empty() {
        return Err(refused("its nodes lead in a circle".into()));
    }
    Ok(Some(Draft::of(&lock)))
}
