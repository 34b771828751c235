//! What was learned of the sources of a lock, for whoever looks at them again.

use std::sync::Arc;

use flake_reading::Remembered;
use flake_reading::evaluate::Earlier;

/// Files that were parsed and evaluations that were done, which are taken again where they would be
/// the same. Whatever it holds, what is found is what would be found without it.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) files: Arc<Remembered>,
    /// Evaluations that were done.
    pub evaluations: Earlier,
}

impl Memory {
    /// Forgets what nobody has asked for since this was done last: all that is of an earlier state.
    pub fn forget_the_rest(&self) {
        self.files.forget_the_rest();
        self.evaluations.forget_the_rest();
    }
}
