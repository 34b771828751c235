//! Files that were loaded.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::collections::FastMap;
use super::facts::Place;
use super::settings_named::NamedSetting;
use super::value::{Code, FileId, Thunk, Value};
use super::world::FlakeId;
use crate::TreePath;
use crate::syntax::{File, Looked, Name};

/// Files by which flake and path they are.
#[derive(Default)]
pub(super) struct Loaded {
    files: Vec<(Arc<File>, RefCell<Looked>)>,
    pub(super) ids: FastMap<(FlakeId, TreePath), Option<FileId>>,
    pub(super) values: FastMap<FileId, Thunk>,
    /// Files that are read as texts, by where they are.
    pub(super) texts: FastMap<(FlakeId, TreePath), Value>,
    /// GPU settings that files name.
    pub(super) settings_named: FastMap<FileId, Rc<[NamedSetting]>>,
    /// What texts of data say, by the function that reads them.
    pub(super) data: FastMap<(&'static str, Name), Value>,
}

impl Loaded {
    pub(super) fn file(&self, id: FileId) -> Option<&Arc<File>> {
        self.files.get(id.index()).map(|(file, _)| file)
    }

    /// One more.
    pub(super) fn add(&mut self, file: Arc<File>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push((file, RefCell::default()));
        id
    }

    /// The file of an expression that is looked at.
    pub(super) fn look_at(&self, code: Code) -> Option<&Arc<File>> {
        let (file, looked) = self.files.get(code.file.index())?;
        looked.borrow_mut().add(code.expr);
        Some(file)
    }

    /// The same, with all that is in it.
    pub(super) fn look_into(&self, code: Code) -> Option<&Arc<File>> {
        let (file, looked) = self.files.get(code.file.index())?;
        looked.borrow_mut().add_within(file.span(code.expr));
        Some(file)
    }

    /// All that stands at a place is looked at.
    pub(super) fn look_within(&self, place: Place) {
        if let Some((_, looked)) = self.files.get(place.file.index()) {
            looked.borrow_mut().add_within(place.span);
        }
    }

    /// All of them, with what was looked at.
    pub(super) fn take_files(&mut self) -> Vec<(Arc<File>, Looked)> {
        let files = std::mem::take(&mut self.files).into_iter();
        files
            .map(|(file, looked)| {
                let mut looked = looked.into_inner();
                looked.settle(&file);
                (file, looked)
            })
            .collect()
    }
}
