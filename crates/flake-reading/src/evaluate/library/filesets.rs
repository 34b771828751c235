//! File sets: `lib.fileset`. One is represented by a list of the paths it consists of.
//!
//! Source: nixpkgs `lib/fileset/default.nix`.

use super::Args;
use crate::PathKind;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Function, Value, attr};
use crate::syntax::Name;

/// The files of a file set, as far as known.
#[derive(Default)]
struct FileSet {
    /// The paths, some of them conditional.
    paths: Vec<Value>,
    /// Whether there may be others.
    open: bool,
}

impl FileSet {
    fn holds(&self, path: &Value) -> bool {
        let same = |known: &Value| match (known, path.unconditional().0) {
            (Value::Path(f, a), Value::Path(g, b)) => f == g && a == b,
            _ => false,
        };
        self.paths.iter().any(same)
    }
}

impl Evaluator<'_> {
    pub(super) fn fileset_function(&mut self, name: &str, args: &mut Args) -> Value {
        match name {
            "empty" => Value::list(Vec::new(), false),
            // `hasExt` on a file that is passed to a filter, with the file's name before it.
            "hasExt" => {
                let (file, end) = (args.next(self), args.next(self));
                match (&file, &end) {
                    (Value::Text(file), Value::Text(end)) => {
                        Value::Bool(file.strip_suffix(&**end).is_some_and(|f| f.ends_with('.')))
                    }
                    _ => Value::condition(),
                }
            }
            "toSource" => {
                let arg = args.next(self);
                self.member(&arg, &Name::from("root"), None)
            }
            "union" => {
                let (a, b) = (args.thunk(self), args.thunk(self));
                self.fileset(&Value::list(vec![a, b], false))
            }
            "difference" | "intersection" => {
                let (a, b) = (args.next(self), args.next(self));
                let (mut left, right) = (self.files_in(&a), self.files_in(&b));
                let wants = name == "intersection";
                left.paths.retain(|path| right.holds(path) == wants || (wants && right.open));
                // The unknown files of the other set may include any of these.
                if right.open {
                    left.paths = left.paths.into_iter().map(Value::conditional).collect();
                }
                self.fileset_of(left)
            }
            "fileFilter" => {
                let (predicate, folder) = (args.next(self), args.next(self));
                let files = self.files_in(&folder);
                let mut kept = FileSet { open: files.open, ..FileSet::default() };
                for path in files.paths {
                    let file = match path.unconditional().0 {
                        Value::Path(_, path) => path.name().unwrap_or_default().to_owned(),
                        _ => continue,
                    };
                    let file = self.done(Value::text(file));
                    let has_ext = Function::Library(None, "fileset.hasExt".into());
                    let has_ext = self.done(Value::native(has_ext, vec![file]));
                    let kind = self.done(Value::text("regular"));
                    let attrs =
                        vec![attr("name", file), attr("type", kind), attr("hasExt", has_ext)];
                    let fits =
                        self.apply_to(&predicate, Value::set(attrs, None, false), args.place);
                    match fits.unconditional() {
                        (Value::Bool(false), false) => {}
                        (Value::Bool(true), false) => kept.paths.push(path),
                        _ => kept.paths.push(path.conditional()),
                    }
                }
                self.fileset_of(kept)
            }
            "gitTrackedWith" | "trace" => {
                let set = args.second(self);
                self.fileset(&set)
            }
            // `unions`, `toList`, `maybeMissing`, `gitTracked`, `fromSource`, `traceVal`
            _ => {
                let set = args.next(self);
                self.fileset(&set)
            }
        }
    }

    fn fileset(&mut self, set: &Value) -> Value {
        let files = self.files_in(set);
        self.fileset_of(files)
    }

    fn fileset_of(&mut self, files: FileSet) -> Value {
        let items = files.paths.into_iter().map(|path| self.done(path)).collect();
        Value::list(items, files.open)
    }

    /// The files of a file set: a file, all files in a folder, or those of several sets.
    fn files_in(&mut self, set: &Value) -> FileSet {
        let mut found = FileSet::default();
        let mut open = vec![(set.clone(), false)];
        while let Some((value, conditional)) = open.pop() {
            if !self.budget.step() {
                found.open = true;
                break;
            }
            let of = |path: Value| if conditional { path.conditional() } else { path };
            match value {
                Value::Path(flake, path) => match self.kind_of(flake, &path) {
                    PathKind::Folder => {
                        let files = self.files_below(flake, &path);
                        let files = files.iter().map(|file| of(Value::Path(flake, file.clone())));
                        found.paths.extend(files);
                    }
                    PathKind::Missing => {}
                    _ => found.paths.push(of(Value::Path(flake, path))),
                },
                Value::Itself(flake) => {
                    let folder = self.files(flake).map(|files| files.flake().clone());
                    open.extend(folder.map(|folder| (Value::Path(flake, folder), conditional)));
                }
                Value::List(list) => {
                    found.open |= list.open;
                    for item in list.items.iter().rev() {
                        let item = self.force_known(*item);
                        open.push((item, conditional));
                    }
                }
                Value::Conditional(inner) => open.push(((*inner).clone(), true)),
                Value::Either(all) | Value::Further(all) => {
                    open.extend(all.iter().rev().map(|one| (one.clone(), true)));
                }
                // `lib.fileset.empty`
                Value::Library(..) => {}
                _ => found.open = true,
            }
        }
        found
    }
}
