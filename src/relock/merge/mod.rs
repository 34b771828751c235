//! Merges two locks that come from a common one.
//!
//! A lock cannot be merged line by line: one more input renumbers keys far away. It is a tree of
//! inputs, and each is taken from the side that changed it. What was asked for (an input exists,
//! follows something, has another reference) comes before what it was locked to: the former is a
//! decision, the latter the day of the last update. If the merged `flake.nix` is known it decides,
//! and the lock becomes what Nix would write for it.

mod choice;
mod conflict;
mod entry;

use std::collections::BTreeSet;

use super::draft::{DraftId, DraftInputs, DraftTag, DraftTarget, LockDraft};
use super::walk::LONGEST;
use super::{Unlockable, check, relock, text};
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, LockError, Table, Unescaped};
use crate::source::declare::{Declarations, DeclaredInput};
use crate::source::{Files, Stores};
use choice::Entries;
pub use conflict::{Conflict, LockedEntry};

/// A side of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that is merged into.
    Ours,
    /// The one that is merged.
    Theirs,
}

/// Whose entry is taken if both sides changed one differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// That of one side.
    Side(Side),
    /// The one whose source was changed last, if both only updated the same flake.
    Newest,
}

/// The three locks of a merge.
#[derive(Debug)]
pub struct Versions<'g, 'l, 'a> {
    /// The common one; `None` if each side made its own.
    pub base: Option<&'g Graph<'l, 'a>>,
    /// That which is merged into.
    pub ours: &'g Graph<'l, 'a>,
    /// That which is merged.
    pub theirs: &'g Graph<'l, 'a>,
}

/// Names in input paths of follows, for each possible node.
const NAMES: usize = 10;

/// The merged `flake.nix`.
#[derive(Debug)]
pub struct MergedFlake<'d> {
    /// Its inputs.
    pub declarations: &'d Declarations,
    /// The source that contains it, for inputs that are folders there.
    pub files: Option<&'d Files>,
    /// Where other sources are.
    pub stores: &'d Stores,
}

/// The result of a merge.
#[derive(Debug)]
pub struct Merged {
    /// The text as Nix writes it: a complete lock, with our entries for undecided conflicts.
    pub text: String,
    /// Inputs that both sides changed differently, in the order of their paths, including those
    /// that a preference decided.
    pub conflicts: Vec<Conflict>,
    /// What Nix still has to fetch for `flake.nix`.
    pub lacks: Option<String>,
}

/// Merges locks.
///
/// # Errors
/// One of them has a loop, or Nix would refuse the result; in one sentence.
pub fn merge(
    versions: &Versions<'_, '_, '_>,
    wanted: Option<&MergedFlake<'_>>,
    prefer: Option<Prefer>,
) -> Result<Merged, String> {
    let given =
        [("base", versions.base), ("our", Some(versions.ours)), ("their", Some(versions.theirs))];
    for (whose, graph) in given {
        if graph.is_some_and(|graph| !graph.node_cycles().is_empty()) {
            return Err(format!("the nodes of the {whose} lock lead in a circle"));
        }
    }
    let drafts = Drafts {
        base: versions.base.map(|graph| LockDraft::of(graph.lock())),
        ours: LockDraft::of(versions.ours.lock()),
        theirs: LockDraft::of(versions.theirs.lock()),
    };
    let Walked { new, conflicts } = walk(&drafts, wanted.map(|it| it.declarations), prefer)?;
    let merged = text::write(&new);
    // Check that all follows end somewhere, because nobody has done so for the merged lock.
    let checked = |merged: String| match check::check_text(&merged) {
        Ok(()) => Ok((merged, None)),
        Err(refused) => Err(refused.to_string()),
    };
    let (text, lacks) = match wanted.map(|wanted| locked_again(&merged, wanted)) {
        None | Some(Ok(None)) => checked(merged)?,
        Some(Ok(Some(again))) => (again, None),
        Some(Err(Unlockable::Fetch(what))) => (merged, Some(what)),
        Some(Err(Unlockable::Refused(why))) => return Err(why),
    };
    Ok(Merged { text, conflicts, lacks })
}

/// The lock that Nix would write in place of this one.
fn locked_again(text: &str, wanted: &MergedFlake<'_>) -> Result<Option<String>, Unlockable> {
    let refused = |error: LockError| Unlockable::Refused(error.message);
    let (unescaped, overrides) = (Unescaped::new(), Overrides::new());
    let lock = Lock::parse(text.as_bytes(), &unescaped).map_err(refused)?;
    let graph = Graph::build(&lock, &overrides).map_err(refused)?;
    relock(&graph, wanted.declarations, wanted.files, wanted.stores).lock()
}

/// The locks, without keys.
struct Drafts<'d> {
    base: Option<LockDraft<'d>>,
    ours: LockDraft<'d>,
    theirs: LockDraft<'d>,
}

/// One flake in the three locks, at the same input path.
#[derive(Debug, Clone, Copy)]
struct Flake {
    base: Option<DraftId>,
    ours: Option<DraftId>,
    theirs: Option<DraftId>,
}

/// A node whose inputs have to be merged.
struct Open<'d> {
    node: DraftId,
    flake: Flake,
    /// The side whose revision was taken, which also determines its inputs. `None` if both have the
    /// same.
    of: Option<Side>,
    /// The side whose changes win, because it was preferred further up.
    leans: Option<Side>,
    /// Its declaration in the root's flake.nix.
    declared: Option<&'d DeclaredInput>,
}

struct Walked<'d> {
    new: LockDraft<'d>,
    conflicts: Vec<Conflict>,
}

/// Merges input by input, from the root down.
fn walk<'d>(
    drafts: &'d Drafts<'d>,
    declarations: Option<&'d Declarations>,
    prefer: Option<Prefer>,
) -> Result<Walked<'d>, String> {
    let mut new = LockDraft::empty();
    let mut owners: Owners<'d> = Table::like(&new.nodes, None);
    let mut conflicts = Vec::new();
    // Shared nodes become one node for each path, each with copies of the follows.
    let mut room = LONGEST.max(drafts.ours.nodes.len() + drafts.theirs.nodes.len()) * NAMES;
    let root = Flake {
        base: drafts.base.as_ref().map(|draft| draft.root),
        ours: Some(drafts.ours.root),
        theirs: Some(drafts.theirs.root),
    };
    let mut open =
        vec![Open { node: new.root, flake: root, of: None, leans: None, declared: None }];
    while let Some(at) = open.pop() {
        // For the root's inputs all of flake.nix counts; for others, its overrides.
        let declarations = declarations.filter(|_| at.node == new.root);
        for name in names(drafts, &at, declarations) {
            let declared = match declarations {
                Some(declarations) => declarations.input(name),
                None => at.declared.and_then(|declared| declared.override_of(name)),
            };
            let says = declared.filter(|says| declarations.is_some() || says.overrides());
            let entries = Entries::new(drafts, at.flake, name);
            let follows = says.and_then(|says| says.follows.as_ref());
            let (target, names) = if let Some(follows) = follows {
                let path: Vec<_> = follows.path.iter().map(String::as_str).collect();
                (DraftTarget::Follows(path.into()), follows.path.len())
            } else {
                let Some(chosen) = entries.choose(says, at.leans, prefer) else { continue };
                let (ours, theirs) = (entries.ours, entries.theirs);
                if let (Some(taken), Some((ours, theirs))) =
                    (chosen.how.preferred_side(), ours.zip(theirs))
                {
                    let path = path(&owners, at.node, name);
                    conflicts.push(Conflict {
                        path,
                        ours: ours.for_conflict(),
                        theirs: theirs.for_conflict(),
                        taken,
                    });
                }
                match chosen.entry.target {
                    DraftTarget::Follows(path) => (chosen.entry.target.clone(), path.len()),
                    DraftTarget::Direct(node) => {
                        let node = chosen.entry.draft.nodes.at(*node).without_inputs();
                        let id = new.nodes.push(node);
                        owners.push(Some((at.node, name)));
                        let (of, leans) = (chosen.of, chosen.leans);
                        open.push(Open { node: id, flake: entries.flake(), of, leans, declared });
                        (DraftTarget::Direct(id), NAMES - 1)
                    }
                }
            };
            room = room
                .checked_sub(names + 1)
                .ok_or("each way to a shared node would become a node, and there are too many")?;
            new.nodes.at_mut(at.node).inputs.insert(name, target);
        }
    }
    conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Walked { new, conflicts })
}

/// The holder of each new node, and the name of its input there.
type Owners<'d> = Table<DraftTag, Option<(DraftId, &'d str)>>;

/// The input path of an input of a new node.
fn path(owners: &Owners<'_>, holder: DraftId, name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    let mut at = holder;
    while let Some((holder, name)) = owners.at(at) {
        names.push((*name).to_owned());
        at = *holder;
    }
    names.reverse();
    names
}

/// The names of a merged node's inputs, in order: those of the revision that was taken. If both
/// sides have that revision, an input that one of them removed is gone; but inputs of the root stay
/// if flake.nix declares them.
fn names<'d>(
    drafts: &'d Drafts<'d>,
    at: &Open<'_>,
    declarations: Option<&Declarations>,
) -> BTreeSet<&'d str> {
    let inputs = |draft: Option<&'d LockDraft<'d>>, id: Option<DraftId>| {
        draft.zip(id).map(|(draft, id)| &draft.nodes.at(id).inputs)
    };
    let base = inputs(drafts.base.as_ref(), at.flake.base);
    let ours = inputs(Some(&drafts.ours), at.flake.ours);
    let theirs = inputs(Some(&drafts.theirs), at.flake.theirs);
    let (ours, theirs) = match at.of {
        Some(Side::Ours) => (ours, None),
        Some(Side::Theirs) => (None, theirs),
        None => (ours, theirs),
    };
    let all = ours.into_iter().chain(theirs).flat_map(DraftInputs::iter).map(|(name, _)| name);
    let is_in = |inputs: Option<&DraftInputs<'_>>, name: &str| {
        inputs.is_some_and(|inputs| inputs.contains_key(name))
    };
    let is_lost = |name: &str| {
        let is_there = is_in(ours, name) && is_in(theirs, name);
        at.of.is_none() && is_in(base, name) && !is_there
    };
    all.filter(|name| match declarations {
        Some(declarations) => declarations.input(name).is_some(),
        None => !is_lost(name),
    })
    .collect()
}

#[cfg(test)]
mod tests;
