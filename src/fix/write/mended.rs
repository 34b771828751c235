//! What became of an interrupted run.

use std::fmt;

use crate::source::TreePath;
use crate::text::Visible;

/// What became of an interrupted run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mended {
    /// It had replaced no file, and now never will.
    NothingDone,
    /// It had replaced all files.
    AllDone,
    /// It had replaced some files. Now these are replaced too.
    Completed(Vec<TreePath>),
    /// It had replaced some files, and cannot be completed. All files stay as they are.
    Abandoned {
        /// Files that it had replaced.
        replaced: Vec<TreePath>,
        /// Files that it had not, or that somebody changed since.
        others: Vec<TreePath>,
    },
    /// What looks like a journal is none of ours. Nothing that it says was done.
    Ignored {
        /// The name of the file.
        journal: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for Mended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingDone => {
                f.write_str("an interrupted run had changed no file; it is tidied up")
            }
            Self::AllDone => {
                f.write_str("an interrupted run had changed all files; it is tidied up")
            }
            Self::Completed(files) => {
                write!(f, "an interrupted run is completed: {} replaced", Names(files))
            }
            Self::Abandoned { replaced, others } => write!(
                f,
                "an interrupted run had changed {} but not {}, and cannot be completed, because \
                 files were changed since; they stay as they are",
                Names(replaced),
                Names(others)
            ),
            Self::Ignored { journal, reason } => {
                write!(f, "{} is ignored: {}", Visible(journal), Visible(reason))
            }
        }
    }
}

struct Names<'a>(&'a [TreePath]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, Visible(name.as_str()))?;
        }
        Ok(())
    }
}
