//! From a lock to the sources of its nodes: which are on disk, and what their `flake.nix` says.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use flake_reading::{Files, Remembered};

use super::declare::{Declarations, Refused};
use super::sources::{Placed, SourceId, Sources};
use super::store::flake_folder;
use super::syntax::{File, SyntaxError};
use super::{ReadFlakeFile, ReadProblem, SourceMemory, Stores, Tree, TreePath, WorkTrees};
use crate::lock::{Attributes, Lock, NodeId, SourceKind};
use crate::text::{OpenFiles, Span, merge_conflict};

/// The file that makes a folder a flake.
const FLAKE_NAME: &str = "flake.nix";

/// Where sources are looked for.
#[derive(Debug, Default)]
pub struct Reader {
    pub(super) stores: Stores,
    /// The folder of the lock.
    pub(super) root: Option<PathBuf>,
    /// Files of the root's flake with a text that is not written yet, by path from its folder.
    pub(super) laid_over: Vec<(String, Arc<str>)>,
    /// Files of the root's source that are open in an editor.
    pub(super) open: OpenFiles,
    memory: Option<Arc<SourceMemory>>,
    pub(super) work_trees: Arc<WorkTrees>,
    /// The absolute paths that its `flake.nix` names as inputs.
    named: OnceLock<Vec<PathBuf>>,
    /// That flake, once it has been read.
    read: OnceLock<Option<Arc<RootSource>>>,
}

/// The `flake.nix` beside the lock.
#[derive(Debug)]
pub struct RootSource {
    /// Its files.
    pub files: Files,
    /// The text of `flake.nix`.
    pub text: String,
    /// What it declares.
    pub declarations: Result<Arc<Declarations>, Undeclared>,
}

impl RootSource {
    /// What it declares, if that can be told.
    pub fn declared(&self) -> Option<&Declarations> {
        self.declarations.as_deref().ok()
    }
}

/// Why a `flake.nix` does not show its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeclared {
    /// One sentence, with names from the file unescaped.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
    /// Whether Nix refuses the file for it; else it is a limit of this program, or a problem of the
    /// disk.
    pub is_refused: bool,
}

impl Reader {
    /// Looks in these stores, and for the root in the folder of the lock.
    pub fn new(stores: Stores, root: Option<PathBuf>) -> Self {
        Self { stores, root, ..Self::default() }
    }

    /// Uses this text for a file of the root's flake, as if it had been written.
    pub fn lay_over(&mut self, path: &str, text: &str) {
        self.laid_over.push((path.to_owned(), text.into()));
        (self.named, self.read) = (OnceLock::new(), OnceLock::new());
    }

    /// Uses the text of files that are open in an editor.
    #[must_use]
    pub fn with_open(self, open: &OpenFiles) -> Self {
        Self { open: open.clone(), ..self }
    }

    /// Reuses what was learned before.
    #[must_use]
    pub fn with_memory(self, memory: &Arc<SourceMemory>) -> Self {
        Self { memory: Some(memory.clone()), ..self }
    }

    /// Takes where flakes lie from what is known of other locks of a run.
    #[must_use]
    pub fn with_work_trees(self, work_trees: &Arc<WorkTrees>) -> Self {
        Self { work_trees: work_trees.clone(), ..self }
    }

    /// What was learned before.
    pub fn memory(&self) -> Option<&SourceMemory> {
        self.memory.as_deref()
    }

    /// The sources of its lock, none of them opened yet.
    pub fn sources(&self) -> Sources {
        Sources::with_remembered(self.remembered())
    }

    fn remembered(&self) -> Option<Arc<Remembered>> {
        self.memory.as_ref().map(|memory| memory.files.clone())
    }

    /// The tree with the flake beside the lock, and the flake's path in it.
    /// `seen` is what is there, if somebody has looked and it is no symlink.
    fn root_tree(&self, seen: Option<Metadata>) -> Option<(Tree, TreePath)> {
        let (tree, flake) = root_tree(self.root.as_deref()?, &self.work_trees, seen)?;
        let mut tree = tree.with_remembered(self.remembered());
        for (path, text) in self.open.iter() {
            let below = path.strip_prefix(tree.root()).ok().and_then(Path::to_str);
            let below = below.and_then(|path| TreePath::root().join(&path.replace('\\', "/")));
            if let Some(path) = below {
                tree.lay_over(path, text.clone());
            }
        }
        for (path, text) in &self.laid_over {
            if let Some(path) = flake.join(path) {
                tree.lay_over(path, text.clone());
            }
        }
        Some((tree, flake))
    }

    /// The stores that it looks in.
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Whether there is anything to read: most locks that are audited in bulk have no flake beside
    /// them, and many machines have no store.
    pub fn sees_anything(&self) -> bool {
        !self.stores.is_empty() || self.look_at_root().is_some()
    }

    /// What the `flake.nix` beside the lock is, if there is one: more than that is known only if it
    /// is no symlink.
    pub(super) fn look_at_root(&self) -> Option<Option<Metadata>> {
        let file = self.root.as_deref()?.join(FLAKE_NAME);
        if self.open.get(&file).is_some() {
            return Some(None);
        }
        let data = fs::symlink_metadata(&file).ok()?;
        if data.is_symlink() { file.exists().then_some(None) } else { Some(Some(data)) }
    }

    /// The text of the `flake.nix` beside the lock; `None` if there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn root_text(&self) -> Option<Result<Arc<str>, ReadProblem>> {
        let seen = self.look_at_root()?;
        let (tree, flake) = self.root_tree(seen)?;
        Some(Files::new(tree, flake).flake_text())
    }

    /// The flake beside the lock; `None` if there is no `flake.nix`.
    pub fn root(&self) -> Option<Arc<RootSource>> {
        self.root_in(&mut self.sources())
    }

    /// The same, opened among the sources of its lock. It is read once.
    pub fn root_in(&self, sources: &mut Sources) -> Option<Arc<RootSource>> {
        let read = self.read.get_or_init(|| self.read_root(sources).map(Arc::new)).clone()?;
        sources.take_root(&read.files);
        Some(read)
    }

    fn read_root(&self, sources: &mut Sources) -> Option<RootSource> {
        let seen = self.look_at_root()?;
        let (source, flake) = sources.root(|| self.root_tree(seen))?;
        let files = Files::of(source, flake);
        let text = files.flake_text();
        let (text, declarations) = match text {
            Ok(text) => {
                // Parsed once, for evaluation too.
                let flake = files.flake_file();
                let known = self.memory().and_then(|memory| memory.flake(&text));
                if let Some(known) = &known {
                    files.offer(&flake, &known.file);
                }
                let parsed = files.get(&flake).ok();
                let read = match known.filter(|known| !known.file.text.contains('\0')) {
                    Some(known) => Ok(known.declared),
                    None => declarations(&text, parsed.as_deref()).map(Arc::new),
                };
                if let (Some(memory), Some(file), Ok(declared)) = (self.memory(), parsed, &read) {
                    memory.keep_flake(&ReadFlakeFile { file, declared: declared.clone() });
                }
                (text.to_string(), read)
            }
            Err(problem) => {
                let message = problem.to_string();
                (String::new(), Err(Undeclared { message, span: None, is_refused: false }))
            }
        };
        Some(RootSource { files, text, declarations })
    }

    /// The files of a locked flake, if they are on disk.
    pub fn locked(
        &self,
        sources: &mut Sources,
        lock: &Lock<'_>,
        node: NodeId,
    ) -> Option<(SourceId, Files)> {
        if !lock.node(node).flake {
            return None;
        }
        let (source, flake) = self.place(sources, lock, node)?;
        sources.flake(source, flake)
    }

    /// The source with a node, and the node's folder in it. A relative path starts from the folder of
    /// the flake that it was written in, its parent, which may itself be a relative one.
    fn place(&self, sources: &mut Sources, lock: &Lock<'_>, node: NodeId) -> Option<Placed> {
        // Most are in a source of their own.
        if let Some(locked) = lock.locked(node).filter(|locked| !self.is_relative(*locked)) {
            return self.absolute(sources, locked);
        }
        let mut open = Vec::new();
        let mut at = node;
        let mut found = loop {
            if let Some(known) = sources.places.get(&at) {
                break known.clone();
            }
            // What is below itself is nowhere.
            sources.places.insert(at, None);
            let locked = lock.locked(at);
            let relative = locked.filter(|locked| self.is_relative(*locked));
            match relative.and_then(|locked| locked.text("path")) {
                None => {
                    let found = locked.and_then(|locked| self.absolute(sources, locked));
                    sources.places.insert(at, found.clone());
                    break found;
                }
                Some(path) => open.push((at, path)),
            }
            match lock.parent(at).unwrap_or_default() {
                [] => break sources.root(|| self.root_tree(None)),
                path => match lock.node_at(path) {
                    Some(parent) => at = parent,
                    None => break None,
                },
            }
        };
        while let Some((node, path)) = open.pop() {
            found = found.and_then(|(source, folder)| Some((source, folder.join(path)?)));
            sources.places.insert(node, found.clone());
        }
        found
    }

    /// Whether a locked reference is a path from another flake's folder. Old versions of Nix copied
    /// such folders into the store.
    fn is_relative(&self, locked: Attributes<'_, '_>) -> bool {
        locked.kind() == SourceKind::Path
            && locked.text("path").is_some_and(|path| !path.starts_with('/'))
            && self.stores.find_source(locked).is_none()
    }

    /// A source of its own: in a store, or in a folder that the user names.
    fn absolute(&self, sources: &mut Sources, locked: Attributes<'_, '_>) -> Option<Placed> {
        if let Some(folder) = self.stores.find_source(locked) {
            return Some((sources.open(&folder)?, flake_folder(locked)?));
        }
        let is_path = locked.kind() == SourceKind::Path;
        let path = Path::new(locked.text("path").filter(|_| is_path)?);
        let source = sources.open(path).filter(|source| self.may_read(path, source.tree()))?;
        Some((source, TreePath::root()))
    }
}

/// What the text of a `flake.nix` declares; `parsed` is `None` if its syntax is broken.
fn declarations(text: &str, parsed: Option<&File>) -> Result<Declarations, Undeclared> {
    let refused = |message: &str, span| {
        Err(Undeclared { message: message.into(), span: Some(span), is_refused: true })
    };
    let read = match parsed {
        Some(file) => Ok(Declarations::read(file)),
        None => File::parse_flake(text.into()).map(|file| Declarations::read(&file)),
    };
    let (message, span, is_limit) = match (read, text.find('\0')) {
        (Ok(Ok(declarations)), None) => return Ok(declarations),
        (Ok(Err(Refused { message, span, is_limit, .. })), None) => (message, span, is_limit),
        (Err(SyntaxError { message, span, is_limit }), nul) => {
            match merge_conflict(text, span.start) {
                Some(span) => return refused("an unresolved merge conflict begins here", span),
                None => (message, span, is_limit || nul.is_some()),
            }
        }
        // Some versions of Nix end the file at a NUL, others refuse it.
        (Ok(_), Some(start)) => {
            let span = Span { start, end: start + 1 };
            ("not every Nix reads a file with a null byte in it".to_owned(), span, true)
        }
    };
    Err(Undeclared { message, span: Some(span), is_refused: !is_limit })
}

impl Reader {
    /// Whether to read an absolute path in a lock. The lock of a dependency is copied into the
    /// root's, and can name any folder of the user; only paths in the user's own `flake.nix` are
    /// trusted.
    fn may_read(&self, path: &Path, tree: &Tree) -> bool {
        let named = self.named.get_or_init(|| {
            let root = self.root();
            let declared = root.as_ref().and_then(|root| root.declared());
            declared.map(named_paths).unwrap_or_default()
        });
        named.iter().any(|named| named == path)
            || self.root_tree(None).is_some_and(|(root, _)| tree.root().starts_with(root.root()))
    }
}

/// The absolute paths that inputs and overrides refer to.
fn named_paths(declarations: &Declarations) -> Vec<PathBuf> {
    let mut open: Vec<_> = declarations.inputs().collect();
    let mut named = Vec::new();
    while let Some(input) = open.pop() {
        open.extend(input.overridden());
        let reference = input.spelled().filter(|reference| reference.kind() == SourceKind::Path);
        let path = reference.as_ref().and_then(|reference| reference.text("path"));
        named.extend(path.filter(|path| path.starts_with('/')).map(PathBuf::from));
    }
    named
}

/// The tree of the flake beside a lock (the work tree that it is in, as for Nix, else its folder),
/// and the flake's path in it.
fn root_tree(
    folder: &Path,
    work_trees: &WorkTrees,
    seen: Option<Metadata>,
) -> Option<(Tree, TreePath)> {
    let physical = work_trees.real(folder)?;
    let flake = Tree::at(physical.clone());
    let flake = if seen.is_some() { flake } else { flake.of_flake() };
    let seen_in = |tree: Tree, flake: &TreePath| match flake.child(FLAKE_NAME).zip(seen) {
        Some((file, data)) => tree.with_seen(file, data),
        None => tree,
    };
    match work_trees.top(&physical) {
        Some(top) if top != physical => {
            let below = physical.strip_prefix(&top).ok()?.to_str()?.replace('\\', "/");
            // If flake.nix is a symlink out of its folder, only the tree of that folder knows it.
            if flake.links_out() {
                return Some((flake, TreePath::root()));
            }
            let below = TreePath::root().join(&below)?;
            Some((seen_in(Tree::at(top), &below), below))
        }
        _ => Some((seen_in(flake, &TreePath::root()), TreePath::root())),
    }
}

#[cfg(test)]
mod tests;
