//! Locks inputs again, flake by flake, from the root down (`computeLocks` in Nix's
//! `src/libflake/flake.cc`), with a work list instead of recursion.
//!
//! Nix reads the root's flake.nix. A flake below one that it has read is read again if its lock has
//! a follows that no override explains, because the flake itself may declare it; any other is
//! trusted as locked, with everything below it (`trustLock`). A flake whose source is not on disk
//! is taken as locked: its follows are its own if they lead back into it.

mod differs;
mod grown;
mod node;

use std::rc::Rc;

use super::Unlockable;
use super::difference::{DifferenceKind, LockDifference};
use super::draft::{DraftId, DraftTag, DraftTarget, LockDraft, Reference, References};
use super::old::OldFlake;
use super::override_trie::{Branches, Declaration, Declarer};
use super::sources::{FlakePlace, RelockSources};
use crate::flake_ref::OwnedRef;
use crate::lock::Table;
use crate::source::declare::{Declarations, DeclaredInput};

/// The most nodes of a new lock, unless the old one has more. Shared nodes become one node for each
/// path, and a small lock can have 2^40 paths.
pub(super) const LONGEST: usize = 200_000;

/// The most inputs for each node: a small folder can declare thousands, and many nodes can be that
/// folder.
const INPUTS: usize = 10;

/// The result of the walk.
pub(super) struct WalkResult<'d> {
    /// The new lock, complete if nothing hinders.
    pub(super) new: LockDraft<'d>,
    /// The first thing that Nix would have to fetch, or refuses.
    pub(super) hindrance: Option<Unlockable>,
    /// Differences from the old lock, in the order of the walk.
    pub(super) differences: Vec<LockDifference>,
}

/// Locks all inputs of the root, keeping what it can of the old lock.
pub(super) fn walk<'d>(
    old: &'d LockDraft<'d>,
    declarations: &'d Declarations,
    sources: &'d RelockSources<'d>,
) -> WalkResult<'d> {
    let new = LockDraft::empty();
    let limit = LONGEST.max(old.nodes.len().saturating_mul(2));
    let mut walk = LockWalk {
        owners: Table::like(&new.nodes, None),
        new,
        old,
        open: Vec::new(),
        sources,
        nodes: limit,
        inputs: limit.saturating_mul(INPUTS),
        hindrance: None,
        differences: Vec::new(),
    };
    let place = sources.root();
    walk.open.push(Flake {
        node: walk.new.root,
        inputs: Inputs::Read(
            declarations,
            Rc::new(Declarer { path: Vec::new(), place: place.clone() }),
        ),
        old: Some(OldFlake { lock: old, node: old.root, prefix: Rc::default() }),
        branches: Branches::default(),
        place,
        depth: 0,
        unread: None,
        made: Rc::default(),
    });
    while let Some(flake) = walk.open.pop() {
        walk.lock(&flake);
    }
    WalkResult { new: walk.new, hindrance: walk.hindrance, differences: walk.differences }
}

/// A flake whose inputs have to be locked.
struct Flake<'d> {
    node: DraftId,
    inputs: Inputs<'d>,
    old: Option<OldFlake<'d>>,
    /// Declarations of flakes above about its inputs.
    branches: Branches<'d>,
    /// What relative paths are relative to: its own folder, or if it was not read that of the
    /// nearest flake above that was.
    place: Option<FlakePlace<'d>>,
    /// Number of names in its input path.
    depth: usize,
    /// The input path of the outermost flake, itself or above it, that Nix reads and that is not on
    /// disk: its declarations about those below are not known.
    unread: Option<Rc<[&'d str]>>,
    /// The references of folders that were read on the way to it and are new in the lock.
    made: Rc<[&'d OwnedRef]>,
}

/// Where its inputs are known from.
#[derive(Clone)]
enum Inputs<'d> {
    /// Its own `flake.nix`.
    Read(&'d Declarations, Rc<Declarer<'d>>),
    /// The lock; but Nix would read the flake, and trust nothing directly below it.
    Unread,
    /// The lock, which Nix trusts, too.
    Believed,
}

/// What an input should be.
struct Wanted<'d> {
    /// `None` if it is not certain how Nix reads it; then it stays what it was.
    reference: Option<OwnedRef>,
    is_source: bool,
    build_time: bool,
    /// The declaration; `None` if only the lock has it.
    declaration: Option<Declaration<'d>>,
}

struct LockWalk<'d> {
    new: LockDraft<'d>,
    old: &'d LockDraft<'d>,
    /// The holder of each new node, and the name of its input there.
    owners: Table<DraftTag, Option<(DraftId, &'d str)>>,
    open: Vec<Flake<'d>>,
    sources: &'d RelockSources<'d>,
    /// The most nodes and inputs.
    nodes: usize,
    inputs: usize,
    hindrance: Option<Unlockable>,
    differences: Vec<LockDifference>,
}

impl<'d> LockWalk<'d> {
    fn lock(&mut self, flake: &Flake<'d>) {
        match &flake.inputs {
            Inputs::Read(declarations, by) => {
                for input in declarations.inputs() {
                    let declaration = Declaration { input, by: by.clone() };
                    let above = flake.branches.below(&input.name);
                    let winner = above.winner().cloned();
                    let below = above.with(Some(declaration.clone()));
                    if winner.is_none() && self.may_be_overridden_unread(flake, &input.name) {
                        self.as_locked(flake, &input.name, below);
                        continue;
                    }
                    let is_source = input.flake == Some(false);
                    self.lock_declared(
                        flake,
                        &input.name,
                        &winner.unwrap_or(declaration),
                        is_source,
                        below,
                    );
                }
                self.record_undeclared(flake, declarations, by);
            }
            Inputs::Unread | Inputs::Believed => {
                let Some(old) = &flake.old else { return };
                for (name, target) in old.node().inputs.iter() {
                    let branches = flake.branches.below(name);
                    match branches.winner().cloned() {
                        Some(winner) => {
                            // An override does not change whether it is a flake.
                            let is_source = match target {
                                DraftTarget::Direct(node) => old.lock.nodes.at(*node).is_source,
                                DraftTarget::Follows(_) => false,
                            };
                            self.lock_declared(flake, name, &winner, is_source, branches);
                        }
                        None => self.as_locked(flake, name, branches),
                    }
                }
            }
        }
    }

    /// Whether a flake that is not on disk may override this input as the lock has it, so that its
    /// own flake.nix does not decide.
    fn may_be_overridden_unread(&self, flake: &Flake<'d>, name: &str) -> bool {
        let Some(old) = flake.old.as_ref().filter(|_| flake.unread.is_some()) else { return false };
        match old.node().inputs.get(name) {
            None => false,
            Some(DraftTarget::Direct(_)) => true,
            Some(DraftTarget::Follows(path)) => {
                let follows = old.follows(path);
                !self.starts_with_path_of(&follows, flake.node, flake.depth)
                    && is_of_unread(flake, &follows)
            }
        }
    }

    /// Takes over the lock's entry for an input that nobody declares.
    fn as_locked(&mut self, flake: &Flake<'d>, name: &'d str, below: Branches<'d>) {
        let Some(old) = &flake.old else { return };
        match old.node().inputs.get(name) {
            None => {}
            Some(DraftTarget::Follows(path)) => self.follow(flake.node, name, old.follows(path)),
            Some(DraftTarget::Direct(child)) => {
                let child = old.lock.nodes.at(*child);
                let original = child.references.as_ref().map(|known| &known.original);
                // Only a relative path may mean something else than what is locked.
                let is_placed = |original: &&Reference<'_>| {
                    child.parent.is_some() || original.attributes().relative_path().is_some()
                };
                let wanted = Wanted {
                    reference: original.filter(is_placed).map(Reference::to_owned_ref),
                    is_source: child.is_source,
                    build_time: child.build_time,
                    declaration: None,
                };
                self.refer(flake, name, wanted, below);
            }
        }
    }

    /// Locks an input that is declared.
    fn lock_declared(
        &mut self,
        flake: &Flake<'d>,
        name: &'d str,
        declaration: &Declaration<'d>,
        is_source: bool,
        below: Branches<'d>,
    ) {
        if let Some(follows) = &declaration.input.follows {
            let mut path = declaration.by.path.clone();
            path.extend(follows.path.iter().map(String::as_str));
            let had = flake.old.as_ref().and_then(|old| match old.node().inputs.get(name)? {
                DraftTarget::Follows(had) => Some(old.follows(had)),
                DraftTarget::Direct(_) => None,
            });
            if had.as_deref() != Some(&*path) {
                self.record_difference(
                    flake,
                    name,
                    DifferenceKind::Follows(path.iter().map(|&name| name.to_owned()).collect()),
                    Some(declaration),
                );
            }
            self.follow(flake.node, name, path.into());
            return;
        }
        let wanted = Wanted {
            reference: reference(declaration.input, is_source),
            is_source,
            build_time: declaration.input.build_time,
            declaration: Some(declaration.clone()),
        };
        self.refer(flake, name, wanted, below);
    }

    /// Locks an input with a reference: keeps what is locked for it, or makes it anew.
    fn refer(&mut self, flake: &Flake<'d>, name: &'d str, wanted: Wanted<'d>, below: Branches<'d>) {
        let relative = wanted.reference.as_ref().and_then(OwnedRef::relative_path);
        // A reference in the lock alone is relative to the flake that has the input.
        let from = match &wanted.declaration {
            Some(said) => said.by.place.as_ref(),
            None => flake.place.as_ref(),
        };
        let folder = relative.zip(from).and_then(|(path, from)| from.join(path));
        let old = flake.old.as_ref().and_then(|old| old.child(name));
        let is_same = |old: &OldFlake<'_>| {
            let known = old.node().references.as_ref();
            is_kept(wanted.reference.as_ref(), wanted.build_time, known)
        };
        let is_placed = |old: &OldFlake<'_>| match (&old.node().parent, &wanted.declaration) {
            _ if wanted.reference.is_none() => true,
            (parent, _) if relative.is_none() => parent.is_none(),
            (None, _) => false,
            (Some(parent), Some(said)) => **parent == *said.by.path,
            (Some(parent), None) => {
                parent.len() == flake.depth
                    && self.starts_with_path_of(parent, flake.node, flake.depth)
            }
        };
        let is_relative = relative.is_some();
        match old {
            Some(old) if is_same(&old) && is_placed(&old) => {
                self.keep(flake, name, old, below, is_relative, folder);
            }
            old => {
                self.record_reference(flake, name, old.filter(is_same).is_some(), &wanted);
                self.make(flake, name, wanted, below, folder);
            }
        }
    }
}

/// Whether a flake that is not on disk, on the way to this one, may have declared such a follows,
/// which then has that flake's path in front.
fn is_of_unread(flake: &Flake<'_>, follows: &[&str]) -> bool {
    flake.unread.as_ref().is_some_and(|above| follows.starts_with(above))
}

/// The reference of an input; `None` if it is not certain how Nix reads it. `is_source` is decided
/// by its holder, and affects how a URL is read.
pub(super) fn reference(input: &DeclaredInput, is_source: bool) -> Option<OwnedRef> {
    match &input.reference {
        Some(reference) => reference.spelled(!is_source),
        None => input.spelled(),
    }
}

/// Whether what is locked is kept, if an input should have this reference. If that cannot be known,
/// it is kept.
pub(super) fn is_kept(
    wanted: Option<&OwnedRef>,
    build_time: bool,
    known: Option<&References<'_>>,
) -> bool {
    match (wanted, known) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wanted), Some(known)) if wanted.relative_path().is_some() => {
            *wanted == known.original.to_owned_ref()
        }
        // Which reference Determinate Nix locks for what is fetched at build time could not be
        // tried.
        (Some(_), Some(_)) if build_time => true,
        (Some(wanted), Some(known)) => {
            wanted.nix_would_keep(&known.original.to_owned_ref()) != Some(false)
        }
    }
}
