//! Reading files and folders: everything that looks at the disk.

use std::sync::Arc;

use super::evaluator::Evaluator;
use super::facts::{LiveFile, Unread};
use super::sight::At;
use super::value::{AnyPath, FileId, Thunk, Value};
use super::world::FlakeId;
use crate::{Files, PathKind, TreePath};

impl<'w> Evaluator<'w> {
    pub(super) fn files(&self, flake: FlakeId) -> Option<&'w Files> {
        self.world.flake(flake)?.files.as_ref()
    }

    pub(super) fn kind_of(&mut self, flake: FlakeId, path: &TreePath) -> PathKind {
        if !self.budget.look(1) {
            return PathKind::Missing;
        }
        let Some(files) = self.files(flake) else { return PathKind::Missing };
        let kind = files.tree().kind(path);
        self.sight.saw(flake, At::Kind, path, kind);
        kind
    }

    /// A path from a folder.
    pub(super) fn path_from(
        &self,
        flake: FlakeId,
        folder: &TreePath,
        text: &str,
    ) -> Option<TreePath> {
        self.files(flake)?.tree().join(folder, text)
    }

    /// The file that is read if this path is imported; `None` if that is too expensive.
    pub(super) fn stands_for(&mut self, flake: FlakeId, path: &TreePath) -> Option<TreePath> {
        if !self.budget.look(1) {
            return None;
        }
        let imported = self.files(flake)?.imported(path);
        self.sight.saw(flake, At::Imported, path, &imported);
        imported
    }

    /// The value of an imported file; unknown if there is none.
    pub(super) fn imported(&mut self, flake: FlakeId, path: &TreePath) -> Value {
        match self.load(flake, path) {
            Some(file) => {
                let thunk = self.file_value(file);
                self.force(thunk)
            }
            None => Value::outside(),
        }
    }

    /// Loads the file that a path stands for, and counts it as reached.
    pub(super) fn load(&mut self, flake: FlakeId, path: &TreePath) -> Option<FileId> {
        let path = self.stands_for(flake, path)?;
        let key = (flake, path);
        if let Some(known) = self.loaded.ids.get(&key) {
            return *known;
        }
        let loaded = self.parse(flake, &key.1);
        self.loaded.ids.insert(key, loaded);
        loaded
    }

    /// Parses a file, if that is not too expensive.
    fn parse(&mut self, flake: FlakeId, path: &TreePath) -> Option<FileId> {
        let length = self.files(flake)?.length(path);
        let goes_on = self.budget.meter.text(length);
        if !goes_on {
            // The file itself is too expensive, not the code that names it.
            self.budget.cut_short = true;
            self.recorder.too_much(flake);
            return None;
        }
        let parsed = self.files(flake)?.get(path);
        match parsed {
            Ok(file) => {
                // Only this file is left out: there is still room for others.
                if !self.budget.meter.parsed(file.weight(), length) {
                    self.budget.cut_short = true;
                    self.recorder.too_much(flake);
                    return None;
                }
                let (path, text) = (path.clone(), file.text.clone());
                let id = self.loaded.add(file);
                self.recorder.reading.files.push(LiveFile { flake, path, text });
                self.recorder.facts(flake).is_read = true;
                Some(id)
            }
            Err(problem) => {
                self.sight.broken(flake, path, &problem);
                let (reason, span) = problem;
                // JSON and similar files are not read as code.
                if path.as_str().ends_with(".nix") {
                    self.recorder.unread(Unread { flake, path: path.clone(), reason, span });
                }
                None
            }
        }
    }

    fn file_value(&mut self, file: FileId) -> Thunk {
        if let Some(thunk) = self.loaded.values.get(&file) {
            return *thunk;
        }
        let root = self.loaded.file(file).map(|file| file.root());
        let thunk = match root {
            Some(root) => self.code_thunk(file, root, self.top()),
            None => self.done(Value::outside()),
        };
        self.loaded.values.insert(file, thunk);
        thunk
    }

    /// The folder of a file.
    pub(super) fn folder_of(&self, file: FileId) -> Option<(FlakeId, TreePath)> {
        let file = self.recorder.reading.file(file)?;
        Some((file.flake, file.path.parent()?))
    }

    /// The entries of a folder: names and kinds.
    pub(super) fn entries(&mut self, flake: FlakeId, path: &TreePath) -> Vec<(String, PathKind)> {
        let goes_on = self.budget.meter.goes_on();
        if !self.budget.within(goes_on) {
            return Vec::new();
        }
        let Some(files) = self.files(flake) else { return Vec::new() };
        let (entries, all) = files.tree().entries(path);
        self.sight.saw(flake, At::Entries, path, (&entries, all));
        // Each name is looked at, and takes memory as an attribute and usually in a list too.
        self.budget.look(1 + 3 * entries.len());
        self.budget.within(all);
        entries
    }

    /// The files in a folder and below it.
    pub(super) fn files_below(&mut self, flake: FlakeId, folder: &TreePath) -> Arc<[TreePath]> {
        let goes_on = self.budget.meter.goes_on();
        if !self.budget.within(goes_on) {
            return Arc::default();
        }
        let Some(files) = self.files(flake) else { return Arc::default() };
        let search = files.tree().files_below(folder);
        self.sight.saw(flake, At::FilesBelow, folder, &search);
        self.budget.look(search.looked_at);
        self.budget.within(!search.cut_short);
        search.files
    }

    /// The paths that a partly unknown path may stand for: of Nix files, and of folders with one. Unread
    /// code that gets a path of the whole source hardly imports its `LICENSE`.
    pub(super) fn candidates(&mut self, any: &AnyPath) -> Vec<TreePath> {
        let entries = self.entries(any.flake, &any.folder).into_iter();
        let (end, rest) = match any.suffix.split_once('/') {
            Some((end, rest)) => (end, Some(rest)),
            None => (&*any.suffix, None),
        };
        let fitting = entries.filter(|(name, _)| {
            name.len() >= any.prefix.len() + end.len()
                && name.starts_with(&*any.prefix)
                && name.ends_with(end)
        });
        let paths = fitting.filter_map(|(name, _)| {
            let path = any.folder.child(&name)?;
            match rest {
                Some(rest) => self.path_from(any.flake, &path, rest),
                None => Some(path),
            }
        });
        let paths: Vec<TreePath> = paths.collect();
        if !self.budget.look(paths.len()) {
            return Vec::new();
        }
        let Some(files) = self.files(any.flake) else { return Vec::new() };
        let mut is_there = |path: &TreePath| {
            let imported = files.imported(path);
            self.sight.saw(any.flake, At::Imported, path, &imported);
            imported.is_some_and(|file| file.as_str().ends_with(".nix"))
        };
        paths.into_iter().filter(|path| is_there(path)).collect()
    }
}
