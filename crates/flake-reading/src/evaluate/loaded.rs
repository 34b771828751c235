//! Files that were loaded.

use std::rc::Rc;
use std::sync::Arc;

use super::collections::FastMap;
use super::settings_named::NamedSetting;
use super::value::{Code, FileId, Thunk, Value};
use super::world::FlakeId;
use crate::TreePath;
use crate::syntax::{File, Name};

/// Files by which flake and path they are.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) files: Vec<Arc<File>>,
    pub(super) ids: FastMap<(FlakeId, TreePath), Option<FileId>>,
    pub(super) values: FastMap<FileId, Thunk>,
    /// Files that are read as texts, by where they are.
    pub(super) texts: FastMap<(FlakeId, TreePath), Value>,
    /// GPU settings that functions name, by the functions.
    pub(super) settings_named: FastMap<Code, Rc<[NamedSetting]>>,
    /// What texts of data say, by the function that reads them.
    pub(super) data: FastMap<(&'static str, Name), Value>,
}

impl Loaded {
    pub(super) fn file(&self, id: FileId) -> Option<&Arc<File>> {
        self.files.get(id.0 as usize)
    }
}
