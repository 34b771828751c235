//! What was learned of the sources of a lock, for reuse by later audits.

use std::sync::Arc;

use flake_reading::Remembered;
use flake_reading::evaluate::Earlier;

/// Parsed files and finished evaluations, which are reused where they would be the same. Never
/// changes what is found.
#[derive(Debug, Default)]
pub struct SourceMemory {
    pub(super) files: Arc<Remembered>,
    /// Finished evaluations.
    pub evaluations: Earlier,
}

impl SourceMemory {
    /// Forgets what has not been used since the last call, because it belongs to an earlier state.
    pub fn forget_the_rest(&self) {
        self.files.forget_the_rest();
        self.evaluations.forget_the_rest();
    }
}
