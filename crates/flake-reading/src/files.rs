//! The files of a flake's source, parsed once each, for any number of flakes and evaluations.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::syntax::{File, SyntaxError};
use crate::{PathKind, ReadProblem, Span, Tree, TreePath};

/// A file that is not to be had: why, and where in it.
pub type Problem = (String, Option<Span>);

/// Bytes of parsed files that are kept for whoever asks next. All that people write fits; what does
/// not is parsed anew, which costs time and changes nothing else.
const MOST_KEPT: usize = 32 << 20;

/// A flake's folder in a source.
#[derive(Debug, Clone)]
pub struct Files {
    source: Arc<Parsed>,
    flake: TreePath,
}

/// The parsed files of a source, for all flakes in it and all nodes that lead to it.
#[derive(Debug)]
pub struct Parsed {
    tree: Tree,
    files: Mutex<HashMap<TreePath, Arc<SharedFile>>>,
    /// The files that paths stand for: every host may ask for the same.
    imports: Mutex<HashMap<TreePath, Option<TreePath>>>,
    kept: Arc<Kept>,
}

/// How many bytes the parsed files of all sources of a lock take.
#[derive(Debug, Default)]
pub struct Kept(AtomicUsize);

/// A file, read and parsed by whoever comes first.
#[derive(Debug, Default)]
struct SharedFile {
    text: OnceLock<Result<Arc<str>, ReadProblem>>,
    file: OnceLock<Result<Arc<File>, Problem>>,
}

impl Kept {
    /// Adds so many bytes, if there is room.
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
    /// Of a tree.
    pub fn new(tree: Tree, kept: Arc<Kept>) -> Self {
        Self { tree, files: Mutex::default(), imports: Mutex::default(), kept }
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    fn slot(&self, path: &TreePath) -> Arc<SharedFile> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(path.clone()).or_default().clone()
    }

    /// Keeps what was just made of a file, or forgets it where there is no room.
    fn keep(&self, path: &TreePath, bytes: usize) -> bool {
        let fits = self.kept.admits(bytes);
        if !fits {
            self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        }
        fits
    }

    /// The text of a file, which others than the parser want, too.
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
            // What it declares is read of the same.
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

    /// The file that a path stands for where it is imported: itself, or `default.nix` in it.
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
    /// Of a tree that nobody shares, and the folder of the flake in it.
    pub fn new(tree: Tree, flake: TreePath) -> Self {
        Self::of(Arc::new(Parsed::new(tree, Arc::default())), flake)
    }

    /// Of a source that is a folder of its own, as those in a store.
    pub fn of_source(folder: &Path) -> Option<Self> {
        Some(Self::new(Tree::open(folder)?, TreePath::root()))
    }

    /// Of a source, and the folder of the flake in it.
    pub fn of(source: Arc<Parsed>, flake: TreePath) -> Self {
        Self { source, flake }
    }

    /// The source that it is in.
    pub fn source(&self) -> &Arc<Parsed> {
        &self.source
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.source.tree
    }

    /// The folder of the flake.
    pub fn flake(&self) -> &TreePath {
        &self.flake
    }

    /// The file that makes it a flake.
    pub fn flake_file(&self) -> TreePath {
        self.flake.child("flake.nix").unwrap_or_else(|| self.flake.clone())
    }

    /// The text of `flake.nix`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn flake_text(&self) -> Result<Arc<str>, ReadProblem> {
        self.source.text(&self.flake_file())
    }

    /// The text of a file, read at the first time.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn text(&self, path: &TreePath) -> Result<Arc<str>, ReadProblem> {
        self.source.text(path)
    }

    /// A file, parsed at the first time.
    ///
    /// # Errors
    /// Why it cannot be read or parsed.
    pub fn get(&self, path: &TreePath) -> Result<Arc<File>, Problem> {
        self.source.get(path)
    }

    /// Whether there is a regular file at a path.
    pub fn is_file(&self, path: &TreePath) -> bool {
        self.tree().kind(path) == crate::PathKind::File
    }

    /// How long the text of a file is; nothing where it cannot be read.
    pub fn length(&self, path: &TreePath) -> usize {
        self.source.text(path).map_or(0, |text| text.len())
    }

    /// The file that a path stands for where it is imported: itself, or `default.nix` in it.
    pub fn imported(&self, path: &TreePath) -> Option<TreePath> {
        self.source.imported(path)
    }
}
