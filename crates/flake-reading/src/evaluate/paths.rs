//! Texts and paths, and the files they lead to.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::{Place, Taken, Use};
use super::frameworks;
use super::value::{AnyPath, Base, Code, FileId, How, Scope, Segment, Value};
use super::world::FlakeId;
use crate::TreePath;
use crate::syntax::{Name, Part};

/// The most bytes of a text that is put together.
const LONGEST_TEXT: usize = 65_536;
/// The most files that a partly unknown path may stand for.
const MOST_FILES: usize = 256;

impl Evaluator<'_> {
    /// A string: text, or a source with a path in it.
    pub(super) fn text(
        &mut self,
        parts: &[Part],
        file: FileId,
        scope: Scope,
        place: Option<Place>,
    ) -> Value {
        let mut text = String::new();
        let mut source: Option<Value> = None;
        let mut known = true;
        let mut is_perhaps = false;
        let mut of = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Interpolated(expr) => {
                    let value = self.known(Code { file, expr: *expr }, scope);
                    let (plain, on_condition) = value.unconditional();
                    is_perhaps |= on_condition;
                    match plain {
                        Value::Text(inner) if text.len() + inner.len() > LONGEST_TEXT => {
                            known = false;
                        }
                        Value::Text(inner) => text.push_str(inner),
                        Value::Number(Some(number)) => text.push_str(&number.to_string()),
                        start if at == 0 && self.as_source(start, place).is_some() => {
                            source = self.as_source(start, place);
                        }
                        other => {
                            known = false;
                            if let Value::Flake(slot, _) = other {
                                // The source's folder, or a path in it.
                                self.recorder.output(*slot, "outPath", place);
                                self.recorder.used(*slot, Use::Path, place);
                            }
                            if !other.is_plain() {
                                of.push(self.done(value));
                            }
                        }
                    }
                }
            }
        }
        let text = match source {
            Some(source) if known && text.is_empty() => source,
            Some(source) if known && text.starts_with('/') => self.below(&source, &text),
            Some(source) => {
                if let (Value::Path(flake, folder), false, true) =
                    (&source, known, text.starts_with('/') && of.is_empty())
                {
                    // `"${self}/hosts/${name}.nix"` with an unknown name.
                    return self.any_below(*flake, folder, parts);
                }
                of.insert(0, self.done(source));
                return Value::woven(How::Text, of, place);
            }
            None if known => Value::text(text),
            None if of.is_empty() => Value::condition(),
            None => return Value::woven(How::Text, of, place),
        };
        if is_perhaps { text.conditional() } else { text }
    }

    /// A path in a source with some unknown parts.
    fn any_below(&mut self, flake: FlakeId, folder: &TreePath, parts: &[Part]) -> Value {
        let texts = parts.iter().skip(1).map(|part| match part {
            Part::Text(text) => Some(&**text),
            Part::Interpolated(_) => None,
        });
        let (mut before, mut after) = (String::new(), None::<String>);
        for text in texts {
            match (text, &mut after) {
                (Some(text), None) => before.push_str(text),
                (Some(text), Some(after)) => after.push_str(text),
                (None, after) => *after = Some(String::new()),
            }
        }
        let before = before.trim_start_matches('/');
        self.path_of(flake, folder, before, after).unwrap_or_else(Value::outside)
    }

    /// The source that a value means at the beginning of a text.
    fn as_source(&mut self, value: &Value, place: Option<Place>) -> Option<Value> {
        match value {
            Value::Source(..) | Value::Path(..) | Value::AnyPath(_) => Some(value.clone()),
            Value::Itself(flake) => Some(Value::Path(*flake, self.files(*flake)?.flake().clone())),
            Value::Flake(slot, _) => {
                let source = self.source_of(*slot, place);
                matches!(source, Value::Source(..) | Value::Path(..)).then_some(source)
            }
            // An input of an input, or anything else that a flake passes on and that is no package.
            Value::Unread(_, path, at) => {
                let first =
                    path.first().and_then(Segment::name).map(super::recorder::kind_of_output);
                (first == Some(Taken::Unknown)).then(|| Value::Source(Base::Other, "".into(), *at))
            }
            _ => None,
        }
    }

    /// A path below a source or path.
    fn below(&mut self, source: &Value, text: &str) -> Value {
        match source {
            Value::Source(base, path, place) => {
                if let Base::Input(slot) = base {
                    self.recorder.used(*slot, Use::Path, *place);
                }
                Value::Source(*base, format!("{path}{text}").into(), *place)
            }
            Value::Path(flake, path) => {
                let below = self.path_from(*flake, path, text.trim_start_matches('/'));
                below.map_or_else(Value::outside, |path| Value::Path(*flake, path))
            }
            _ => Value::outside(),
        }
    }

    /// `left + right`, if it is a text or a path.
    pub(super) fn joined_path(
        &mut self,
        left: &Value,
        right: &Value,
        place: Option<Place>,
    ) -> Option<Value> {
        // `self + /modules/x.nix`: a path after a path is a path in it.
        let text = match right {
            Value::Source(Base::Other, path, _) if path.starts_with('/') => path,
            Value::Text(text) => text,
            Value::Unknown(_) => {
                return match self.as_source(left, place)? {
                    Value::Path(flake, folder) => Some(Value::AnyPath(Rc::new(AnyPath {
                        flake,
                        folder,
                        prefix: "".into(),
                        suffix: "".into(),
                    }))),
                    _ => None,
                };
            }
            _ => return None,
        };
        match left {
            Value::Text(a) if a.len() + text.len() > LONGEST_TEXT => Some(Value::condition()),
            Value::Text(a) => Some(Value::text(format!("{a}{text}"))),
            _ => {
                let source = self.as_source(left, place)?;
                Some(self.below(&source, text))
            }
        }
    }

    /// A path literal.
    pub(super) fn path(&mut self, parts: &[Part], file: FileId, scope: Scope) -> Value {
        if matches!(parts.first(), Some(Part::Text(text)) if text.starts_with('/')) {
            // An absolute one, which may be appended to a source.
            return match self.text(parts, file, scope, None) {
                Value::Text(path) => Value::Source(Base::Other, path, None),
                _ => Value::outside(),
            };
        }
        let Some((flake, folder)) = self.folder_of(file) else { return Value::outside() };
        // The possible texts, each with the rest after its first unknown part.
        let mut texts: Vec<(String, Option<String>)> = vec![(String::new(), None)];
        let mut is_perhaps = false;
        for part in parts {
            let fitting: Vec<Option<Name>> = match part {
                Part::Text(text) => vec![Some(text.clone())],
                Part::Interpolated(expr) => {
                    let value = self.known(Code { file, expr: *expr }, scope);
                    is_perhaps |= value.unconditional().1;
                    alternatives(&value)
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
        let mut paths = Vec::new();
        for (before, after) in texts {
            let Some(path) = self.path_of(flake, &folder, &before, after) else { continue };
            // Of several candidates, those that exist.
            match &path {
                Value::Path(flake, path) if !single && self.stands_for(*flake, path).is_none() => {}
                _ => paths.push(path),
            }
        }
        let path = if paths.is_empty() { Value::outside() } else { Value::either(paths) };
        if is_perhaps { path.conditional() } else { path }
    }

    fn path_of(
        &self,
        flake: FlakeId,
        folder: &TreePath,
        before: &str,
        after: Option<String>,
    ) -> Option<Value> {
        let Some(after) = after else {
            return self.path_from(flake, folder, before).map(|path| Value::Path(flake, path));
        };
        let (upper, prefix) = before.rsplit_once('/').unwrap_or((".", before));
        let folder = self.path_from(flake, folder, upper)?;
        let any = AnyPath { flake, folder, prefix: prefix.into(), suffix: after.into() };
        Some(Value::AnyPath(Rc::new(any)))
    }

    /// `import value`
    pub(super) fn import(&mut self, value: &Value, place: Option<Place>) -> Value {
        match value {
            Value::Path(flake, path) => self.imported(*flake, path),
            Value::AnyPath(any) => {
                let paths = self.candidates(any);
                let values: Vec<_> =
                    paths.iter().map(|path| self.imported(any.flake, path)).collect();
                Value::either(values.into_iter().filter(|value| !value.is_unknown()).collect())
            }
            Value::Flake(slot, _) => {
                if let Some(value) = frameworks::imported(self, *slot) {
                    return value;
                }
                let source = self.source_of(*slot, place);
                match source {
                    Value::Flake(..) => Value::outside(),
                    Value::Source(base, path, _) => Value::Imported(base, path),
                    source => self.import(&source, place),
                }
            }
            Value::Source(base, path, _) if *base != Base::Foreign => {
                Value::Imported(*base, path.clone())
            }
            Value::Package(instance, path, _) if path.is_empty() => {
                Value::Imported(Base::Instance(*instance), "".into())
            }
            Value::Itself(flake) => match self.files(*flake) {
                Some(files) => {
                    let folder = files.flake().clone();
                    self.imported(*flake, &folder)
                }
                None => Value::outside(),
            },
            Value::Config(..) | Value::Definition(_) => match self.resolve(value.clone()) {
                Value::Config(..) | Value::Definition(_) => Value::outside(),
                value => self.import(&value, place),
            },
            Value::Conditional(inner) => self.import(inner, place).conditional(),
            Value::Either(all) | Value::Further(all) => {
                let all = all.iter().map(|one| self.import(one, place)).collect();
                Value::either(all)
            }
            Value::Set(set) => match set.get("outPath") {
                Some(attr) => {
                    let path = self.force_known(attr.thunk);
                    self.import(&path, place)
                }
                None => Value::outside(),
            },
            other if other.is_plain() => Value::outside(),
            other => {
                let of = vec![self.done(other.clone())];
                Value::woven(How::Handed, of, place)
            }
        }
    }
}

/// The texts that a value may be; `None` for any text.
fn alternatives(value: &Value) -> Vec<Option<Name>> {
    let mut texts = Vec::new();
    if texts_of(value, &mut texts) { texts.into_iter().map(Some).collect() } else { vec![None] }
}

/// Collects them; false if it may be something else.
fn texts_of(value: &Value, texts: &mut Vec<Name>) -> bool {
    match value.unconditional().0 {
        Value::Text(text) => {
            texts.push(text.clone());
            true
        }
        // `./${/modules/x.nix}`: a path after a path is a path in it.
        Value::Source(Base::Other, path, _) if path.starts_with('/') => {
            texts.push(path.trim_start_matches('/').into());
            true
        }
        Value::Either(all) => all.iter().all(|one| texts_of(one, texts)),
        _ => false,
    }
}
