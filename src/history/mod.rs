//! A repository at another revision: read from Git's objects, without checking out.
//!
//! Only objects are read, neither the index nor the work tree, so no filter, hook or file monitor
//! of the repository runs; what a shallow or partial clone lacks is not fetched.

mod checkout;
mod merging;
mod objects;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;

pub use checkout::Checkout;
pub use merging::{Becomes, Conflicted, Driven, MergeError, Merging};

use crate::text::Visible;
use crate::verify::interrupts::Interrupts;
use crate::verify::{GitError, Patience, work_tree};

/// The most time that Git may take for one repository.
const LIMIT: Duration = Duration::from_secs(120);

/// Repositories at a revision, each read once in a run.
#[derive(Debug)]
pub struct History {
    revision: String,
    /// By the top of the work tree.
    read: Mutex<HashMap<PathBuf, ReadOnce>>,
}

type ReadOnce = Result<Arc<Checkout>, Arc<HistoryError>>;

/// Why the earlier state is not known.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// There is no repository.
    #[error("{} is in no Git work tree, so there is nothing to compare it with", Visible(&.0.to_string_lossy()))]
    NoRepository(PathBuf),
    /// Two revisions have no common commit in this repository.
    #[error("`{}` and `{}` have no commit in common here{advice}", Visible(.one), Visible(.other))]
    NoFork {
        /// The revision as given.
        one: String,
        /// The revision as given.
        other: String,
        /// How to get one.
        advice: &'static str,
    },
    /// The repository lacks the revision.
    #[error("`{}` is no revision of this repository{advice}", Visible(.revision))]
    NoRevision {
        /// The revision as given.
        revision: String,
        /// How to get it.
        advice: String,
    },
    /// The commit is there, but some of its contents are not.
    #[error(
        "this clone lacks files of `{}`: `git fetch --refetch --no-filter origin` brings them",
        Visible(.0)
    )]
    Partial(String),
    /// A limit is exceeded.
    #[error("what `{}` holds is too much to be compared: {what}", Visible(.revision))]
    TooMuch {
        /// The revision as given.
        revision: String,
        /// The limit.
        what: &'static str,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The files could not be written.
    #[error("cannot write what was there into the folder for temporary files: {0}")]
    Unwritten(#[from] std::io::Error),
}

impl History {
    /// For this revision, in any spelling that Git accepts.
    pub fn new(revision: &str) -> Self {
        Self { revision: revision.to_owned(), read: Mutex::default() }
    }

    /// For the commit at which two revisions of a folder's repository diverged.
    ///
    /// # Errors
    /// There is no repository, or it has none of the revisions or no such commit.
    pub fn of_fork(folder: &Path, one: &str, other: &str) -> Result<Self, HistoryError> {
        let folder = canonical(folder)?;
        let top = top_of(&folder)?;
        let patience = Patience::new(LIMIT, Interrupts::default());
        Ok(Self::new(&objects::fork(top, one, other, &patience)?))
    }

    /// The revision as given.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The repository that contains a folder, at the revision.
    ///
    /// # Errors
    /// There is none, or it has no such revision, or Git cannot read it.
    pub fn of(&self, folder: &Path) -> Result<Arc<Checkout>, Arc<HistoryError>> {
        let folder = canonical(folder)?;
        let top = top_of(&folder)?;
        // Concurrent callers wait for the first.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(top) {
            return known.clone();
        }
        let patience = Patience::new(LIMIT, Interrupts::default());
        let new = Checkout::read(top, &self.revision, &patience);
        let new = new.map(Arc::new).map_err(Arc::new);
        read.insert(top.to_path_buf(), new.clone());
        new
    }
}

fn canonical(folder: &Path) -> Result<PathBuf, HistoryError> {
    fs::canonicalize(folder).map_err(|_| HistoryError::NoRepository(folder.to_path_buf()))
}

fn top_of(folder: &Path) -> Result<&Path, HistoryError> {
    work_tree(folder).ok_or_else(|| HistoryError::NoRepository(folder.to_path_buf()))
}
