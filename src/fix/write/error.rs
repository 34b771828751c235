//! Why files were not replaced.

use std::fmt;
use std::io;
use std::path::Path;

use thiserror::Error;

use crate::text::Visible;

/// Why files were not replaced, and which one is to blame.
#[derive(Debug, Error)]
pub struct WriteError {
    /// The file, or the folder.
    pub file: String,
    /// What is wrong with it.
    pub problem: Problem,
    /// Whether something lies about that [`mend`](super::mend) completes or takes back; else all
    /// files are as before.
    pub left: bool,
}

/// What is wrong with a file.
#[derive(Debug, Error)]
pub enum Problem {
    /// It does not hold, or no longer, what the caller read.
    #[error("somebody has changed it meanwhile")]
    Changed,
    /// It was to be new.
    #[error("it exists already")]
    Exists,
    /// A folder, a device.
    #[error("it is no regular file")]
    NotAFile,
    /// A symlink to nothing.
    #[error("it is a symlink that leads nowhere")]
    Dangling,
    /// Two names lead to one file.
    #[error("it is named twice")]
    Twice,
    /// Another run replaces files of this folder.
    #[error("another flake-audit is writing here")]
    Busy,
    /// What the system says.
    #[error("it cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = if self.left {
            "half of the work is left for the next run"
        } else {
            "nothing was written"
        };
        write!(f, "{}: {}; {left}", Visible(&self.file), self.problem)
    }
}

impl WriteError {
    pub(super) fn new(file: impl Into<String>, problem: impl Into<Problem>) -> Self {
        Self { file: file.into(), problem: problem.into(), left: false }
    }
}

/// Says which file an error is about.
pub(super) fn about<T, E: Into<Problem>>(
    path: &Path,
    result: Result<T, E>,
) -> Result<T, WriteError> {
    result.map_err(|problem| WriteError::new(path.to_string_lossy(), problem))
}
