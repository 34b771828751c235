//! Files: what is imported, called or listed.

use super::Args;
use crate::source::Kind;
use crate::source::evaluate::facts::Place;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{SetAttr, Value};

impl Machine<'_> {
    /// `importApply file argument`
    pub(super) fn import_applied(&mut self, args: &mut Args, place: Place) -> Value {
        let (what, arg) = (args.next(), args.next());
        let function = self.import(&what, place);
        self.apply(&function, arg, place)
    }

    /// `callPackageWith scope file overrides`
    pub(super) fn call_package_with(&mut self, args: &mut Args, place: Place) -> Value {
        let (scope, file, given) = (args.next(), args.next(), args.next());
        let file = match &file {
            Value::Path(_) | Value::AnyPath(_) => self.import(&file, place),
            _ => file,
        };
        let all = self.update(scope, given);
        match &all {
            Value::Package(..) => self.call_file(&all, file, Value::outside(), place),
            _ => self.apply(&file, all, place),
        }
    }

    /// `listFilesRecursive folder`
    pub(super) fn files_below(&mut self, folder: &Value) -> Value {
        match folder.unconditional().0 {
            Value::Path(path) => {
                let files = self.files_in(path);
                let items = files.iter().map(|file| self.done(Value::Path(file.clone())));
                let items = items.collect::<Vec<_>>();
                Value::list(items, true)
            }
            _ => Value::outside(),
        }
    }

    /// `pathExists path`
    pub(super) fn path_exists(&mut self, path: &Value) -> Value {
        match path.unconditional().0 {
            Value::Path(_) if !self.look(1) => Value::condition(),
            Value::Path(path) => match self.files.tree().kind(path) {
                Kind::Missing => Value::condition(),
                Kind::File | Kind::Folder => Value::Bool(true),
            },
            _ => Value::condition(),
        }
    }

    /// `readDir folder`
    pub(super) fn read_dir(&mut self, path: &Value) -> Value {
        let Value::Path(path) = path.unconditional().0 else { return Value::outside() };
        let entries = self.folder(path);
        let attrs = entries.into_iter().map(|(name, kind)| {
            let kind = if kind == Kind::Folder { "directory" } else { "regular" };
            let thunk = self.done(Value::Text(kind.into()));
            SetAttr { name: name.into(), thunk, place: None, conditional: false }
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, false)
    }
}
