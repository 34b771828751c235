//! Why an output was not fully read, in a few words each; names in them are not escaped.

use super::walk::OutputWalk;
use crate::TreePath;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::heap::State;
use crate::evaluate::value::{Base, Code, How, Value, Woven};
use crate::evaluate::world::{FlakeId, FlakeKind};

/// The most letters of a name in a reason.
const LONGEST: usize = 80;

impl Evaluator<'_> {
    /// Records that something was not read, unless it is known to build with what it is given.
    pub(super) fn not_read(&self, walk: &mut OutputWalk, what: &'static str, value: &Value) {
        // The reason needs the line in a file: once for each place.
        let place = match value {
            Value::Woven(woven) if self.of_input(woven).is_none() => woven.place,
            Value::Function(code, _) => self.place(*code),
            _ => None,
        };
        if self.is_in_known_code(walk, place) {
            return;
        }
        let is_new = place.is_none_or(|place| walk.is_new_place(what, place));
        if is_new && let Some(reason) = self.reason(what, value) {
            walk.add_reason(reason);
        }
    }

    fn reason(&self, what: &str, value: &Value) -> Option<String> {
        match value {
            Value::Unread(slot, ..) | Value::Flake(slot, _) => {
                let is_known = |target| {
                    self.world.kind(target) != FlakeKind::Flake
                        || self.world.reference(target).is_some_and(|of| of.is_known)
                };
                if self.world.target(*slot).is_some_and(is_known) {
                    return None;
                }
                let name = self.world.input(*slot).map(|input| input.name);
                Some(format!("{what} of `{}`", name.unwrap_or_default()))
            }
            Value::Path(flake, path) => Some(format!("`{}`", self.file_name(*flake, path))),
            Value::Woven(woven) => match self.of_input(woven) {
                Some(inner) => self.reason(what, inner),
                None if self.is_of_nixpkgs(woven) => None,
                None => Some(self.unknown(what, self.called(woven), woven.place)),
            },
            Value::Function(code, _) => Some(self.unknown(what, None, self.place(*code))),
            Value::Source(_, _, place) => Some(self.unknown(what, None, *place)),
            Value::Unknown(_) => Some(format!("{what} that is not known")),
            Value::Further(all) if !all.are_more() => None,
            Value::Further(_) => Some("too many possibilities to tell apart".into()),
            _ => None,
        }
    }

    /// Whether a place is in the code of a flake that is known to build with what it is given: whatever
    /// is not understood there adds no package of another instance.
    fn is_in_known_code(&self, walk: &OutputWalk, place: Option<Place>) -> bool {
        let flake = self.recorder.flake_at(place).filter(|flake| *flake != walk.flake);
        flake.and_then(|flake| self.world.reference(flake)).is_some_and(|of| of.is_known)
    }

    /// Records that something is not understood that has to be a package, or several.
    pub(super) fn not_understood(&self, walk: &mut OutputWalk, place: Option<Place>) {
        if self.is_in_known_code(walk, place) {
            return;
        }
        let what = "an expression that is not understood";
        match place.and_then(|place| Some((place, self.line(Some(place))?))) {
            Some((place, at)) if walk.is_new_place(what, place) => {
                walk.add_reason(format!("{what}, at {at}"));
            }
            Some(_) => {}
            None => walk.add_reason(what.to_owned()),
        }
    }

    /// The reason for a function that was not called everywhere.
    pub(super) fn too_often(&self, code: Code) -> String {
        let what = "a function that is called too often";
        match self.line(self.place(code)) {
            Some(at) => format!("{what}, at {at}"),
            None => what.to_owned(),
        }
    }

    /// Whether an unknown function was called that is not known to build with what it is given.
    pub(super) fn is_not_read(&self, woven: &Woven) -> bool {
        match self.of_input(woven) {
            Some(inner) => self.reason("", inner).is_some(),
            // Functions of package sets are known.
            None => !matches!(
                woven.of.first().and_then(|head| self.heap.state(*head)),
                Some(State::Done(Value::Derivation(_) | Value::Package(..)))
            ),
        }
    }

    /// Whether it is made by a file of nixpkgs that builds with the packages that it is given: a module,
    /// or a package.
    fn is_of_nixpkgs(&self, woven: &Woven) -> bool {
        match woven.of.first().and_then(|head| self.heap.state(*head)) {
            Some(State::Done(Value::Source(base, path, _))) => {
                *base != Base::Foreign
                    && ["/nixos/modules/", "/pkgs/"].iter().any(|above| path.starts_with(above))
            }
            _ => false,
        }
    }

    /// The part of an unread input that was called, through any number of calls:
    /// `(dep.mkLib pkgs).build { … }`.
    fn of_input<'v>(&'v self, woven: &'v Woven) -> Option<&'v Value> {
        /// The most calls that are followed.
        const MOST: usize = 16;
        let mut woven = woven;
        for _ in 0..MOST {
            match self.heap.state(*woven.of.first()?)? {
                State::Done(inner @ (Value::Unread(..) | Value::Flake(..))) => return Some(inner),
                State::Done(Value::Woven(inner)) if inner.how == How::Handed => woven = inner,
                _ => return None,
            }
        }
        None
    }

    /// Something unknown, by its name and place.
    fn unknown(&self, what: &str, name: Option<String>, place: Option<Place>) -> String {
        match (name, self.line(place)) {
            (Some(name), Some(at)) => format!("{what} that is not known: `{name}` at {at}"),
            (None, Some(at)) => format!("{what} that is not known, at {at}"),
            (_, None) => format!("{what} that is not known"),
        }
    }

    /// A place as `file:line`.
    fn line(&self, place: Option<Place>) -> Option<String> {
        let place = place?;
        let file = self.recorder.reading.file(place.file)?;
        let line = self.recorder.line(place)?;
        Some(format!("{}:{line}", self.file_name(file.flake, &file.path)))
    }

    /// The name of the called function as written; `None` if it has none.
    fn called(&self, woven: &Woven) -> Option<String> {
        let text = self.recorder.text(woven.place?)?;
        let is_of_name =
            |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '\'' | '.');
        let name: String = text.chars().take_while(|letter| is_of_name(*letter)).collect();
        // For an import the file says more.
        let name = match text.split_whitespace().nth(1).filter(|_| name == "import") {
            Some(path) if path.starts_with("./") || path.starts_with("../") => {
                format!("import {path}")
            }
            _ => name,
        };
        let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && !name.ends_with('.')
            && name.len() <= LONGEST
            // The left side of an operator is no function.
            && !text.contains("|>");
        is_name.then_some(name)
    }

    /// A file, preceded by its input.
    fn file_name(&self, flake: FlakeId, path: &TreePath) -> String {
        match self.world.route(flake) {
            Some(route) if !route.is_empty() => format!("{}:{path}", route.join("/")),
            _ => path.to_string(),
        }
    }
}
