//! Two locks that come from one, made one again.
//!
//! A lock is no text to be merged line by line: one more input renumbers keys far away. It is a tree
//! of inputs, and each is taken from the side that changed it. What Nix was asked for (an input is
//! there, follows something, has another reference) goes before what it was locked to: that is a
//! decision, this the day of the last update. Where `flake.nix` as merged is known it decides, and the
//! lock becomes what Nix would write for it.

mod choice;
mod conflict;
mod entry;

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{DraftId, DraftTag, DraftTarget, LockDraft};
use super::walk::LONGEST;
use super::{Unlockable, check, relock, text};
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, LockError, Table, Unescaped};
use crate::source::declare::{Declarations, DeclaredInput};
use crate::source::{Files, Stores};
use choice::Entries;
pub use conflict::{Conflict, Locked};

/// A side of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that is merged into.
    Ours,
    /// The one that is merged.
    Theirs,
}

/// Whose entry is taken where both sides changed one differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// That of one side.
    Side(Side),
    /// That whose source was changed last, where one flake was only updated.
    Newest,
}

/// The three locks of a merge.
#[derive(Debug)]
pub struct Versions<'g, 'l, 'a> {
    /// That from which both come; nothing where each side made its own.
    pub base: Option<&'g Graph<'l, 'a>>,
    /// That which is merged into.
    pub ours: &'g Graph<'l, 'a>,
    /// That which is merged.
    pub theirs: &'g Graph<'l, 'a>,
}

/// Names for each node that there may be, those of its follows included.
const NAMES: usize = 10;

/// What `flake.nix` says once it is merged.
#[derive(Debug)]
pub struct Wanted<'d> {
    /// Its inputs.
    pub declarations: &'d Declarations,
    /// The source that it is in, for inputs that are folders there.
    pub files: Option<&'d Files>,
    /// Where other sources lie.
    pub stores: &'d Stores,
}

/// Two locks made one.
#[derive(Debug)]
pub struct Merged {
    /// The text, as Nix writes it: a whole lock, with our entries wherever there is a conflict.
    pub text: String,
    /// Inputs that both sides changed differently, in the order of their paths; those that were decided
    /// by preference too.
    pub conflicts: Vec<Conflict>,
    /// What Nix would still have to fetch for `flake.nix`.
    pub lacks: Option<String>,
}

/// Merges locks.
///
/// # Errors
/// One of them leads in a circle, or Nix would refuse what comes of it, in one sentence.
pub fn merge(
    versions: &Versions<'_, '_, '_>,
    wanted: Option<&Wanted<'_>>,
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
    // Nobody has written it yet, so nobody has looked whether its follows end somewhere.
    let checked = |merged: String| match check::check(&merged) {
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
fn locked_again(text: &str, wanted: &Wanted<'_>) -> Result<Option<String>, Unlockable> {
    let refused = |error: LockError| Unlockable::Refused(error.message);
    let (unescaped, overrides) = (Unescaped::new(), Overrides::new());
    let lock = Lock::parse(text.as_bytes(), &unescaped).map_err(refused)?;
    let graph = Graph::build(&lock, &overrides).map_err(refused)?;
    relock(&graph, wanted.declarations, wanted.files, wanted.stores).lock()
}

/// The locks, without keys.
struct Drafts {
    base: Option<LockDraft>,
    ours: LockDraft,
    theirs: LockDraft,
}

/// One flake in the three locks: the same input path leads there.
#[derive(Debug, Clone, Copy)]
struct Flake {
    base: Option<DraftId>,
    ours: Option<DraftId>,
    theirs: Option<DraftId>,
}

/// A node whose inputs are to be merged.
struct Open<'d> {
    node: DraftId,
    flake: Flake,
    /// Whose revision of it was taken: it has the inputs that this has. Neither where both have the
    /// same.
    of: Option<Side>,
    /// Whose changes win, since one side was preferred further up.
    leans: Option<Side>,
    /// What the root's flake.nix says of it.
    declared: Option<&'d DeclaredInput>,
}

struct Walked {
    new: LockDraft,
    conflicts: Vec<Conflict>,
}

/// Merges input by input, from the root down.
fn walk<'d>(
    drafts: &'d Drafts,
    declarations: Option<&'d Declarations>,
    prefer: Option<Prefer>,
) -> Result<Walked, String> {
    let mut new = LockDraft::empty();
    let mut owners: Owners<'d> = Table::like(&new.nodes, None);
    let mut conflicts = Vec::new();
    // Where nodes are shared each way to one becomes a node of its own, and copies its follows.
    let mut room = LONGEST.max(drafts.ours.nodes.len() + drafts.theirs.nodes.len()) * NAMES;
    let root = Flake {
        base: drafts.base.as_ref().map(|draft| draft.root),
        ours: Some(drafts.ours.root),
        theirs: Some(drafts.theirs.root),
    };
    let mut open =
        vec![Open { node: new.root, flake: root, of: None, leans: None, declared: None }];
    while let Some(at) = open.pop() {
        // All that flake.nix says of the root's inputs; of others, what it overrides.
        let declarations = declarations.filter(|_| at.node == new.root);
        for name in names(drafts, &at, declarations) {
            let declared = match declarations {
                Some(declarations) => declarations.input(name),
                None => at.declared.and_then(|declared| declared.inputs.get(name)),
            };
            let says = declared.filter(|says| declarations.is_some() || says.overrides());
            let entries = Entries::new(drafts, at.flake, name);
            let follows = says.and_then(|says| says.follows.as_ref());
            let (target, names) = if let Some(follows) = follows {
                (DraftTarget::Follows(follows.path.clone()), follows.path.len())
            } else {
                let Some(chosen) = entries.choose(says, at.leans, prefer) else { continue };
                let (ours, theirs) = (entries.ours, entries.theirs);
                if let (Some(taken), Some((ours, theirs))) = (chosen.how.taken(), ours.zip(theirs))
                {
                    let path = path(&owners, at.node, name);
                    conflicts.push(Conflict {
                        path,
                        ours: ours.told(),
                        theirs: theirs.told(),
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
            new.nodes.at_mut(at.node).inputs.insert(name.to_owned(), target);
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

/// The inputs that a merged node has, in their order: those of the flake's revision that was taken.
/// Where both sides have that, what one of them has lost is gone; but of the root's inputs those are
/// left that flake.nix declares.
fn names<'d>(
    drafts: &'d Drafts,
    at: &Open<'_>,
    declarations: Option<&Declarations>,
) -> BTreeSet<&'d str> {
    let inputs = |draft: Option<&'d LockDraft>, id: Option<DraftId>| {
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
    let all = ours.into_iter().chain(theirs).flatten().map(|(name, _)| name.as_str());
    let is_in = |inputs: Option<&BTreeMap<String, _>>, name: &str| {
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
