//! Why files were not replaced.

use std::fmt;
use std::io;

use thiserror::Error;

use crate::load::Misplaced;
use crate::text::Visible;

/// Why files were not replaced, and which one is at fault.
#[derive(Debug, Error)]
pub struct WriteError {
    /// The file; empty if it is the folder.
    pub file: String,
    /// What is wrong with it.
    pub problem: WriteProblem,
    /// The files that already have their new content.
    pub written: Vec<String>,
    /// If there are such files, those that do not.
    pub left: Vec<String>,
}

/// What is wrong with a file.
#[derive(Debug, Error)]
pub enum WriteProblem {
    /// Its content is not, or no longer, what the caller read.
    #[error("somebody has changed it meanwhile")]
    Changed,
    /// It should be new, but exists with other content.
    #[error("it exists already")]
    Exists,
    /// It is a folder or a device.
    #[error("it is no regular file")]
    NotAFile,
    /// It is not in the flake's folder.
    #[error("{0}")]
    Misplaced(Misplaced),
    /// Two names lead to the same file.
    #[error("it is named twice")]
    Twice,
    /// Another run is replacing files in this folder.
    #[error("another flake-audit is writing here")]
    Busy,
    /// An error of the system.
    #[error("it cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl From<Misplaced> for WriteProblem {
    fn from(misplaced: Misplaced) -> Self {
        match misplaced {
            Misplaced::Io(error) => Self::Io(error),
            misplaced => Self::Misplaced(misplaced),
        }
    }
}

impl WriteError {
    pub(super) fn new(file: &str, problem: WriteProblem) -> Self {
        Self { file: file.to_owned(), problem, written: Vec::new(), left: Vec::new() }
    }

    /// With a prefix for the names of the flake's files, as seen from where the user is.
    pub fn below(self, above: &str) -> Self {
        let names =
            |names: Vec<String>| names.iter().map(|name| format!("{above}{name}")).collect();
        Self {
            file: format!("{above}{}", self.file),
            problem: self.problem,
            written: names(self.written),
            left: names(self.left),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}: ", Visible(&self.file))?;
        }
        write!(f, "{}; ", self.problem)?;
        if self.written.is_empty() {
            return f.write_str("nothing was written");
        }
        let verb = |names: &[String]| if names.len() == 1 { "was" } else { "were" };
        write!(
            f,
            "{} {} written, {} {} not: run the same command again",
            Visible(&self.written.join(", ")),
            verb(&self.written),
            Visible(&self.left.join(", ")),
            verb(&self.left)
        )
    }
}
