//! Inputs locked again, flake by flake, from the root down (`computeLocks` in Nix's
//! `src/libflake/flake.cc`), with a list of what is to be done instead of recursion.

use std::rc::Rc;

use typed_arena::Arena;

use super::draft::{Draft, DraftId, DraftNode, DraftTag, DraftTarget, References};
use super::old::Old;
use super::override_trie::{Branches, Declarer, Said};
use super::{Unlockable, folder};
use crate::flake_ref::SpelledRef;
use crate::graph::InputPath;
use crate::lock::Table;
use crate::source::TreePath;
use crate::source::declare::{Declarations, DeclaredInput};
use crate::source::evaluate::Files;

/// Nodes of the longest lock that is made, unless the old one is longer. Where nodes are shared
/// each way to one becomes a node of its own, and a small lock can hold 2^40 ways.
const LONGEST: usize = 200_000;
/// Flakes in folders of flakes in folders … that are read.
const DEEPEST: usize = 64;

/// Locks all inputs of the root. The old lock gives what is kept.
pub(super) fn walk(
    old: &Draft,
    declarations: &Declarations,
    files: Option<&Files>,
) -> Result<Draft, Unlockable> {
    let (locks, declared) = (Arena::new(), Arena::new());
    let new = Draft::empty();
    let owners = Table::like(&new.nodes, None);
    let limit = LONGEST.max(old.nodes.len().saturating_mul(2));
    let mut walk =
        Walk { new, owners, open: Vec::new(), files, locks: &locks, declared: &declared, limit };
    let folder = files.map(|files| files.flake().clone());
    walk.open.push(Flake {
        node: walk.new.root,
        inputs: Inputs::Declared(declarations, Rc::new(Declarer { path: Vec::new(), folder })),
        old: Some(Old { lock: old, node: old.root, prefix: Rc::default() }),
        branches: Branches::default(),
        depth: 0,
    });
    while let Some(flake) = walk.open.pop() {
        walk.lock(&flake)?;
    }
    Ok(walk.new)
}

/// A flake whose inputs are to be locked.
struct Flake<'d> {
    node: DraftId,
    inputs: Inputs<'d>,
    old: Option<Old<'d>>,
    /// What flakes above say of its inputs.
    branches: Branches<'d>,
    /// How many flakes were read on the way to it.
    depth: usize,
}

/// Where its inputs are known from.
#[derive(Clone)]
enum Inputs<'d> {
    /// Its own `flake.nix`.
    Declared(&'d Declarations, Rc<Declarer>),
    /// The lock: its source is as it was.
    Locked,
}

struct Walk<'d, 'w> {
    new: Draft,
    /// The holder of each new node, and the name of its input there.
    owners: Table<DraftTag, Option<(DraftId, String)>>,
    open: Vec<Flake<'d>>,
    files: Option<&'w Files>,
    /// Locks and declarations of flakes in folders of the root's source.
    locks: &'d Arena<Draft>,
    declared: &'d Arena<Declarations>,
    limit: usize,
}

impl<'d> Walk<'d, '_> {
    fn lock(&mut self, flake: &Flake<'d>) -> Result<(), Unlockable> {
        match &flake.inputs {
            Inputs::Declared(declarations, by) => {
                for input in declarations.inputs() {
                    let said = Said { input, by: by.clone() };
                    let branches = flake.branches.below(&input.name);
                    let winner = branches.winner().unwrap_or(&said).clone();
                    let is_source = input.flake == Some(false);
                    let below = branches.with(Some(said));
                    self.said(flake, &input.name, &winner, is_source, below)?;
                }
            }
            Inputs::Locked => {
                let Some(old) = &flake.old else { return Ok(()) };
                for (name, target) in &old.node().inputs {
                    let branches = flake.branches.below(name);
                    match (branches.winner().cloned(), target) {
                        (Some(winner), target) => {
                            // An override leaves it what it is: a flake, or none.
                            let is_source = match target {
                                DraftTarget::Direct(node) => old.lock.nodes.at(*node).is_source,
                                DraftTarget::Follows(_) => false,
                            };
                            self.said(flake, name, &winner, is_source, branches)?;
                        }
                        (None, DraftTarget::Follows(path)) => {
                            self.follow(flake.node, name, old.follows(path));
                        }
                        (None, DraftTarget::Direct(_)) => {
                            if let Some(child) = old.child(name) {
                                self.keep(flake, name, child, branches)?;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Locks an input of which somebody says what it is.
    fn said(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        said: &Said<'d>,
        is_source: bool,
        below: Branches<'d>,
    ) -> Result<(), Unlockable> {
        if let Some(follows) = &said.input.follows {
            self.follow(flake.node, name, [&*said.by.path, &*follows.path].concat());
            return Ok(());
        }
        let reference = reference(said.input, is_source);
        let relative = reference.as_ref().and_then(relative_path).map(str::to_owned);
        let parent = relative.is_some().then(|| said.by.path.clone());
        let kept = flake.old.as_ref().and_then(|old| old.child(name)).filter(|old| {
            let old = old.node();
            old.parent == parent
                && old.references.as_ref().is_some_and(|old| match (&reference, &relative) {
                    (Some(reference), Some(_)) => *reference == old.original,
                    // Where it cannot be told, nothing says that it has changed.
                    (Some(reference), None) => reference.keeps(&old.original) != Some(false),
                    (None, _) => true,
                })
        });
        let folder = relative
            .as_deref()
            .zip(said.by.folder.as_ref())
            .and_then(|(path, from)| from.join(path));
        match (kept, reference) {
            (Some(old), _) => {
                let is_checked = matches!(flake.inputs, Inputs::Declared(..));
                match folder {
                    Some(folder) if is_checked && !old.node().is_source => {
                        self.keep_folder(flake, name, old, below, folder)
                    }
                    _ if is_checked => {
                        self.explained(flake, name, &old, &below)?;
                        self.keep(flake, name, old, below)
                    }
                    _ => self.keep(flake, name, old, below),
                }
            }
            (None, Some(reference)) if folder.is_some() => {
                let references = References { locked: reference.clone(), original: reference };
                let node = DraftNode {
                    references: Some(references),
                    is_source,
                    parent,
                    ..DraftNode::default()
                };
                let node = self.add(flake, name, node)?;
                match folder {
                    Some(folder) if !is_source => self.read(flake, node, None, below, folder),
                    _ => Ok(()),
                }
            }
            _ => Err(Unlockable::Fetch(format!(
                "`{}` is not locked as flake.nix has it, and Nix would fetch it",
                self.told(flake.node, name)
            ))),
        }
    }

    /// Keeps a node, and goes on with its inputs as they are locked.
    fn keep(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        old: Old<'d>,
        branches: Branches<'d>,
    ) -> Result<(), Unlockable> {
        let node = self.copy(flake, name, &old)?;
        let inputs = Inputs::Locked;
        self.open.push(Flake { node, inputs, old: Some(old), branches, depth: flake.depth });
        Ok(())
    }

    /// Keeps a folder of the root's source. Where the lock has a follows of it that nothing
    /// overrides, Nix reads it again: it may have changed.
    fn keep_folder(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        old: Old<'d>,
        branches: Branches<'d>,
        folder: TreePath,
    ) -> Result<(), Unlockable> {
        if old.own_follows(&branches).next().is_none() {
            return self.keep(flake, name, old, branches);
        }
        let node = self.copy(flake, name, &old)?;
        self.read(flake, node, Some(old), branches, folder)
    }

    /// Reads a flake in a folder of the root's source, to lock its inputs.
    fn read(
        &mut self,
        flake: &Flake<'d>,
        node: DraftId,
        old: Option<Old<'d>>,
        branches: Branches<'d>,
        folder: TreePath,
    ) -> Result<(), Unlockable> {
        let Some(files) = self.files else {
            return Err(Unlockable::Fetch("the flake's folders cannot be read".into()));
        };
        if flake.depth >= DEEPEST {
            return Err(Unlockable::Refused(format!(
                "the flake in `{folder}` leads back to itself"
            )));
        }
        let declarations = &*self.declared.alloc(folder::declarations(files, &folder)?);
        let path: Rc<[String]> = self.path(node).into();
        let old = match old {
            Some(old) => Some(old),
            None => folder::own_lock(files, &folder)?.map(|lock| {
                let lock = &*self.locks.alloc(lock);
                Old { lock, node: lock.root, prefix: path.clone() }
            }),
        };
        let declarer = Declarer { path: path.to_vec(), folder: Some(folder) };
        let inputs = Inputs::Declared(declarations, Rc::new(declarer));
        self.open.push(Flake { node, inputs, old, branches, depth: flake.depth + 1 });
        Ok(())
    }

    /// Whether the follows of a kept node are its own, or the override of a flake above. A leftover
    /// of an override is neither: Nix frees it, and fetches.
    fn explained(
        &self,
        flake: &Flake<'d>,
        name: &str,
        old: &Old<'d>,
        branches: &Branches<'d>,
    ) -> Result<(), Unlockable> {
        let mut own = old.own_follows(branches).peekable();
        if own.peek().is_none() {
            return Ok(());
        }
        let mut path = self.path(flake.node);
        path.push(name.to_owned());
        match own.find(|(_, follows)| !follows.starts_with(&path)) {
            None => Ok(()),
            Some((input, follows)) => Err(Unlockable::Fetch(format!(
                "nothing in flake.nix makes `{}/{input}` follow `{}` any more, and Nix would fetch it",
                path.join("/"),
                follows.join("/")
            ))),
        }
    }

    fn copy(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        old: &Old<'d>,
    ) -> Result<DraftId, Unlockable> {
        let old = old.node();
        let node = DraftNode {
            references: old.references.clone(),
            is_source: old.is_source,
            parent: old.parent.clone(),
            ..DraftNode::default()
        };
        self.add(flake, name, node)
    }

    fn add(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        node: DraftNode,
    ) -> Result<DraftId, Unlockable> {
        if self.new.nodes.len() >= self.limit {
            return Err(Unlockable::Refused(format!(
                "each way to a shared node would become a node, and there are more than {} ways",
                self.limit
            )));
        }
        let id = self.new.nodes.push(node);
        self.owners.push(Some((flake.node, name.to_owned())));
        self.set(flake.node, name, DraftTarget::Direct(id));
        Ok(id)
    }

    fn follow(&mut self, holder: DraftId, name: &str, path: Vec<String>) {
        self.set(holder, name, DraftTarget::Follows(path));
    }

    fn set(&mut self, holder: DraftId, name: &str, target: DraftTarget) {
        self.new.nodes.at_mut(holder).inputs.insert(name.to_owned(), target);
    }

    /// The input path of a new node.
    fn path(&self, node: DraftId) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = node;
        while let Some((holder, name)) = self.owners.at(at) {
            names.push(name.clone());
            at = *holder;
        }
        names.reverse();
        names
    }

    /// The input path of an input, to be shown.
    fn told(&self, holder: DraftId, name: &str) -> String {
        let path = self.path(holder);
        let names: Vec<&str> = path.iter().map(String::as_str).chain([name]).collect();
        InputPath::new(&names).names().join("/")
    }
}

/// What an input refers to; nothing where it is not certain what Nix makes of it. Whether it is a
/// flake is for its holder to say, and decides how a URL is read.
fn reference(input: &DeclaredInput, is_source: bool) -> Option<SpelledRef> {
    match &input.reference {
        Some(reference) => reference.spelled(!is_source),
        None => input.spelled(),
    }
}

/// The path of a reference that starts from the flake that has it.
fn relative_path(reference: &SpelledRef) -> Option<&str> {
    let path = reference.text("path").filter(|_| reference.kind() == "path")?;
    (!path.starts_with('/')).then_some(path)
}
