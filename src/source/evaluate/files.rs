//! The files of a source, parsed once each, for any number of evaluations.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::source::syntax::{Expr, File, Part, SyntaxError};
use crate::source::{Kind, ReadProblem, Tree, TreePath, on_deep_stacks};
use crate::text::Span;

/// A file that is not to be had: why, and where in it.
pub type Problem = (String, Option<Span>);

/// Fewer files are read at once by one thread.
const WORTH_A_THREAD: usize = 8;

/// The parsed files of a source.
#[derive(Debug)]
pub struct Files {
    tree: Tree,
    /// The folder of the flake in it.
    flake: TreePath,
    /// The text of its `flake.nix`: others want it, too.
    text: OnceLock<Result<Arc<str>, ReadProblem>>,
    parsed: Mutex<HashMap<TreePath, Result<Arc<File>, Problem>>>,
    /// The files that paths stand for: every host may ask for the same.
    imports: Mutex<HashMap<TreePath, Option<TreePath>>>,
}

impl Files {
    /// Of a tree, and the folder of the flake in it.
    pub fn new(tree: Tree, flake: TreePath) -> Self {
        Self {
            tree,
            flake,
            text: OnceLock::new(),
            parsed: Mutex::default(),
            imports: Mutex::default(),
        }
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The folder of the flake.
    pub fn flake(&self) -> &TreePath {
        &self.flake
    }

    /// The file that makes it a flake.
    pub fn flake_file(&self) -> TreePath {
        self.flake.child("flake.nix").unwrap_or_else(|| self.flake.clone())
    }

    /// The text of `flake.nix`, read once.
    ///
    /// # Errors
    /// Why there is none.
    pub fn flake_text(&self) -> Result<Arc<str>, ReadProblem> {
        self.text.get_or_init(|| self.tree.read(&self.flake_file())).clone()
    }

    /// A file, parsed at the first time.
    ///
    /// # Errors
    /// Why it cannot be read or parsed.
    pub fn get(&self, path: &TreePath) -> Result<Arc<File>, Problem> {
        let lock = || self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path) {
            return known.clone();
        }
        let parsed = self.read(path);
        lock().entry(path.clone()).or_insert(parsed).clone()
    }

    fn read(&self, path: &TreePath) -> Result<Arc<File>, Problem> {
        let text =
            if *path == self.flake_file() { self.flake_text() } else { self.tree.read(path) };
        let text = text.map_err(|problem| (problem.to_string(), None))?;
        match File::parse(text) {
            Ok(file) => Ok(Arc::new(file)),
            Err(SyntaxError { message, span, .. }) => Err((message, Some(span))),
        }
    }

    /// The file that a path stands for where it is imported: itself, or `default.nix` in it.
    pub fn imported(&self, path: &TreePath) -> Option<TreePath> {
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
            Kind::File => Some(path.clone()),
            Kind::Folder => {
                let default = path.child("default.nix")?;
                (self.tree.kind(&default) == Kind::File).then_some(default)
            }
            Kind::Missing => None,
        }
    }

    /// Reads what `flake.nix` names by path, and what those files name, in parallel. That is a
    /// guess at what will be asked for: evaluation decides what is live.
    pub fn read_ahead(&self) {
        let first = self.flake_file();
        let mut seen = BTreeSet::from([first.clone()]);
        let mut wave = vec![first];
        while !wave.is_empty() {
            // Threads of their own: those of the pool may be waiting for this very lock.
            let next: Vec<Vec<TreePath>> = if wave.len() < WORTH_A_THREAD {
                wave.iter().map(|path| self.named_by(path)).collect()
            } else {
                on_deep_stacks(&wave, |path| self.named_by(path))
            };
            wave = next.into_iter().flatten().filter(|path| seen.insert(path.clone())).collect();
        }
    }

    /// The .nix files that a file names by literal paths.
    fn named_by(&self, path: &TreePath) -> Vec<TreePath> {
        let (Ok(file), Some(folder)) = (self.get(path), path.parent()) else { return Vec::new() };
        let literal = |expr: &Expr| match expr {
            Expr::Path(parts) => match parts.as_slice() {
                [Part::Text(text)] => self.tree.join(&folder, text),
                _ => None,
            },
            _ => None,
        };
        let named = file.exprs().filter_map(literal).filter_map(|path| self.imported(&path));
        named.filter(|path| path.as_str().ends_with(".nix")).collect()
    }
}
