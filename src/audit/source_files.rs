//! The root's files: their names and places in output.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Error;
use super::report::{Location, SourceWarning};
use crate::instance::{LockSources, ReadRoot};
use crate::source::evaluate::facts::{FileId, Place};
use crate::source::evaluate::world::FlakeId;
use crate::source::{TreePath, Undeclared};
use crate::text::{Excerpt, LineIndex, Position, Span, Visible, excerpt};

/// The root's files.
#[derive(Debug)]
pub struct SourceFiles<'d> {
    root: Option<&'d ReadRoot>,
    /// Prefix for names of the flake's files: the path of the lock's folder.
    folder: String,
    lines: RefCell<BTreeMap<FileId, Rc<LineIndex<'d>>>>,
}

impl<'d> SourceFiles<'d> {
    /// The files of the flake beside a lock of this name.
    pub fn new(sources: &'d LockSources, lock_name: &str) -> Self {
        let folder = lock_name.rfind('/').and_then(|at| lock_name.get(..=at)).unwrap_or_default();
        Self { root: sources.root(), folder: folder.to_owned(), lines: RefCell::default() }
    }

    /// A place in the root's flake.nix as a location, with its line.
    pub fn location(
        &self,
        place: Place,
        with_excerpt: bool,
    ) -> Option<(Location, Option<Excerpt>)> {
        let (path, text) = self.file(place.file)?;
        let lines = self.lines(place.file, text);
        let Span { start, end } = place.span();
        let location = Location {
            file: path,
            start: lines.position(start),
            end: lines.position(end.max(start)),
        };
        let excerpt = with_excerpt.then(|| excerpt(text, &lines, place.span())).flatten();
        Some((location, excerpt))
    }

    /// The same for any file of the root's source.
    pub(super) fn location_in(
        &self,
        file: &TreePath,
        span: Span,
        with_excerpt: bool,
    ) -> Option<(Location, Option<Excerpt>)> {
        let text = self.root?.evaluated.tree().read(file).ok()?;
        let lines = LineIndex::new(&text);
        let Span { start, end } = span;
        let location = Location {
            file: self.shown(file),
            start: lines.position(start),
            end: lines.position(end.max(start)),
        };
        let excerpt = with_excerpt.then(|| excerpt(&text, &lines, span)).flatten();
        Some((location, excerpt))
    }

    /// A place in words: `flake.nix:12`.
    pub fn place_in_words(&self, place: Place) -> String {
        match self.location(place, false) {
            Some((location, _)) => format!("{}:{}", location.file, location.start.line),
            None => "flake.nix".into(),
        }
    }

    /// A place in any flake: the location, and the flake unless it is the root.
    pub fn location_in_any_flake(&self, place: Place) -> Option<(Location, Option<FlakeId>)> {
        let found = self.root?.reading.files.get(place.file.index())?;
        if found.flake == FlakeId::new(0) {
            return Some((self.location(place, false)?.0, None));
        }
        let lines = self.lines(place.file, &found.text);
        let Span { start, end } = place.span();
        let location = Location {
            file: found.path.to_string(),
            start: lines.position(start),
            end: lines.position(end.max(start)),
        };
        Some((location, Some(found.flake)))
    }

    /// The best place in `flake.nix` to show for an input.
    pub(super) fn input(&self, path: &[&str]) -> Option<Place> {
        let declarations = self.root?.source.declared()?;
        declarations.best_place(path).map(|span| Place::new(FileId::FLAKE, span))
    }

    fn file(&self, file: FileId) -> Option<(String, &'d str)> {
        let root = self.root?;
        match root.reading.file(file) {
            Some(found) => Some((self.shown(&found.path), &found.text)),
            None if file == FileId::FLAKE => {
                Some((format!("{}flake.nix", self.folder), root.source.text.as_str()))
            }
            None => None,
        }
    }

    fn lines(&self, file: FileId, text: &'d str) -> Rc<LineIndex<'d>> {
        let mut known = self.lines.borrow_mut();
        known.entry(file).or_insert_with(|| Rc::new(LineIndex::new(text))).clone()
    }

    /// A path of the tree, as seen from where the user is.
    fn shown(&self, path: &TreePath) -> String {
        self.root.map_or_else(|| path.to_string(), |root| root.shown(&self.folder, path))
    }

    /// Why Nix refuses `flake.nix`, if it does: then it is unknown what the lock should be.
    pub(super) fn refused(&self) -> Option<Error> {
        let root = self.root?;
        let problem = root.source.declarations.as_ref().err().filter(|p| p.is_refused)?;
        let message = format!("Nix refuses this flake.nix: {}", problem.message);
        Some(Error {
            message: Visible(&message).to_string(),
            file: Some(format!("{}flake.nix", self.folder).into()),
            position: problem
                .span
                .map(|span| self.position(FileId::FLAKE, &root.source.text, span)),
            excerpt: problem.span.and_then(|span| {
                excerpt(&root.source.text, &self.lines(FileId::FLAKE, &root.source.text), span)
            }),
        })
    }

    /// What could not be read of the root's source: each file once.
    pub(super) fn problems(&self) -> Vec<SourceWarning> {
        let Some(root) = self.root else { return Vec::new() };
        let mut problems = Vec::new();
        let flake = || format!("{}flake.nix", self.folder);
        if let Err(Undeclared { message, span, .. }) = &root.source.declarations {
            let position = span.map(|span| self.position(FileId::FLAKE, &root.source.text, span));
            let message = format!("its inputs could not be read: {message}");
            problems.push(SourceWarning { message, file: flake(), position });
        } else if let Some(problem) = &root.problem {
            let message = format!("it could not be read: {problem}");
            problems.push(SourceWarning { message, file: flake(), position: None });
        }
        // Mistakes in other flakes are their own matter.
        let own = root.reading.unread.iter().filter(|unread| unread.flake.is_root());
        for unread in own {
            let text = root.evaluated.tree().read(&unread.path).ok();
            let position = unread
                .span
                .zip(text)
                .map(|(span, text)| LineIndex::new(&text).position(span.start));
            let message = format!("skipped, it could not be read: {}", unread.reason);
            problems.push(SourceWarning { message, file: self.shown(&unread.path), position });
        }
        if root.reading.cut_short {
            let message = "its outputs are too much to be read completely".to_owned();
            problems.push(SourceWarning { message, file: flake(), position: None });
        }
        problems
    }

    fn position(&self, file: FileId, text: &'d str, span: Span) -> Position {
        self.lines(file, text).position(span.start)
    }

    /// A warning about a place of `flake.nix`.
    pub(super) fn warning(&self, span: Span, message: String) -> Option<SourceWarning> {
        let (location, _) = self.location(Place::new(FileId::FLAKE, span), false)?;
        Some(SourceWarning { message, file: location.file, position: Some(location.start) })
    }
}
