//! The declarations of flake.nix compared with the lock: input by input, overrides of any depth.
//!
//! Source: Nix, `src/libflake/flake.cc`, `computeLocks`. An input keeps its node as long as its
//! `original` is what is declared; the root's overrides win over all others; an override below an
//! input that follows, or that does not exist, has no effect.

use crate::flake_ref::{RefKind, RefusedBy, refusals};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, Target};
use crate::source::declare::{Declarations, DeclaredInput};

/// An input or override of flake.nix, with its counterpart in the lock.
#[derive(Debug)]
pub(super) struct DeclaredAndLocked<'d> {
    /// Its input path.
    pub(super) path: Vec<&'d str>,
    /// Its declaration.
    pub(super) input: &'d DeclaredInput,
    /// Its counterpart in the lock.
    pub(super) locked: LockedThere,
}

/// The counterpart of a declaration in the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockedThere {
    /// This input.
    Input(InputId, Agreement),
    /// Nothing: this node has no input with the name at this index of the path.
    Absent { holder: NodeId, depth: usize },
    /// Nothing that counts: the input at this index of the path follows another.
    Followed { depth: usize },
    /// Unknown: the lock has another reference, or a folder that is not locked.
    Unsure,
}

/// Whether the lock agrees with flake.nix about an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    Agrees,
    Differs,
    /// It is unknown whether two references mean the same.
    Unsure,
    /// flake.nix leaves it to the dependency.
    Unsaid,
}

/// How far the walk has come: the lock's counterpart of the input above.
#[derive(Debug, Clone, Copy)]
enum Above {
    /// A node, and whether it certainly was locked for the declared reference.
    Node { node: NodeId, is_sure: bool },
    /// Decided already.
    Settled(LockedThere),
}

/// Everything that flake.nix declares, parents before children, by name.
pub(super) fn compare_with_lock<'d>(
    graph: &Graph<'_, '_>,
    declarations: &'d Declarations,
) -> Vec<DeclaredAndLocked<'d>> {
    let root = Above::Node { node: graph.lock().root(), is_sure: true };
    let mut compared = Vec::new();
    let mut open: Vec<(Vec<&str>, &DeclaredInput, Above)> =
        declarations.inputs().map(|input| (vec![&*input.name], input, root)).collect();
    open.reverse();
    while let Some((path, input, above)) = open.pop() {
        let (locked, below) = match above {
            Above::Settled(locked) => (locked, above),
            Above::Node { node, is_sure } => compare_input(graph, node, is_sure, &path, input),
        };
        for (name, inner) in input.inputs.iter().rev() {
            let path = path.iter().copied().chain([&**name]).collect();
            open.push((path, inner, below));
        }
        compared.push(DeclaredAndLocked { path, input, locked });
    }
    compared
}

fn compare_input(
    graph: &Graph<'_, '_>,
    holder: NodeId,
    is_sure: bool,
    path: &[&str],
    input: &DeclaredInput,
) -> (LockedThere, Above) {
    let lock = graph.lock();
    let depth = path.len() - 1;
    let Some(id) = lock.input_named(holder, &input.name) else {
        let absent = LockedThere::Absent { holder, depth };
        return match (depth, is_sure) {
            // Nothing is known below an input that is not locked yet.
            (0, _) => (absent, Above::Settled(LockedThere::Unsure)),
            (_, true) => (absent, Above::Settled(absent)),
            (_, false) => (LockedThere::Unsure, Above::Settled(LockedThere::Unsure)),
        };
    };
    let agreement = agreement(graph, id, depth, input);
    let below = match (agreement, graph.target(id)) {
        _ if input.follows.is_some() => Above::Settled(LockedThere::Followed { depth }),
        (Agreement::Differs, _) => Above::Settled(LockedThere::Unsure),
        // A leftover, which the next update removes.
        (_, Target::Follows(to)) if to.first() != path.first() => {
            Above::Settled(LockedThere::Unsure)
        }
        (_, Target::Follows(_)) => Above::Settled(LockedThere::Followed { depth }),
        (agreement, Target::Direct(_)) => match graph.end(id) {
            Some(node) => {
                let is_sure = is_sure && agreement != Agreement::Unsure && !is_folder(graph, node);
                Above::Node { node, is_sure }
            }
            None => Above::Settled(LockedThere::Unsure),
        },
    };
    (LockedThere::Input(id, agreement), below)
}

fn agreement(graph: &Graph<'_, '_>, id: InputId, depth: usize, input: &DeclaredInput) -> Agreement {
    // At the root, an input without a reference means the registry.
    if depth > 0 && !input.overrides() {
        return Agreement::Unsaid;
    }
    match (&input.follows, graph.target(id)) {
        (Some(follows), Target::Follows(path)) => {
            if follows.path.iter().eq(path) {
                Agreement::Agrees
            } else {
                Agreement::Differs
            }
        }
        (Some(_), Target::Direct(_)) | (None, Target::Follows(_)) => Agreement::Differs,
        (None, Target::Direct(_)) => match graph.end(id) {
            Some(node) => refers(graph, node, depth, input),
            None => Agreement::Unsure,
        },
    }
}

/// Whether a node was locked for the declared reference.
fn refers(graph: &Graph<'_, '_>, node: NodeId, depth: usize, input: &DeclaredInput) -> Agreement {
    let lock = graph.lock();
    let Some(original) = lock.original(node) else { return Agreement::Unsure };
    if input.is_plain_spelling(original) {
        return Agreement::Agrees;
    }
    // What no Nix reads is what `refused-lock` reports.
    let is_read = refusals(original, RefKind::Original).iter().all(|it| it.by != RefusedBy::All);
    let Some(declared) = input.spelled().filter(|_| is_read) else { return Agreement::Unsure };
    match declared.agrees_with(&original.into()) {
        Some(true) => Agreement::Agrees,
        None => Agreement::Unsure,
        // Only Determinate Nix locks such an input; which reference it writes could not be tried.
        Some(false) if input.build_time => Agreement::Unsure,
        // Older versions of Nix lock the override but keep the former reference as `original`.
        Some(false) => match lock.locked(node) {
            Some(locked) if depth > 0 && declared.may_be_locked_as(&locked.into()) => {
                Agreement::Unsure
            }
            _ => Agreement::Differs,
        },
    }
}

/// Whether the node is a folder of the flake that has it: no lock pins that, so it may have changed
/// since.
pub(super) fn is_folder(graph: &Graph<'_, '_>, node: NodeId) -> bool {
    graph.lock().locked(node).is_some_and(|locked| locked.relative_path().is_some())
}

/// An attribute path in flake.nix: `inputs.dep.inputs.nixpkgs`.
pub(super) fn attribute_path<'n>(path: &[&'n str], last: Option<&'n str>) -> Vec<&'n str> {
    path.iter().flat_map(|name| ["inputs", *name]).chain(last).collect()
}

#[cfg(test)]
pub(super) mod tests;
