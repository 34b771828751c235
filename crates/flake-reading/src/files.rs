//! The files of a flake's source, parsed once each, for any number of flakes and evaluations.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::syntax::{File, SyntaxError};
use crate::{PathKind, ReadProblem, Span, Tree, TreePath};

/// Why a file cannot be used, and where in it.
pub type Problem = (String, Option<Span>);

/// The most bytes of parsed files that are kept for reuse. Everything that people write fits; what
/// does not is parsed again, which costs time and changes nothing else.
const MOST_KEPT: usize = 32 << 20;

/// A flake's folder in a source.
#[derive(Debug, Clone)]
pub struct Files {
    source: Arc<Parsed>,
    flake: TreePath,
}

/// The parsed files of a source, shared by all flakes in it and all nodes that lead to it.
#[derive(Debug)]
pub struct Parsed {
    tree: Tree,
    files: Mutex<HashMap<TreePath, Arc<SharedFile>>>,
    /// The files that imported paths stand for: every host may import the same.
    imports: Mutex<HashMap<TreePath, Option<TreePath>>>,
    kept: Arc<Kept>,
}

/// How many bytes the parsed files of all sources of a lock take.
#[derive(Debug, Default)]
pub struct Kept(AtomicUsize);

/// A file, read and parsed by the first thread that needs it.
#[derive(Debug, Default)]
struct SharedFile {
    text: OnceLock<Result<Arc<str>, ReadProblem>>,
    file: OnceLock<Result<Arc<File>, Problem>>,
}

impl Kept {
    /// Counts `bytes`, if there is room for them.
    fn admits(&self, bytes: usize) -> bool {
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= MOST_KEPT;
        if !fits {
            self.0.fetch_sub(bytes, Ordering::Relaxed);
        }
        fits
    }
}

impl Parsed {
    /// The files of a tree; none is parsed yet.
    pub fn new(tree: Tree, kept: Arc<Kept>) -> Self {
        Self { tree, files: Mutex::default(), imports: Mutex::default(), kept }
    }

    /// The tree that the files are in.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    fn slot(&self, path: &TreePath) -> Arc<SharedFile> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(path.clone()).or_default().clone()
    }

    /// Keeps the parsed file, or forgets it if there is no room.
    fn keep(&self, path: &TreePath, bytes: usize) -> bool {
        let fits = self.kept.admits(bytes);
        if !fits {
            self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        }
        fits
    }

    /// The text of a file, which not only the parser needs.
    fn text(&self, path: &TreePath) -> Result<Arc<str>, ReadProblem> {
        let mut is_new = false;
        let slot = self.slot(path);
        let text = slot.text.get_or_init(|| {
            is_new = true;
            self.tree.text(path)
        });
        if let (true, Ok(text)) = (is_new, text) {
            self.keep(path, text.len());
        }
        text.clone()
    }

    fn get(&self, path: &TreePath) -> Result<Arc<File>, Problem> {
        let mut is_new = false;
        let slot = self.slot(path);
        let file = slot.file.get_or_init(|| {
            is_new = true;
            let text = slot.text.get_or_init(|| self.tree.text(path)).clone();
            let text = text.map_err(|problem| (problem.to_string(), None))?;
            // Its declarations are read from the same parsed file.
            let is_flake = path.name() == Some("flake.nix");
            let remembered = self.tree.remembered();
            if let Some(file) = remembered.and_then(|r| r.file(&self.tree.on_disk(path), &text)) {
                return Ok(file);
            }
            let parsed = if is_flake { File::parse_flake(text) } else { File::parse(text) };
            match parsed {
                Ok(file) => Ok(Arc::new(file)),
                Err(SyntaxError { message, span, .. }) => Err((message, Some(span))),
            }
        });
        if is_new {
            let text = slot.text.get().and_then(|text| text.as_ref().ok());
            let text = text.map_or(0, |text| text.len());
            let bytes = text + file.as_ref().map_or(0, |file| file.weight());
            if self.keep(path, bytes)
                && let (Ok(file), Some(remembered)) = (file, self.tree.remembered())
            {
                remembered.keep_file(&self.tree.on_disk(path), file);
            }
        }
        file.clone()
    }

    /// The file that is read if this path is imported: itself, or `default.nix` in it.
    fn imported(&self, path: &TreePath) -> Option<TreePath> {
        let lock = || self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path) {
            return known.clone();
        }
        let found = self.find_imported(path);
        lock().insert(path.clone(), found.clone());
        found
    }

    fn find_imported(&self, path: &TreePath) -> Option<TreePath> {
        match self.tree.kind(path) {
            PathKind::File => Some(path.clone()),
            PathKind::Folder => {
                let default = path.child("default.nix")?;
                (self.tree.kind(&default) == PathKind::File).then_some(default)
            }
            PathKind::Missing => None,
        }
    }
}

impl Files {
    /// A flake in a folder of a tree that nobody shares.
    pub fn new(tree: Tree, flake: TreePath) -> Self {
        Self::of(Arc::new(Parsed::new(tree, Arc::default())), flake)
    }

    /// A flake at the top of a source that is a folder of its own, such as those in a store.
    pub fn of_source(folder: &Path) -> Option<Self> {
        Some(Self::new(Tree::open(folder)?, TreePath::root()))
    }

    /// A flake in a folder of a shared source.
    pub fn of(source: Arc<Parsed>, flake: TreePath) -> Self {
        Self { source, flake }
    }

    /// The source that the flake is in.
    pub fn source(&self) -> &Arc<Parsed> {
        &self.source
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.source.tree
    }

    /// The flake's folder.
    pub fn flake(&self) -> &TreePath {
        &self.flake
    }

    /// The path of its `flake.nix`.
    pub fn flake_file(&self) -> TreePath {
        self.flake.child("flake.nix").unwrap_or_else(|| self.flake.clone())
    }

    /// The text of `flake.nix`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn flake_text(&self) -> Result<Arc<str>, ReadProblem> {
        self.source.text(&self.flake_file())
    }

    /// The text of a file, read once.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn text(&self, path: &TreePath) -> Result<Arc<str>, ReadProblem> {
        self.source.text(path)
    }

    /// A file, parsed once.
    ///
    /// # Errors
    /// Why it cannot be read or parsed.
    pub fn get(&self, path: &TreePath) -> Result<Arc<File>, Problem> {
        self.source.get(path)
    }

    /// Takes over a file that was parsed before, if it has the text of the one at this path.
    pub fn offer(&self, path: &TreePath, file: &Arc<File>) {
        let slot = self.source.slot(path);
        let is_same = matches!(slot.text.get(), Some(Ok(text)) if *text == file.text);
        if is_same && self.source.kept.admits(file.weight()) {
            slot.file.get_or_init(|| Ok(file.clone()));
        }
    }

    /// Whether a regular file is at this path.
    pub fn is_file(&self, path: &TreePath) -> bool {
        self.tree().kind(path) == crate::PathKind::File
    }

    /// The length of a file's text; 0 if it cannot be read.
    pub fn length(&self, path: &TreePath) -> usize {
        self.source.text(path).map_or(0, |text| text.len())
    }

    /// The file that is read if this path is imported: itself, or `default.nix` in it.
    pub fn imported(&self, path: &TreePath) -> Option<TreePath> {
        self.source.imported(path)
    }
}
