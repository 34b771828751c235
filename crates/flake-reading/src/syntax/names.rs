//! The names of a file, each once in memory.

use std::collections::HashSet;

use super::expr::Name;

/// The names so far.
#[derive(Default)]
pub(super) struct Names(HashSet<Name, foldhash::fast::RandomState>);

impl Names {
    /// The shared name for a text.
    pub(super) fn get(&mut self, text: &str) -> Name {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let name = Name::from(text);
        self.0.insert(name.clone());
        name
    }
}
