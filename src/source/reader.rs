//! From a lock to the sources of its nodes: which are on disk, and what their `flake.nix` says.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use super::declare::{Declarations, Refused};
use super::evaluate::{Files, STACK};
use super::store::flake_folder;
use super::syntax::SyntaxError;
use super::{Kind, Stores, Tree, TreePath, syntax};
use crate::lock::{Lock, NodeId};
use crate::text::{Span, merge_conflict};

/// Where sources are looked for.
#[derive(Debug, Default)]
pub struct Reader {
    stores: Stores,
    /// The folder of the lock.
    root: Option<PathBuf>,
    /// Files of the root's flake as they are to be, by their paths from its folder.
    laid_over: Vec<(String, Arc<str>)>,
}

/// The `flake.nix` beside the lock.
#[derive(Debug)]
pub struct RootSource {
    /// Its files.
    pub files: Files,
    /// The text of `flake.nix`.
    pub text: String,
    /// What it declares.
    pub declarations: Result<Declarations, Undeclared>,
}

/// Why a `flake.nix` tells nothing of its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeclared {
    /// One sentence. Names from the file stand in it as they are.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
    /// Whether Nix refuses the file for it. Otherwise it is a limit of this program, or of the disk.
    pub is_refused: bool,
}

impl Reader {
    /// Looks in these stores, and for the root in the folder of the lock.
    pub fn new(stores: Stores, root: Option<PathBuf>) -> Self {
        Self { stores, root, laid_over: Vec::new() }
    }

    /// Reads this text for a file of the root's flake, as if it had been written.
    pub fn lay_over(&mut self, path: &str, text: &str) {
        self.laid_over.push((path.to_owned(), text.into()));
    }

    /// The tree of the flake beside the lock, and where in it the flake is.
    fn root_tree(&self) -> Option<(Tree, TreePath)> {
        let (mut tree, flake) = root_tree(self.root.as_deref()?)?;
        for (path, text) in &self.laid_over {
            if let Some(path) = flake.join(path) {
                tree.lay_over(path, text.clone());
            }
        }
        Some((tree, flake))
    }

    /// Whether there is anything to be read at all: most locks that are looked at in bulk have no
    /// flake beside them, and many machines no store.
    pub fn sees_anything(&self) -> bool {
        !self.stores.is_empty() || self.root_folder().is_some()
    }

    /// The folder of the lock, if there is a flake in it.
    fn root_folder(&self) -> Option<&Path> {
        self.root.as_deref().filter(|folder| folder.join("flake.nix").exists())
    }

    /// The flake beside the lock; `None` where there is no `flake.nix`.
    pub fn root(&self) -> Option<RootSource> {
        self.root_folder()?;
        let (tree, flake) = self.root_tree()?;
        let files = Files::new(tree, flake);
        let text = files.flake_text();
        let (text, declarations) = match text {
            Ok(text) => (text.to_string(), declarations(&text)),
            Err(problem) => {
                let message = problem.to_string();
                (String::new(), Err(Undeclared { message, span: None, is_refused: false }))
            }
        };
        Some(RootSource { files, text, declarations })
    }

    /// The files of a locked flake, where they are on disk.
    pub fn locked(&self, lock: &Lock<'_>, node: NodeId) -> Option<Files> {
        let locked = lock.locked(node)?;
        if !lock.node(node).flake {
            return None;
        }
        let (tree, flake) = if locked.kind() == "path" && locked.text("narHash").is_none() {
            self.by_path(lock, node, locked.text("path")?)?
        } else {
            match self.stores.find(locked) {
                Some(folder) => (Tree::open(&folder)?, flake_folder(locked)?),
                None if locked.kind() == "path" => {
                    self.by_path(lock, node, locked.text("path")?)?
                }
                None => return None,
            }
        };
        let file = flake.child("flake.nix")?;
        (tree.kind(&file) == Kind::File).then(|| Files::new(tree, flake))
    }

    /// A `path:` input: relative ones inside the root's tree, absolute ones as they are.
    fn by_path(&self, lock: &Lock<'_>, node: NodeId, path: &str) -> Option<(Tree, TreePath)> {
        if path.starts_with('/') {
            return Some((Tree::open(Path::new(path))?, TreePath::root()));
        }
        // Only those that start from the root: others start from a tree that may not be here.
        if lock.parent(node).is_some_and(|parent| !parent.is_empty()) {
            return None;
        }
        let (tree, flake) = self.root_tree()?;
        let path = flake.join(path)?;
        Some((tree, path))
    }
}

/// What the text of a `flake.nix` declares.
fn declarations(text: &str) -> Result<Declarations, Undeclared> {
    const MARK: &str = "\u{feff}";
    let refused = |message: &str, span| {
        Err(Undeclared { message: message.into(), span: Some(span), is_refused: true })
    };
    if text.starts_with(MARK) {
        let span = Span { start: 0, end: MARK.len() };
        return refused("it begins with a byte order mark, which is no Nix", span);
    }
    let (message, span, is_limit) = match syntax::tree(text) {
        Ok(tree) => match Declarations::read(&tree) {
            Ok(declarations) => return Ok(declarations),
            Err(Refused { message, span, is_limit }) => (message, span, is_limit),
        },
        Err(SyntaxError { message, span, is_limit }) => match merge_conflict(text) {
            Some(span) => return refused("an unresolved merge conflict begins here", span),
            None => (message, span, is_limit),
        },
    };
    Err(Undeclared { message, span: Some(span), is_refused: !is_limit && is_read_alike(text) })
}

/// Whether Nix's parser and the one that is used here see the same text: to Nix a lone carriage
/// return ends a comment, so what looks wrong behind it may be fine, and a NUL ends the file.
fn is_read_alike(text: &str) -> bool {
    !text.contains('\0') && !text.split("\r\n").any(|part| part.contains('\r'))
}

/// The tree of the flake beside a lock: the work tree that it is in, as Nix takes it, else its
/// folder; and where in it the flake is.
fn root_tree(folder: &Path) -> Option<(Tree, TreePath)> {
    let flake = Tree::open_flake(folder)?;
    let physical = flake.root().to_path_buf();
    let top = physical.ancestors().find(|folder| folder.join(".git").exists());
    match top {
        Some(top) if top != physical => {
            let below = physical.strip_prefix(top).ok()?.to_str()?.replace('\\', "/");
            // A linked flake.nix is only known to the tree of its own folder.
            if flake.links_out() {
                return Some((flake, TreePath::root()));
            }
            Some((Tree::open(top)?, TreePath::root().join(&below)?))
        }
        _ => Some((flake, TreePath::root())),
    }
}

/// Runs work on threads whose stacks are deep enough for evaluation, as many as there are cores;
/// results in the order of the items.
pub fn on_deep_stacks<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    if items.is_empty() {
        return Vec::new();
    }
    let cores = cores();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..cores.min(items.len()) {
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
            threads.extend(thread.ok());
        }
        // A panic belongs to the lock that is audited, and is caught there.
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many threads are worth while: the system is asked once, since it reads files to answer.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(text: &str) -> Option<bool> {
        declarations(text).err().map(|problem| problem.is_refused)
    }

    /// Each was given to Nix 2.34.8: what it takes is never said to be refused.
    #[test]
    fn nix_refuses_what_is_said_to_be_refused() {
        for text in [
            "{ outputs = _: { }; inputs = import ./i; }",
            "{ outputs = _: { }; inputs.a = \"github:a/b\"; }",
            "{ outputs = _: { }; inputs.a.follows = \"github:a/b\"; }",
            "{ outputs = _: { }; inputs.a.url = \"path:/x\" }",
            "{ outputs = _: { };\r\n inputs = x: x; }",
            "\u{feff}{ outputs = _: { }; }",
            "# nothing",
        ] {
            assert_eq!(is_refused(text), Some(true), "{text}");
        }
        for text in [
            "{ outputs = _: { }; inputs = rec { a.url = \"path:/x\"; b = a; }; }",
            "{ ${\"out\" + \"puts\"} = _: { }; }",
            "{ # a lone carriage return ends it\r outputs = _: { }; }",
            "{ outputs = _: { }; }\0",
        ] {
            assert_eq!(is_refused(text), Some(false), "{text}");
        }
        let deep = format!("{{ outputs = _: {}1{}; }}", "(".repeat(2_000), ")".repeat(2_000));
        assert_eq!(is_refused(&deep), Some(false));
    }

    #[test]
    fn a_merge_conflict_is_called_one() {
        let text = "{\n<<<<<<< HEAD\n  outputs = 1;\n=======\n  outputs = 2;\n>>>>>>> x\n}\n";
        let problem = declarations(text).unwrap_err();
        assert_eq!(problem.message, "an unresolved merge conflict begins here");
        assert_eq!(problem.span, Some(Span { start: 2, end: 14 }));
        // In a string it is text.
        let quoted = "{ outputs = _: ''\n<<<<<<< HEAD\n''; }";
        assert_eq!(declarations(quoted).map(|_| ()), Ok(()));
    }
}
