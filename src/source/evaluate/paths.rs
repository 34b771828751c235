//! Strings and paths, and what they lead to.

use std::rc::Rc;
use std::sync::Arc;

use super::facts::{Place, Use};
use super::machine::Machine;
use super::value::{AnyPath, Base, Code, FileId, Scope, Thunk, Value};
use super::visit::Giver;
use crate::source::syntax::{Name, Part};
use crate::source::{Kind, TreePath};

/// Bytes of a text that was put together.
const LONGEST_TEXT: usize = 65_536;
/// Files that a path of which a part is not known may stand for.
const MOST_FILES: usize = 256;

impl Machine<'_> {
    /// A string: text, or a source with a path in it.
    pub(super) fn text(
        &mut self,
        parts: &[Part],
        file: FileId,
        scope: Scope,
        place: Place,
    ) -> Value {
        let mut text = String::new();
        let mut source: Option<Value> = None;
        let mut known = true;
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Interpolated(expr) => {
                    let value = self.expression(Code { file, expr: *expr }, scope);
                    let value = self.resolve(value);
                    match value.unconditional().0 {
                        Value::Text(inner) if text.len() + inner.len() > LONGEST_TEXT => {
                            known = false
                        }
                        Value::Text(inner) => text.push_str(inner),
                        Value::Input(input, path, _) if path.is_empty() && at == 0 => {
                            source = Some(Value::Source(Base::Input(*input), "".into(), place));
                        }
                        Value::Source(..) | Value::Path(_) | Value::AnyPath(_) if at == 0 => {
                            source = Some(value.unconditional().0.clone());
                        }
                        Value::Itself if at == 0 => {
                            source = Some(Value::Path(self.files.flake().clone()));
                        }
                        other => {
                            let other = other.clone();
                            self.visit(other, Giver::Nobody);
                            known = false;
                        }
                    }
                }
            }
        }
        match source {
            Some(source) if known && text.is_empty() => source,
            Some(source) if known && text.starts_with('/') => self.below(source, &text),
            Some(source) => {
                self.visit(source, Giver::Nobody);
                Value::outside()
            }
            None if known => Value::Text(text.into()),
            None => Value::condition(),
        }
    }

    /// A path below a source or path.
    fn below(&mut self, source: Value, text: &str) -> Value {
        match source {
            Value::Source(base, path, place) => {
                Value::Source(base, format!("{path}{text}").into(), place)
            }
            Value::Path(path) => {
                let below = self.files.tree().join(&path, text.trim_start_matches('/'));
                below.map_or_else(Value::outside, Value::Path)
            }
            _ => Value::outside(),
        }
    }

    /// `lib.path.append path text`
    pub(super) fn appended(&mut self, path: Value, text: Value, place: Place) -> Value {
        match text.unconditional().0 {
            Value::Text(text) => {
                let text = Value::Text(format!("/{text}").into());
                self.add(path, text, place)
            }
            _ => self.add(path, text, place),
        }
    }

    /// `left + right`
    pub(super) fn add(&mut self, left: Value, right: Value, place: Place) -> Value {
        // `self + /modules/x.nix`: a path behind a path is one in it.
        let right = match right {
            Value::Source(Base::Other, path, _) if path.starts_with('/') => Value::Text(path),
            right => right,
        };
        match (left.unconditional().0, right.unconditional().0) {
            (Value::Text(a), Value::Text(b)) if a.len() + b.len() > LONGEST_TEXT => {
                Value::condition()
            }
            (Value::Text(a), Value::Text(b)) => Value::Text(format!("{a}{b}").into()),
            (source @ (Value::Path(_) | Value::Source(..)), Value::Text(text)) => {
                let source = source.clone();
                let text = text.clone();
                self.below(source, &text)
            }
            (Value::Path(folder), Value::Unknown(_)) => Value::AnyPath(Rc::new(AnyPath {
                folder: folder.clone(),
                prefix: "".into(),
                suffix: "".into(),
            })),
            (Value::Input(input, path, _), Value::Text(text)) if path.is_empty() => {
                Value::Source(Base::Input(*input), text.clone(), place)
            }
            (Value::Itself, Value::Text(text)) => {
                let flake = Value::Path(self.files.flake().clone());
                let text = text.clone();
                self.below(flake, &text)
            }
            (Value::Number, Value::Number) => Value::Number,
            _ => {
                self.visit(left, Giver::Nobody);
                self.visit(right, Giver::Nobody);
                Value::outside()
            }
        }
    }

    /// A path literal.
    pub(super) fn path(&mut self, parts: &[Part], file: FileId, scope: Scope) -> Value {
        let Some(folder) = self.folder_of(file) else { return Value::outside() };
        // The texts that it may be, each with what follows the first unknown part.
        let mut texts: Vec<(String, Option<String>)> = vec![(String::new(), None)];
        for part in parts {
            let fitting: Vec<Option<Name>> = match part {
                Part::Text(text) => vec![Some(text.clone())],
                Part::Interpolated(expr) => {
                    let value = self.expression(Code { file, expr: *expr }, scope);
                    alternatives(&self.resolve(value))
                }
            };
            if texts.len() * fitting.len() > MOST_FILES {
                return Value::outside();
            }
            let extended = texts.iter().flat_map(|(before, after)| {
                fitting.iter().map(move |text| {
                    let (mut before, mut after) = (before.clone(), after.clone());
                    match (text, &mut after) {
                        (Some(text), None) => before.push_str(text),
                        (Some(text), Some(after)) => after.push_str(text),
                        (None, after) => *after = Some(String::new()),
                    }
                    (before, after)
                })
            });
            texts = extended.collect();
        }
        let single = texts.len() == 1;
        let paths = texts.into_iter().filter_map(|(before, after)| {
            let path = self.path_of(&folder, &before, after)?;
            // Of several, those that are there.
            match &path {
                Value::Path(path) if !single => self.files.imported(path)?,
                _ => return Some(path),
            };
            Some(path)
        });
        let paths: Vec<Value> = paths.collect();
        if paths.is_empty() { Value::outside() } else { Value::either(paths) }
    }

    fn path_of(&self, folder: &TreePath, before: &str, after: Option<String>) -> Option<Value> {
        let tree = self.files.tree();
        let Some(after) = after else { return tree.join(folder, before).map(Value::Path) };
        let (upper, prefix) = before.rsplit_once('/').unwrap_or((".", before));
        let folder = tree.join(folder, upper)?;
        let any = AnyPath { folder, prefix: prefix.into(), suffix: after.into() };
        Some(Value::AnyPath(Rc::new(any)))
    }

    fn folder_of(&self, file: FileId) -> Option<TreePath> {
        self.facts.files.get(file.0 as usize)?.path.parent()
    }

    /// The paths that a path of which a part is not known may stand for.
    pub(super) fn candidates(&mut self, any: &AnyPath) -> Vec<TreePath> {
        let entries = self.folder(&any.folder).into_iter();
        let tree = self.files.tree();
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
                Some(rest) => tree.join(&path, rest),
                None => Some(path),
            }
        });
        let paths: Vec<TreePath> = paths.collect();
        if !self.look(paths.len()) {
            return Vec::new();
        }
        paths.into_iter().filter(|path| self.files.imported(path).is_some()).collect()
    }

    /// The value of an imported file; unknown where there is none.
    pub(super) fn imported(&mut self, path: &TreePath) -> Value {
        match self.load(path) {
            Some(file) => {
                let thunk = self.file_value(file);
                self.force(thunk)
            }
            None => Value::outside(),
        }
    }

    /// Loads the file that a path stands for; it is live from now on.
    pub(super) fn load(&mut self, path: &TreePath) -> Option<FileId> {
        let path = self.stands_for(path)?;
        if let Some(known) = self.file_ids.get(&path) {
            return *known;
        }
        let loaded = self.parse(&path);
        self.file_ids.insert(path, loaded);
        loaded
    }

    /// Parses a file, if that is not too much.
    fn parse(&mut self, path: &TreePath) -> Option<FileId> {
        if !self.count_text(path) {
            return None;
        }
        match self.files.get(path) {
            Ok(file) => {
                let goes_on = self.meter.parsed(file.weight());
                self.within(goes_on);
                let id = FileId(u32::try_from(self.loaded.len()).unwrap_or(u32::MAX));
                let text = file.text.clone();
                self.loaded.push(file);
                self.facts.files.push(super::facts::LiveFile { path: path.clone(), text });
                Some(id)
            }
            Err((reason, span)) => {
                // JSON and the like are read by other means.
                if path.as_str().ends_with(".nix") {
                    let path = path.clone();
                    self.facts.unread.push(super::facts::Unread { path, reason, span });
                }
                None
            }
        }
    }

    /// Counts the text of a file that is to be parsed; false where there was too much.
    pub(super) fn count_text(&mut self, path: &TreePath) -> bool {
        let goes_on = self.meter.text(self.files.length(path));
        self.within(goes_on)
    }

    /// The file that a path stands for where it is imported; none where there were too many.
    pub(super) fn stands_for(&mut self, path: &TreePath) -> Option<TreePath> {
        if self.look(1) { self.files.imported(path) } else { None }
    }

    pub(super) fn file_value(&mut self, file: FileId) -> Thunk {
        if let Some(thunk) = self.file_values.get(&file) {
            return *thunk;
        }
        let root = self.file(file).map(|file| file.root());
        let thunk = match root {
            Some(root) => self.code_thunk(file, root, Scope(0)),
            None => self.done(Value::outside()),
        };
        self.file_values.insert(file, thunk);
        thunk
    }

    /// `import value`
    pub(super) fn import(&mut self, value: &Value, place: Place) -> Value {
        match value {
            Value::Path(path) => self.imported(path),
            Value::AnyPath(any) => {
                let paths = self.candidates(any);
                let values = paths.iter().map(|path| self.imported(path)).collect::<Vec<_>>();
                let known = values.into_iter().filter(|v| !matches!(v, Value::Unknown(_)));
                // `either` keeps a few: the others are looked through by themselves.
                let known: Vec<_> = known.collect();
                for value in known.iter().skip(8) {
                    self.visit(value.clone(), Giver::Nobody);
                }
                Value::either(known)
            }
            Value::Input(input, path, _) if path.is_empty() => {
                Value::Imported(Base::Input(*input), "".into(), place)
            }
            Value::Source(base, path, _) => Value::Imported(*base, path.clone(), place),
            Value::Package(instance, path, _) if path.is_empty() => {
                Value::Imported(Base::Instance(*instance), "".into(), place)
            }
            Value::Itself => {
                let flake = self.files.flake().clone();
                self.imported(&flake)
            }
            Value::Config(..) => match self.resolve(value.clone()) {
                Value::Config(..) => Value::outside(),
                value => self.import(&value, place),
            },
            Value::Conditional(inner) => self.import(inner, place).conditional(),
            Value::Either(all) => {
                let all = all.iter().map(|one| self.import(one, place)).collect();
                Value::either(all)
            }
            Value::Text(_) => Value::outside(),
            other => {
                self.visit(other.clone(), Giver::Nobody);
                Value::outside()
            }
        }
    }

    /// Records that a source, or a path in it, is used as files.
    pub(super) fn record_source(&mut self, base: Base, path: &str, place: Place) {
        if let Base::Input(input) = base {
            self.record_taken(input, super::facts::Taken::Source, place);
            if !path.is_empty() {
                self.record_use(input, Use::Path, place);
            }
        }
    }

    /// What is in a folder: names and what they are.
    pub(super) fn folder(&mut self, path: &TreePath) -> Vec<(String, Kind)> {
        if !self.meter.goes_on() {
            self.facts.cut_short = true;
            return Vec::new();
        }
        let (entries, all) = self.files.tree().entries(path);
        // Each name is looked at, and takes memory as an attribute and mostly in a list, too.
        self.look(1 + 3 * entries.len());
        self.within(all);
        entries
    }

    /// The files in a folder and below it.
    pub(super) fn files_in(&mut self, folder: &TreePath) -> Arc<[TreePath]> {
        if !self.meter.goes_on() {
            self.facts.cut_short = true;
            return Arc::default();
        }
        let search = self.files.tree().files_below(folder);
        self.look(search.looked_at);
        self.within(!search.cut_short);
        search.files
    }
}

/// The texts that a value may be; `None` for any.
fn alternatives(value: &Value) -> Vec<Option<Name>> {
    let mut texts = Vec::new();
    if texts_of(value, &mut texts) { texts.into_iter().map(Some).collect() } else { vec![None] }
}

/// False where it may be something else.
fn texts_of(value: &Value, texts: &mut Vec<Name>) -> bool {
    match value.unconditional().0 {
        Value::Text(text) => {
            texts.push(text.clone());
            true
        }
        Value::Either(all) => all.iter().all(|one| texts_of(one, texts)),
        _ => false,
    }
}
