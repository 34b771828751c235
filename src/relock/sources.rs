//! The sources that are read on the way: folders of the root's own source, which no lock pins, and
//! locked ones that are in a store.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use typed_arena::Arena;

use super::Unlockable;
use super::draft::{LockDraft, Reference};
use crate::flake_ref::OwnedRef;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, Unescaped};
use crate::source::Files;
use crate::source::declare::Declarations;
use crate::source::syntax::File;
use crate::source::{PathKind, Stores, TreePath};

/// The place of a flake.
#[derive(Debug, Clone)]
pub(super) struct FlakePlace<'d> {
    files: &'d Files,
    /// The index of the source: the root's own is the first.
    source: usize,
    /// Its folder there.
    pub(super) folder: TreePath,
}

/// The root's own source.
const ROOT: usize = 0;

/// Everything that was read, each file once, however many nodes lead to it.
pub(super) struct RelockSources<'d> {
    root: Option<&'d Files>,
    stores: &'d Stores,
    found: Arena<Files>,
    declared: Arena<Declarations>,
    made: Arena<OwnedRef>,
    texts: Arena<Arc<str>>,
    unescaped: Arena<Unescaped>,
    locks: Arena<Lock<'d>>,
    drafts: Arena<LockDraft<'d>>,
    /// Sources in the store, by path.
    by_path: RefCell<HashMap<PathBuf, Option<(&'d Files, usize)>>>,
    read: RefCell<ByPlace<Read<'d>>>,
    locked: RefCell<ByPlace<OwnLock<'d>>>,
}

/// By source and folder.
type ByPlace<T> = HashMap<(usize, TreePath), T>;

/// The declarations of a `flake.nix`, or why they cannot be known.
type Read<'d> = Result<&'d Declarations, Unlockable>;

/// The lock of a flake, if it has one, or why it cannot be known.
type OwnLock<'d> = Result<Option<&'d LockDraft<'d>>, Unlockable>;

impl<'d> FlakePlace<'d> {
    /// Where a relative path leads from here.
    pub(super) fn join(&self, path: &str) -> Option<Self> {
        Some(Self { folder: self.folder.join(path)?, ..self.clone() })
    }

    /// Its `flake.nix`, if that is a file of the root's own source.
    pub(super) fn file(&self) -> Option<TreePath> {
        self.folder.child("flake.nix").filter(|_| self.source == ROOT)
    }

    fn refused(&self, why: &str) -> Unlockable {
        Unlockable::Refused(format!("the flake in `{}`: {why}", self.folder))
    }
}

impl<'d> RelockSources<'d> {
    pub(super) fn new(root: Option<&'d Files>, stores: &'d Stores) -> Self {
        Self {
            root,
            stores,
            found: Arena::new(),
            declared: Arena::new(),
            made: Arena::new(),
            texts: Arena::new(),
            unescaped: Arena::new(),
            locks: Arena::new(),
            drafts: Arena::new(),
            by_path: RefCell::default(),
            read: RefCell::default(),
            locked: RefCell::default(),
        }
    }

    /// The root's flake.
    pub(super) fn root(&self) -> Option<FlakePlace<'d>> {
        let files = self.root?;
        Some(FlakePlace { files, source: ROOT, folder: files.flake().clone() })
    }

    /// A locked flake, if its source is in a store.
    pub(super) fn locked(&'d self, locked: &Reference<'_>) -> Option<FlakePlace<'d>> {
        let attributes = locked.attributes();
        let path = self.stores.find_source(attributes)?;
        let mut known = self.by_path.borrow_mut();
        let number = known.len() + 1;
        let found = known.entry(path).or_insert_with_key(|path| {
            let files = Files::of_source(path)?;
            Some((&*self.found.alloc(files), number))
        });
        let (files, source) = (*found)?;
        Some(FlakePlace { files, source, folder: crate::source::flake_folder(attributes)? })
    }

    /// The declarations of the `flake.nix` at a place.
    pub(super) fn declarations(&'d self, place: &FlakePlace<'d>) -> Read<'d> {
        let key = (place.source, place.folder.clone());
        let read = || -> Read<'d> {
            let file = place.folder.child("flake.nix");
            let file = file.ok_or_else(|| place.refused("there is no flake.nix"))?;
            let text = place.files.tree().read(&file);
            let text = text.map_err(|problem| place.refused(&problem.to_string()))?;
            let parsed = File::parse_flake(text);
            let parsed = parsed.map_err(|error| place.refused(&error.message))?;
            let declared = Declarations::read(&parsed).map_err(|e| place.refused(&e.message))?;
            Ok(self.declared.alloc(declared))
        };
        self.read.borrow_mut().entry(key).or_insert_with(read).clone()
    }

    /// The lock of the flake at a place, if it has one.
    pub(super) fn own_lock(&'d self, place: &FlakePlace<'d>) -> OwnLock<'d> {
        let key = (place.source, place.folder.clone());
        let read = || self.read_lock(place);
        self.locked.borrow_mut().entry(key).or_insert_with(read).clone()
    }

    fn read_lock(&'d self, place: &FlakePlace<'d>) -> OwnLock<'d> {
        let refused = |why: String| place.refused(&format!("its lock: {why}"));
        let tree = place.files.tree();
        let file = place.folder.child("flake.lock");
        let file = file.filter(|file| tree.kind(file) == PathKind::File);
        let Some(file) = file else { return Ok(None) };
        let text = tree.read(&file).map_err(|problem| refused(problem.to_string()))?;
        let text = self.texts.alloc(text).as_bytes();
        let unescaped = self.unescaped.alloc(Unescaped::new());
        let lock = Lock::parse(text, unescaped).map_err(|error| refused(error.message))?;
        let lock = &*self.locks.alloc(lock);
        // Nix refuses some nodes that it reaches, and does not terminate on loops.
        let overrides = Overrides::new();
        let graph = Graph::build(lock, &overrides).map_err(|error| refused(error.message))?;
        if !graph.node_cycles().is_empty() {
            return Err(refused("its nodes lead in a circle".into()));
        }
        Ok(Some(self.drafts.alloc(LockDraft::of(lock))))
    }

    /// Keeps a reference that no lock has.
    pub(super) fn made(&self, reference: OwnedRef) -> &OwnedRef {
        self.made.alloc(reference)
    }
}
