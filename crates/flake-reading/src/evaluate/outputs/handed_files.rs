//! Files and folders that are passed to code that is not read: modules, and folders of modules.

use super::contexts::{Handed, Within};
use super::pending::Pending;
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::modules::ModuleKind;
use crate::evaluate::value::{SetAttr, Value};
use crate::evaluate::world::FlakeId;
use crate::{PathKind, TreePath};

impl Evaluator<'_> {
    /// Examines files and folders that were passed to unread code: modules, and folders of them.
    pub(super) fn look_at_files(&mut self, walk: &mut OutputWalk, value: Value, within: &Within) {
        match value {
            // The flake's own folder contains everything, which is not meant.
            Value::Path(flake, path)
                if self.files(flake).is_some_and(|files| *files.flake() == path) => {}
            Value::Path(flake, path) => match self.stands_for(flake, &path) {
                Some(file) if file.as_str().ends_with(".nix") => {
                    if walk.is_new_file(flake, &file) {
                        let file = Value::Path(flake, file);
                        match self.package_in(&file) {
                            Some(package) => walk.push(Pending::Value(package), within.clone()),
                            None => {
                                self.look_at_module(walk, file, within);
                            }
                        }
                    }
                }
                Some(_) => {}
                None => walk.keep_folder(Value::Path(flake, path), within),
            },
            Value::AnyPath(any) => {
                for path in self.candidates(&any) {
                    let within = Within { conditional: true, ..within.clone() };
                    self.look_at_files(walk, Value::Path(any.flake, path), &within);
                }
            }
            _ => {}
        }
    }

    /// Whether an argument or option is a source: a path without modules.
    pub(super) fn is_source(&mut self, attr: &SetAttr, within: &Within) -> bool {
        let of_a_project = matches!(
            &*attr.name,
            "workspaceRoot"
                | "projectDir"
                | "projectRoot"
                | "projectRootFile"
                | "lockFile"
                | "cargoLock"
        );
        let of_anything =
            matches!(&*attr.name, "src" | "source" | "root" | "rootDir" | "path" | "dir");
        if !(of_a_project || of_anything) {
            return false;
        }
        let may_be_modules = of_anything
            && match within.handed {
                // There are no hosts for each system.
                Some(Handed::ByOption(of)) => self.kind_of_class(of) != Some(ModuleKind::PerSystem),
                _ => true,
            };
        match self.force_known(attr.thunk) {
            // A module, or a folder of them, and not of a flake: that holds everything.
            Value::Path(flake, path) if may_be_modules => match self.kind_of(flake, &path) {
                PathKind::Folder => self.holds_flake(flake, &path),
                _ => !path.names().last().is_some_and(|name| name.ends_with(".nix")),
            },
            Value::Path(..) | Value::AnyPath(_) => true,
            _ => false,
        }
    }

    /// Whether a folder has a flake in it, or is around this one.
    fn holds_flake(&mut self, flake: FlakeId, folder: &TreePath) -> bool {
        let is_around = |of: &TreePath| folder.names().eq(of.names().take(folder.names().count()));
        self.files(flake).is_some_and(|files| is_around(files.flake()))
            || folder
                .child("flake.nix")
                .is_some_and(|file| self.kind_of(flake, &file) != PathKind::Missing)
    }

    /// The value of a file that is a function for `callPackage` and not a module: code that gets a
    /// folder may make packages of its files.
    fn package_in(&mut self, file: &Value) -> Option<Value> {
        let function = self.import(file, None);
        let Value::Function(code, _) = &function else { return None };
        self.takes_packages(*code).then_some(function)
    }

    /// Examines folders of modules that were passed to the same unread code. Which files belong to
    /// which host is not known: they are examined as modules of one host, which may import each.
    pub(super) fn look_at_folders(
        &mut self,
        walk: &mut OutputWalk,
        folders: Vec<Value>,
        within: &Within,
    ) {
        /// The most files of a folder.
        const MOST: usize = 500;
        let mut modules = Vec::new();
        for folder in folders {
            let Value::Path(flake, path) = folder else { continue };
            let files = self.files_below(flake, &path);
            self.budget.within(files.len() <= MOST);
            for file in files.iter().take(MOST) {
                let is_nix = file.as_str().ends_with(".nix");
                let is_module = is_nix && file.name() != Some("flake.nix");
                if is_module && walk.is_new_file(flake, file) {
                    let file = Value::Path(flake, file.clone());
                    match self.package_in(&file) {
                        // Code that gets a folder of packages makes each of them.
                        Some(package) => walk.push(Pending::Value(package), within.clone()),
                        None => modules.push(self.done(file.conditional())),
                    }
                }
            }
        }
        if !modules.is_empty() {
            self.look_at_module(walk, Value::list(modules, true), within);
        }
    }
}
