//! Looking inputs up by path.

use super::Graph;
use crate::lock::InputId;
use crate::text::nearest;

impl Graph<'_, '_> {
    /// The input at this path, with follows resolved on the way. `None` for the empty path.
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

    /// The path of the input that was probably meant by a path that leads nowhere: each unknown
    /// name is replaced by the nearest known one.
    pub fn nearest_input<'n>(&self, path: impl IntoIterator<Item = &'n str>) -> Option<String> {
        let mut at = Some(self.lock.root());
        let mut is_other = false;
        let mut meant = Vec::new();
        for name in path {
            let holder = at?;
            let input = self.lock.input_named(holder, name).or_else(|| {
                is_other = true;
                let names = self.inputs_of(holder).map(|input| self.lock.input(input).name);
                self.lock.input_named(holder, nearest(name, names)?)
            })?;
            meant.push(self.lock.input(input).name);
            at = self.end(input);
        }
        is_other.then(|| meant.join("/"))
    }
}
