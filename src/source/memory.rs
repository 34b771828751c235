//! What was learned of the sources of a lock, for reuse by later audits.

use std::sync::{Arc, Mutex, PoisonError};

use flake_reading::Remembered;
use flake_reading::evaluate::Earlier;

use super::declare::Declarations;
use super::syntax::File;

/// Parsed files and finished evaluations, which are reused where they would be the same. Never
/// changes what is found.
#[derive(Debug, Default)]
pub struct SourceMemory {
    pub(super) files: Arc<Remembered>,
    /// Finished evaluations.
    pub evaluations: Earlier,
    flakes: Mutex<Vec<ReadFlakeFile>>,
}

/// A `flake.nix` that was read.
#[derive(Debug, Clone)]
pub struct ReadFlakeFile {
    /// The parsed file.
    pub file: Arc<File>,
    /// What it declares.
    pub declared: Arc<Declarations>,
}

/// The texts of `flake.nix` that are kept: a repair reads the one on disk, and the edited one.
const MOST_FLAKES: usize = 2;

impl SourceMemory {
    /// The `flake.nix` with this text, if it was read lately.
    pub fn flake(&self, text: &str) -> Option<ReadFlakeFile> {
        let flakes = self.flakes.lock().unwrap_or_else(PoisonError::into_inner);
        flakes.iter().find(|known| &*known.file.text == text).cloned()
    }

    /// Keeps a `flake.nix`.
    pub fn keep_flake(&self, read: &ReadFlakeFile) {
        let mut flakes = self.flakes.lock().unwrap_or_else(PoisonError::into_inner);
        flakes.truncate(MOST_FLAKES - 1);
        flakes.insert(0, read.clone());
    }

    /// Forgets what has not been used since the last call, because it belongs to an earlier state.
    pub fn forget_the_rest(&self) {
        self.files.forget_the_rest();
        self.evaluations.forget_the_rest();
        self.flakes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
