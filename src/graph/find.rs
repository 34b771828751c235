//! Looking inputs up by path.

use super::Graph;
use crate::lock::InputId;

impl Graph<'_, '_> {
    /// The input with this path, follows resolved on the way. `None` for the empty path.
    pub fn find_input<'n>(&self, path: impl IntoIterator<Item = &'n str>) -> Option<InputId> {
        let mut found = None;
        for name in path {
            let at = match found {
                None => self.lock.root(),
                Some(input) => self.end(input)?,
            };
            found = Some(self.lock.input_named(at, name)?);
        }
        found
    }
}
