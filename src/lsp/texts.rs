//! Texts of files in lines, for finding places in them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::positions::{Encoding, Lines};
use crate::bounded;
use crate::text::OpenFiles;

/// Longer files are not read for this.
const LONGEST: u64 = 64 << 20;

/// Texts from the editor, else from disk, each read once.
#[derive(Debug)]
pub(super) struct Texts {
    open: OpenFiles,
    encoding: Encoding,
    known: RefCell<BTreeMap<PathBuf, Option<Rc<Lines>>>>,
}

impl Texts {
    pub(super) fn new(open: OpenFiles, encoding: Encoding) -> Self {
        Self { open, encoding, known: RefCell::default() }
    }

    /// The text of a file; `None` if it cannot be read.
    pub(super) fn get(&self, path: &Path) -> Option<Rc<Lines>> {
        let mut known = self.known.borrow_mut();
        if let Some(lines) = known.get(path) {
            return lines.clone();
        }
        let text = self.open.get(path).cloned().or_else(|| {
            let mut bytes = Vec::new();
            bounded::read(path, LONGEST, &mut bytes).ok()?;
            Some(String::from_utf8(bytes).ok()?.into())
        });
        let lines = text.map(|text| Rc::new(Lines::new(text, self.encoding)));
        known.insert(path.to_path_buf(), lines.clone());
        lines
    }
}
