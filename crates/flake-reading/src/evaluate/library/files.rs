//! Files: what is imported, called or listed.

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;
use crate::{PathKind, TreePath};

impl Evaluator<'_> {
    pub(super) fn file_function(&mut self, name: &str, args: &mut Args) -> Value {
        let place = args.place;
        match name {
            "importApply" => {
                let what = args.next(self);
                let function = self.import(&what, place);
                let arg = args.thunk(self);
                self.apply(&function, arg, place)
            }
            "callPackageWith" | "callPackagesWith" => self.call_package_with(args),
            "append" => {
                let (path, text) = (args.next(self), args.next(self));
                let text = match text.unconditional().0 {
                    Value::Text(text) => Value::text(format!("/{text}")),
                    other => other.clone(),
                };
                self.add(path, text, place)
            }
            "readDir" => {
                let folder = args.next(self);
                self.read_dir(&folder)
            }
            "listFilesRecursive" => {
                let folder = args.next(self);
                match folder.unconditional().0 {
                    Value::Path(flake, path) => {
                        let files = self.files_below(*flake, path);
                        let items =
                            files.iter().map(|file| self.done(Value::Path(*flake, file.clone())));
                        let items = items.collect();
                        Value::list(items, true)
                    }
                    _ => Value::outside(),
                }
            }
            "pathExists" | "pathIsDirectory" | "pathIsRegularFile" | "pathType"
            | "readFileType" => {
                let path = args.next(self);
                let Value::Path(flake, path) = path.unconditional().0 else {
                    return Value::condition();
                };
                match (name, self.kind_of(*flake, path)) {
                    // Nobody looked: there was too much.
                    (_, PathKind::Missing) if !self.budget.meter.goes_on() => Value::condition(),
                    ("pathExists", kind) => Value::Bool(kind != PathKind::Missing),
                    ("pathIsDirectory", kind) => Value::Bool(kind == PathKind::Folder),
                    ("pathIsRegularFile", kind) => Value::Bool(kind == PathKind::File),
                    (_, PathKind::Folder) => Value::text("directory"),
                    (_, PathKind::File) => Value::text("regular"),
                    _ => Value::condition(),
                }
            }
            "packagesFromDirectoryRecursive" => {
                let arg = args.next(self);
                let call = self.member(&arg, &Name::from("callPackage"), None);
                let folder = self.member(&arg, &Name::from("directory"), None);
                match self.resolve(folder) {
                    Value::Path(flake, path) => self.packages_in(flake, &path, &call, 0),
                    _ => Value::outside(),
                }
            }
            "cleanSource" | "sourceByRegex" | "sourceFilesBySuffices" | "sourceByGlobs" => {
                args.next(self)
            }
            "filterSource" => args.second(self),
            "cleanSourceWith" | "path" => {
                let arg = args.next(self);
                match &arg {
                    Value::Path(..) => arg,
                    _ => {
                        let name = if name == "path" { "path" } else { "src" };
                        self.member(&arg, &Name::from(name), None)
                    }
                }
            }
            _ => Value::condition(),
        }
    }

    /// `callPackageWith scope file overrides`
    fn call_package_with(&mut self, args: &mut Args) -> Value {
        let scope = args.next(self);
        let file = args.thunk(self);
        let given = args.thunk(self);
        match self.instance_of(&scope) {
            Some(instance) if matches!(scope, Value::Package(..)) => {
                self.call_package_file(instance, &[].into(), None, &[file, given], args.place)
            }
            _ => {
                let file = self.force_known(file);
                let file = match &file {
                    Value::Path(..) | Value::AnyPath(_) => self.import(&file, args.place),
                    _ => file,
                };
                let given = self.force_known(given);
                let all = self.update(scope, given);
                self.apply_to(&file, all, args.place)
            }
        }
    }

    /// Whether what is fetched may be nixpkgs, by the texts that say where it is.
    pub(super) fn may_be_nixpkgs(&mut self, given: &Value) -> bool {
        let mut texts = match given.unconditional().0 {
            Value::Text(text) => vec![Some(text.clone())],
            Value::Set(set) => {
                let told = ["url", "owner", "repo", "name", "id"];
                let told = told.iter().filter_map(|name| set.get(name)).map(|attr| attr.thunk);
                let told: Vec<_> = told.collect();
                let text = |value: Value| match value.unconditional().0 {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                };
                told.into_iter().map(|thunk| text(self.force_known(thunk))).collect()
            }
            _ => return true,
        };
        let is_unknown = texts.is_empty() || texts.contains(&None);
        let names = |text: Name| {
            let text = text.to_lowercase();
            ["nixpkgs", "nixos.org", "nixexprs"].iter().any(|name| text.contains(name))
        };
        is_unknown || texts.drain(..).flatten().any(names)
    }

    /// `readDir folder`
    fn read_dir(&mut self, path: &Value) -> Value {
        let Value::Path(flake, path) = path.unconditional().0 else { return Value::outside() };
        let entries = self.entries(*flake, path);
        let attrs = entries.into_iter().map(|(name, kind)| {
            let kind = if kind == PathKind::Folder { "directory" } else { "regular" };
            let thunk = self.done(Value::text(kind));
            attr(name, thunk)
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, false)
    }

    /// Files of a folder called with packages: a set like the folder.
    fn packages_in(
        &mut self,
        flake: crate::evaluate::world::FlakeId,
        folder: &TreePath,
        call: &Value,
        depth: u32,
    ) -> Value {
        /// Folders in folders.
        const DEEPEST: u32 = 8;
        let mut attrs = Vec::new();
        for (name, kind) in self.entries(flake, folder) {
            let Some(path) = folder.child(&name).filter(|_| depth < DEEPEST) else { continue };
            let file = match (kind, name.strip_suffix(".nix")) {
                (PathKind::File, Some(short)) => Some((short.to_owned(), path.clone())),
                (PathKind::Folder, _) => {
                    let package = path.child("package.nix");
                    let package =
                        package.filter(|file| self.kind_of(flake, file) == PathKind::File);
                    package.map(|file| (name.clone(), file))
                }
                _ => None,
            };
            let thunk = match (file, kind) {
                (Some((_, file)), _) => {
                    let file = self.done(Value::Path(flake, file));
                    let nothing = self.done(Value::no_attrs());
                    self.call_thunk(call, vec![file, nothing])
                }
                (None, PathKind::Folder) => {
                    let inner = self.packages_in(flake, &path, call, depth + 1);
                    self.done(inner)
                }
                (None, _) => continue,
            };
            attrs.push(attr(name.strip_suffix(".nix").unwrap_or(&name), thunk));
        }
        Value::set(attrs, None, false)
    }
}
