//! Files that were loaded.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::collections::FastMap;
use super::facts::Place;
use super::settings_named::NamedSetting;
use super::value::{Code, FileId, Thunk, Value};
use super::world::FlakeId;
use crate::syntax::{File, Looked, Name};
use crate::{Span, TreePath};

/// The loaded files, by flake and path.
#[derive(Default)]
pub(super) struct Loaded {
    files: Vec<(Arc<File>, RefCell<Looked>)>,
    pub(super) ids: FastMap<(FlakeId, TreePath), Option<FileId>>,
    pub(super) values: FastMap<FileId, Thunk>,
    /// Files that were read as text, by flake and path.
    pub(super) texts: FastMap<(FlakeId, TreePath), Value>,
    /// GPU settings that files name.
    pub(super) settings_named: FastMap<FileId, Rc<[NamedSetting]>>,
    /// Where files name functions that give priorities to definitions.
    pub(super) priorities_named: FastMap<FileId, Rc<[Span]>>,
    /// Whether code of definitions names such functions.
    pub(super) has_priorities: FastMap<Code, bool>,
    /// Parsed data (JSON, TOML), by the function that parses it and its text.
    pub(super) data: FastMap<(&'static str, Name), Value>,
}

impl Loaded {
    pub(super) fn file(&self, id: FileId) -> Option<&Arc<File>> {
        self.files.get(id.index()).map(|(file, _)| file)
    }

    /// Adds a file.
    pub(super) fn add(&mut self, file: Arc<File>) -> FileId {
        let id = FileId::new(self.files.len());
        self.files.push((file, RefCell::default()));
        id
    }

    /// The file of an expression, which is marked as looked at.
    pub(super) fn look_at(&self, code: Code) -> Option<&Arc<File>> {
        let (file, looked) = self.files.get(code.file.index())?;
        looked.borrow_mut().add(code.expr);
        Some(file)
    }

    /// The same, marking everything in the expression.
    pub(super) fn look_into(&self, code: Code) -> Option<&Arc<File>> {
        let (file, looked) = self.files.get(code.file.index())?;
        looked.borrow_mut().add_within(file.span(code.expr));
        Some(file)
    }

    /// Marks everything at a place as looked at.
    pub(super) fn look_within(&self, place: Place) {
        if let Some((_, looked)) = self.files.get(place.file.index()) {
            looked.borrow_mut().add_within(place.span());
        }
    }

    /// All files, with what was looked at in each.
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
